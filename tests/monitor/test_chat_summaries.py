"""What is told of each chat: cases by hand, and that it agrees with the figures of a shift over whatever polls may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from math import fsum

import msgspec
import pytest
from hypothesis import given

from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.monitor import chat_summaries
from chatmon.monitor.board import Board
from chatmon.monitor.chat_summaries import summaries
from chatmon.monitor.chat_summary import ChatOutcome, ChatSummary, Time
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.shift import Shift, ShiftFigures

from .fake_clock import UTC_START, moment
from .looks import events_of, looks_of, take_look
from .simulated_shift import SERVICE_LEVEL, record_shift
from .test_shift import looks, one_after_the_other

NOTHING_IS_A_GAP = 100_000.0


def summed_up(events: Iterable[Event], label: str = "") -> list[ChatSummary]:
    return list(summaries((event, label) for event in events))


def summary_of(text: str, *, interval: float = NOTHING_IS_A_GAP) -> ChatSummary:
    """Of one chat, from what polls saw of it."""
    (summary,) = summed_up(events_of(looks_of("a", text), interval=interval)[0])
    return summary


def at(seconds: float) -> float:
    return UTC_START + seconds


OUTCOMES = {
    "0 W; 40 C Kristi; 100 I; 130 gone": ChatOutcome.HANDLED,
    "0 W; 40 C Kristi; 100 gone": ChatOutcome.HANDLED,
    "0 C Kristi; 100 I": ChatOutcome.HANDLED,
    "0 W; 40 I": ChatOutcome.ABANDONED,
    "0 W; 40 gone": ChatOutcome.ABANDONED,
    "0 W Kristi; 40 gone": ChatOutcome.GONE,
    "0 I; 40 gone": ChatOutcome.GONE,
    "0 W Kristi; 40 I": ChatOutcome.ENDED,
    "0 I": ChatOutcome.ENDED,
    "0 W; 40 gone; 50 W": ChatOutcome.OPEN,
    "0 W; 40 C Kristi; 100 I; 130 C Kristi": ChatOutcome.OPEN,
    "0 gone": ChatOutcome.NEVER_SEEN,
    "0 fail; 10 fail": ChatOutcome.NEVER_SEEN,
    "0 fail; 10 W": ChatOutcome.OPEN,
}


@pytest.mark.parametrize(("text", "outcome"), OUTCOMES.items())
def test_how_a_chat_ended(text: str, outcome: ChatOutcome) -> None:
    assert summary_of(text).outcome is outcome


def test_a_chat_from_its_first_sight_to_its_end() -> None:
    summary = summary_of("0 W; 10 fail; 20 W; 40 C Kristi; 100 W; 110 C Max; 150 I; 180 gone")
    assert (summary.first_seen, summary.ended, summary.gone, summary.last_seen) == (at(0), at(150), at(180), at(150))
    assert (summary.customers, summary.agents) == (("Chris",), ("Kristi", "Max"))
    assert summary.states == {WAITING: Time(50.0, exact=False), CHATTING: Time(100.0, exact=True), IDLE: Time(30.0, exact=True)}
    assert (summary.answered, summary.waited, summary.chatting) == (True, Time(40.0, exact=False), Time(100.0, exact=True))
    assert (summary.requeues, summary.poll_failures, summary.gaps) == (1, 1, 0)
    assert summary.state == IDLE


def test_a_wait_whose_both_ends_were_seen_is_exact() -> None:
    summary = summary_of("0 Completed; 5 W; 40 C Kristi; 45 I")
    assert (summary.waited, summary.ended) == (Time(35.0, exact=True), at(45))


def test_a_chat_that_was_never_answered_waited_all_of_its_time_in_waiting() -> None:
    assert summary_of("0 W; 40 I").waited == Time(40.0, exact=False)
    assert summary_of("0 W; 40 W Kristi").waited == Time(40.0, exact=False)
    assert summary_of("0 C Kristi; 40 I").waited is None


def test_a_state_that_goes_on_is_told_up_to_the_last_sight_and_is_not_exact() -> None:
    events, _ = events_of(looks_of("a", "0 W; 40 C Kristi"), interval=NOTHING_IS_A_GAP)
    (summary,) = summaries(((event, "") for event in events), last_seen={"a": at(100)}.get)
    assert (summary.last_seen, summary.states[CHATTING], summary.ended) == (at(100), Time(60.0, exact=False), None)


def test_a_chat_that_comes_back_from_being_gone_has_its_state_counted_once() -> None:
    summary = summary_of("0 Completed; 10 C Kristi; 50 gone; 60 C Kristi; 100 I")
    assert summary.states[CHATTING] == Time(90.0, exact=True)
    assert (summary.gone, summary.outcome) == (None, ChatOutcome.HANDLED)


def test_gaps_are_counted_and_what_lies_over_one_is_not_exact() -> None:
    summary = summary_of("0 Completed; 1 W; 2 W; 60 C Kristi; 61 I", interval=1.0)
    assert (summary.gaps, summary.unseen) == (1, 58.0)
    assert summary.states[WAITING] == Time(1.0, exact=False)


def test_a_chat_that_is_watched_no_more_while_it_goes_on_is_unwatched_and_one_that_is_over_is_not() -> None:
    for text, outcome in (("0 W; 40 C Kristi", ChatOutcome.UNWATCHED), ("0 W; 40 I", ChatOutcome.ABANDONED)):
        events, board = events_of(looks_of("a", text), interval=NOTHING_IS_A_GAP)
        board.unwatch("a", moment(70))
        (summary,) = summed_up([*events, *board.events.since(len(events))])
        assert (summary.outcome, summary.last_seen, summary.last_event) == (outcome, at(40), at(70))


def test_one_that_is_watched_again_and_goes_on_as_it_was_is_open() -> None:
    events, board = events_of(looks_of("a", "0 W; 40 C Kristi"), interval=NOTHING_IS_A_GAP)
    board.unwatch("a", moment(70))
    told = [(event, "") for event in (*events, *board.events.since(len(events)))]
    (summary,) = summaries(told, last_seen={"a": at(100)}.get)
    assert (summary.outcome, summary.states[CHATTING]) == (ChatOutcome.OPEN, Time(60.0, exact=False))


def test_one_that_is_watched_again_without_being_known_begins_anew_and_no_time_of_it_is_exact() -> None:
    board = Board(interval=NOTHING_IS_A_GAP)
    for look in looks_of("a", "0 Completed; 10 W; 40 W Kristi"):
        take_look(board, look)
    board.unwatch("a", moment(45))
    for look in looks_of("a", "50 W; 60 C Kristi; 70 I"):
        take_look(board, look)
    (summary,) = summed_up(board.events.since(0))
    assert summary.states == {
        "Completed": Time(10.0, exact=False),
        WAITING: Time(40.0, exact=False),
        CHATTING: Time(10.0, exact=False),
        IDLE: Time(0.0, exact=False),
    }
    assert (summary.first_seen, summary.outcome) == (at(0), ChatOutcome.HANDLED)


def test_an_alarm_that_grows_worse_is_one_and_one_that_comes_back_another() -> None:
    raised, over = EventKind.ALARM_RAISED, EventKind.ALARM_CLEARED
    steps = [(raised, "warn"), (raised, "critical"), (over, "critical"), (raised, "warn")]
    told = [Event(at=at(place), kind=kind, chat="a", rule="waiting", severity=how) for place, (kind, how) in enumerate(steps)]
    (summary,) = summaries((event, "") for event in told)
    assert summary.alarms == {"waiting": 2}


def test_alarms_are_counted_by_rule_and_those_of_agents_belong_to_no_chat() -> None:
    events, _ = events_of(looks_of("a", "0 W"), interval=NOTHING_IS_A_GAP)
    rules = [("waiting", "a"), ("waiting", "a"), ("churn", "a"), ("overload", None)]
    raised = [Event(at=at(1), kind=EventKind.ALARM_RAISED, chat=chat, rule=rule) for rule, chat in rules]
    cleared = [Event(at=at(2), kind=EventKind.ALARM_CLEARED, chat="a", rule="waiting")]
    (summary,) = summed_up([*events, *raised, *cleared], label="billing")
    assert (summary.alarms, summary.label, summary.events) == ({"waiting": 2, "churn": 1}, "billing", 5)


def test_without_its_beginning_nothing_of_a_chat_is_exact() -> None:
    events, _ = events_of(looks_of("a", "0 Completed; 5 W; 10 C Kristi; 50 I; 60 Completed"), interval=NOTHING_IS_A_GAP)
    (summary,) = summed_up(events[3:])
    assert (summary.first_seen, summary.outcome, summary.answered) == (None, ChatOutcome.HANDLED, False)
    assert summary.states
    assert not any(time.exact for time in summary.states.values())


def test_chats_are_told_as_they_are_over_and_memory_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_summaries, "MAX_ENDED", 10)
    monkeypatch.setattr(chat_summaries, "MAX_COURSES", 20)
    texts = ["0 W; 1 C Kristi; 2 I", "0 W", "0 fail"]
    many = [
        msgspec.structs.replace(event, chat=f"{number}", at=event.at + number)
        for number in range(300)
        for event in events_of(looks_of("a", texts[number % 3]), interval=NOTHING_IS_A_GAP)[0]
    ]
    taken = 0

    def counted() -> Iterable[tuple[Event, str]]:
        nonlocal taken
        for event in many:
            taken += 1
            yield event, ""

    told = [(summary, taken) for summary in summaries(counted())]
    assert [Counter(one.outcome for one, _ in told)[outcome] for outcome in ("handled", "open", "never_seen")] == [100] * 3
    assert sum(when < len(many) for _, when in told) >= 300 - (10 + 20 + 10) - 1


def agrees(told: Sequence[ChatSummary], figures: ShiftFigures) -> None:
    outcomes = Counter(one.outcome for one in told)
    waits = [one.waited.seconds for one in told if one.answered and one.waited is not None]
    assert (figures.handled, figures.abandoned, figures.answered) == (outcomes["handled"], outcomes["abandoned"], len(waits))
    assert (figures.time_to_answer_mean or 0.0) * len(waits) == pytest.approx(fsum(waits), abs=1e-3)
    times = [one.chatting.seconds for one in told if one.outcome is ChatOutcome.HANDLED and one.chatting and one.chatting.exact]
    assert (figures.handling_time_mean or 0.0) * len(times) == pytest.approx(fsum(times), abs=1e-3)
    assert {name for one in told for name in one.agents} >= set(figures.handled_by)


@given(looks)
def test_whatever_polls_see_summaries_count_what_a_shift_counts(steps: list[tuple[str, float, str, tuple[str, ...]]]) -> None:
    events, board = events_of(one_after_the_other(steps), interval=2.0)
    shift = Shift(since=UTC_START, service_level=SERVICE_LEVEL)
    for event in events:
        shift.take(event)
    told = summed_up(events)
    agrees(told, shift.figures(board.chats, moment(0)))
    assert sum(one.events for one in told) == len(events)
    for one in told:
        chat = board.chat(one.chat)
        assert chat is not None
        seen = None if chat.observed is None or chat.first_seen is None else (chat.first_seen.utc, chat.state)
        assert seen == (None if one.first_seen is None else (one.first_seen, one.state))
        assert sum(time.seconds for time in one.states.values()) <= (one.last_event - (one.first_seen or 0.0)) + 1e-6


@cache
def simulated() -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    shift = record_shift(hours=1.0, chats=10, seed=11, restarts=4)
    return tuple(shift.watched.events), tuple(shift.interrupted.events)


@pytest.mark.parametrize("which", [0, 1], ids=["watched", "interrupted"])
def test_a_simulated_shift_is_summed_up_as_its_figures_have_it(which: int) -> None:
    events = simulated()[which]
    shift = Shift(since=UTC_START, service_level=SERVICE_LEVEL)
    for event in events:
        shift.take(event)
    told = summed_up(events)
    agrees(told, shift.figures((), moment(0)))
    assert Counter(one.outcome for one in told)["handled"] > 10
    assert len({one.chat for one in told}) == len(told)
