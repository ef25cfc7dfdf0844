"""A widget that paints lines, and of them only those that changed."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Offset, Region, Size
from textual.scrollbar import ScrollBarRender
from textual.strip import Strip

from chatmon.ui.glyphs import to_ascii
from chatmon.ui.keys import SCROLL_KEYS
from chatmon.ui.lines import EMPTY, Line, changed_cells
from chatmon.ui.theme import ink_style
from chatmon.ui.widgets.guarded_view import GuardedView, guarded

ASCII_CLASS = "-ascii"
"""The class of an app that shows ASCII signs only."""


class WholeCellScrollBar(ScrollBarRender):
    """A scroll bar of whole cells of colour: no sign of part of one."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8


class LineView(GuardedView, can_focus=False):
    """Paints `line_at(y)` for each line of its viewport.

    Subclasses say what stands where; `repaint` asks for the lines on show, compares them with those that were painted, and paints what
    differs. Cost goes by the height of the widget, never by how much there is to scroll through.
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._painted: dict[int, Line] = {}
        self._ready: dict[int, Line] = {}
        """The lines as `repaint` has just seen them, until they are painted; they hold for `_ready_in`, a place and a size."""
        self._ready_in: tuple[Offset, Size] | None = None
        self._styles: dict[tuple[str, str], Style] = {}
        """By the names of a line's style and a span's."""

    def repaint(self) -> None:
        """Paint the cells that changed."""
        width, height = self.size
        self._ready = {y: self.safe_line_at(y) for y in range(height)}
        self._ready_in = self.scroll_offset, self.size
        changed: list[Region] = []
        for y, wanted in self._ready.items():
            cells = changed_cells(self._painted.get(y), wanted, width)
            if cells:
                changed.append(Region(cells.start, y, len(cells), 1))
        if changed:
            self.refresh(*changed)

    def _cannot_show(self, error: Exception) -> None:
        self._ready.clear()
        super()._cannot_show(error)

    def render_line(self, y: int) -> Strip:
        """One line of the viewport, as wide as the widget."""
        ready = self._ready.pop(y, None) if self._ready_in == (self.scroll_offset, self.size) else None
        try:
            return self._strip(y, self.safe_line_at(y) if ready is None else ready)
        except Exception as error:  # noqa: BLE001 - whatever one line meets, the others are painted
            return self._strip(y, self.faulty_line(y, error))

    def _strip(self, y: int, painted: Line) -> Strip:
        self._painted[y] = painted
        row = painted.row
        ascii_only = self.app.has_class(ASCII_CLASS)
        segments = [
            Segment(to_ascii(span.text) if ascii_only else span.text, self._style(row, span.style)) for span in painted.spans if span.text
        ]
        return Strip(segments).adjust_cell_length(self.size.width, self._style(row, ""))

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        """A scroll bar that appears has not heard yet where the lines were scrolled to, nor that it may have to do with ASCII."""
        if shown:
            self.vertical_scrollbar.position = self.scroll_y
            if self.app.has_class(ASCII_CLASS):
                self.vertical_scrollbar.renderer = WholeCellScrollBar  # type: ignore[misc]

    def notify_style_update(self) -> None:
        """The theme or a class changed: colours are looked up anew."""
        self._styles.clear()
        self._painted.clear()
        super().notify_style_update()

    def _style(self, row: str, span: str) -> Style:
        style = self._styles.get((row, span))
        if style is None:
            colours = self.app.theme_variables
            style = self._styles[row, span] = self.rich_style + ink_style(row, colours) + ink_style(span, colours)
        return style


class LinePane(LineView):
    """A list of lines that can be scrolled through."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: list[Line] = []

    @guarded
    def show_lines(self, lines: list[Line]) -> None:
        """Show other lines; the place in them is kept."""
        self.virtual_size = Size(self.size.width, len(lines))
        self._lines = lines
        self.repaint()

    def line_at(self, y: int) -> Line:
        """The line that is scrolled to `y`."""
        index = self.scroll_offset.y + y
        return self._lines[index] if index < len(self._lines) else EMPTY


class ReadingPane(LinePane, can_focus=True):
    """A list of lines that is scrolled with the keys."""

    BINDINGS: ClassVar[list[BindingType]] = [*SCROLL_KEYS]
