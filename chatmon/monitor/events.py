"""What changed between two observations of a chat: events, and the one pure function that finds them."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from chatmon.api.resource import ChatResource, Participant
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
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
    GAP = "gap"
    UNWATCHED = "unwatched"
    ALARM_RAISED = "alarm_raised"
    ALARM_CLEARED = "alarm_cleared"
    ALARM_ACKNOWLEDGED = "alarm_acknowledged"
    TRANSCRIPT_READ = "transcript_read"
    MONITOR_STARTED = "monitor_started"
    MONITOR_STOPPED = "monitor_stopped"


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One difference, seen at `at` (UTC seconds); it happened after `not_before` where it lies between two polls.

    `chat` is None for an event of the monitor itself, or of an alarm about an agent. Which of the other fields are filled goes by the
    kind: `state_to` and `resource` for first_seen; `state_from`, `state_to`, `lasted` and `lasted_exact` for state_changed, and all but
    `state_to` for gone; `participant`; `capability`; `error` for failed polls; `lasted` for a gap: the seconds between `not_before` and
    `at` in which the chat was not seen; `rule`, `severity`, `agent`, `why` and, where an acknowledgement ends, `until` (UTC seconds) for
    alarms. A chat that is unwatched was seen last at `not_before`. Of a transcript that was read only that is told, never its content.

    `lasted` is how many seconds `state_from` held, by the monotonic clock: two events cannot tell, the wall clock may jump between
    them. `lasted_exact` says that it was watched from its beginning to its end, without a gap; else it was longer, perhaps, or
    interrupted by something that nobody saw.
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
    resource: ChatResource | None = None
    lasted: float | None = None
    lasted_exact: bool | None = None
    rule: str | None = None
    severity: str | None = None
    agent: str | None = None
    why: str | None = None
    until: float | None = None


def diff(before: Chat, after: Observation, *, stale_after: float) -> tuple[Event, ...]:
    """The events that lie between what was known of a chat and its newest observation, in the order in which to tell them.

    Where the chat was not seen for more than `stale_after` seconds, nobody knows what happened meanwhile: that is a gap.
    """
    if after.resource is None:
        return _troubles(before, after, stale_after)
    events: list[Event] = []
    if before.observed is not None and is_gap(before.observed, after.at, stale_after):
        events.append(_gap(before.id, before.observed, after.at))
    if before.health not in {Health.OK, Health.PENDING} or before.gone_since is not None:
        events.append(Event(at=after.at.utc, kind=EventKind.POLL_RECOVERED, chat=before.id))
    if before.resource is None:
        return (*events, _first_seen(before.id, after.resource, after.at))
    if before.resource != after.resource:
        events += _changes(before, before.resource, after.resource, after, stale_after=stale_after)
    return tuple(events)


def is_gap(seen: Moment, seen_again: Moment, stale_after: float) -> bool:
    """Whether so much time lies between two sights of a chat that anything may have happened."""
    return seen_again.since(seen) > stale_after


def _first_seen(chat_id: str, resource: ChatResource, at: Moment) -> Event:
    return Event(at=at.utc, kind=EventKind.FIRST_SEEN, chat=chat_id, state_to=resource.state, resource=resource)


def _gap(chat_id: str, seen: Moment, seen_again: Moment) -> Event:
    not_before = min(seen.utc, seen_again.utc)
    return Event(at=seen_again.utc, kind=EventKind.GAP, chat=chat_id, not_before=not_before, lasted=seen_again.since(seen))


def _troubles(before: Chat, after: Observation, stale_after: float) -> tuple[Event, ...]:
    health = health_after(after, before_gone=before.gone_since is not None, seen_before=before.resource is not None)
    if health is Health.GONE:
        # Told once, whatever other trouble comes in between.
        return () if before.gone_since is not None else (_gone(before, after, stale_after),)
    if health is Health.DENIED:
        kind, is_news = EventKind.DENIED, before.health is not Health.DENIED
    else:
        kind, is_news = EventKind.POLL_FAILED, before.error is None
    return (Event(at=after.at.utc, kind=kind, chat=before.id, error=after.error),) if is_news else ()


def _gone(before: Chat, after: Observation, stale_after: float) -> Event:
    lasted, exact = _lasted(before, after.at, stale_after)
    return Event(
        at=after.at.utc,
        kind=EventKind.GONE,
        chat=before.id,
        not_before=_not_before(before, after),
        state_from=before.state,
        lasted=lasted,
        lasted_exact=exact,
        error=after.error,
    )


def _not_before(before: Chat, after: Observation) -> float | None:
    # The wall clock may have been set back since.
    return None if before.observed is None else min(before.observed.utc, after.at.utc)


def _changes(before: Chat, was: ChatResource, now: ChatResource, after: Observation, *, stale_after: float) -> list[Event]:
    not_before = _not_before(before, after)

    def event(kind: EventKind, **detail: object) -> Event:
        return Event(at=after.at.utc, kind=kind, chat=before.id, not_before=not_before, **detail)  # type: ignore[arg-type]

    events: list[Event] = []
    if was.state != now.state:
        lasted, exact = _lasted(before, after.at, stale_after)
        events.append(event(EventKind.STATE_CHANGED, state_from=was.state, state_to=now.state, lasted=lasted, lasted_exact=exact))
    listed, still = set(was.participants), set(now.participants)
    events += [event(EventKind.PARTICIPANT_LEFT, participant=one) for one in was.participants if one not in still]
    events += [event(EventKind.PARTICIPANT_JOINED, participant=one) for one in now.participants if one not in listed]
    could, can = set(was.capabilities), set(now.capabilities)
    events += [event(EventKind.CAPABILITY_LOST, capability=one) for one in was.capabilities if one not in can]
    events += [event(EventKind.CAPABILITY_GAINED, capability=one) for one in now.capabilities if one not in could]
    return events


def _lasted(before: Chat, at: Moment, stale_after: float) -> tuple[float | None, bool]:
    """How many seconds the state before lasted as far as it was watched, and whether both of its ends were."""
    if before.state_since is None or before.observed is None:
        return None, False
    if is_gap(before.observed, at, stale_after):
        return before.observed.since(before.state_since), False
    unbroken = before.watched_since is not None and before.watched_since.monotonic <= before.state_since.monotonic
    return at.since(before.state_since), before.state_since_exact and unbroken
