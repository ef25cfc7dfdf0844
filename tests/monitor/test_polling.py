"""Polling a server that works: at the interval, evenly spread, within the rate and the concurrency."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from chatmon.api import errors
from chatmon.api.resource import CHATTING, ChatResource
from chatmon.monitor.chat import Chat
from chatmon.monitor.events import Event, EventKind, diff
from chatmon.monitor.observation import Health, Observation
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import TICK
from chatmon.monitor.schedule import JITTER

from .fake_chat_api import CHATTING_CHAT, Watch, always, between, busiest, for_seconds, watch_chats


def test_each_chat_is_polled_at_the_interval_give_or_take_the_jitter() -> None:
    interval = 2.0
    watch = watch_chats(always(CHATTING_CHAT), chats=50, actions=for_seconds(120))
    for number in range(50):
        gaps = [later - earlier for earlier, later in pairwise(watch.api.times(str(number), since=3 * interval))]
        assert len(gaps) > 50
        assert min(gaps) >= interval * (1 - 2 * JITTER) - TICK - 1e-6
        assert max(gaps) <= interval * (1 + 2 * JITTER) + TICK + 1e-6


@pytest.mark.parametrize("chats", [10, 50, 180])
def test_the_polls_of_all_chats_are_spread_evenly_over_the_interval(chats: int) -> None:
    watch = watch_chats(always(CHATTING_CHAT), chats=chats, actions=for_seconds(60))
    even_share = chats * 0.1 / 2.0
    assert busiest(watch.api.times(since=4.0), 0.1) <= 2.5 * even_share + 3


def test_chats_of_two_monitors_do_not_fall_into_step() -> None:
    one, other = (watch_chats(always(CHATTING_CHAT), actions=for_seconds(60), seed=seed).api.times(since=4.0) for seed in (1, 2))
    assert sum(abs(a - b) < 1e-6 for a, b in zip(one, other, strict=False)) < len(one) / 2


def test_the_same_seed_gives_the_same_polls() -> None:
    one, other = (watch_chats(always(CHATTING_CHAT), chats=20, actions=for_seconds(60)).api.requests for _ in range(2))
    assert one == other


def test_every_chat_is_seen_as_soon_as_the_rate_allows() -> None:
    watch = watch_chats(always(CHATTING_CHAT), chats=300, actions=for_seconds(3.2))
    assert all(chat.health is Health.OK for chat in watch.monitor.board.chats)


@pytest.mark.parametrize(("chats", "max_rate"), [(300, 100.0), (40, 7.5), (5, 0.5), (200, 101.0)])
def test_where_the_rate_does_not_allow_the_interval_chats_are_polled_in_turn(chats: int, max_rate: float) -> None:
    seconds = 30 * chats / max_rate
    watch = watch_chats(always(CHATTING_CHAT), chats=chats, pace=Pace(max_rate=max_rate), actions=for_seconds(seconds))
    counts = watch.api.counts().values()
    assert max(counts) - min(counts) <= 1
    assert busiest(watch.api.times(), max(1.0, 1 / max_rate)) <= max(1, int(max_rate))
    usable = int(max_rate) if max_rate >= 1 else max_rate
    assert len(watch.api.requests) >= 0.95 * usable * seconds


def test_the_board_knows_the_interval_that_the_rate_allows() -> None:
    watch = watch_chats(always(CHATTING_CHAT), chats=1000, actions=for_seconds(5))
    assert watch.monitor.pace.interval == 2.0
    assert watch.monitor.board.interval == pytest.approx(10.0)


def test_the_board_keeps_knowing_it_while_every_poll_is_followed_by_another() -> None:
    async def add_more(watch: Watch) -> None:
        await asyncio.sleep(20)
        watch.monitor.watch((f"more {number}", "") for number in range(1000))
        await asyncio.sleep(20)
        assert watch.monitor.board.interval == pytest.approx(20.0)

    watch_chats(always(CHATTING_CHAT), chats=1000, latency=1.0, actions=add_more)


def test_no_more_polls_are_in_flight_than_allowed() -> None:
    watch = watch_chats(always(CHATTING_CHAT), chats=100, latency=3.0, pace=Pace(max_concurrency=8), actions=for_seconds(60))
    assert watch.api.most_in_flight == 8


def test_a_slow_server_is_still_asked_for_every_chat_equally_often() -> None:
    watch = watch_chats(always(CHATTING_CHAT), chats=100, latency=3.0, pace=Pace(max_concurrency=8), actions=for_seconds(600))
    counts = watch.api.counts().values()
    assert max(counts) - min(counts) <= 3
    assert len(watch.api.requests) >= 0.9 * 8 / 3 * 600


@pytest.mark.parametrize(("before", "after"), [(2.0, 0.5), (2.0, 10.0), (30.0, 2.0)])
def test_a_changed_interval_holds_at_once(before: float, after: float) -> None:
    async def change(watch: Watch) -> None:
        await asyncio.sleep(3 * before)
        watch.monitor.change_interval(after)
        await asyncio.sleep(before + 20 * after)

    watch = watch_chats(always(CHATTING_CHAT), chats=20, pace=Pace(interval=before), actions=change)
    for number in range(20):
        times = watch.api.times(str(number), since=3 * before)
        assert times[0] <= 3 * before + min(before, after) * (1 + 2 * JITTER) + TICK + 1e-6
        gaps = [later - earlier for earlier, later in pairwise(times[2:])]
        assert min(gaps) >= after * (1 - 2 * JITTER) - TICK - 1e-6
        assert max(gaps) <= after * (1 + 2 * JITTER) + TICK + 1e-6


@pytest.mark.parametrize("interval", [0.25, 1800.0])
def test_short_and_long_intervals_are_kept(interval: float) -> None:
    watch = watch_chats(always(CHATTING_CHAT), chats=3, pace=Pace(interval=interval), actions=for_seconds(20 * interval))
    for number in range(3):
        assert 18 <= len(watch.api.times(str(number))) <= 22


def test_a_chat_that_someone_asks_for_is_polled_before_all_others() -> None:
    async def ask(watch: Watch) -> None:
        await asyncio.sleep(30)
        watch.monitor.poll_now("700")
        await asyncio.sleep(0.1)
        assert "700" in {request.chat_id for request in watch.api.requests if request.at >= 30}

    watch_chats(always(CHATTING_CHAT), chats=1000, actions=ask)


def test_a_chat_that_was_polled_out_of_turn_keeps_its_place_in_the_interval() -> None:
    async def ask(watch: Watch) -> None:
        await asyncio.sleep(33)
        watch.monitor.poll_now("0")
        await asyncio.sleep(30)

    watch = watch_chats(always(CHATTING_CHAT), pace=Pace(interval=10.0), actions=ask)
    gaps = [later - earlier for earlier, later in pairwise(watch.api.times("0", since=12))]
    assert all(gap <= 15.0 + 1.0 + TICK for gap in gaps)


def test_chats_may_come_while_polling_goes_on() -> None:
    async def add(watch: Watch) -> None:
        await asyncio.sleep(10)
        assert watch.monitor.watch([("new", "billing"), ("0", "")]) == 1
        await asyncio.sleep(0.2)

    watch = watch_chats(always(CHATTING_CHAT), actions=add)
    chat = watch.monitor.board.chat("new")
    assert chat is not None
    assert (chat.state, chat.label) == (CHATTING, "billing")


def test_a_chat_dropped_while_its_poll_is_in_flight_is_forgotten_by_board_and_client() -> None:
    async def drop(watch: Watch) -> None:
        await asyncio.sleep(0.5)
        watch.monitor.unwatch("0")
        watch.api.forgotten.clear()
        await asyncio.sleep(60)

    watch = watch_chats(always(CHATTING_CHAT), latency=1.0, actions=drop)
    assert len(watch.monitor.board) == 0
    assert watch.api.forgotten == ["0"]
    assert len(watch.api.requests) == 1


def test_a_chat_dropped_and_taken_in_again_while_its_poll_is_in_flight_is_polled_once_an_interval() -> None:
    async def readd(watch: Watch) -> None:
        await asyncio.sleep(0.5)
        watch.monitor.unwatch("0")
        watch.monitor.watch([("0", "")])
        await asyncio.sleep(60)

    watch = watch_chats(always(CHATTING_CHAT), latency=1.0, actions=readd)
    gaps = [later - earlier for earlier, later in pairwise(watch.api.times(since=3.0))]
    assert min(gaps) >= 2.0 * (1 - 2 * JITTER) - TICK - 1e-6


def test_an_unexpected_exception_is_that_chats_error_and_the_others_go_on() -> None:
    watch = watch_chats(lambda chat_id, _: ValueError("x") if chat_id == "1" else CHATTING_CHAT, chats=3, actions=for_seconds(60))
    broken = watch.monitor.board.chat("1")
    assert broken is not None
    assert broken.error is not None
    assert (broken.health, broken.error.kind) == (Health.FAILING, "internal")
    assert min(len(watch.api.times(number, since=6.0)) for number in ("0", "2")) >= 25


def test_a_chat_id_that_cannot_be_asked_for_is_that_chats_error() -> None:
    watch = watch_chats(always(errors.InvalidChatId("it is empty")), actions=for_seconds(1))
    assert [chat.health for chat in watch.monitor.board.chats] == [Health.FAILING]


def test_whatever_one_listener_raises_polling_goes_on_and_the_others_hear_of_everything() -> None:
    heard: list[Event] = []

    async def sabotage(watch: Watch) -> None:
        def listen(event: Event) -> None:
            if event.kind is EventKind.STATE_CHANGED:
                raise RuntimeError("disk full")

        watch.on_event = listen
        watch.monitor.listen(heard.append)
        await asyncio.sleep(60)
        assert not watch.running.done()

    watch = watch_chats(between(15, 20, ChatResource(state="Idle")), chats=3, actions=sabotage)
    assert [event.kind for event in heard].count(EventKind.STATE_CHANGED) == 6
    assert min(len(watch.api.times(str(number), since=20.0)) for number in range(3)) >= 15
    assert watch.monitor.troubles["events"].startswith("an event did not get everywhere: chatmon's own fault: RuntimeError in listen (")
    assert "disk full" not in watch.monitor.troubles["events"]
    assert watch.api.is_closed


def test_an_answer_that_the_board_stumbles_over_is_that_chats_error_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumbling(before: Chat, after: Observation, *, stale_after: float) -> tuple[Event, ...]:
        if before.id == "1" and after.resource is not None:
            raise KeyError("canary")
        return diff(before, after, stale_after=stale_after)

    monkeypatch.setattr("chatmon.monitor.board.diff", stumbling)
    watch = watch_chats(always(CHATTING_CHAT), chats=3, actions=for_seconds(60))
    chats = {chat.id: chat for chat in watch.monitor.board.chats}
    assert [chats[number].health for number in ("0", "1", "2")] == [Health.OK, Health.FAILING, Health.OK]
    error = chats["1"].error
    assert error is not None
    assert error.kind == "internal"
    assert error.message.startswith("chatmon's own fault: KeyError in stumbling (")
    assert "canary" not in error.message
    assert min(len(watch.api.times(number, since=6.0)) for number in ("0", "2")) >= 25


def test_a_board_that_takes_in_nothing_of_a_chat_leaves_it_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumbling(before: Chat, after: Observation, *, stale_after: float) -> tuple[Event, ...]:
        if before.id == "1":
            raise KeyError("canary")
        return diff(before, after, stale_after=stale_after)

    monkeypatch.setattr("chatmon.monitor.board.diff", stumbling)
    watch = watch_chats(always(CHATTING_CHAT), chats=3, actions=for_seconds(60))
    assert [chat.health for chat in watch.monitor.board.chats] == [Health.OK, Health.PENDING, Health.OK]
    assert len(watch.api.times("1")) >= 3
    assert watch.monitor.troubles["answers"].startswith(
        "what is known of a chat stands still: chatmon's own fault: KeyError in stumbling ("
    )


def test_the_monitor_says_when_it_started_and_stopped_and_closes_the_connection() -> None:
    watch = watch_chats(always(CHATTING_CHAT), actions=for_seconds(10))
    assert [event.kind for event in watch.events] == [EventKind.MONITOR_STARTED, EventKind.FIRST_SEEN, EventKind.MONITOR_STOPPED]
    assert watch.api.is_closed


def test_the_statistics_say_how_polling_fares() -> None:
    async def look(watch: Watch) -> None:
        await asyncio.sleep(30)
        assert watch.monitor.statistics.rate(watch.now().monotonic) == pytest.approx(25.0, rel=0.1)
        assert watch.monitor.statistics.latency_p95() == pytest.approx(0.02)
        assert watch.monitor.statistics.failed == 0

    watch_chats(always(CHATTING_CHAT), chats=50, actions=look)


SAID_FROM = 0.25
"""Share of the interval from which on the screen says that polls are late."""


def lateness(*, chats: int, pace: Pace, latency: float = 0.02) -> float:
    """As the monitor tells it after a minute."""
    told: list[float] = []

    async def a_minute(watch: Watch) -> None:
        await for_seconds(60)(watch)
        told.append(watch.monitor.lateness)

    watch_chats(always(CHATTING_CHAT), chats=chats, pace=pace, latency=latency, actions=a_minute)
    return told[0]


def test_polls_that_come_when_they_are_due_are_not_late() -> None:
    assert lateness(chats=100, pace=Pace()) <= TICK


def test_polls_that_wait_for_a_slow_server_are_late() -> None:
    """60 chats every 2 s, each answer after 1 s, 10 at a time: a round takes 6 s."""
    assert lateness(chats=60, pace=Pace(max_concurrency=10), latency=1.0) > 1.0


def test_where_it_is_the_rate_that_keeps_them_waiting_polls_are_not_called_late() -> None:
    assert lateness(chats=300, pace=Pace(max_rate=50.0)) == 0.0


def test_chats_that_are_asked_for_the_first_time_are_not_late() -> None:
    told: list[float] = []

    async def look_early(watch: Watch) -> None:
        for _ in range(20):
            await for_seconds(0.2)(watch)
            told.append(watch.monitor.lateness)

    watch_chats(always(CHATTING_CHAT), chats=170, actions=look_early)
    assert max(told) < SAID_FROM * 2.0


def test_chats_that_waited_for_the_rate_are_not_late_once_the_interval_is_longer() -> None:
    told: list[float] = []

    async def slow_down(watch: Watch) -> None:
        await for_seconds(30)(watch)
        watch.monitor.change_interval(15.0)
        for _ in range(30):
            await for_seconds(1)(watch)
            told.append(watch.monitor.lateness)

    watch_chats(always(CHATTING_CHAT), chats=1000, pace=Pace(max_rate=100.0), actions=slow_down)
    assert max(told) < SAID_FROM * 15.0
