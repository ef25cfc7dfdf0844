"""What the events so far tell of one chat: what becomes its summary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from chatmon.api.resource import CHATTING, CUSTOMER, WAITING, Participant
from chatmon.monitor.alarms import Severity
from chatmon.monitor.chat_summary import ChatOutcome, ChatSummary, Time
from chatmon.monitor.course import Course
from chatmon.monitor.events import Event, EventKind

MAX_NAMES: Final = 100
"""Nicknames, states or rules of one chat that are told, the first ones."""


class ChatLife(msgspec.Struct):
    """What is known so far of one chat. `tail` is the state that it ended in, which counts unless it goes on after all."""

    chat: str
    label: str
    course: Course
    look: list[Event] = []
    customers: dict[str, None] = {}
    agents: dict[str, None] = {}
    first_seen: float | None = None
    last_seen: float | None = None
    last_event: float = 0.0
    ended: float | None = None
    gone: float | None = None
    unwatched: float | None = None
    was_seen: bool = False
    was_left_out: bool = False
    states: dict[str, Time] = {}
    tail: tuple[str | None, Time] | None = None
    waited: Time | None = None
    requeues: int = 0
    alarms: dict[str, int] = {}
    standing: dict[str, str | None] = {}
    """The severity of each rule's alarm that is up: one that grows worse is told as raised once more, and is the same one."""
    poll_failures: int = 0
    gaps: int = 0
    unseen: float = 0.0
    events: int = 0

    def note(self, event: Event) -> None:
        """Take in what one event tells by itself."""
        self.events += 1
        self.last_event = event.at
        match event.kind:
            case EventKind.ALARM_RAISED if event.rule is not None and _has_room(self.alarms, event.rule):
                grows_worse = (self.standing.get(event.rule), event.severity) == (Severity.WARN, Severity.CRITICAL)
                self.alarms[event.rule] = self.alarms.get(event.rule, 0) + (not grows_worse)
                self.standing[event.rule] = event.severity
            case EventKind.ALARM_CLEARED if event.rule is not None:
                self.standing.pop(event.rule, None)
            case EventKind.POLL_FAILED | EventKind.DENIED:
                self.poll_failures += 1
            case EventKind.GAP:
                self.gaps += 1
                self.unseen += event.lasted or 0.0
            case EventKind.CAPABILITY_GAINED | EventKind.CAPABILITY_LOST:
                self._see(event.at)

    def follow(self) -> None:
        """Take in the look at the chat whose events are all there."""
        look, self.look = self.look, []
        was_over, kinds = self.course.is_over, {event.kind for event in look}
        self.unwatched = None
        for event in look:
            self._follow(event)
        progress = self.course.follow(look)
        if self.first_seen is None and self.course.is_whole and not self.was_seen:
            self.first_seen = look[0].at
        self.was_seen = True
        if EventKind.GONE not in kinds:
            self._see(look[-1].at)
        if progress.answer is not None:
            self.waited = _time(progress.answer)
        if not self.course.is_over:
            self.ended = None
        elif not was_over and kinds & {EventKind.STATE_CHANGED, EventKind.GONE}:
            self.ended = look[-1].at

    def unwatch(self, event: Event) -> None:
        """The chat is looked at no more."""
        self.unwatched = event.at
        if event.not_before is not None:
            self._see(event.not_before)
        if self.tail is None:
            self.tail = self._tail(self.last_seen)

    def _see(self, at: float) -> None:
        self.last_seen = at if self.last_seen is None else max(self.last_seen, at)

    def _follow(self, event: Event) -> None:
        """Take in one event of a look, which the course does not have yet."""
        match event.kind:
            case EventKind.FIRST_SEEN:
                if self.tail is not None:  # how long that went on nobody knows
                    self._spend(self.tail[0], Time(self.tail[1].seconds, exact=False))
                self._list(() if event.resource is None else event.resource.participants)
            case EventKind.STATE_CHANGED:
                self._spend(event.state_from, _time(event))
                self.was_left_out |= event.state_to is None
                self.requeues += (event.state_from, event.state_to) == (CHATTING, WAITING)
            case EventKind.PARTICIPANT_JOINED if event.participant is not None:
                self._list((event.participant,))
            case EventKind.GONE:
                self.gone, self.tail = event.at, (event.state_from, _time(event))
                if event.not_before is not None:
                    self._see(event.not_before)
                return
        # A state that goes on is told whole when it ends.
        self.gone = self.tail = None

    def _list(self, participants: Iterable[Participant]) -> None:
        for one in participants:
            names = self.agents if one.is_agent else self.customers if one.type == CUSTOMER else None
            if names is not None and _has_room(names, one.nickname):
                names[one.nickname] = None

    def _spend(self, state: str | None, time: Time) -> None:
        if state is not None and _has_room(self.states, state):
            self.states[state] = _sum(self.states.get(state), time)

    def _tail(self, until: float | None) -> tuple[str | None, Time] | None:
        """The state that goes on, as far as it was seen."""
        began = self.course.state_began
        return None if began is None or until is None else (self.course.state, Time(max(0.0, until - began), exact=False))

    def summary(self, last_seen: float | None) -> ChatSummary:
        """What is known; `last_seen` is what is known beside the events."""
        if last_seen is not None and self.was_seen:
            self._see(last_seen)
            if self.unwatched is not None and last_seen > self.unwatched:  # it is watched again, and nothing has happened since
                self.unwatched = None
                self.tail = None if self.gone is None else self.tail
        states, tail = self.states, self.tail or self._tail(self.last_seen)
        if tail is not None and tail[0] is not None and _has_room(states, tail[0]):
            states = {**states, tail[0]: _sum(states.get(tail[0]), tail[1])}
        is_known = self.course.is_whole and not self.was_left_out
        states = {state: Time(time.seconds, exact=time.exact and is_known) for state, time in states.items()}
        return ChatSummary(
            chat=self.chat,
            label=self.label,
            outcome=self._outcome,
            state=self.course.state,
            customers=tuple(self.customers),
            agents=tuple(self.agents),
            first_seen=self.first_seen,
            last_seen=self.last_seen,
            last_event=self.last_event,
            ended=self.ended,
            gone=self.gone,
            states=states,
            answered=self.waited is not None,
            waited=self.waited if self.waited is not None or self.course.was_chatting else states.get(WAITING),
            requeues=self.requeues,
            alarms=self.alarms,
            poll_failures=self.poll_failures,
            gaps=self.gaps,
            unseen=self.unseen,
            events=self.events,
        )

    @property
    def _outcome(self) -> ChatOutcome:
        if not self.was_seen:
            return ChatOutcome.NEVER_SEEN
        if self.course.ending is not None:
            return ChatOutcome.HANDLED if self.course.ending.handled else ChatOutcome.ABANDONED
        if self.course.is_over:
            return ChatOutcome.GONE if self.course.is_gone else ChatOutcome.ENDED
        return ChatOutcome.OPEN if self.unwatched is None else ChatOutcome.UNWATCHED


def _time(event: Event) -> Time:
    return Time(event.lasted or 0.0, exact=event.lasted_exact is True)


def _sum(before: Time | None, time: Time) -> Time:
    return time if before is None else Time(before.seconds + time.seconds, exact=before.exact and time.exact)


def _has_room(names: Mapping[str, object], name: str) -> bool:
    return name in names or len(names) < MAX_NAMES
