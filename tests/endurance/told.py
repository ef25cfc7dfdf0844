"""What a history tells of a chat: how it was after each batch of its events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from chatmon.monitor.events import Event, EventKind

from .truth import Shown

CHANGES = {
    EventKind.FIRST_SEEN,
    EventKind.STATE_CHANGED,
    EventKind.PARTICIPANT_JOINED,
    EventKind.PARTICIPANT_LEFT,
    EventKind.CAPABILITY_GAINED,
    EventKind.CAPABILITY_LOST,
    EventKind.GONE,
}
"""The kinds that tell of the chat itself; the others tell of polls, alarms and the monitor."""


@dataclass(frozen=True, slots=True)
class Told:
    """The events that one poll gave, at `at` (UTC seconds): how the chat was then, None where it is gone.

    `not_before` is when it was seen last before that, None at its first sight. `contradiction` says that the events do not follow on
    those before them: somebody joins who is there, a state ends that was not.
    """

    at: float
    not_before: float | None
    shown: Shown | None
    contradiction: bool = False


def told_of(events: Iterable[Event]) -> Iterator[Told]:
    """What the events of one chat tell, in their order."""
    shown: Shown | None = None
    is_known = False
    for at, batch in groupby((event for event in events if event.kind in CHANGES), key=lambda event: event.at):
        changes = list(batch)
        try:
            shown, fits = _after(shown, changes), is_known != (changes[0].kind is EventKind.FIRST_SEEN)
        except ValueError:
            fits = False
        is_known = True
        yield Told(at, changes[0].not_before, shown, contradiction=not fits)


def _after(shown: Shown | None, changes: Sequence[Event]) -> Shown | None:
    """How a chat is after the events of one poll. ValueError where they do not follow on what it was."""
    for event in changes:
        shown = _after_one(shown, event)
    return shown


def _after_one(shown: Shown | None, event: Event) -> Shown | None:
    if event.kind is EventKind.FIRST_SEEN:
        if event.resource is None:
            raise ValueError("a first sight of nothing")
        people = tuple(sorted((one.nickname, one.type) for one in event.resource.participants))
        return Shown(event.state_to, people, frozenset(event.resource.capabilities))
    if shown is None:
        raise ValueError("something happened to a chat that is gone")
    if event.kind in {EventKind.STATE_CHANGED, EventKind.GONE} and event.state_from != shown.state:
        raise ValueError("a state ended that was not")
    person = () if event.participant is None else ((event.participant.nickname, event.participant.type),)
    capability = {event.capability} if event.capability is not None else set()
    match event.kind:
        case EventKind.STATE_CHANGED:
            return replace(shown, state=event.state_to)
        case EventKind.PARTICIPANT_JOINED:
            return shown.with_people(joined=person)
        case EventKind.PARTICIPANT_LEFT:
            return shown.with_people(left=person)
        case EventKind.CAPABILITY_GAINED if not capability & shown.capabilities:
            return replace(shown, capabilities=shown.capabilities | capability)
        case EventKind.CAPABILITY_LOST if capability <= shown.capabilities:
            return replace(shown, capabilities=shown.capabilities - capability)
        case EventKind.GONE:
            return None
    raise ValueError("a capability came that was there, or went that was not")
