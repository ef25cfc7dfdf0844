"""The board: every watched chat, the figures over them, and the selected and pinned chats beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from chatmon.monitor.chat import Chat
from chatmon.ui import glyphs
from chatmon.ui.alarm_marks import is_pressing, step_to
from chatmon.ui.columns import Column, chat_columns, look_of
from chatmon.ui.keys import BOARD_KEYS, PIN_KEYS
from chatmon.ui.ordering import SortOrder, keep_places
from chatmon.ui.screens.chat_actions import ChatActions
from chatmon.ui.screens.filtered_screen import FilteredScreen
from chatmon.ui.screens.monitor_screen import HOLD_SECONDS, is_held
from chatmon.ui.session import Session
from chatmon.ui.widgets.chat_pane import ChatPane
from chatmon.ui.widgets.figure_tiles import FigureTiles
from chatmon.ui.widgets.filter_bar import FilterBar
from chatmon.ui.widgets.row_table import RowTable, Sorting

BESIDE_PINS = 2
"""Pinned panes that stand below the selected chat's; the wall has them all."""

FILTER_PLACEHOLDER = "words  state:waiting  agent:kristi  customer: label: id: health:  !inverts"
NO_MATCH = ("No chat matches the filter.", "{back} clears it.")


class BoardScreen(ChatActions, FilteredScreen):
    """All chats in a table; the pane of the selected one beside it where there is room."""

    PLACE = "board"
    AUTO_FOCUS = "RowTable"
    BINDINGS: ClassVar[list[BindingType]] = [*BOARD_KEYS, *PIN_KEYS]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._held_until = 0.0
        # Until the user moves or does something with a chat, the selection is on the first row, the worst; from then on it stays with
        # its chat, and comes back to it after a filter that hid the chat.
        self._chosen: str | None = None

    def compose_body(self) -> ComposeResult:
        """Figures, table, panes, and the line for the filter."""
        yield FigureTiles()
        with Horizontal(id="board"):
            yield RowTable[Chat](self._columns, self.session.chat, look_of=look_of, id="chats")
            with Vertical(id="panes"):
                yield ChatPane(id="selected")
                for number in range(1, BESIDE_PINS + 1):
                    yield ChatPane(id=f"pinned-{number}", classes="pinned")
        yield FilterBar(FILTER_PLACEHOLDER)

    def _columns(self, width: int) -> Sequence[Column[Chat]]:
        return chat_columns(width, self.session.settings.columns)

    @property
    def table(self) -> RowTable[Chat]:
        """The table of chats."""
        return self.query_one("#chats", RowTable)

    @property
    def filter_text(self) -> str:
        """The filter in force, as the session has it."""
        return self.session.listing.filter_text

    @property
    def current(self) -> str | None:
        """The chat of the pane that has the keyboard, else the selected one."""
        # The table's own cursor: a key may be typed before the message that the cursor moved has arrived.
        return self.focused.chat_id if isinstance(self.focused, ChatPane) else self.table.cursor

    def on_mount(self) -> None:
        """What there is to be said is part of the first frame; a filter that is in force is to be seen."""
        self.show_all()
        if self.filter_text:
            self.show_filter_in_force()

    def show_body(self) -> None:
        """Show the snapshot: figures, rows in order, panes."""
        self.query_one(FigureTiles).show(self.session.snapshot)
        self._show_rows()
        self._show_panes()
        self.say_found(f"{len(self.table.keys)} of {len(self.session.snapshot.chats)} chats")

    def select(self, chat_id: str) -> None:
        """Put the selection on a chat and bring it into view; a filter that hides it is cleared."""
        chat = self.session.chat(chat_id)
        if chat is None:
            return
        self._chosen = chat_id
        if not self.session.listing.shows(chat):
            self.set_filter("")
        self.show()
        self.table.move_to(chat_id)

    def filter_by(self, text: str) -> None:
        """Show only the chats that the text means."""
        self.session.listing.set_filter(text)

    def show_agent(self, nickname: str) -> None:
        """Show only the chats of the agent of exactly this nickname."""
        self.session.listing.filter_by_agent(nickname)
        self.show_filter_in_force()

    def stay(self) -> None:
        """The selection stays with its chat from now on, and the rows where they are for a while."""
        self._chosen = self.table.cursor
        self._hold()
        self._follow_selection()

    def on_screen_resume(self) -> None:
        """Who comes back from another screen sees what the keys are about."""
        self._follow_selection()

    def neighbour(self, chat_id: str, step: int) -> str | None:
        """The chat that stands `step` rows below a chat; the selected one where the chat stands on the board no more."""
        keys = [key for key in self.table.keys if key in self.session.snapshot.chats]
        if chat_id not in keys:
            return self.session.selected if self.session.selected in keys else None
        place = keys.index(chat_id) + step
        return keys[place] if 0 <= place < len(keys) else None

    def use_saved_filter(self, key: str) -> None:
        """Show only the chats that the filter saved under a key means; clear it where it is in force."""
        text = self.session.saved_filters.get(key, "").strip()
        if not text and key in self.session.settings.filters:
            self.say(f"The filter saved under {key.upper()} may name someone: it is not used while pseudonyms are shown.")
        elif not text:
            self.say(f'No filter is saved under {key.upper()}: the configuration\'s [filters] can hold one, {key} = "state:waiting".')
        else:
            self.set_filter("" if self.session.listing.filter_text == text else text)

    def sort_by(self, order: SortOrder) -> None:
        """Sort by an order, forwards."""
        self.session.listing.order, self.session.listing.reverse = order, False
        self._say_order()

    def next_in_alarm(self, current: str | None, step: int) -> str | None:
        """The next chat below `current`, by default the selected one, that has an alarm the user does not know of; -1: above it."""
        rows = self.table.keys if self.is_current else self.session.arranged()
        pressing = {chat_id for chat_id, alarms in self.session.alarms.items() if any(map(is_pressing, alarms))}
        return step_to(rows, pressing, current or self.table.cursor, step)

    def say_no_alarm(self) -> None:
        """Say that there is no next chat in alarm, and where an alarm may yet be."""
        pressing = [alarm for alarm in self.session.snapshot.alarms if is_pressing(alarm)]
        if any(alarm.chat is not None for alarm in pressing):
            self.say(f"No alarm among the chats shown; the filter hides one: {self.session.key('back')} clears it.")
        elif pressing:
            self.say(f"No chat is in alarm, but an agent is: {self.session.key('show_alarms')} lists every alarm.")
        else:
            self.say("No alarm that is not acknowledged.")

    def show_filtered(self) -> None:
        """Show the chats that the filter leaves, the selected one among them in view."""
        self._held_until = 0.0
        self.show()
        self._follow_selection()

    def _follow_selection(self) -> None:
        """Rows were placed anew at the user's own wish: the selected one is to be seen."""
        if self.table.cursor is not None:
            self.table.move_to(self.table.cursor)

    def _show_rows(self) -> None:
        session, table = self.session, self.table
        keys = session.arranged()
        if is_held(session.snapshot.now.monotonic, self._held_until):
            keys = keep_places(table.keys, keys)
        if table.cursor != session.selected:
            self._chosen = table.cursor  # the user has just moved: the table's message is still under way
        if self._chosen in keys:
            table.cursor = self._chosen
        elif keys and (table.cursor is None or self._chosen is None):
            table.cursor = keys[0]
        sorting = Sorting(session.listing.order.column, session.listing.reverse)
        table.show_rows(keys, session.context(), sorting=sorting, empty=() if keys else self._why_empty())
        session.selected = table.cursor
        if self._chosen is not None and self._chosen not in session.snapshot.chats:
            self._chosen = session.selected

    def _why_empty(self) -> tuple[str, ...]:
        if not self.session.snapshot.chats:
            return self.session.why_no_chats
        return tuple(one.format(back=self.session.key("back")) for one in NO_MATCH)

    def _show_panes(self) -> None:
        if not self.has_class("-wide"):
            return
        session = self.session
        self.query_one("#selected", ChatPane).show_chat(session, session.selected, nothing="no chat is selected")
        beside = [chat_id for chat_id in session.pinned if chat_id != session.selected][:BESIDE_PINS]
        for number in range(1, BESIDE_PINS + 1):
            pane = self.query_one(f"#pinned-{number}", ChatPane)
            pane.display = number <= len(beside)
            if pane.display:
                chat_id = beside[number - 1]
                pin = session.pinned.index(chat_id)
                pane.show_chat(session, chat_id, nothing="", title=f"pinned {glyphs.PINS[pin]}")

    def _hold(self) -> None:
        self._held_until = self.session.snapshot.now.monotonic + HOLD_SECONDS

    def on_row_table_moved(self, event: RowTable.Moved) -> None:
        """The user chose a chat."""
        self._hold()
        self._chosen = self.session.selected = event.key
        self._show_panes()

    def on_row_table_scrolled(self) -> None:
        """The user looks for something."""
        self._hold()

    def on_row_table_opened(self, event: RowTable.Opened) -> None:
        """The user clicked the selected chat."""
        self.post_message(self.OpenChat(event.key))

    def on_row_table_head_clicked(self, event: RowTable.HeadClicked) -> None:
        """The user wants another order."""
        if self.session.listing.order_by(event.column):
            self._say_order()

    def on_chat_pane_opened(self, event: ChatPane.Opened) -> None:
        """The user clicked a pane twice."""
        self.post_message(self.OpenChat(event.chat_id))

    def on_figure_tiles_chosen(self, event: FigureTiles.Chosen) -> None:
        """The user wants to see what a figure counts."""
        self.set_filter(event.filter)

    def action_open(self) -> None:
        """Open the chat full screen."""
        if self.current is not None:
            self.stay()
            self.post_message(self.OpenChat(self.current))

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.session.listing.next_order()
        self._say_order()

    def action_reverse_sort(self) -> None:
        """Sort the other way round."""
        self.session.listing.reverse = not self.session.listing.reverse
        self._say_order()

    def _say_order(self) -> None:
        self._held_until = 0.0
        order = self.session.listing.order.title + (", reversed" if self.session.listing.reverse else "")
        self.say(f"sorted: {order}")
        self.show()
        self._follow_selection()

    def action_back(self) -> None:
        """Back to the list; from there, clear the filter."""
        if self.focused is not self.table:
            typing = self.focused is self.filter_bar.input
            self.table.focus()
            if not typing:
                return
        self.set_filter("")

    def action_go_to_pin(self, number: int) -> None:
        """To a pinned pane: here where it stands on the board, else on the wall."""
        if number > len(self.session.pinned):
            return
        chat_id = self.session.pinned[number - 1]
        panes = [pane for pane in self.query(ChatPane) if pane.display and pane.chat_id == chat_id and self.has_class("-wide")]
        if panes:
            panes[0].focus()
        else:
            self.post_message(self.OpenChat(chat_id))
