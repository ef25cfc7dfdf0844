"""The help: made from the key bindings themselves."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from chatmon.ui.help_lines import help_lines
from chatmon.ui.keys import HELP_KEYS
from chatmon.ui.lines import EMPTY
from chatmon.ui.screens.monitor_screen import MonitorScreen
from chatmon.ui.widgets.line_view import ReadingPane


class HelpScreen(MonitorScreen):
    """Keys, signs, clocks and the filter language on one page."""

    PLACE = "help"
    BINDINGS: ClassVar[list[BindingType]] = [*HELP_KEYS]
    AUTO_FOCUS = "ReadingPane"

    def compose_body(self) -> ComposeResult:
        """The page."""
        yield ReadingPane(id="help")

    def show_body(self) -> None:
        """Lay the page out for the width there is."""
        page = self.query_one("#help", ReadingPane)
        page.show_lines([EMPTY, *help_lines(max(20, self.size.width - 2), self.session.settings.keys)])

    def action_back(self) -> None:
        """Back to where the help was opened."""
        self.leave()
