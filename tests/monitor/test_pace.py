"""Idle chats are polled once in four intervals, all others at the interval, and nothing that is said of them is less true for that."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from chatmon.api import errors
from chatmon.api.resource import CHATTING, IDLE, WAITING, ChatResource
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import Health
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import TICK
from chatmon.monitor.schedule import JITTER

from .fake_chat_api import CHATTING_CHAT, Actions, Reply, Script, Watch, always, between, busiest, for_seconds, one_chat_says, watch_chats

IDLE_CHAT = ChatResource(state=IDLE)


def idle_from(number: int, others: Reply = CHATTING_CHAT) -> Script:
    """A server in which the chats from this number on are Idle."""
    return lambda chat_id, _now: IDLE_CHAT if int(chat_id) >= number else others


def gaps(watch: Watch, chat_id: str, *, since: float = 0.0, until: float = float("inf")) -> list[float]:
    """Seconds between the polls of a chat."""
    return [later - earlier for earlier, later in pairwise(watch.api.times(chat_id, since=since, until=until))]


def are_at(interval: float, found: list[float]) -> bool:
    """Whether chats were polled at an interval, give or take the jitter."""
    low, high = interval * (1 - 2 * JITTER) - TICK - 1e-6, interval * (1 + 2 * JITTER) + TICK + 1e-6
    return bool(found) and low <= min(found) and max(found) <= high


def untrue_claims(watch: Watch) -> list[Event]:
    """What was told of chats that nobody saw, in a shift in which each was polled when it was due."""
    return [event for event in watch.events if event.kind is EventKind.GAP or event.rule == "unseen"]


def never_stale(seconds: float) -> Actions:
    """Look again and again for so long: nothing is stale."""

    async def actions(watch: Watch) -> None:
        for _ in range(int(seconds / 0.25)):
            await asyncio.sleep(0.25)
            stale = [chat.id for chat in watch.monitor.board.chats if chat.is_stale(watch.now(), watch.monitor.board.interval)]
            assert stale == []

    return actions


RULE = [
    (IDLE, False, 4),
    (IDLE, True, 1),
    (CHATTING, False, 1),
    (WAITING, False, 1),
    ("Parked", False, 1),
    (None, False, 1),
]


@pytest.mark.parametrize(("state", "is_attended", "every"), RULE)
def test_only_an_idle_chat_that_needs_no_one_is_polled_more_rarely(state: str | None, is_attended: bool, every: int) -> None:
    assert Pace().every(state, is_attended=is_attended) == every
    assert Pace(idle_every=1).every(state, is_attended=is_attended) == 1


def test_an_idle_chat_is_polled_once_in_four_intervals_and_neither_stale_nor_in_a_gap_for_that() -> None:
    watch = watch_chats(idle_from(10), chats=20, actions=never_stale(250))
    for number in range(20):
        assert are_at(2.0 if number < 10 else 8.0, gaps(watch, str(number), since=15.0))
    assert untrue_claims(watch) == []
    seen = watch.monitor.board.chat("0").observed
    assert seen is not None
    assert watch.monitor.shift.figures(watch.monitor.board.chats, seen).coverage == 1.0


def test_an_idle_chat_is_polled_like_all_others_where_the_setting_says_so() -> None:
    watch = watch_chats(always(IDLE_CHAT), chats=5, pace=Pace(idle_every=1), actions=for_seconds(60))
    assert all(are_at(2.0, gaps(watch, str(number), since=4.0)) for number in range(5))


@pytest.mark.parametrize("first_idle", [0, 100])
def test_the_polls_of_idle_chats_are_spread_evenly_over_their_longer_interval(first_idle: int) -> None:
    def script(chat_id: str, now: float) -> Reply:
        return IDLE_CHAT if int(chat_id) >= first_idle and now >= 10.0 else CHATTING_CHAT

    watch = watch_chats(script, chats=180, actions=for_seconds(90))
    idle = [one.at for one in watch.api.requests if int(one.chat_id) >= first_idle and one.at >= 26.0]
    even_share = (180 - first_idle) * 0.4 / 8.0
    assert busiest(idle, 0.4) <= 2.5 * even_share + 3


@pytest.mark.parametrize("looked_at_from", [30.0, 31.0, 33.5, 36.0])
def test_a_chat_at_which_someone_looks_is_polled_at_the_interval_at_once_and_for_as_long(looked_at_from: float) -> None:
    async def look(watch: Watch) -> None:
        await asyncio.sleep(looked_at_from)
        watch.monitor.attend(["3", "not watched"])
        await asyncio.sleep(30)
        watch.monitor.attend([])
        await never_stale(60)(watch)

    watch = watch_chats(always(IDLE_CHAT), chats=10, actions=look)
    looked_at_until = looked_at_from + 30.0
    looked_at = watch.api.times("3", since=looked_at_from, until=looked_at_until)
    assert looked_at[0] <= looked_at_from + 2.0 * (1 + JITTER) + 2 * TICK
    assert are_at(2.0, [later - earlier for earlier, later in pairwise(looked_at[1:])])
    assert are_at(8.0, gaps(watch, "3", since=looked_at_until + 15.0))
    assert are_at(8.0, gaps(watch, "4", since=15.0))
    assert untrue_claims(watch) == []


def test_a_chat_at_which_someone_already_looks_is_never_polled_more_rarely() -> None:
    async def look(watch: Watch) -> None:
        watch.monitor.attend(["0"])
        await asyncio.sleep(60)

    assert are_at(2.0, gaps(watch_chats(always(IDLE_CHAT), actions=look), "0", since=4.0))


def test_a_chat_in_alarm_is_polled_at_the_interval_until_the_alarm_is_over() -> None:
    def script(chat_id: str, now: float) -> Reply:
        return CHATTING_CHAT if chat_id == "0" and 400 <= now < 420 else IDLE_CHAT

    watch = watch_chats(script, chats=2, actions=for_seconds(500))
    assert are_at(8.0, gaps(watch, "0", since=15.0, until=300.0))
    assert are_at(2.0, gaps(watch, "0", since=306.0, until=420.0))
    assert are_at(8.0, gaps(watch, "0", since=440.0))
    assert are_at(2.0, gaps(watch, "1", since=306.0))


def test_a_chat_that_goes_on_is_polled_at_the_interval_from_then_on() -> None:
    watch = watch_chats(between(40, 80, CHATTING_CHAT, otherwise=IDLE_CHAT), chats=5, actions=never_stale(140))
    for number in range(5):
        seen = watch.api.times(str(number), since=40)[0]
        assert seen <= 40 + 8.0 * (1 + JITTER) + TICK
        assert are_at(2.0, gaps(watch, str(number), since=seen + 4.0, until=80))
        assert are_at(8.0, gaps(watch, str(number), since=96))


def test_an_idle_chat_that_does_not_answer_is_asked_as_soon_as_any_other() -> None:
    watch = watch_chats(between(40, 48.5, errors.Timeout("none"), otherwise=IDLE_CHAT), chats=1, actions=for_seconds(100))
    failed = watch.api.times("0", since=40)[0]
    assert watch.api.times("0", since=failed + 1.0)[0] <= failed + 4.0 + 2 * TICK
    assert {chat.health for chat in watch.monitor.board.chats} == {Health.OK}
    assert untrue_claims(watch) == []


def test_a_changed_interval_holds_for_idle_chats_at_once() -> None:
    async def change(watch: Watch) -> None:
        await asyncio.sleep(60)
        watch.monitor.change_interval(0.5)
        await never_stale(30)(watch)
        watch.monitor.change_interval(10.0)
        await never_stale(200)(watch)

    watch = watch_chats(always(IDLE_CHAT), chats=10, actions=change)
    for number in range(10):
        assert watch.api.times(str(number), since=60)[0] <= 60 + 2.0 * (1 + JITTER) + 2 * TICK
        assert are_at(2.0, gaps(watch, str(number), since=65, until=90))
        assert are_at(40.0, gaps(watch, str(number), since=150))
    assert untrue_claims(watch) == []


@pytest.mark.parametrize(("max_rate", "interval"), [(100.0, 2.0), (60.0, 2.0), (25.0, 4.8), (5.0, 24.0)])
def test_where_the_rate_is_short_all_wait_longer_in_the_same_proportion(max_rate: float, interval: float) -> None:
    """60 chats at the interval and 240 at a quarter of its rate need as much as 120 at the interval."""
    watch = watch_chats(idle_from(60), chats=300, pace=Pace(max_rate=max_rate), actions=for_seconds(300))
    assert watch.monitor.board.interval == pytest.approx(interval)
    assert busiest(watch.api.times(), 1.0) <= max_rate
    counts = watch.api.counts(since=60.0, until=60.0 + 48.0 * int(200 / 48))
    expected = 48.0 * int(200 / 48) / interval
    assert {number: counts[str(number)] for number in range(60)} == pytest.approx(dict.fromkeys(range(60), expected), rel=0.15, abs=1.01)
    rarely = {number: counts[str(number)] for number in range(60, 300)}
    assert rarely == pytest.approx(dict.fromkeys(range(60, 300), expected / 4), rel=0.15, abs=1.01)
    assert untrue_claims(watch) == []


def test_a_rate_that_grows_back_makes_no_gap_of_what_was_polled_more_rarely() -> None:
    limited = errors.RateLimited("HTTP 429", http_status=429)
    watch = watch_chats(between(60, 60.1, limited, otherwise=IDLE_CHAT), chats=700, actions=never_stale(200))
    assert untrue_claims(watch) == []


def test_one_idle_chat_that_answers_shows_that_the_server_does_though_no_other_chat_is_answered() -> None:
    """The chats that fail do so more often than the one that answers has its turn."""

    async def look(watch: Watch) -> None:
        for _ in range(600):
            await asyncio.sleep(0.2)
            assert watch.monitor.circuit is Circuit.CLOSED

    def script(chat_id: str, now: float) -> Reply:
        return IDLE_CHAT if chat_id == "0" or now < 10 else errors.Timeout("none")

    watch_chats(script, chats=40, actions=look)


def test_after_an_outage_idle_chats_are_back_within_their_interval_and_without_a_herd() -> None:
    watch = watch_chats(between(60, 160, errors.ConnectFailed("no"), otherwise=IDLE_CHAT), chats=100, actions=for_seconds(220))
    probe = watch.api.times(since=160)[0]
    assert max(watch.api.times(str(number), since=160)[0] for number in range(100)) <= probe + 8.0 * (1 + JITTER) + 4 * TICK
    assert busiest(watch.api.times(since=160), 1.0) <= 1.5 * 100 / 2.0 + 3
    assert len(watch.api.times(since=190, until=214)) == pytest.approx(300, rel=0.1)


def test_idle_chats_leave_the_rate_to_the_others() -> None:
    watch = watch_chats(idle_from(100), chats=400, actions=for_seconds(120))
    assert watch.monitor.board.interval == 2.0
    assert all(are_at(2.0, gaps(watch, str(number), since=20.0)) for number in range(100))


def test_an_idle_chat_polled_once_in_a_minute_is_not_unseen() -> None:
    pace = Pace(interval=15.0)
    assert untrue_claims(watch_chats(always(IDLE_CHAT), chats=3, pace=pace, actions=for_seconds(900))) == []
    one_is_lost = one_chat_says(errors.Timeout("none"), others=IDLE_CHAT)
    assert {event.chat for event in untrue_claims(watch_chats(one_is_lost, chats=3, pace=pace, actions=for_seconds(900)))} == {"0"}
