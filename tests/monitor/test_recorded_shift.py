"""A shift of the simulated contact centre: the figures against a count over the recorded events and against what really happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise

import msgspec
import pytest

from chatmon.monitor.events import EventKind
from chatmon.monitor.shift import Shift, ShiftFigures
from chatmon.simulator.chats import CentreEvent

from .fake_clock import UTC_START, moment
from .recorded_shift import counted_by_hand
from .simulated_shift import INTERVAL, LATENCY, ROUND, SERVICE_LEVEL, RecordedShift, Watcher, record_shift

HOURS = 3.0
RESTARTS = 10
SEEN_FOR_SURE = 1.5 * INTERVAL + ROUND + 2 * LATENCY
"""Seconds that something must last to be seen however the polls fall: their spread included."""


@cache
def recorded() -> RecordedShift:
    return record_shift(hours=HOURS, chats=10, seed=5, restarts=RESTARTS)


def end_figures(watcher: Watcher) -> ShiftFigures:
    return watcher.monitor.shift.figures(watcher.monitor.board.chats, moment(HOURS * 3600 + 1))


def lives(log: Iterable[CentreEvent]) -> dict[str, list[CentreEvent]]:
    """What really happened to each chat that arrived in the shift."""
    by_chat: dict[str, list[CentreEvent]] = defaultdict(list)
    for event in log:
        by_chat[event.chat_id].append(event)
    return {chat: life for chat, life in by_chat.items() if life[0].kind == "arrived"}


def can_be_seen(life: Sequence[CentreEvent], unwatched: Iterable[tuple[float, float]] = ()) -> bool:
    """Whether polls must have seen all of it: nothing was too short, too near to the end, or happened while nobody watched."""
    times = [event.at for event in life if event.kind not in {"wrapped_up", "vanished"}]
    steps = [*times, HOURS * 3600]
    if any(later - earlier < SEEN_FOR_SURE for earlier, later in pairwise(steps)):
        return False
    return not any(killed - INTERVAL <= time <= started + SEEN_FOR_SURE for time in times for killed, started in unwatched)


def truth(life: Sequence[CentreEvent]) -> tuple[int, int, int, set[str]]:
    """Answered, abandoned, handled, and the agents who chatted."""
    kinds = [event.kind for event in life]
    ended = bool({"left", "gave_up"} & set(kinds))
    answered = "answered" in kinds
    helped = {event.agent for event in life if event.kind in {"answered", "transferred"} and event.agent is not None}
    return int(answered), int(ended and not answered), int(ended and answered), helped


def seen(watcher: Watcher, chat_id: str) -> tuple[int, int, int, set[str]]:
    """The same, as the figures have it from this chat's events."""
    shift = Shift(since=UTC_START, service_level=SERVICE_LEVEL)
    for event in watcher.events:
        if event.chat == chat_id:
            shift.take(event)
    figures = shift.figures((), moment(0))
    return figures.answered, figures.abandoned, figures.handled, set(figures.handled_by)


@pytest.mark.parametrize("which", ["watched", "interrupted"])
def test_the_figures_are_those_of_a_count_over_the_recorded_events(which: str) -> None:
    watcher: Watcher = getattr(recorded(), which)
    figures = msgspec.structs.asdict(end_figures(watcher))
    by_hand = counted_by_hand(watcher.events, service_level=SERVICE_LEVEL)
    for name, expected in by_hand.items():
        assert figures[name] == pytest.approx(expected, abs=1e-5), name
    assert min(figures[name] for name in ("answered", "answered_late", "abandoned", "handled")) > 10


def test_a_restart_at_ten_random_moments_changes_no_figure() -> None:
    restarts = recorded().interrupted.restarts
    assert len(restarts) == RESTARTS
    for restart in restarts:
        assert restart.after == restart.before


def test_the_time_in_which_nobody_watched_is_all_that_a_restart_costs() -> None:
    shift = recorded()
    assert end_figures(shift.watched).coverage == 1.0
    gaps = sum(event.lasted or 0.0 for event in shift.interrupted.events if event.kind is EventKind.GAP)
    whole, coverage = end_figures(shift.watched), end_figures(shift.interrupted).coverage
    assert gaps > 0
    assert coverage is not None
    # Every chat was on the board of both for the same time, but for when its polls fell.
    spans = sum(life[-1].at - life[0].at for life in lives(shift.centre.log).values())
    assert 1 - coverage == pytest.approx(gaps / spans, rel=0.1)
    interrupted = end_figures(shift.interrupted)
    for name in ("answered", "abandoned", "handled"):
        assert abs(getattr(interrupted, name) - getattr(whole, name)) <= RESTARTS
    assert interrupted.handling_time_mean == pytest.approx(whole.handling_time_mean, rel=0.05)


@pytest.mark.parametrize("which", ["watched", "interrupted"])
def test_what_polls_can_see_is_counted_as_it_happened(which: str) -> None:
    shift = recorded()
    watcher: Watcher = getattr(shift, which)
    unwatched = [(one.killed, one.started) for one in watcher.restarts]
    arrived = lives(shift.centre.log)
    visible = [chat for chat, life in arrived.items() if can_be_seen(life, unwatched)]
    assert len(visible) > len(arrived) / 2
    for chat in visible:
        assert seen(watcher, chat) == truth(arrived[chat])


def test_times_to_answer_and_handling_times_are_right_to_within_an_interval() -> None:
    shift = recorded()
    figures = end_figures(shift.watched)
    answers = [next(event for event in life if event.kind == "answered") for life in lives(shift.centre.log).values() if truth(life)[0]]
    waits = [event.waited for event in answers if event.waited is not None]
    assert figures.time_to_answer_mean == pytest.approx(sum(waits) / len(waits), abs=INTERVAL)
    assert figures.time_to_answer_exact is False
    whole = [life for life in lives(shift.centre.log).values() if truth(life)[2]]
    handling = [sum(chatting_times(life)) for life in whole]
    assert figures.handling_time_mean == pytest.approx(sum(handling) / len(handling), abs=INTERVAL)


def chatting_times(life: Sequence[CentreEvent]) -> Iterable[float]:
    began = 0.0
    for event in life:
        if event.kind == "answered":
            began = event.at
        elif event.kind in {"requeued", "left"}:
            yield event.at - began


def test_no_agent_is_said_to_have_had_more_chats_at_once_than_they_take() -> None:
    shift = recorded()
    limits = {agent.nickname: agent.limit for agent in shift.centre.agents}
    for watcher in (shift.watched, shift.interrupted):
        most = end_figures(watcher).most_at_once
        assert most
        assert all(most[name] <= limits[name] for name in most)
