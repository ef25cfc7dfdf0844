"""What is recorded, line by line: the events, or what they tell of each chat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from chatmon.cli.event_lines import event_writer
from chatmon.cli.summary_lines import summary_writer
from chatmon.history.reader import HistoryReader, RecordedEvent
from chatmon.monitor.chat_summaries import summaries
from chatmon.monitor.chat_summary import ChatSummary
from chatmon.monitor.pseudonyms import Naming

LOOK_BACK: Final = 86_400.0
"""Seconds before the time that is asked for, in which the chats of that time are looked for their beginning."""


class Selection(msgspec.Struct, frozen=True):
    """What is asked for: seen at or after `since` and before `until` (UTC seconds), of these `chats`. None and none: all."""

    since: float | None = None
    until: float | None = None
    chats: tuple[str, ...] = ()

    def has(self, utc: float) -> bool:
        """Whether a time is one of those."""
        return (self.since is None or utc >= self.since) and (self.until is None or utc < self.until)


class RecordedLines:
    """The lines of a selection, as far as it is recorded now, by the names that are shown. `done` of `total` events are read.

    `titles` are those that come first.
    """

    titles: list[str]

    def __init__(self, reader: HistoryReader, selection: Selection, naming: Naming) -> None:
        """Raises `HistoryError`, as reading the lines does."""
        self._reader = reader
        self._selection = selection
        self._naming = naming
        self._end = reader.next_position()
        self._first = self._position = 0 if self._begin is None else reader.first_position_since(self._begin)

    @property
    def total(self) -> int:
        """The events there are to read, or more."""
        return self._end - self._first

    @property
    def done(self) -> int:
        """Those that are read."""
        return self._position - self._first

    @property
    def _begin(self) -> float | None:
        """When the events begin that are read."""
        return self._selection.since

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError

    def _recorded(self) -> Iterator[RecordedEvent]:
        for recorded in self._reader.read_on(self._first, before=self._end, chats=self._selection.chats):
            self._position = recorded.position
            yield recorded


class EventLines(RecordedLines):
    """Events, one a line, in the order in which they were seen."""

    def __init__(self, reader: HistoryReader, selection: Selection, naming: Naming, style: str) -> None:
        super().__init__(reader, selection, naming)
        self.titles, self._line = event_writer(style)

    def __iter__(self) -> Iterator[str]:
        shown, has = self._naming.event, self._selection.has
        # Events follow one another as they were seen; the wall clock may have been set back between them.
        return (self._line(shown(recorded.event)) for recorded in self._recorded() if has(recorded.event.at))


class ChatLines(RecordedLines):
    """Chats, one a line, in the order in which they were over; those that were seen, or seen to end, in the time, each whole.

    What was before the time is known of a chat as far as `LOOK_BACK` reaches; what came after it is not told.
    """

    def __init__(self, reader: HistoryReader, selection: Selection, naming: Naming, style: str) -> None:
        super().__init__(reader, selection, naming)
        self.titles, self._line = summary_writer(style)

    @property
    def _begin(self) -> float | None:
        since = self._selection.since
        return None if since is None else since - LOOK_BACK

    def __iter__(self) -> Iterator[str]:
        until = self._selection.until
        events = ((one.event, one.label) for one in self._recorded() if until is None or one.event.at < until)
        told = summaries(events, last_seen=self._last_seen)
        return (self._line(self._naming.summary(summary)) for summary in told if self._is_asked_for(summary))

    def _is_asked_for(self, summary: ChatSummary) -> bool:
        since = self._selection.since
        seen = [utc for utc in (summary.last_seen, summary.ended, summary.gone) if utc is not None]
        return since is None or max(seen, default=summary.last_event) >= since

    def _last_seen(self, chat: str) -> float | None:
        seen = self._reader.last_seen(chat)
        return seen if seen is None or self._selection.until is None else min(seen, self._selection.until)
