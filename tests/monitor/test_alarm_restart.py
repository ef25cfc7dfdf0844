"""Alarms outlive the monitor: after a restart they are not raised again, and what the user knew is still known."""

from __future__ import annotations

import msgspec
import pytest

from chatmon.monitor.alarms import Thresholds
from chatmon.monitor.events import EventKind
from chatmon.monitor.memory import KnownChat

from .alarm_desk import ALONE, ENDED, SERVED, WAITS, AlarmDesk, chat_with, told

DOWN = 600.0
"""Seconds between the two runs."""


def restarted(before: AlarmDesk, thresholds: Thresholds | None = None) -> AlarmDesk:
    """A desk that knows what the one before it knew, and watches the same chats."""
    after = AlarmDesk(thresholds, at=before.at + DOWN)
    for chat in before.board.chats:
        after.board.watch(chat.id)
        after.board.resume(KnownChat(chat))
        after.answers[chat.id] = None
    after.book.resume(before.alarms)
    return after


def desk_in_alarm() -> AlarmDesk:
    desk = AlarmDesk()
    desk.says(WAITS, 61)
    return desk


def test_what_was_in_alarm_still_is_until_the_chat_is_asked() -> None:
    after = restarted(desk_in_alarm())
    assert after.says(None, 20) == []
    assert (after.alarm.rule, after.alarm.holds) == ("waiting", True)
    assert after.alarm.why == "waiting ≥01:00 when last seen, limit 60 s"


def test_what_still_holds_when_the_chat_answers_is_not_raised_again() -> None:
    after = restarted(desk_in_alarm(), Thresholds(waiting_critical=None))
    assert after.says(WAITS, 20) == []
    assert after.alarm.holds


def test_since_when_it_is_so_is_told_by_the_chat_again() -> None:
    before = desk_in_alarm()
    recorded = AlarmDesk(at=before.at + DOWN)
    recorded.board.watch("a")
    recorded.board.resume(KnownChat(next(iter(before.board.chats))))
    recorded.book.resume([msgspec.structs.replace(before.alarm, since=before.alarm.raised)])
    recorded.says(None, 1)
    assert recorded.alarm.since == before.alarm.since


def test_what_became_worse_meanwhile_is_told() -> None:
    assert restarted(desk_in_alarm()).says(WAITS, 1) == ["+waiting critical"]


def test_what_was_over_when_the_chat_answers_is_over_at_once() -> None:
    assert restarted(desk_in_alarm()).says(SERVED, 1) == ["-waiting warn"]


def test_an_alarm_of_a_chat_of_which_nothing_else_is_known_waits_for_the_chat() -> None:
    after = AlarmDesk(at=1000)
    after.board.watch("a")
    after.book.resume(desk_in_alarm().alarms)
    assert after.says(None, 20) == []
    assert after.says(WAITS, 1) == ["-waiting warn"]


def test_an_alarm_of_a_chat_that_is_no_longer_watched_is_over() -> None:
    after = AlarmDesk(at=1000)
    after.book.resume(desk_in_alarm().alarms)
    assert after.book.review(after.board.chats, after.now, interval=2.0) == ()
    assert after.says(SERVED, 1, chat="another") == ["-waiting warn"]


def test_what_was_acknowledged_still_is() -> None:
    before = desk_in_alarm()
    before.acknowledge()
    after = restarted(before, Thresholds(waiting_critical=None))
    after.says(WAITS, 20)
    assert after.alarm.acknowledged


@pytest.mark.parametrize(("snoozed", "is_over"), [(DOWN - 1, True), (DOWN + 100, False)])
def test_a_snooze_ends_at_its_time_of_day(snoozed: float, is_over: bool) -> None:
    before = desk_in_alarm()
    before.acknowledge(snoozed)
    after = restarted(before, Thresholds(waiting_critical=None))
    after.says(WAITS, 5)
    assert after.alarm.acknowledged is not is_over


def test_a_snooze_of_before_runs_on_by_the_clock_that_does_not_jump() -> None:
    before = desk_in_alarm()
    before.acknowledge(DOWN + 100)
    after = restarted(before, Thresholds(waiting_critical=None))
    after.says(WAITS, 5)
    after.wall_clock_jump = 86_400
    after.says(WAITS, 90)
    assert after.alarm.acknowledged
    after.says(WAITS, 10)
    assert not after.alarm.acknowledged


def test_a_rule_that_was_switched_off_meanwhile_is_in_force_no_more() -> None:
    off = Thresholds(waiting_warn=None, waiting_critical=None)
    assert restarted(desk_in_alarm(), off).says(WAITS, 1) == ["-waiting warn"]


def test_an_alarm_of_a_rule_that_is_not_known_here_is_left_out() -> None:
    after = AlarmDesk(at=1000)
    after.book.resume([msgspec.structs.replace(desk_in_alarm().alarm, rule="of another version")])
    assert after.alarms == ()


def test_a_chat_that_is_unseen_at_the_end_stays_so_until_it_is_seen() -> None:
    before = AlarmDesk()
    before.says(SERVED, 5)
    before.says("timeout", 40)
    after = restarted(before)
    assert after.says("timeout", 40) == []
    assert after.says(SERVED, 6) == ["-unseen warn"]


def test_the_time_in_which_nobody_watched_makes_no_chat_unseen() -> None:
    before = AlarmDesk()
    before.says(SERVED, 5)
    after = restarted(before)
    assert after.says("timeout", 30) == []
    assert after.says("timeout", 1) == ["+unseen warn"]


def test_a_chat_that_was_waiting_and_is_not_reached_raises_nothing_for_the_time_between() -> None:
    before = AlarmDesk()
    before.says(WAITS, 50)
    after = restarted(before, Thresholds(unseen=None))
    assert after.says("timeout", 300) == []


def test_an_abandoned_chat_that_was_acknowledged_is_not_raised_again() -> None:
    before = AlarmDesk()
    before.says(WAITS, 5)
    before.says(ENDED, 5)
    before.acknowledge()
    after = restarted(before, Thresholds(idle=None))
    assert after.says(ENDED, 20) == []


def test_an_abandoned_chat_that_was_not_acknowledged_still_is_in_alarm() -> None:
    before = AlarmDesk()
    before.says(WAITS, 5)
    before.says(ENDED, 5)
    after = restarted(before, Thresholds(idle=None))
    assert after.says(ENDED, 20) == []
    assert after.alarm.rule == "abandoned"
    assert after.acknowledge() == ["ack abandoned warn", "-abandoned warn"]
    assert after.says(ENDED, 20) == []


def test_a_chat_that_is_watched_again_is_not_told_to_be_abandoned_once_more() -> None:
    desk = AlarmDesk()
    desk.says(WAITS, 5)
    desk.says(ENDED, 5)
    desk.says(SERVED, 1, chat="b")
    events = desk.book.leave("a", desk.now)
    known = desk.board.unwatch("a", desk.now)
    assert told(events) == ["-abandoned warn"]
    assert known is not None
    desk.board.watch("a")
    desk.board.resume(known)
    assert desk.says(ENDED, 20) == []


def test_a_churn_and_a_load_of_before_go_on() -> None:
    before = AlarmDesk()
    for agent in "ABC":
        before.says(chat_with(ALONE.state or "", agent), 2)
    for number in range(5):
        before.says(SERVED, 1, chat=str(number))
    before.says(SERVED, 1, chat="0")
    assert sorted(alarm.rule for alarm in before.alarms) == ["churn", "overload"]
    after = restarted(before)
    assert after.says(None, 30) == []
    after.answers = dict(before.answers)
    assert after.says(SERVED, 30, chat="0") == []
    assert sorted(alarm.rule for alarm in after.alarms) == ["churn", "overload"]


def test_an_alarm_is_the_same_value_before_and_after() -> None:
    before = desk_in_alarm()
    after = AlarmDesk(at=before.at)
    after.book.resume(before.alarms)
    assert after.alarms == before.alarms


def test_the_events_of_a_resumed_alarm_name_what_they_are_about() -> None:
    after = restarted(desk_in_alarm())
    after.says(SERVED, 1)
    (event,) = after.events
    assert (event.kind, event.chat, event.rule, event.severity, event.agent) == (EventKind.ALARM_CLEARED, "a", "waiting", "warn", None)
