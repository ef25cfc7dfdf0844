"""What changed between two observations of a chat: events, and the one pure function that finds them."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from chatmon.api.resource import ChatResource, Participant
from chatmon.monitor.chat import Chat
from chatmon.monitor.observation import Health, Observation, PollError, health_after


class EventKind(StrEnum):
    """The kinds of events, as in JSON output."""

    FIRST_SEEN = "first_seen"
    STATE_CHANGED = "state_changed"
    PARTICIPANT_JOINED = "participant_joined"
    PARTICIPANT_LEFT = "participant_left"
    CAPABILITY_GAINED = "capability_gained"
    CAPABILITY_LOST = "capability_lost"
    POLL_FAILED = "poll_failed"
    POLL_RECOVERED = "poll_recovered"
    DENIED = "denied"
    GONE = "gone"
    MONITOR_STARTED = "monitor_started"
    MONITOR_STOPPED = "monitor_stopped"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One difference, seen at `at` (UTC seconds); it happened after `not_before` where it lies between two polls.

    `chat` is None for an event of the monitor itself. Which of the other fields are filled goes by the kind: `state_from` and
    `state_to` for state_changed, `state_to` for first_seen, `participant`, `capability`, and `error` for failed polls.
    """

    at: float
    kind: EventKind
    chat: str | None = None
    not_before: float | None = None
    state_from: str | None = None
    state_to: str | None = None
    participant: Participant | None = None
    capability: str | None = None
    error: PollError | None = None


def diff(before: Chat, after: Observation) -> tuple[Event, ...]:
    """The events that lie between what was known of a chat and its newest observation, in the order in which to tell them."""
    if after.resource is None:
        return _troubles(before, after)
    recovered: tuple[Event, ...] = ()
    if before.health not in {Health.OK, Health.PENDING}:
        recovered = (Event(at=after.at.utc, kind=EventKind.POLL_RECOVERED, chat=before.id),)
    if before.resource is None:
        return (*recovered, Event(at=after.at.utc, kind=EventKind.FIRST_SEEN, chat=before.id, state_to=after.resource.state))
    if before.resource == after.resource:
        return recovered
    not_before = _not_before(before, after)
    return (*recovered, *_changes(before.id, before.resource, after.resource, at=after.at.utc, not_before=not_before))


def _troubles(before: Chat, after: Observation) -> tuple[Event, ...]:
    health = health_after(after, seen_before=before.resource is not None)
    not_before = None
    if health is Health.GONE:
        # Told once, whatever other trouble came in between.
        kind, is_news = EventKind.GONE, before.gone_since is None
        not_before = _not_before(before, after)
    elif health is Health.DENIED:
        kind, is_news = EventKind.DENIED, before.health is not Health.DENIED
    else:
        kind, is_news = EventKind.POLL_FAILED, before.error is None
    return (Event(at=after.at.utc, kind=kind, chat=before.id, not_before=not_before, error=after.error),) if is_news else ()


def _not_before(before: Chat, after: Observation) -> float | None:
    # The wall clock may have been set back since.
    return None if before.observed is None else min(before.observed.utc, after.at.utc)


def _changes(chat_id: str, before: ChatResource, after: ChatResource, *, at: float, not_before: float | None) -> list[Event]:
    def event(kind: EventKind, **detail: object) -> Event:
        return Event(at=at, kind=kind, chat=chat_id, not_before=not_before, **detail)  # type: ignore[arg-type]

    events: list[Event] = []
    if before.state != after.state:
        events.append(event(EventKind.STATE_CHANGED, state_from=before.state, state_to=after.state))
    was, is_now = set(before.participants), set(after.participants)
    events += [event(EventKind.PARTICIPANT_LEFT, participant=one) for one in before.participants if one not in is_now]
    events += [event(EventKind.PARTICIPANT_JOINED, participant=one) for one in after.participants if one not in was]
    events += [event(EventKind.CAPABILITY_LOST, capability=one) for one in before.capabilities if one not in after.capabilities]
    events += [event(EventKind.CAPABILITY_GAINED, capability=one) for one in after.capabilities if one not in before.capabilities]
    return events
