"""With other thresholds: the alarms that would have been raised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from chatmon.monitor.alarms import Thresholds
from chatmon.monitor.events import Event, EventKind
from chatmon.replay.film import Film
from chatmon.replay.reckoning import reckoned
from chatmon.replay.tape import Tape

from .recorded_day import MORNING


def raised(events: Iterable[Event]) -> Counter[tuple[object, ...]]:
    return Counter((one.rule, one.severity, one.chat, one.agent, one.why) for one in events if one.kind is EventKind.ALARM_RAISED)


def test_the_same_thresholds_raise_the_alarms_that_were_raised(tape: Tape) -> None:
    again = reckoned(tape, Thresholds())
    assert sum(raised(tape.events).values()) > 20
    assert raised(again.events) == raised(tape.events)


def test_all_else_stays_as_it_was_recorded(tape: Tape) -> None:
    again = reckoned(tape, Thresholds(waiting_warn=20))
    assert [event for event in again.events if event.rule is None] == [event for event in tape.events if event.rule is None]
    here, there = Film(tape, Thresholds()).look(MORNING + 200), Film(again, Thresholds()).look(MORNING + 200)
    assert there.chats == here.chats
    assert there.trends == here.trends


def test_stricter_thresholds_raise_more_and_what_is_off_raises_nothing(tape: Tape) -> None:
    recorded, stricter = (
        Counter(one.rule for one in read.events if one.kind is EventKind.ALARM_RAISED)
        for read in (tape, reckoned(tape, Thresholds(waiting_warn=10, waiting_critical=30)))
    )
    assert stricter["waiting"] > recorded["waiting"]
    off = reckoned(tape, Thresholds(waiting_warn=None, waiting_critical=None, overload=None))
    assert not {event.rule for event in off.events} & {"waiting", "overload"}
    assert {mark.at for mark in off.alarms} == {event.at for event in off.events if event.kind is EventKind.ALARM_RAISED}


def test_a_chat_is_in_alarm_from_when_its_wait_was_too_long(tape: Tape) -> None:
    thresholds = Thresholds(waiting_warn=20, waiting_critical=None)
    film = Film(reckoned(tape, thresholds), thresholds)
    alarm = next(event for event in film.tape.events if event.rule == "waiting")
    before, then = film.look(alarm.at - 1), film.look(alarm.at)

    assert alarm.chat not in {one.chat for one in before.alarms if one.rule == "waiting"}
    (up,) = [one for one in then.alarms if (one.rule, one.chat) == ("waiting", alarm.chat)]
    assert up.why.endswith("00:20, longer than 20 s")
    assert then.now.since(up.since) == 20


def test_what_the_user_acknowledged_then_is_acknowledged(tape: Tape) -> None:
    alarm = next(event for event in tape.events if event.rule == "waiting" and event.kind is EventKind.ALARM_RAISED)
    known = msgspec.structs.replace(alarm, at=alarm.at + 2, kind=EventKind.ALARM_ACKNOWLEDGED, why=None)
    recorded = tape.with_alarms([*(event for event in tape.events if event.rule is not None), known])
    again = reckoned(recorded, Thresholds())
    for film in (Film(recorded, Thresholds()), Film(again, Thresholds())):
        (up,) = [one for one in film.look(alarm.at + 2).alarms if (one.rule, one.chat) == (alarm.rule, alarm.chat)]
        assert up.acknowledged


def test_where_nobody_watched_no_alarm_is_raised(tape: Tape) -> None:
    again = reckoned(tape, Thresholds(waiting_warn=5, unseen=1, idle=5))
    assert not [event for event in again.events if event.rule is not None and MORNING + 300 < event.at < MORNING + 340]
