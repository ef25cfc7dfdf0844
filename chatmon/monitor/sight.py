"""What one more poll makes of what was known of a chat."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from chatmon.api.resource import CHATTING, WAITING, ChatResource
from chatmon.monitor.chat import Chat, Presence
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind, is_gap
from chatmon.monitor.observation import Health, Observation, health_after

MAX_LEFT_PARTICIPANTS = 50
"""Participants of one chat that are remembered after they have left."""


def chat_after(before: Chat, observation: Observation, events: Collection[Event], *, stale_after: float) -> Chat:
    """The chat as it is known after one more poll; `events` are those that the poll made.

    Where it was not seen for more than `stale_after` seconds before, nobody knows what happened meanwhile.
    """
    health = health_after(observation, before_gone=before.gone_since is not None, seen_before=before.resource is not None)
    polled = msgspec.structs.replace(
        before,
        health=health,
        gone_since=(before.gone_since or observation.at) if health is Health.GONE else before.gone_since,
        polled=observation.at,
        latency=observation.latency,
        http_status=observation.http_status,
        error=observation.error,
        failures=0 if observation.error is None else before.failures + 1,
    )
    return polled if observation.resource is None else _seen(polled, observation.resource, observation.at, events, stale_after)


def _seen(before: Chat, resource: ChatResource, at: Moment, events: Collection[Event], stale_after: float) -> Chat:
    """The chat after a poll that gave it."""
    closely = before.observed is not None and not is_gap(before.observed, at, stale_after)
    same_state = before.resource is not None and before.resource.state == resource.state
    after_gap = before.observed is not None and not closely
    is_unattended = resource.state == CHATTING and not resource.agents
    return msgspec.structs.replace(
        before,
        resource=resource,
        observed=at,
        gone_since=None,
        first_seen=before.first_seen or at,
        state_since=before.state_since if same_state else at,
        state_since_exact=before.state_since_exact if same_state else closely,
        presences=_presences(before, resource, events, at=at, exact=closely),
        was_waiting=before.was_waiting or resource.state == WAITING,
        was_chatting=before.was_chatting or resource.state == CHATTING,
        unattended_since=(before.unattended_since or at) if is_unattended else None,
        watched_since=at if before.watched_since is None or after_gap else before.watched_since,
        watched_before=before.watched if after_gap else before.watched_before,
        unwatched=before.unwatched + (at.since(before.observed) if before.observed is not None and after_gap else 0.0),
    )


_MOVES = (EventKind.PARTICIPANT_JOINED, EventKind.PARTICIPANT_LEFT)


def _presences(before: Chat, resource: ChatResource, events: Collection[Event], *, at: Moment, exact: bool) -> tuple[Presence, ...]:
    if before.resource is None:
        return tuple(
            Presence(participant, at.utc, since_exact=False, since_monotonic=at.monotonic) for participant in resource.participants
        )
    moved = {kind: [one.participant for one in events if one.kind is kind and one.participant is not None] for kind in _MOVES}
    gone = set(moved[EventKind.PARTICIPANT_LEFT])
    presences = [
        msgspec.structs.replace(one, left=at.utc) if one.left is None and one.participant in gone else one for one in before.presences
    ]
    presences += [
        Presence(participant, at.utc, since_exact=exact, since_monotonic=at.monotonic)
        for participant in moved[EventKind.PARTICIPANT_JOINED]
    ]
    left = [one for one in presences if one.left is not None]
    dropped = set(map(id, left[: max(0, len(left) - MAX_LEFT_PARTICIPANTS)]))
    return tuple(one for one in presences if id(one) not in dropped)
