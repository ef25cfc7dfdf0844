"""What the events screen lists: the events since chatmon was started, and before them as much of the history as was asked for."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import msgspec

from chatmon.history.reader import HistoryReader
from chatmon.monitor.board import ReadableLog
from chatmon.monitor.event_filters import ToldEvent, parse_event_filter
from chatmon.monitor.events import Event
from chatmon.ui.chat_names import ChatNames
from chatmon.ui.event_rows import MAX_ROWS, EventRows

PAGE = 500
"""Events read from the history at once."""
SEARCHED_AT_ONCE = 2_000
"""The same, where a filter leaves few of them."""


Shows = Callable[[ToldEvent], bool]


class Page(msgspec.Struct, frozen=True):
    """A stretch of the history: the events of it that are shown, oldest first, each with its position.

    `position` is that of its oldest event, shown or not, and `at` its time (UTC seconds), None where there is no event;
    `is_first` says that nothing lies before it. `begins_with` and `shows` are what the rows began with when it was read, and the filter.
    """

    begins_with: Event | int | None
    shows: Shows
    told: tuple[tuple[ToldEvent, int], ...]
    position: int
    at: float | None
    is_first: bool


class EventFeed:
    """The rows under a filter. `read_page` may be called in a thread, everything else belongs to the event loop."""

    def __init__(self, log: Callable[[], ReadableLog], names: ChatNames, history: HistoryReader | None) -> None:
        self.history = history
        self.rows = EventRows()
        self.filter_text = ""
        self.is_at_beginning = False
        """Whether nothing older is recorded."""
        self.read_back_to: float | None = None
        """The time of the oldest event that was read from the history, shown or not, in UTC seconds."""
        self._log = log
        self._names = names
        self._shows: Shows = parse_event_filter("").matches
        self._read = self._log_begins = 0
        self._begins_with: Event | int | None = None
        self._chat: str | None = None

    def set_filter(self, text: str, *, chat: str | None = None) -> None:
        """Begin anew with the events that the text means. Raises `InvalidFilter` and then leaves everything as it was.

        Where they are to be those of one `chat`, its id decides and the text only says so: an id may hold what no filter can.
        """
        self._shows = parse_event_filter(text).matches if chat is None else lambda told: told.event.chat == chat
        self.filter_text = text.strip()
        self._chat = chat
        self.begin_anew()

    def begin_anew(self) -> None:
        """Begin with the events that are in memory now, under the same filter."""
        self.rows = EventRows()
        self.is_at_beginning = False
        self.read_back_to = self._begins_with = None
        self._read = 0

    def take_live(self, upto: int) -> int:
        """Take in what happened since the last call, up to so many events in all; how many of the oldest rows made room for it.

        Where they are fewer than the last time, or of another log, as in a replay, the rows begin anew.
        """
        log = self._log()
        if upto < self._read or log.begins != self._log_begins:
            self.begin_anew()
            self._log_begins = log.begins
        kept = log.since(self._read)
        missing = log.total - self._read - len(kept)
        new = kept[: max(0, len(kept) - max(0, log.total - upto))]
        if missing and new and self._read:
            self.rows.append_missing(missing, self._names.told(new[0]), are_recorded=self.has_history)
        elif missing and new:
            self._begins_with = self._names.told(new[0]).event
        self._read = max(self._read, upto)
        for event in new:
            told = self._names.told(event)
            if self._shows(told):
                self.rows.append(told)
        dropped = self.rows.trim()
        if dropped and self.rows.oldest is not None:
            self.is_at_beginning = False
            self._begins_with = self.rows.oldest.first if self.rows.oldest.position is None else self.rows.oldest.position
        return dropped

    @property
    def has_history(self) -> bool:
        """Whether there is a history to read older events from."""
        return self.history is not None and self.history.first_position_of_session is not None

    @property
    def begins_late(self) -> bool:
        """Whether events of this session came before those that were taken in."""
        return self._begins_with is not None

    @property
    def goes_on(self) -> bool:
        """Whether older events can be had."""
        return self.has_history and not self.is_at_beginning and len(self.rows) < MAX_ROWS

    def read_page(self) -> Page:
        """The stretch of the history before everything that was taken in so far. Waits for the disk; raises `HistoryError`."""
        shows, chat, limit = self._shows, self._chat, SEARCHED_AT_ONCE if self.filter_text else PAGE
        assert self.history is not None
        position = begins_with = self._begins_with
        if position is None:
            position = self.history.first_position_of_session
        elif isinstance(position, Event):
            position = position_of(position, self.history, self._names)
        recorded = self.history.read_before(position, limit, chat and self._names.id_in_history(chat))
        told = ((self._names.recorded(one), one.position) for one in recorded)
        return Page(
            begins_with=begins_with,
            shows=shows,
            told=tuple(one for one in told if shows(one[0])),
            position=recorded[0].position if recorded else position or 0,
            at=recorded[0].event.at if recorded else None,
            is_first=not recorded,
        )

    def take_page(self, page: Page) -> int:
        """Take in a stretch of the history; how many rows it makes. One that does not lie before the rows as they are now makes none."""
        if page.shows is not self._shows or page.begins_with != self._begins_with:
            return 0
        self._begins_with = page.position
        self.is_at_beginning = page.is_first
        if page.at is not None:
            self.read_back_to = page.at
        return self.rows.prepend(page.told)


def position_of(event: Event, history: HistoryReader, names: ChatNames) -> int:
    """Where an event of this session, given as it is shown, stands in the history; where it is not there, about where it would stand.

    Raises `HistoryError`.
    """
    # The wall clock may have been ahead before.
    since = max(history.first_position_of_session or 0, history.first_position_since(event.at))
    found = (one.position for one in islice(history.read_on(since), SEARCHED_AT_ONCE) if names.is_shown_as(one.event, event))
    return next(found, since)
