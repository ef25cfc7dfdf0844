"""The wallboard: the board for a screen on the wall, which nobody touches."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult

from chatmon.monitor.chat import Chat
from chatmon.ui import glyphs
from chatmon.ui.alarm_marks import is_pressing
from chatmon.ui.columns import Column, chat_columns, look_of
from chatmon.ui.lines import Span, line, spread
from chatmon.ui.ordering import SORT_ORDERS
from chatmon.ui.paging import Page, Pages
from chatmon.ui.screens.monitor_screen import MonitorScreen
from chatmon.ui.session import Session
from chatmon.ui.widgets.figure_tiles import FigureTiles
from chatmon.ui.widgets.large_figures import LargeFigures
from chatmon.ui.widgets.line_view import LinePane
from chatmon.ui.widgets.row_table import HEAD_LINES, RowTable
from chatmon.ui.wording import plural

NO_CHATS = ("No chat is watched.", "Start chatmon with ids, or with --ids-file FILE")
OF_HANDS = frozenset({"pin"})
"""Columns that say what someone did on this screen."""


class WallboardScreen(MonitorScreen):
    """Figures that are large, and all chats, a page at a time: the worst first, those in alarm on every page."""

    PLACE = "wallboard"
    AUTO_FOCUS = ""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        session.listing.order, session.listing.reverse = SORT_ORDERS[0], False
        self._pages = Pages()

    def compose_body(self) -> ComposeResult:
        """Figures, large where there is room, chats, and a line about what is on show."""
        yield LargeFigures()
        yield FigureTiles()
        table = RowTable[Chat](self._columns, self.session.chat, look_of=look_of, id="chats")
        table.can_focus = False
        yield table
        yield LinePane(id="page")

    def _columns(self, width: int) -> Sequence[Column[Chat]]:
        return [column for column in chat_columns(width, self.session.settings.columns) if column.id not in OF_HANDS]

    def on_mount(self) -> None:
        """What there is to be said is part of the first frame."""
        self.show_all()

    def show_body(self) -> None:
        """Show the snapshot, and the next page when its time has come."""
        session = self.session
        for figures in (self.query_one(LargeFigures), self.query_one(FigureTiles)):
            figures.show(session.snapshot)
        table = self.query_one("#chats", RowTable)
        in_alarm = {chat_id for chat_id, alarms in session.alarms.items() if any(map(is_pressing, alarms))}
        page = self._pages.page(session.arranged(), in_alarm, max(1, table.size.height - HEAD_LINES), session.snapshot.now.monotonic)
        table.show_rows(page.keys, session.context(), empty=() if page.keys else NO_CHATS)
        self._say(page)

    def _say(self, page: Page) -> None:
        foot = self.query_one("#page", LinePane)
        chats = len(self.session.snapshot.chats)
        left = f" {len(page.keys)} of {plural(chats, 'chat')}, the worst first"
        if page.standing and page.total > 1:
            left += f" {glyphs.SEPARATOR} {page.standing} in alarm on every page"
        right = f"page {page.number} of {page.total} " if page.total > 1 else ""
        foot.show_lines([line(*spread((Span(left, "dim"),), (Span(right, "bright"),), foot.size.width).spans, row="bar")])
