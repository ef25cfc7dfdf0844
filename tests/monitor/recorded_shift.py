"""A count over a whole recorded list of events, done chat by chat and looking back from the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import fmean
from typing import Any

import msgspec

from chatmon.api.resource import CHATTING, IDLE, WAITING, Participant
from chatmon.monitor.events import Event, EventKind

OPEN = {WAITING, CHATTING, None}


class Sight(msgspec.Struct, frozen=True):
    """How a chat was after one of its batches of events, the `order`th in the list. `seen_before`: when it was seen last before that."""

    order: int
    at: float
    state: str | None
    agents: frozenset[Participant]
    is_gone: bool
    seen_before: float | None
    after_gap: bool

    @property
    def is_over(self) -> bool:
        return self.is_gone or self.state not in OPEN

    @property
    def engaged(self) -> set[str]:
        return {agent.nickname for agent in self.agents} if self.state == CHATTING and not self.is_gone else set()


class Stretch(msgspec.Struct, frozen=True):
    """How long one state was watched, which `end` ended, and whether both of its ends were."""

    state: str | None
    seconds: float
    exact: bool
    end: Sight


def counted_by_hand(events: Iterable[Event], *, service_level: float) -> dict[str, Any]:
    """The figures of a shift over all these events, by their names; every chat's first sight must be among them."""
    lives = sights(events)
    stretches = {chat: stretches_of(life) for chat, life in lives.items()}
    answers = [answer for chat in lives if (answer := first_answer(lives[chat], stretches[chat])) is not None]
    waits = sorted(answer.seconds for answer in answers)
    handled = [chat for chat, life in lives.items() if life[-1].is_over and any(sight.state == CHATTING for sight in life)]
    times = [time for chat in handled if (time := handling_time(lives[chat], stretches[chat])) is not None]
    agents = {name for life in lives.values() for sight in life for name in sight.engaged}
    return {
        "answered": len(answers),
        "answered_in_time": sum(answer.exact and answer.seconds <= service_level for answer in answers),
        "answered_late": sum(answer.seconds > service_level for answer in answers),
        "time_to_answer_mean": fmean(waits) if waits else None,
        "time_to_answer_p90": next((wait for rank, wait in enumerate(waits, 1) if rank >= 0.9 * len(waits)), None),
        "time_to_answer_exact": all(answer.exact for answer in answers) if answers else None,
        "abandoned": sum(is_abandoned(life) for life in lives.values()),
        "handled": len(handled),
        "handling_time_mean": fmean(times) if times else None,
        "handled_by": {name: sum(any(name in sight.engaged for sight in life) for life in lives.values()) for name in agents},
        "most_at_once": {name: most_at_once(name, lives.values()) for name in agents},
    }


def sights(events: Iterable[Event]) -> dict[str, list[Sight]]:
    """How each chat was, one batch of its events after the other."""
    batches: dict[tuple[str, float], list[Event]] = defaultdict(list)
    for event in events:
        if event.chat is not None:
            batches[event.chat, event.at].append(event)
    lives: dict[str, list[Sight]] = defaultdict(list)
    for order, ((chat, at), batch) in enumerate(batches.items()):
        lives[chat] += [sight for sight in [sight_after(lives[chat], order, at, batch)] if sight is not None]
    return {chat: life for chat, life in lives.items() if life}


def sight_after(life: Sequence[Sight], order: int, at: float, batch: Sequence[Event]) -> Sight | None:
    by_kind = {event.kind: event for event in batch}
    first = by_kind.get(EventKind.FIRST_SEEN)
    if first is not None:
        agents = frozenset(first.resource.agents if first.resource else ())
        return Sight(order, at, first.state_to, agents, is_gone=False, seen_before=None, after_gap=False)
    if not life:
        return None
    before = life[-1]
    state = by_kind[EventKind.STATE_CHANGED].state_to if EventKind.STATE_CHANGED in by_kind else before.state
    agents = before.agents - {event.participant for event in batch if event.kind is EventKind.PARTICIPANT_LEFT and event.participant}
    agents |= {
        event.participant
        for event in batch
        if event.kind is EventKind.PARTICIPANT_JOINED and event.participant is not None and event.participant.is_agent
    }
    gone = by_kind.get(EventKind.GONE)
    is_gone = gone is not None or (before.is_gone and EventKind.POLL_RECOVERED not in by_kind)
    seen_before = next((event.not_before for event in batch if event.not_before is not None), None)
    after_gap = EventKind.GAP in by_kind or (gone is not None and gone.lasted_exact is False and not gap_free(life, gone))
    return Sight(order, at, state, agents, is_gone=is_gone, seen_before=seen_before, after_gap=after_gap)


def gap_free(life: Sequence[Sight], gone: Event) -> bool:
    """Whether the state before a chat was gone was watched up to then."""
    began = run_start(life, len(life) - 1)
    return abs(began.at + (gone.lasted or 0.0) - gone.at) < 1e-5


def run_start(life: Sequence[Sight], index: int) -> Sight:
    """The sight with which the state of another one began."""
    while index > 0 and life[index - 1].state == life[index].state:
        index -= 1
    return life[index]


def stretches_of(life: Sequence[Sight]) -> list[Stretch]:
    """Each state that came to an end, by another state or because the chat was gone."""
    ended = []
    for index, (before, after) in enumerate(pairwise(life)):
        if before.state == after.state and (before.is_gone or not after.is_gone):
            continue
        start = run_start(life, index)
        until = after.seen_before if after.after_gap and after.seen_before is not None else after.at
        broken = any(sight.after_gap for sight in (*life[life.index(start) : index + 1], after))
        exact = not broken and start is not life[0]
        ended.append(Stretch(before.state, until - start.at, exact, after))
    return ended


def first_answer(life: Sequence[Sight], stretches: Sequence[Stretch]) -> Stretch | None:
    for before, after in pairwise(life):
        if before.state == CHATTING:
            return None
        if (before.state, after.state) == (WAITING, CHATTING):
            return next(stretch for stretch in stretches if stretch.end is after)
    return None


def handling_time(life: Sequence[Sight], stretches: Sequence[Stretch]) -> float | None:
    """All time in Chatting up to the last end; a chat that was gone for a while has its state counted through."""
    last_end = next(after for before, after in reversed([*pairwise(life)]) if after.is_over and not before.is_over)
    mine = [one for one in stretches if one.end.order <= last_end.order and (one.end is last_end or not one.end.is_gone)]
    left_out = any(sight.state is None and before.state is not None for before, sight in pairwise(life) if sight.order <= last_end.order)
    chatting = [one for one in mine if one.state == CHATTING]
    return sum(one.seconds for one in chatting) if all(one.exact for one in chatting) and not left_out else None


def is_abandoned(life: Sequence[Sight]) -> bool:
    if not life[-1].is_over or any(sight.state == CHATTING or sight.agents for sight in life):
        return False
    ends = [(before, after) for before, after in pairwise(life) if after.is_over and not before.is_over]
    if not ends:
        return False
    before, after = ends[-1]
    return before.state == WAITING and (after.is_gone or after.state == IDLE) and not after.after_gap


def most_at_once(name: str, lives: Iterable[Sequence[Sight]]) -> int:
    """The most stretches, each from the first sight of the agent in the chat to the last, that have one moment in common."""
    begins: list[float] = []
    ends: list[float] = []
    for life in lives:
        is_there = False
        for sight in life:
            if name in sight.engaged and not is_there:
                begins.append(sight.at)
            elif is_there and name not in sight.engaged:
                ends.append(sight.at if sight.seen_before is None else sight.seen_before)
            is_there = name in sight.engaged
    return max(sum(begin <= moment for begin in begins) - sum(end < moment for end in ends) for moment in begins)
