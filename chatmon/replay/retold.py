"""What recorded events tell of a chat: the polls that made them, as far as they can be told, and the chat after them."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Final

import msgspec

from chatmon.api.resource import ChatResource, joining_order
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import DENIED, NOT_FOUND, Observation, PollError
from chatmon.monitor.sight import chat_after

TELLING: Final = frozenset(
    {
        EventKind.FIRST_SEEN,
        EventKind.STATE_CHANGED,
        EventKind.PARTICIPANT_JOINED,
        EventKind.PARTICIPANT_LEFT,
        EventKind.CAPABILITY_GAINED,
        EventKind.CAPABILITY_LOST,
        EventKind.POLL_FAILED,
        EventKind.POLL_RECOVERED,
        EventKind.DENIED,
        EventKind.GONE,
        EventKind.GAP,
    }
)
"""Kinds that tell what a poll of a chat saw."""
_FAILURES: Final = {EventKind.POLL_FAILED: "http", EventKind.DENIED: DENIED, EventKind.GONE: NOT_FOUND}
"""What a poll met that gave no chat, where the event does not say it."""


def retold(before: Chat, batch: Sequence[Event], time: float, seen: float | None) -> Chat:
    """A chat after the events of one poll of it; `time` is theirs on the tape, `seen` when it was seen last by then (UTC seconds).

    Whether polls were missed before is what was recorded as a gap: how often the chat was polled is not.
    """
    at = Moment(time, batch[0].at)
    gap = next((event for event in batch if event.kind is EventKind.GAP), None)
    before = _as_of(before, batch, gap, at, seen)
    failure = next((event for event in batch if event.kind in _FAILURES), None)
    if failure is not None:
        error = failure.error or PollError(_FAILURES[failure.kind], "")
        observation = Observation(before.id, at, at, error=error)
    else:
        observation = Observation(before.id, at, at, resource=_resource(before, batch))
    after = chat_after(before, observation, batch, stale_after=inf if gap is None else 0.0)
    # How long the exchange took was not recorded.
    return msgspec.structs.replace(after, latency=None)


def _as_of(before: Chat, batch: Sequence[Event], gap: Event | None, at: Moment, seen: float | None) -> Chat:
    """The chat as it was known just before a poll: seen last when the poll's events say so."""
    if before.resource is None or any(event.kind is EventKind.FIRST_SEEN for event in batch):
        return Chat(id=before.id, label=before.label)
    if gap is not None and gap.lasted is not None:
        last = Moment(at.monotonic - gap.lasted, at.utc - gap.lasted if gap.not_before is None else gap.not_before)
    else:
        utc = next((event.not_before for event in batch if event.not_before is not None), seen)
        if utc is None:
            return before
        last = Moment(at.monotonic - max(0.0, at.utc - utc), utc)
    if before.observed is not None and last.monotonic < before.observed.monotonic:
        return before
    return msgspec.structs.replace(before, observed=last)


def _resource(before: Chat, batch: Sequence[Event]) -> ChatResource:
    resource = before.resource or ChatResource(None, id=before.id)
    state, people, may = resource.state, list(resource.participants), list(resource.capabilities)
    for event in batch:
        match event.kind:
            case EventKind.FIRST_SEEN:
                first = event.resource or ChatResource(event.state_to, id=before.id)
                state, people, may = first.state, list(first.participants), list(first.capabilities)
            case EventKind.STATE_CHANGED:
                state = event.state_to
            case EventKind.PARTICIPANT_JOINED if event.participant is not None:
                people.append(event.participant)
            case EventKind.PARTICIPANT_LEFT:
                people = [one for one in people if one != event.participant]
            case EventKind.CAPABILITY_GAINED if event.capability is not None:
                may.append(event.capability)
            case EventKind.CAPABILITY_LOST:
                may = [one for one in may if one != event.capability]
            case _:
                continue
    changed = msgspec.structs.replace(
        resource, state=state, participants=tuple(sorted(set(people), key=joining_order)), capabilities=tuple(dict.fromkeys(may))
    )
    return resource if changed == resource else changed
