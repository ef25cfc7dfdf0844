"""A screen whose list is filtered by a line of text."""

from __future__ import annotations

from typing import Any

from chatmon.monitor.filters import InvalidFilter
from chatmon.ui.screens.monitor_screen import MonitorScreen
from chatmon.ui.widgets.filter_bar import FilterBar
from chatmon.ui.widgets.row_table import RowTable


class FilteredScreen(MonitorScreen):
    """A list, and a line in which its filter is typed. Subclasses have the list and say what a text shows of it."""

    @property
    def table(self) -> RowTable[Any]:
        """The list."""
        raise NotImplementedError

    @property
    def filter_text(self) -> str:
        """The filter in force; empty where there is none."""
        raise NotImplementedError

    def filter_by(self, text: str) -> None:
        """Put a filter in force. Raises `InvalidFilter`, and then keeps the one before it."""
        raise NotImplementedError

    def show_filtered(self) -> None:
        """Show what another filter leaves of the list."""
        raise NotImplementedError

    @property
    def filter_bar(self) -> FilterBar:
        """The line for the filter."""
        return self.query_one(FilterBar)

    def set_filter(self, text: str) -> None:
        """Put a filter in force that was not typed, or, without a text, none."""
        self.filter_by(text)
        self.show_filter_in_force()

    def show_filter_in_force(self) -> None:
        """Show the filter in force in its line, and what it leaves of the list; no line where there is none."""
        if self.filter_text:
            self.filter_bar.add_class("-shown")
            self.filter_bar.remove_class("-wrong")
            self.filter_bar.input.value = self.filter_text
        else:
            self.filter_bar.close()
        self.show_filtered()

    def say_found(self, text: str) -> None:
        """Say what the filter finds, unless it is one that cannot be."""
        if self.filter_bar.has_class("-shown") and not self.filter_bar.has_class("-wrong"):
            self.filter_bar.say(text)

    def on_filter_bar_changed(self) -> None:
        """The filter takes effect while it is typed."""
        text = self.filter_bar.input.value
        try:
            if text.strip() != self.filter_text:
                self.filter_by(text)
        except InvalidFilter as error:
            self.filter_bar.say(str(error), wrong=True)
            return
        self.filter_bar.say("")
        self.show_filtered()

    def on_filter_bar_done(self) -> None:
        """Back to the list; the filter stays in force. One that cannot be is to be mended first, and the line goes on saying why."""
        if self.filter_bar.has_class("-wrong"):
            return
        if not self.filter_text:
            self.filter_bar.close()
        self.table.focus()

    def action_filter(self) -> None:
        """Type a filter."""
        self.filter_bar.open(self.filter_text)
