"""A monitor that is started again goes on from what was recorded, and claims nothing of the time in between."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from chatmon.monitor.alarms import Severity
from chatmon.monitor.chat import Presence
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import Health
from chatmon.monitor.shift import Shift, day_start

from .recording import CHATS, CHRIS, ENDED, KRISTI, LOST, NOON, SOURCE, WAITS, HandClock, Watch, recalled, recorded, rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite3"


async def again(path: Path, seconds: float, *chats: str, monotonic: float = 5.0) -> Watch:
    """A monitor of a process that begins so many seconds after noon and knows what was recorded; its monotonic clock is another one."""
    watch = Watch(HandClock(NOON + seconds, monotonic), *chats)
    recalled(path, watch.clock.now(), *chats).hand_to(watch.monitor)
    return watch


async def test_the_clock_of_a_state_goes_on_by_how_long_ago_it_was(path: Path) -> None:
    before = Watch(HandClock(), "one")
    async with recorded(path, before):
        before.polls("one", WAITS, 10.0)  # at 12:00:10
        before.polls("one", CHATS, 2.0)
        before.polls("one", CHATS, 3.0)

    after = await again(path, 60.0, "one")
    known = after.chat("one")
    assert (known.health, known.state, known.age(after.clock.now())) == (Health.PENDING, "Chatting", 45.0)
    assert (known.state_since.utc, known.state_since_exact) == (NOON + 12, True)

    after.polls("one", CHATS, 1.0)
    assert after.chat("one").time_in_state(after.clock.now()) == 49.0
    assert after.chat("one").label == "label of one"
    assert (after.chat("one").watched, after.chat("one").unwatched) == (5.0, 46.0)
    assert [event.kind for event in after.events] == [EventKind.GAP]
    assert after.events[0].lasted == 46.0


async def test_who_was_there_and_who_left_is_known_again(path: Path) -> None:
    before = Watch(HandClock(), "one")
    async with recorded(path, before):
        before.polls("one", WAITS)
        before.polls("one", CHATS)
        before.polls("one", WAITS)

    after = await again(path, 60.0, "one")
    after.polls("one", WAITS)

    assert after.chat("one").presences == (
        Presence(CHRIS, NOON + 1, since_exact=False),
        Presence(KRISTI, NOON + 2, since_exact=True, left=NOON + 3),
    )
    assert (after.chat("one").was_chatting, after.chat("one").was_waiting) == (True, True)


async def test_the_timeline_goes_on_behind_what_was_recorded(path: Path) -> None:
    before = Watch(HandClock(), "one", "two")
    async with recorded(path, before):
        for outcome in (WAITS, CHATS):
            before.polls("one", outcome)
            before.polls("two", outcome)

    after = await again(path, 60.0, "one")
    after.polls("one", ENDED)

    before_the_restart = [event for event in before.events if event.chat == "one"]
    assert list(after.monitor.board.timeline("one")) == before_the_restart + after.events
    assert after.events[0].kind is EventKind.GAP
    assert [(event.lasted, event.lasted_exact) for event in after.events if event.kind is EventKind.STATE_CHANGED] == [(0.0, False)]


async def test_a_restart_within_the_time_of_a_poll_is_no_gap(path: Path) -> None:
    before = Watch(HandClock(), "one")
    async with recorded(path, before):
        before.polls("one", WAITS)
        before.polls("one", WAITS, 4.0)
    after = await again(path, 6.0, "one")
    async with recorded(path, after, token="second"):
        after.polls("one", CHATS, 1.0)

    [change] = [event for event in after.events if event.kind is EventKind.STATE_CHANGED]
    assert change == after.events[0]
    assert (change.not_before, change.lasted) == (NOON + 5, 6.0)
    assert rows(path, "SELECT since, until, lasted FROM coverage") == [(NOON + 1, NOON + 7, 6.0)]


async def test_a_chat_that_was_watched_on_is_recalled_as_it_was_seen_last_not_as_it_changed_last(path: Path) -> None:
    before = Watch(HandClock(), "one")
    async with recorded(path, before) as recorder:
        before.polls("one", WAITS)
        await recorder.flush()
        for _ in range(20):
            before.polls("one", WAITS, 5.0)
            await recorder.flush()

    after = await again(path, 110.0, "one")
    assert after.chat("one").age(after.clock.now()) == 9.0
    assert after.chat("one").watched == 100.0


async def test_a_chat_that_was_unwatched_and_comes_back_later_is_known_again(path: Path) -> None:
    before = Watch(HandClock(), "one")
    async with recorded(path, before):
        before.polls("one", WAITS)
        before.polls("one", CHATS)
        before.monitor.unwatch("one")

    after = await again(path, 60.0)
    after.monitor.watch([("one", None)])

    assert (after.chat("one").state, after.chat("one").label) == ("Chatting", "label of one")


async def test_a_chat_that_was_gone_is_not_told_again(path: Path) -> None:
    before = Watch(HandClock(), "one")
    async with recorded(path, before):
        before.polls("one", WAITS)
        before.polls("one", LOST)

    after = await again(path, 60.0, "one")
    after.polls("one", LOST)

    assert (after.events, after.chat("one").health) == ([], Health.GONE)


@pytest.mark.parametrize("ago", [25, 24 * 14])
async def test_a_watched_chat_is_known_however_long_ago_it_was_and_others_for_a_day(path: Path, ago: float) -> None:
    before = Watch(HandClock(), "one", "two")
    async with recorded(path, before):
        before.polls("one", WAITS)
        before.polls("two", WAITS)

    known = recalled(path, Moment(0.0, NOON + ago * 3_600), "one")
    assert [one.chat.id for one in known.chats] == ["one"]


async def test_a_wall_clock_that_was_set_back_puts_nothing_into_the_future(path: Path) -> None:
    before = Watch(HandClock(), "one")
    async with recorded(path, before):
        before.polls("one", WAITS)
        before.polls("one", CHATS, 7.0)
        before.polls("one", CHATS, 3.0)

    after = await again(path, -3_600.0, "one")
    now, known = after.clock.now(), after.chat("one")
    for moment in (known.observed, known.state_since, known.first_seen, known.watched_since):
        assert (moment.monotonic <= now.monotonic, moment.utc <= now.utc) == (True, True)
    assert known.observed.since(known.state_since) == 3.0


async def test_a_wall_clock_that_jumped_while_chatmon_ran_does_not_change_durations(path: Path) -> None:
    before = Watch(HandClock(), "one")
    async with recorded(path, before):
        before.polls("one", WAITS)
        before.clock.set_utc(7_200)
        before.polls("one", WAITS, 5.0)

    after = await again(path, 7_200 + 16, "one")
    after.polls("one", WAITS, 0.0)

    assert after.chat("one").time_in_state(after.clock.now()) == 15.0


async def test_chats_of_another_deployment_are_strangers(path: Path) -> None:
    before = Watch(HandClock(), "one")
    async with recorded(path, before):
        before.polls("one", WAITS)

    known = recalled(path, Moment(0.0, NOON + 60), "one", source="https://other.example.com/api/v2")
    assert (known.chats, known.left) == ((), ())


async def test_a_chat_that_cannot_be_read_is_counted_and_the_others_are_known(path: Path) -> None:
    before = Watch(HandClock(), "one", "two")
    async with recorded(path, before):
        before.polls("one", WAITS)
        before.polls("two", WAITS)
    spoil(path)

    known = recalled(path, Moment(0.0, NOON + 60), "one", "two")
    assert ([one.chat.id for one in known.chats], known.unreadable) == (["two"], 1)


def spoil(path: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE known SET body = '{\"id\": 1' WHERE chat = (SELECT number FROM chats WHERE id = 'one')")


def raised(at: float, rule: str = "waiting", severity: str = "warn", chat: str | None = "one", agent: str | None = None) -> Event:
    return Event(at=at, kind=EventKind.ALARM_RAISED, chat=chat, agent=agent, rule=rule, severity=severity, why="too long")


async def test_alarms_that_are_up_and_whether_they_were_acknowledged_are_known_again(path: Path) -> None:
    before = Watch(HandClock(), "one", "two")
    async with recorded(path, before):
        for event in (
            raised(NOON - 50),
            raised(NOON - 40, severity="critical"),
            Event(at=NOON - 30, kind=EventKind.ALARM_ACKNOWLEDGED, chat="one", rule="waiting", severity="critical"),
            raised(NOON - 20, rule="idle", chat="two"),
            Event(at=NOON - 10, kind=EventKind.ALARM_CLEARED, chat="two", rule="idle", severity="warn"),
            raised(NOON - 20, rule="overload", chat=None, agent="Kristi"),
            Event(at=NOON, kind=EventKind.ALARM_ACKNOWLEDGED, agent="Kristi", rule="overload", severity="warn", until=NOON + 900),
            raised(NOON - 20, rule="of a later version", severity="unheard of"),
        ):
            before.monitor.board.record(event)

    waiting, overload = recalled(path, Moment(100.0, NOON + 60)).alarms
    assert (waiting.rule, waiting.chat, waiting.severity, waiting.acknowledged) == ("waiting", "one", Severity.CRITICAL, True)
    assert (waiting.raised, waiting.since, waiting.why) == (Moment(-10.0, NOON - 50), Moment(-10.0, NOON - 50), "too long")
    assert (overload.agent, overload.acknowledged, overload.snoozed_until) == ("Kristi", True, NOON + 900)


async def test_an_alarm_that_became_worse_after_it_was_acknowledged_is_not_acknowledged(path: Path) -> None:
    before = Watch(HandClock(), "one")
    async with recorded(path, before):
        for event in (
            raised(NOON - 50),
            Event(at=NOON - 40, kind=EventKind.ALARM_ACKNOWLEDGED, chat="one", rule="waiting", severity="warn"),
            raised(NOON - 30, severity="critical"),
        ):
            before.monitor.board.record(event)

    [alarm] = recalled(path, Moment(100.0, NOON)).alarms
    assert (alarm.severity, alarm.acknowledged) == (Severity.CRITICAL, False)


async def test_an_acknowledged_alarm_stays_so_over_a_restart_and_is_not_raised_again(path: Path) -> None:
    before = Watch(HandClock(), "one")
    async with recorded(path, before):
        for _ in range(70):
            before.polls("one", WAITS)
            before.monitor.review()
        assert before.monitor.acknowledge(chat="one") == 1

    after = await again(path, 72.0, "one")
    for _ in range(5):
        after.polls("one", WAITS)
        after.monitor.review()

    [alarm] = after.monitor.alarms.alarms(after.clock.now())
    assert (alarm.rule, alarm.acknowledged) == ("waiting", True)
    assert after.events == []


async def test_the_shift_goes_on_with_the_events_since_midnight_and_claims_nothing_of_the_hours_before(
    path: Path,
) -> None:
    before = Watch(HandClock(), "one", "two")
    async with recorded(path, before):
        before.polls("two", WAITS)
        before.polls("two", CHATS, 5.0)
        before.polls("two", ENDED)
        before.monitor.unwatch("two")
        before.polls("one", WAITS)

    after = await again(path, 11.0, "one")
    after.polls("one", CHATS, 1.0)
    resumed = after.monitor.shift.figures(after.monitor.board.chats, after.clock.now())
    in_one_go = Shift(since=day_start(NOON, UTC), service_level=60.0)
    for event in before.events + after.events:
        in_one_go.take(event)

    assert (resumed.answered, resumed.answered_in_time, resumed.handled, resumed.handled_by) == (2, 0, 1, {"Kristi": 2})
    counted = in_one_go.figures((), after.clock.now())
    assert (resumed.answered, resumed.handled) == (counted.answered, counted.handled)
    assert resumed.since == before.events[0].at
    assert resumed.coverage == 1.0


async def test_what_is_recorded_of_nothing_is_nothing(path: Path) -> None:
    async with recorded(path, Watch(HandClock())) as recorder:
        await recorder.flush()

    known = recalled(path, Moment(0.0, NOON), "one", source=SOURCE)
    assert (known.chats, known.left, known.alarms, known.unreadable) == ((), (), (), 0)


async def test_the_trends_of_the_last_half_hour_are_known_again(path: Path) -> None:
    before = Watch(HandClock(), "one")
    async with recorded(path, before):
        before.polls("one", WAITS)
        before.monitor.review()

    after = await again(path, 120.0, "one")
    after.polls("one", CHATS)
    after.monitor.review()

    trends = after.monitor.trends.trends(after.clock.now())
    assert [value for value in trends.waiting if value is not None] == [1, 0]
    assert [value for value in trends.chatting if value is not None] == [0, 1]
