"""All watched chats and what is known of them: the only place that changes that."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, ValuesView
from typing import Protocol

import msgspec

from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind, diff, is_gap
from chatmon.monitor.figures import Census
from chatmon.monitor.memory import KnownChat
from chatmon.monitor.observation import Health, Observation
from chatmon.monitor.sight import chat_after

MAX_EVENTS = 5_000
"""Events kept for all chats together; the oldest make room."""
MAX_CHAT_EVENTS = 200
"""Events kept for one chat."""
MAX_GONE = 1_000
"""Chats that left the board and are still named as changed, beside those that are on it, until the changes are taken."""


class ReadableLog(Protocol):
    """Events in their order, of which `total` came so far."""

    @property
    def begins(self) -> int:
        """Where it was begun: where that moves, it is another log."""

    @property
    def total(self) -> int:
        """How many came, kept or not."""

    def since(self, total: int) -> tuple[Event, ...]:
        """The events after the first `total` ones, as far as they are kept."""


class EventLog:
    """The newest events, oldest first. `total` counts all that ever were, so that a reader can tell what it has not read."""

    begins = 0

    def __init__(self, limit: int = MAX_EVENTS) -> None:
        self._events: deque[Event] = deque(maxlen=limit)
        self.total = 0

    def append(self, event: Event) -> None:
        """Add an event; the oldest makes room where there is none."""
        self._events.append(event)
        self.total += 1

    def since(self, total: int) -> tuple[Event, ...]:
        """The events after the first `total` ones, as far as they are kept."""
        unread = list(itertools.islice(reversed(self._events), max(0, self.total - total)))
        return tuple(reversed(unread))


class Changes(msgspec.Struct, frozen=True):
    """What is new on the board: the chats that changed, None where they are too many to name, and whether chats came or went."""

    chats: frozenset[str] | None
    membership: bool


class Board:
    """Every watched chat by its id, and the events between what was seen.

    `on_change` is called without arguments when the first change after `take_changes` happens: the reader then takes them in its own
    time. A poll that saw nothing new moves the time at which a chat was seen and is no change.
    """

    def __init__(self, *, interval: float, on_event: Callable[[Event], None] | None = None) -> None:
        self.interval = interval
        """Seconds between two polls of a chat, as it is in force."""
        self.events = EventLog()
        self.on_change: Callable[[], None] | None = None
        self._on_event = on_event
        self._chats: dict[str, Chat] = {}
        self.census = Census()
        self._timelines: dict[str, list[Event]] = {}
        self._changed: set[str] | None = set()
        self._membership_changed = False
        self._change_was_told = False

    def __len__(self) -> int:
        return len(self._chats)

    def __contains__(self, chat_id: object) -> bool:
        return chat_id in self._chats

    def copy(self) -> dict[str, Chat]:
        """Every watched chat as it is now, by its id."""
        return self._chats.copy()

    @property
    def chats(self) -> ValuesView[Chat]:
        """Every watched chat, in the order in which they were added."""
        return self._chats.values()

    def chat(self, chat_id: str) -> Chat | None:
        """What is known of one chat; None where it is not watched."""
        return self._chats.get(chat_id)

    def timeline(self, chat_id: str) -> tuple[Event, ...]:
        """The events of one chat that are kept, oldest first."""
        return tuple(self._timelines.get(chat_id, ()))

    def watch(self, chat_id: str, label: str | None = None) -> bool:
        """Add a chat, or give a watched one another label, where None leaves it as it is; whether it is new."""
        known = self._chats.get(chat_id)
        if known is not None:
            if label is not None and label != known.label:
                self._put(msgspec.structs.replace(known, label=label))
                self._mark(chat_id)
            return False
        self._put(Chat(id=chat_id, label=label or ""))
        self._timelines[chat_id] = []
        self._mark(chat_id, membership=True)
        return True

    def resume(self, known: KnownChat) -> bool:
        """Go on from what was known of a chat that was not asked yet since it is watched; whether there is one.

        What is known is as old as it is: until the chat answers, nobody knows whether it still is so.
        """
        fresh = self._chats.get(known.chat.id)
        if fresh is None or fresh.polled is not None or fresh.resource is not None:
            return False
        label = fresh.label or known.chat.label
        self._put(
            msgspec.structs.replace(known.chat, label=label, health=Health.PENDING, polled=None, latency=None, error=None, failures=0)
        )
        self._timelines[fresh.id] += known.timeline
        self._mark(fresh.id)
        return True

    def unwatch(self, chat_id: str, now: Moment) -> KnownChat | None:
        """Drop a chat and give what is known of it; None where it was not there. Its events stay in the log."""
        chat = self._chats.get(chat_id)
        if chat is None:
            return None
        seen = None if chat.observed is None else min(chat.observed.utc, now.utc)
        self.record(Event(at=now.utc, kind=EventKind.UNWATCHED, chat=chat_id, not_before=seen))
        del self._chats[chat_id]
        self.census.take(chat, None)
        timeline = tuple(self._timelines.pop(chat_id))
        self._mark(chat_id, membership=True)
        return KnownChat(chat, timeline)

    def apply(self, observation: Observation, every: int = 1) -> tuple[Event, ...]:
        """Take in the outcome of one poll and give the events it makes. A chat that is no longer watched is left alone.

        `every` is how many intervals after a poll that gave the chat the next one is promised for: what was promised at the last sight of
        it is what tells a gap.
        """
        before = self._chats.get(observation.chat_id)
        if before is None:
            return ()
        stale_after = before.stale_after(self.interval)
        if _is_as_before(before, observation, stale_after):
            self._chats[before.id] = msgspec.structs.replace(
                before,
                observed=observation.at,
                polled=observation.at,
                latency=observation.latency,
                http_status=observation.http_status,
                every=every,
                interval=self.interval,
            )
            return ()
        events = diff(before, observation, stale_after=stale_after)
        after = chat_after(before, observation, events, stale_after=stale_after)
        if observation.resource is not None:
            after = msgspec.structs.replace(after, every=every, interval=self.interval)
        self._put(after)
        for event in events:
            self.record(event)
        if events or after.error != before.error:
            self._mark(before.id)
        return events

    def _put(self, chat: Chat) -> None:
        self.census.take(self._chats.get(chat.id), chat)
        self._chats[chat.id] = chat

    def record(self, event: Event) -> None:
        """Take an event into the log and the timeline of its chat."""
        self.events.append(event)
        if event.chat is not None and event.chat in self._timelines:
            timeline = self._timelines[event.chat]
            timeline.append(event)
            del timeline[:-MAX_CHAT_EVENTS]
        if self._on_event is not None:
            self._on_event(event)
        self._mark(event.chat if event.chat in self._chats else None)

    def take_changes(self) -> Changes:
        """What changed since the last call."""
        changes = Changes(None if self._changed is None else frozenset(self._changed), self._membership_changed)
        self._changed = set()
        self._membership_changed = self._change_was_told = False
        return changes

    def _mark(self, chat_id: str | None, *, membership: bool = False) -> None:
        if chat_id is not None and self._changed is not None:
            self._changed.add(chat_id)
            if len(self._changed) > 2 * len(self._chats) + MAX_GONE:
                self._changed = None  # nobody takes them, or not for long
        self._membership_changed |= membership
        if not self._change_was_told and self.on_change is not None:
            self._change_was_told = True
            self.on_change()


def _is_as_before(before: Chat, observation: Observation, stale_after: float) -> bool:
    """Whether a poll saw what the one before it saw: the common case, told apart by identity alone."""
    return (
        observation.resource is not None
        and observation.resource is before.resource
        and before.health is Health.OK
        and before.observed is not None
        and not is_gap(before.observed, observation.at, stale_after)
    )
