"""Each chat in one line: what its events tell of it from its first sight to its last, folded out of a stream of events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from chatmon.api.resource import CHATTING, CUSTOMER, WAITING, Participant
from chatmon.monitor.alarms import Severity
from chatmon.monitor.course import TELLING, Course
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.shift import MAX_COURSES, MAX_ENDED

MAX_NAMES: Final = 100
"""Nicknames, states or rules of one chat that are told, the first ones."""


class ChatOutcome(StrEnum):
    """How a chat ended, as in output. `handled` and `abandoned` are those of the figures of a shift."""

    HANDLED = "handled"
    ABANDONED = "abandoned"
    GONE = "gone"
    """The server knows it no more, and it was neither handled nor abandoned as far as was seen."""
    ENDED = "ended"
    """Idle, or in another state that ends a chat, and neither handled nor abandoned as far as was seen."""
    UNWATCHED = "unwatched"
    """It was going on when it was watched no more."""
    OPEN = "open"
    """It was going on when it was seen last."""
    NEVER_SEEN = "never_seen"
    """No poll ever gave it."""


class Time(msgspec.Struct, frozen=True):
    """So many seconds, or, where that is not exact, at least so many: not all of it was observed."""

    seconds: float
    exact: bool


class ChatSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One chat. Times of day are in UTC seconds; None where they are not known.

    - `customers`, `agents`: the nicknames of those who were ever listed, each once, in the order of their joining.
    - `first_seen` is None where the first sight of it is not among the events; then no time of it is exact.
    - `last_seen`: when a poll gave it last; `last_event`: when something was last recorded of it.
    - `ended`: when it was seen to be over; None while it is not, and where it was over already when it was first seen. `gone`: when the
      server said that it does not know it any more.
    - `states`: how long it was in each state, by the state's name. A state that goes on is told up to `last_seen`, and not exact.
    - `answered`: its first change from WaitingForAgent to Chatting was observed. `waited`: how long it had waited by then; of a chat that
      was never seen Chatting all of its time in WaitingForAgent; None where neither is known.
    - `requeues`: how often it went back from Chatting to WaitingForAgent. `alarms`: how often each rule raised one.
    - `poll_failures`: streaks of failed polls, the denied ones among them. `gaps`: how often it was not seen for too long, and `unseen`
      for how many seconds in all.
    - `events`: how many events are recorded of it.
    """

    chat: str
    label: str
    outcome: ChatOutcome
    state: str | None
    customers: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    first_seen: float | None = None
    last_seen: float | None = None
    last_event: float
    ended: float | None = None
    gone: float | None = None
    states: Mapping[str, Time] = {}
    answered: bool = False
    waited: Time | None = None
    requeues: int = 0
    alarms: Mapping[str, int] = {}
    poll_failures: int = 0
    gaps: int = 0
    unseen: float = 0.0
    events: int = 0

    @property
    def chatting(self) -> Time | None:
        """All of its time in Chatting; None where it was never seen so."""
        return self.states.get(CHATTING)


LastSeen = Callable[[str], float | None]


def summaries(events: Iterable[tuple[Event, str]], *, last_seen: LastSeen = lambda _: None) -> Iterator[ChatSummary]:
    """The chats of a stream of events, in the order in which they were over; those that go on come at the end.

    Beside each event stands the label of its chat. `last_seen` gives, by a chat's id, when it was seen last, where more is known of that
    than the events tell: a poll that sees nothing new makes none.

    A chat that is over or no longer watched may come back. So the last `MAX_ENDED` of them are held back, and those under way that went
    longest without an event make room beyond `MAX_COURSES`: memory is bounded, and what is counted is what a `Shift` counts. One that
    comes back later still is told a second time, from then on and without `first_seen`.
    """
    fold = _Fold(last_seen)
    for event, label in events:
        yield from fold.take(event, label)
    yield from fold.rest()


class _Life(msgspec.Struct):
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


class _Fold:
    """The lives of the chats: those that no poll gave yet, those under way, and those that are over and held back."""

    def __init__(self, last_seen: LastSeen) -> None:
        self._last_seen = last_seen
        self._never_seen: dict[str, _Life] = {}
        self._under_way: dict[str, _Life] = {}
        self._over: dict[str, _Life] = {}
        self._looked_at: _Life | None = None

    def take(self, event: Event, label: str) -> Iterator[ChatSummary]:
        """Take in one event; the chats that make room."""
        looked_at = self._looked_at
        if looked_at is not None and (looked_at.last_event, looked_at.chat) != (event.at, event.chat):
            yield from self._end_look()
        if event.chat is None:
            return
        life = self._life(event.chat) or _Life(event.chat, label, Course())
        life.label = label or life.label
        life.note(event)
        if event.kind in TELLING:
            life.look.append(event)
            self._looked_at = life
        elif event.kind is EventKind.UNWATCHED:
            yield from self._end_look()
            life.unwatch(event)
            yield from self._keep(life, self._over if life.was_seen else self._never_seen, MAX_ENDED)
        elif not life.was_seen and life is not self._looked_at:
            yield from self._keep(life, self._never_seen, MAX_ENDED)

    def rest(self) -> Iterator[ChatSummary]:
        """The chats that are held back, and then those that go on."""
        yield from self._end_look()
        for life in (*self._over.values(), *self._never_seen.values(), *self._under_way.values()):
            yield life.summary(self._last_seen(life.chat))

    def _life(self, chat: str) -> _Life | None:
        if self._looked_at is not None and self._looked_at.chat == chat:
            return self._looked_at
        return self._under_way.get(chat) or self._over.get(chat) or self._never_seen.get(chat)

    def _end_look(self) -> Iterator[ChatSummary]:
        life, self._looked_at = self._looked_at, None
        if life is None:
            return
        life.follow()
        if life.course.is_over:
            yield from self._keep(life, self._over, MAX_ENDED)
        else:
            yield from self._keep(life, self._under_way, MAX_COURSES)

    def _keep(self, life: _Life, kept: dict[str, _Life], limit: int) -> Iterator[ChatSummary]:
        for lives in (self._under_way, self._over, self._never_seen):
            lives.pop(life.chat, None)
        kept[life.chat] = life
        if len(kept) > limit:
            oldest = kept.pop(next(iter(kept)))
            yield oldest.summary(self._last_seen(oldest.chat))


def _time(event: Event) -> Time:
    return Time(event.lasted or 0.0, exact=event.lasted_exact is True)


def _sum(before: Time | None, time: Time) -> Time:
    return time if before is None else Time(before.seconds + time.seconds, exact=before.exact and time.exact)


def _has_room(names: Mapping[str, object], name: str) -> bool:
    return name in names or len(names) < MAX_NAMES
