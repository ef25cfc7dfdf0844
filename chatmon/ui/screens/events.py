"""What happened: the events of all chats, newest last."""

from __future__ import annotations

from collections import deque
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from chatmon.api.sanitise import clean
from chatmon.monitor.board import MAX_EVENTS
from chatmon.monitor.events import Event
from chatmon.ui.columns import CellContext, Column
from chatmon.ui.keys import LIST_KEYS
from chatmon.ui.lines import Span
from chatmon.ui.screens.monitor_screen import MonitorScreen
from chatmon.ui.session import Session
from chatmon.ui.times import time_of_day
from chatmon.ui.widgets.row_table import RowTable
from chatmon.ui.wording import event_sign, event_text, merged

NO_EVENTS = ("Nothing has happened yet.",)


class EventsScreen(MonitorScreen):
    """The event log. The cursor follows the newest event until it is moved away from it."""

    PLACE = "events"
    AUTO_FOCUS = "RowTable"
    BINDINGS: ClassVar[list[BindingType]] = [*LIST_KEYS]

    class ShowChat(Message):
        """The user wants to see the chat of an event on the board."""

        def __init__(self, chat_id: str) -> None:
            super().__init__()
            self.chat_id = chat_id

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._read = 0
        self._shown = 0
        self._events: dict[str, Event] = {}
        self._order: deque[str] = deque()

    def compose_body(self) -> ComposeResult:
        """A table of events."""
        columns: tuple[Column[Event], ...] = (
            Column("time", "Time", 8, lambda event, _: Span(time_of_day(event.at, self.session.timezone), "dim")),
            Column("sign", "", 1, lambda event, _: Span(*event_sign(event))),
            Column("chat", "Chat", 8, _chat, drop=2),
            Column("customer", "Customer", 10, self._customer, drop=3, grow=1, most=20),
            Column("event", "Event", 20, lambda event, _: Span(event_text(event)), grow=4, most=200),
        )
        yield RowTable[Event](lambda _: columns, self._events.get, id="events")

    @property
    def table(self) -> RowTable[Event]:
        """The table of events."""
        return self.query_one("#events", RowTable)

    def show_body(self) -> None:
        """Read what is new in the log up to the snapshot."""
        table = self.table
        following = table.cursor is None or (bool(self._order) and table.cursor == self._order[-1] and table.is_vertical_scroll_end)
        log = self.session.monitor.board.events
        upto = self.session.snapshot.events
        new = log.since(self._read)[: max(0, upto - self._read)]
        for event in merged(new):
            self._append(event)
        self._read = max(self._read, upto)
        if following and self._order:
            table.cursor = self._order[-1]
        table.show_rows(list(self._order), self.session.context(), empty=NO_EVENTS)
        if following and self._order:
            table.move_to(self._order[-1])

    def _append(self, event: Event) -> None:
        self._shown += 1
        key = str(self._shown)
        self._events[key] = event
        self._order.append(key)
        if len(self._order) > MAX_EVENTS:
            del self._events[self._order.popleft()]

    def _customer(self, event: Event, context: CellContext) -> Span:
        chat = None if event.chat is None else context.snapshot.chats.get(event.chat)
        return Span("" if chat is None else clean(chat.customer))

    def on_row_table_opened(self, event: RowTable.Opened) -> None:
        """The user clicked an event once more."""
        self._show_chat(event.key)

    def action_open(self) -> None:
        """Show the event's chat on the board."""
        if self.table.cursor is not None:
            self._show_chat(self.table.cursor)

    def _show_chat(self, key: str) -> None:
        chat_id = self._events[key].chat
        if chat_id is not None and chat_id in self.session.snapshot.chats:
            self.post_message(self.ShowChat(chat_id))
        elif chat_id is not None:
            self.say("That chat is no longer watched.")

    def action_back(self) -> None:
        """Back to the board."""
        self.leave()


def _chat(event: Event, context: CellContext) -> Span:
    if event.chat is None:
        return Span("")
    return Span(clean(context.short_ids.get(event.chat, event.chat[:8])), "dim")
