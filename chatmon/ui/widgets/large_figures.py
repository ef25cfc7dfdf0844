"""The figures over all chats, so large that they can be read from across a room."""

from __future__ import annotations

from rich.cells import cell_len

from chatmon.monitor.snapshot import Snapshot
from chatmon.ui import glyphs
from chatmon.ui.large_digits import LINES, large
from chatmon.ui.lines import EMPTY, Line, Span, fit
from chatmon.ui.placing import allot
from chatmon.ui.tiles import LARGE_TILES, Look, Shown, look_at, trend_text
from chatmon.ui.widgets.guarded_view import guarded
from chatmon.ui.widgets.line_view import ASCII_CLASS, LineView

BEFORE = 3
"""Terminal cells of the bar that sets a figure apart, and the gaps around it."""
MARGIN = 1
"""Empty lines above."""
BELOW = LINES + 1
"""The line of what is said of a value, from that of its name on."""


class LargeFigures(LineView):
    """Names, values three lines high, and below them how they moved or what is to be said of them."""

    def __init__(self) -> None:
        super().__init__()
        self._look: Look | None = None

    @guarded
    def show(self, snapshot: Snapshot) -> None:
        """Show the figures of a snapshot."""
        self._look = look_at(snapshot)
        self.repaint()

    def line_at(self, y: int) -> Line:
        """Line `y` of all figures, side by side."""
        if self._look is None or y < MARGIN:
            return EMPTY
        spans: list[Span] = []
        for tile, width in allot(LARGE_TILES, self.size.width, gap=0):
            name = tile.name.format(level=f"{self._look.snapshot.shift.service_level:g}")
            text = self._part(name, tile.show(self._look), width - BEFORE, y - MARGIN)
            spans += [Span(f" {glyphs.BAR} ", "rule"), text, Span(" " * (width - BEFORE - cell_len(text.text)))]
        return Line(tuple(spans))

    def _part(self, name: str, shown: Shown, room: int, y: int) -> Span:
        if y == 0:
            return Span(fit(name, room), "dim")
        if y <= LINES:
            return Span(self._value(shown.value, room, y - 1), f"{shown.style} strong")
        if y > BELOW:
            return Span("")
        if shown.trend:
            return Span(trend_text(shown.trend, room), shown.trend_style)
        return Span(next((text for text in shown.below if cell_len(text) <= room), ""), "dim")

    def _value(self, value: str, room: int, line: int) -> str:
        drawn = large(value, ascii_only=self.app.has_class(ASCII_CLASS))
        if cell_len(drawn[line]) <= room:
            return drawn[line]
        return fit(value, room) if line == LINES - 1 else ""
