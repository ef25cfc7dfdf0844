"""What happened: the events of all chats, newest last, back to the beginning of the history."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from chatmon.api.sanitise import clean
from chatmon.history.errors import HistoryError
from chatmon.monitor.event_filters import EVENT_FIELD_NAMES
from chatmon.monitor.own_fault import tell_own_fault
from chatmon.ui.columns import Column
from chatmon.ui.days import day_of
from chatmon.ui.event_columns import copied_line, event_columns
from chatmon.ui.event_feed import EventFeed
from chatmon.ui.event_rows import EventRow
from chatmon.ui.keys import EVENT_KEYS, LIST_KEYS
from chatmon.ui.lines import Span, line
from chatmon.ui.reach import reach_words
from chatmon.ui.screens.agents import AgentsScreen
from chatmon.ui.screens.filtered_screen import FilteredScreen
from chatmon.ui.session import Session
from chatmon.ui.widgets.filter_bar import FilterBar
from chatmon.ui.widgets.line_view import LinePane
from chatmon.ui.widgets.row_table import RowTable

NO_EVENTS = ("Nothing has happened yet.",)
PLACEHOLDER = f"words  {'  '.join(f'{name}:' for name in EVENT_FIELD_NAMES)}  !inverts"


class EventsScreen(FilteredScreen):
    """The event log. The cursor follows the newest event until it is moved away from it; at the other end older events are fetched."""

    PLACE = "events"
    AUTO_FOCUS = "RowTable"
    BINDINGS: ClassVar[list[BindingType]] = [*LIST_KEYS, *EVENT_KEYS]

    class ShowChat(Message):
        """The user wants to see the chat of an event on the board."""

        def __init__(self, chat_id: str) -> None:
            super().__init__()
            self.chat_id = chat_id

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._feed = EventFeed(lambda: session.events, session.names, session.history)
        self._wanted_rows = 0
        self._is_reading = False
        self._unreadable = ""
        self._added_above = 0

    def compose_body(self) -> ComposeResult:
        """How far the list goes back, the list, and the line for the filter."""
        yield LinePane(id="reach")
        yield RowTable[EventRow](self._columns, lambda key: self._feed.rows.get(key), id="events")
        yield FilterBar(PLACEHOLDER)

    @property
    def table(self) -> RowTable[EventRow]:
        """The table of events."""
        return self.query_one("#events", RowTable)

    @property
    def filter_text(self) -> str:
        """The filter in force."""
        return self._feed.filter_text

    def show_body(self) -> None:
        """Take in what is new up to the snapshot."""
        table, rows = self.table, self._feed.rows
        following = table.cursor is None or (table.cursor == rows.newest_key and table.is_vertical_scroll_end)
        above = self._added_above - self._feed.take_live(self.session.snapshot.events)
        rows = self._feed.rows  # which may have begun anew
        self._added_above = 0
        if following:
            table.cursor = rows.newest_key
        no_match = ("No event matches the filter.", f"{self.session.key('back')} clears it.")
        table.show_rows(rows.keys, self.session.context(), empty=no_match if self._feed.filter_text else NO_EVENTS, above=above)
        if following and rows.newest_key is not None:
            table.move_to(rows.newest_key)
        self._show_reach()
        self._fetch(len(rows) if self._wanted_rows else table.size.height)

    def _show_reach(self) -> None:
        text, style = reach_words(self._feed, self.session, is_reading=self._is_reading, unreadable=self._unreadable)
        self.query_one("#reach", LinePane).show_lines([line(" ", Span(text, style))])
        self.say_found(f"{len(self._feed.rows)} found")

    def _columns(self, _: int) -> Sequence[Column[EventRow]]:
        rows, timezone = self._feed.rows, self.session.timezone
        today = day_of(self.session.snapshot.now.utc, timezone)
        dated = any(row is not None and day_of(row.first.at, timezone) != today for row in (rows.oldest, rows.newest))
        return event_columns(self.session.names, timezone, dated=dated)

    def _fetch(self, rows: int) -> None:
        """Have at least so many rows, as far as the history goes."""
        self._wanted_rows = max(self._wanted_rows, rows)
        if not self._is_reading and not self._unreadable and self._feed.goes_on and len(self._feed.rows) < self._wanted_rows:
            self._is_reading = True
            self.run_worker(self._read_history(), group="history")

    async def _read_history(self) -> None:
        feed = self._feed
        try:
            while feed.goes_on and len(feed.rows) < self._wanted_rows:
                self._show_reach()
                self._added_above += feed.take_page(await asyncio.to_thread(feed.read_page))
                self.show()
        except HistoryError as error:
            self._unreadable = str(error)
        except Exception as error:  # noqa: BLE001 - what happens now is listed all the same
            self._unreadable = tell_own_fault("the history was not read", error)
        finally:
            self._is_reading = False
        self.show()

    def _look_further_back(self) -> None:
        """At the oldest row on show: a screenful more."""
        if self.table.scroll_offset.y == 0:
            self._unreadable = ""
            self._fetch(len(self._feed.rows) + self.table.size.height)
            self._show_reach()

    def on_row_table_moved(self) -> None:
        """The user may have come to the oldest row."""
        self._look_further_back()

    def on_row_table_scrolled(self) -> None:
        """The same, once the table has followed the wheel."""
        self.call_after_refresh(self._look_further_back)

    def on_row_table_opened(self, event: RowTable.Opened) -> None:
        """The user clicked an event once more."""
        self._open(event.key)

    def action_open(self) -> None:
        """Show the event's chat on the board, or the chats of the agent that it is about."""
        if self.table.cursor is not None:
            self._open(self.table.cursor)

    def _open(self, key: str) -> None:
        row = self._feed.rows.get(key)
        if row is None:
            return
        if row.missing:
            self._list_missing()
            return
        chat_id, agent = row.first.chat, row.first.agent
        if chat_id is None:
            if agent is not None:
                self.post_message(AgentsScreen.ShowChats(agent))
        elif chat_id in self.session.snapshot.chats:
            self.post_message(self.ShowChat(chat_id))
        else:
            self.filter_by(f'chat:"{clean(chat_id).replace(chr(34), "")}"', chat=chat_id)
            self.show_filter_in_force()
            self.say("That chat is no longer watched: these are its events.")

    def _list_missing(self) -> None:
        """Put what the history has in the place of what is not in memory: the list begins anew, and goes on from there."""
        if not self._feed.has_history:
            self.say(f"Events are not recorded: {'history is off' if self._feed.history is None else 'the history is not read'}.")
            return
        self._feed.begin_anew()
        self._added_above = 0
        self._feed.take_live(self.session.snapshot.events)
        rows = self._feed.rows
        self._wanted_rows = len(rows) + self.table.size.height
        self.table.cursor = rows.keys[0] if len(rows) else None
        self.show()
        if self.table.cursor is not None:
            self.table.move_to(self.table.cursor)

    def action_copy_line(self) -> None:
        """Copy the row under the cursor to the clipboard of the terminal."""
        row = None if self.table.cursor is None else self._feed.rows.get(self.table.cursor)
        if row is not None:
            self.app.copy_to_clipboard(copied_line(row, self.session.names, self.session.timezone))
            self.say("The line was sent to the clipboard, where the terminal allows it.")

    def filter_by(self, text: str, *, chat: str | None = None) -> None:
        """List what a filter shows; `chat` is the one chat that it is about. Raises `InvalidFilter`."""
        self._feed.set_filter(text, chat=chat)
        self.table.cursor = None
        self._added_above = self._wanted_rows = 0

    def show_filtered(self) -> None:
        """List the events that the filter leaves."""
        self.show()

    def action_back(self) -> None:
        """Back to the list; from there, clear the filter; and then to the board."""
        if self.focused is not self.table:
            self.table.focus()
        elif not self._feed.filter_text:
            self.leave()
            return
        self.set_filter("")
