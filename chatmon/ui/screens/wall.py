"""The wall: the pinned chats alone, tiled."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid

from chatmon.ui import glyphs
from chatmon.ui.keys import PIN_KEYS, WALL_KEYS
from chatmon.ui.lines import EMPTY, Span, line
from chatmon.ui.screens.chat_actions import ChatActions
from chatmon.ui.session import MAX_PINS
from chatmon.ui.widgets.chat_pane import ChatPane
from chatmon.ui.widgets.line_view import LinePane

TILINGS = ((1, 1, 1), (2, 2, 1), (4, 2, 2), (6, 3, 2), (9, 3, 3))
"""Up to so many panes: columns and rows, on a wide screen."""


def tiling(panes: int, *, narrow: bool) -> tuple[int, int]:
    """Columns and rows for a number of panes; on a narrow screen columns and rows change places."""
    columns, rows = next((columns, rows) for most, columns, rows in TILINGS if panes <= most)
    return (min(columns, rows), max(columns, rows)) if narrow else (columns, rows)


class WallScreen(ChatActions):
    """Up to nine pinned chats at a glance."""

    PLACE = "wall"
    AUTO_FOCUS = "ChatPane"
    BINDINGS: ClassVar[list[BindingType]] = [*WALL_KEYS, *PIN_KEYS]

    def compose_body(self) -> ComposeResult:
        """A pane for each place; those without a chat are not displayed."""
        yield LinePane(id="nothing-pinned")
        with Grid(id="wall"):
            for number in range(1, MAX_PINS + 1):
                yield ChatPane(id=f"tile-{number}")

    @property
    def current(self) -> str | None:
        """The chat of the pane that has the keyboard."""
        return self.focused.chat_id if isinstance(self.focused, ChatPane) else None

    def show_body(self) -> None:
        """Show the pinned chats."""
        pinned = self.session.pinned
        grid = self.query_one("#wall", Grid)
        grid.display = bool(pinned)
        message = self.query_one("#nothing-pinned", LinePane)
        message.display = not pinned
        how_to = f"On the board, {self.session.key('pin_chat')} pins the selected chat."
        message.show_lines([EMPTY, line("  ", Span("Nothing is pinned.", "bright")), line("  ", Span(how_to, "dim"))])
        if pinned:
            columns, rows = tiling(len(pinned), narrow=not self.has_class("-wide"))
            grid.styles.grid_size_columns, grid.styles.grid_size_rows = columns, rows
        for number in range(1, MAX_PINS + 1):
            pane = self.query_one(f"#tile-{number}", ChatPane)
            pane.display = number <= len(pinned)
            pane.show_chat(self.session, pinned[number - 1] if pane.display else None, nothing="", title=glyphs.PINS[number - 1])
        if self.focused is None and pinned:
            self.query_one("#tile-1", ChatPane).focus()

    def on_chat_pane_opened(self, event: ChatPane.Opened) -> None:
        """The user clicked a pane twice."""
        self.post_message(self.OpenChat(event.chat_id))

    def action_open(self) -> None:
        """Open the chat full screen."""
        if self.current is not None:
            self.post_message(self.OpenChat(self.current))

    def action_back(self) -> None:
        """Back to the board."""
        self.leave()

    def action_go_to_pin(self, number: int) -> None:
        """To a pane."""
        if number <= len(self.session.pinned):
            self.query_one(f"#tile-{number}", ChatPane).focus()
