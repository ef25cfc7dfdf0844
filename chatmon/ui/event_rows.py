"""Events as rows of a list: what belongs together is one row, whatever came between."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable

import msgspec

from chatmon.monitor.event_filters import ToldEvent
from chatmon.monitor.events import Event, EventKind
from chatmon.ui.event_wording import event_text, of_one_change, with_capabilities
from chatmon.ui.times import duration

TOGETHER_SECONDS = 2.0
"""What befell several chats alike within so many seconds is one row: an outage is not to flood the list."""
BEFALLS_MANY = frozenset({EventKind.POLL_FAILED, EventKind.DENIED, EventKind.POLL_RECOVERED, EventKind.GAP, EventKind.UNWATCHED})
MAX_ROWS = 20_000
"""Rows that are kept; the oldest make room. They can be had again from the history."""


class EventRow(msgspec.Struct, frozen=True):
    """One row: an event, or several of the same kind; `position` is the first one's in the history, where it was read from there."""

    told: tuple[ToldEvent, ...]
    position: int | None = None

    @property
    def first(self) -> Event:
        """The event that the row begins with."""
        return self.told[0].event

    @property
    def chats(self) -> frozenset[str]:
        """The ids of the chats that the row is about."""
        return frozenset(told.event.chat for told in self.told if told.event.chat is not None)


def joined(row: EventRow, told: ToldEvent) -> EventRow | None:
    """The row with one event more; None where the event is another matter.

    Capabilities of one change are one row, and so is what befell several chats within `TOGETHER_SECONDS`, each chat once.
    """
    first, event = row.first, told.event
    if first.kind is not event.kind:
        return None
    if not of_one_change(first, event) and not (
        event.kind in BEFALLS_MANY and abs(event.at - first.at) <= TOGETHER_SECONDS and event.chat not in row.chats
    ):
        return None
    return msgspec.structs.replace(row, told=(*row.told, told))


def row_text(row: EventRow) -> str:
    """A row in words."""
    events = [told.event for told in row.told]
    first = events[0]
    if len(events) == 1:
        return event_text(first)
    if first.capability is not None:
        return event_text(with_capabilities(first, events))
    return f"{len(row.chats)} chats: {_of_many(events)}"


def _of_many(events: list[Event]) -> str:
    first = events[0]
    if first.kind is EventKind.GAP:
        return f"not watched for up to {duration(max(event.lasted or 0.0 for event in events))}"
    # Thousands may stand in one row, and it is painted often: words are made of one of them.
    reasons = Counter(map(_reason, events))
    ((most, _),) = reasons.most_common(1)
    text = event_text(next(event for event in events if _reason(event) == most))
    return text if len(reasons) == 1 else f"{text}, and other reasons"


def _reason(event: Event) -> str | None:
    return None if event.error is None else event.error.message


class EventRows:
    """Rows by key, oldest first. Keys are never given twice."""

    def __init__(self, limit: int = MAX_ROWS) -> None:
        self._limit = limit
        self._rows: dict[str, EventRow] = {}
        self._order: deque[str] = deque()
        self._open: dict[EventKind, str] = {}
        self._newest = self._oldest = 0

    def __len__(self) -> int:
        return len(self._order)

    @property
    def keys(self) -> list[str]:
        """The keys in the order of the rows."""
        return list(self._order)

    @property
    def oldest(self) -> EventRow | None:
        """The first row; None where there is none."""
        return self._rows[self._order[0]] if self._order else None

    @property
    def newest(self) -> EventRow | None:
        """The last row; None where there is none."""
        return self._rows[self._order[-1]] if self._order else None

    @property
    def newest_key(self) -> str | None:
        """Its key."""
        return self._order[-1] if self._order else None

    def get(self, key: str) -> EventRow | None:
        """The row of a key; None where it has made room."""
        return self._rows.get(key)

    def append(self, told: ToldEvent, position: int | None = None) -> None:
        """Take in the event that comes after all others."""
        key = self._open.get(told.event.kind)
        row = None if key is None or key not in self._rows else joined(self._rows[key], told)
        if key is not None and row is not None:
            self._rows[key] = row
            return
        self._newest += 1
        key = self._open[told.event.kind] = f"+{self._newest}"
        self._rows[key] = EventRow((told,), position)
        self._order.append(key)

    def prepend(self, page: Iterable[tuple[ToldEvent, int]]) -> int:
        """Take in events from before all others, oldest first, each with its position in the history; how many rows they make."""
        before = EventRows()
        for told, position in page:
            before.append(told, position)
        for key in reversed(before.keys):
            self._oldest += 1
            self._rows[f"-{self._oldest}"] = before._rows[key]
            self._order.appendleft(f"-{self._oldest}")
        return len(before)

    def trim(self) -> int:
        """Let the oldest rows make room where there are too many; how many did."""
        dropped = max(0, len(self._order) - self._limit)
        for _ in range(dropped):
            del self._rows[self._order.popleft()]
        return dropped
