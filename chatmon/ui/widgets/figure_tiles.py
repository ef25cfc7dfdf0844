"""The figures over all chats, in tiles below the status bar; a click on one shows what it counts."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.geometry import Size
from textual.message import Message

from chatmon.monitor.snapshot import Snapshot
from chatmon.ui import glyphs
from chatmon.ui.lines import EMPTY, Line, Span, fit
from chatmon.ui.placing import allot
from chatmon.ui.tiles import LOW_TILES, TILES, Look, Shown, Tile, look_at, trend_text
from chatmon.ui.widgets.guarded_view import guarded
from chatmon.ui.widgets.line_view import LineView

BEFORE = 3
"""Terminal cells of the bar that sets a tile apart, and the gaps around it."""
VALUE_WIDTH = 6
HIGH = 4
"""Lines of a tile, the last of them empty; more lie above."""


class FigureTiles(LineView):
    """Names, values with their trends, and what is to be said of them; or names and values on one line where the screen is low."""

    class Chosen(Message):
        """The user clicked a tile: `filter` shows what it counts."""

        def __init__(self, filter: str) -> None:
            super().__init__()
            self.filter = filter

    def __init__(self) -> None:
        super().__init__()
        self._look: Look | None = None
        self._placed: list[tuple[Tile, int, Shown]] = []
        self._placed_in: Size | None = None

    @guarded
    def show(self, snapshot: Snapshot) -> None:
        """Show the figures of a snapshot."""
        self._look = look_at(snapshot)
        self._place()
        self.repaint()

    @guarded
    def on_resize(self) -> None:
        """Tiles are placed anew."""
        self._place()

    def line_at(self, y: int) -> Line:
        """Line `y` of all tiles, side by side."""
        if self._look is None:
            return EMPTY
        if self._placed_in != self.size:
            self._place()
        height = self.size.height
        spans: list[Span] = []
        for tile, width, shown in self._placed:
            name = tile.name.format(level=f"{self._look.snapshot.shift.service_level:g}")
            inside = _low(name, shown, width) if height == 1 else _high(name, shown, width, y - max(0, height - HIGH))
            used = sum(cell_len(span.text) for span in inside)
            spans += [*inside, Span(" " * (width - used))]
        return Line(tuple(spans))

    async def on_click(self, event: events.Click) -> None:
        """Show what the tile counts."""
        left = 0
        for tile, width, shown in self._placed:
            if left <= event.x < left + width:
                if shown.filter is not None:
                    self.post_message(self.Chosen(shown.filter))
                elif tile.action:
                    await self.run_action(tile.action)
            left += width

    def _place(self) -> None:
        if self._look is None:
            return
        self._placed_in = self.size
        look, tiles = self._look, LOW_TILES if self.size.height == 1 else TILES
        self._placed = [(tile, width, tile.show(look)) for tile, width in allot(tiles, self.size.width, gap=0)]


def _high(name: str, shown: Shown, width: int, y: int) -> tuple[Span, ...]:
    """A line of a tile: its name, its value and trend, what is said of it, and room below."""
    room = width - BEFORE
    bar = Span(f" {glyphs.BAR} ", "rule")
    match y:
        case 0:
            return (bar, Span(fit(name, room), "dim"))
        case 1:
            value = Span(fit(shown.value, VALUE_WIDTH if shown.trend else room), f"{shown.style} strong")
            return (bar, value, Span(trend_text(shown.trend, room - VALUE_WIDTH), shown.trend_style))
        case 2:
            return (bar, Span(_fitting(shown.below, room), "dim"))
    return ()


def _low(name: str, shown: Shown, width: int) -> tuple[Span, ...]:
    before = (Span(f" {name} ", "dim"), Span(shown.value, f"{shown.style} strong"))
    below = _fitting(shown.below, width - 3 - sum(cell_len(span.text) for span in before))
    return (*before, Span(f"  {below}", "dim")) if below else before


def _fitting(texts: tuple[str, ...], room: int) -> str:
    """The first of the texts that fits."""
    return next((text for text in texts if cell_len(text) <= room), "")
