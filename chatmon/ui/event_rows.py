"""Events as rows of a list: what belongs together is one row, whatever came between."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from chatmon.monitor.event_filters import ToldEvent
from chatmon.monitor.events import Event, EventKind
from chatmon.ui.event_wording import event_text, of_one_change, with_capabilities
from chatmon.ui.times import duration
from chatmon.ui.wording import plural

TOGETHER_SECONDS = 2.0
"""What befell several chats alike within so many seconds is one row: an outage is not to flood the list."""
BEFALLS_MANY = frozenset(
    {
        EventKind.POLL_FAILED,
        EventKind.DENIED,
        EventKind.POLL_RECOVERED,
        EventKind.GAP,
        EventKind.UNWATCHED,
        EventKind.ALARM_RAISED,
        EventKind.ALARM_CLEARED,
    }
)
MAX_ROWS = 20_000
"""Rows that are kept; the oldest make room. They can be had again from the history."""

Matter = tuple[EventKind, str | None, str | None]
"""What the events of a row have in common: the kind, and of alarms rule and severity."""


def matter_of(event: Event) -> Matter:
    """What an event has in common with others of its row."""
    return event.kind, event.rule, event.severity


class EventRow:
    """One row: an event, or several of the same matter; `position` is the first one's in the history, where it was read from there.

    Capabilities of one change are one row, and so is what befell several chats within `TOGETHER_SECONDS`, each chat once. A row may stand
    for events that are not known any more: `missing` is how many came before the one that it is made with, which has a row of its own;
    `are_recorded` says that the history has them.
    """

    __slots__ = ("_chats", "_told", "are_recorded", "missing", "position")

    def __init__(self, told: ToldEvent, position: int | None = None, *, missing: int = 0, are_recorded: bool = False) -> None:
        self.position = position
        self.missing = missing
        self.are_recorded = are_recorded
        self._told = [told]
        self._chats = set() if missing or told.event.chat is None else {told.event.chat}

    @property
    def told(self) -> Sequence[ToldEvent]:
        """The events, in the order in which they came."""
        return self._told

    @property
    def first(self) -> Event:
        """The event that the row begins with."""
        return self._told[0].event

    @property
    def chats(self) -> AbstractSet[str]:
        """The ids of the chats that the row is about."""
        return self._chats

    def take(self, told: ToldEvent) -> bool:
        """Take in one event more; False where it is another matter."""
        first, event = self.first, told.event
        if matter_of(first) != matter_of(event) or not (of_one_change(first, event) or self._befell_another(event)):
            return False
        self._told.append(told)
        if event.chat is not None:
            self._chats.add(event.chat)
        return True

    def _befell_another(self, event: Event) -> bool:
        is_another = event.chat is not None and event.chat not in self._chats
        return is_another and event.kind in BEFALLS_MANY and abs(event.at - self.first.at) <= TOGETHER_SECONDS


def row_text(row: EventRow) -> str:
    """A row in words."""
    if row.missing:
        how_to = ": open to read the history" if row.are_recorded else ""
        return f"{plural(row.missing, 'earlier event')} {'is' if row.missing == 1 else 'are'} no longer in memory{how_to}"
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
    if len(reasons) == 1:
        return text
    # Reasons of one rule are told apart by their figures alone.
    return f"{text}, and the like" if first.kind is EventKind.ALARM_RAISED else f"{text}, and other reasons"


def _reason(event: Event) -> str | None:
    if event.kind is EventKind.ALARM_RAISED:
        return event.why
    return None if event.error is None else event.error.message


class EventRows:
    """Rows by key, oldest first. Keys are never given twice."""

    def __init__(self, limit: int = MAX_ROWS) -> None:
        self._limit = limit
        self._rows: dict[str, EventRow] = {}
        self._order: deque[str] = deque()
        self._open: dict[Matter, str] = {}
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
        matter = matter_of(told.event)
        open_row = self._rows.get(self._open.get(matter, ""))
        if open_row is not None and open_row.take(told):
            return
        self._open[matter] = self._add(EventRow(told, position))

    def append_missing(self, number: int, told: ToldEvent, *, are_recorded: bool = False) -> None:
        """So many events are not known that came after all others, and before the one that comes next."""
        self._open.clear()
        self._add(EventRow(told, missing=number, are_recorded=are_recorded))

    def _add(self, row: EventRow) -> str:
        self._newest += 1
        key = f"+{self._newest}"
        self._rows[key] = row
        self._order.append(key)
        return key

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
        # What comes before all others is known to be missing.
        if dropped and dropped < len(self._order) and self._rows[self._order[dropped]].missing:
            dropped += 1
        for _ in range(dropped):
            del self._rows[self._order.popleft()]
        return dropped
