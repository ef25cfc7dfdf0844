"""What is counted since the monitor was made: never less, whatever midnight, a history or a second thought does to the figures."""

from __future__ import annotations

import re
from bisect import bisect_right
from math import fsum, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api import errors
from chatmon.api.resource import AGENT, CHATTING, IDLE, WAITING, ChatResource, Participant
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.histogram import Histogram
from chatmon.monitor.shift import Shift
from chatmon.monitor.totals import Ended, InTime, Totals
from tests.ui.watched import NOON, Watched

from .fake_chat_api import Watch, always, for_seconds, one_chat_says, refused, watch_chats

KRISTI = Participant("2", "Kristi", AGENT)


@given(st.lists(st.floats(0, 100)))
def test_each_bound_counts_what_is_no_larger(values: list[float]) -> None:
    histogram = Histogram((1.0, 5.0, 50.0))
    for value in values:
        histogram.add(value)

    ordered = sorted(values)
    assert list(histogram.up_to()) == [(bound, bisect_right(ordered, bound)) for bound in (1.0, 5.0, 50.0, inf)]
    assert histogram.count == len(values)
    assert histogram.sum == pytest.approx(fsum(values))


def test_the_kinds_of_errors_are_those_that_are_documented() -> None:
    documented = re.findall(r"\+ \w+ +`(\w+)`", errors.__doc__ or "")

    assert list(errors.KINDS) == documented
    assert {"timeout", "denied", "too_large"} < set(documented)


def test_every_poll_is_counted_by_how_it_ended_and_how_long_it_took() -> None:
    watch = watch_chats(one_chat_says(refused(503)), actions=for_seconds(100), chats=3, latency=0.3)
    statistics = watch.monitor.statistics

    assert statistics.errors.keys() == {"unavailable"}
    assert statistics.errors["unavailable"] == statistics.failed > 1
    assert statistics.answered > 90
    over = statistics.answered + statistics.failed
    assert over <= len(watch.api.requests) <= over + 3
    assert watch.monitor.budget.used == statistics.polls == len(watch.api.requests)
    for histogram in statistics.durations.values():
        assert dict(histogram.up_to())[0.25] == 0
        assert dict(histogram.up_to())[0.5] == histogram.count


def test_an_answer_that_chatmon_cannot_take_in_counts_as_its_own_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: object, **__: object) -> None:
        raise KeyError

    monkeypatch.setattr("chatmon.monitor.sight._seen", stumble)
    watch = watch_chats(always(ChatResource(CHATTING)), actions=for_seconds(10))

    assert watch.monitor.statistics.errors.keys() == {"internal"}
    assert watch.monitor.statistics.answered == 0


def test_what_is_sent_once_more_counts_as_a_request_and_not_as_a_poll() -> None:
    async def send_once_more(watch: Watch) -> None:
        await for_seconds(10)(watch)
        assert watch.monitor.may_send()

    watch = watch_chats(always(ChatResource(CHATTING)), actions=send_once_more)

    assert watch.monitor.budget.used == watch.monitor.statistics.polls + 1


def waits_and_is_answered(watched: Watched, chat: str, *, waits: float) -> None:
    """A chat that arrives as one that is watched has just changed to waiting."""
    watched.answer(chat, "Ringing", agents=())
    watched.clock.seconds += 1
    watched.answer(chat, WAITING, agents=())
    for _ in range(int(waits)):
        watched.clock.seconds += 1
        watched.answer(chat, WAITING, agents=())
    watched.answer(chat, CHATTING)


def counted(watched: Watched) -> Totals:
    """The totals once everything is taken in."""
    watched.monitor.shift.figures(watched.monitor.board.chats, watched.clock.now())
    return watched.monitor.totals


def test_answers_are_counted_by_whether_they_were_in_time() -> None:
    watched = Watched()
    waits_and_is_answered(watched, "quick", waits=20)
    waits_and_is_answered(watched, "slow", waits=100)
    watched.answer("before", WAITING, agents=())
    watched.clock.seconds += 1
    watched.answer("before", CHATTING)
    totals = counted(watched)

    assert totals.answered == {InTime.YES: 1, InTime.NO: 1, InTime.UNKNOWN: 1}
    assert {exact: times.count for exact, times in totals.times_to_answer.items()} == {True: 2, False: 1}
    assert totals.times_to_answer[True].sum == pytest.approx(120)


def test_an_end_that_is_taken_back_stays_counted_and_the_next_one_counts_again() -> None:
    watched = Watched()
    waits_and_is_answered(watched, "a", waits=5)
    for state in (IDLE, CHATTING, IDLE):
        watched.clock.seconds += 1
        watched.answer("a", state)

    assert counted(watched).ended == {Ended.HANDLED: 2}
    assert watched.monitor.shift.figures(watched.monitor.board.chats, watched.clock.now()).handled == 1


def test_a_shift_that_is_known_again_adds_nothing_of_what_happened_before() -> None:
    before = Shift(since=NOON - 3600, service_level=60)
    resource = ChatResource(WAITING)
    told = [
        Event(at=NOON - 300, kind=EventKind.FIRST_SEEN, chat="a", state_to=WAITING, resource=resource),
        Event(
            at=NOON - 200, kind=EventKind.STATE_CHANGED, chat="a", state_from=WAITING, state_to=CHATTING, lasted=100.0, lasted_exact=False
        ),
    ]
    for event in told:
        before.take(event)
    watched = Watched()
    watched.monitor.resume_shift(before, ())
    waits_and_is_answered(watched, "b", waits=5)

    assert counted(watched).answered.total() == 1
    assert watched.monitor.shift.figures((), watched.clock.now()).answered == 2
    assert watched.monitor.totals.events[EventKind.FIRST_SEEN] == 1


def test_alarms_are_counted_each_time_they_are_raised() -> None:
    watched = Watched()
    watched.answer("a", WAITING, agents=())
    for _ in range(300):
        watched.clock.seconds += 1
        watched.answer("a", WAITING, agents=())
        watched.monitor.review()

    assert watched.monitor.totals.alarms_raised == {("waiting", "warn"): 1, ("waiting", "critical"): 1}
    assert watched.monitor.totals.events[EventKind.ALARM_RAISED] == 2
