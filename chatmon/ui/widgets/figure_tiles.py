"""The figures over all chats, in tiles below the status bar; a click on one filters the board."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.message import Message

from chatmon.monitor.figures import Figures
from chatmon.monitor.snapshot import Snapshot
from chatmon.ui import glyphs
from chatmon.ui.lines import EMPTY, Line, Span, fit
from chatmon.ui.times import clock
from chatmon.ui.widgets.line_view import LineView

MIN_TILE_WIDTH = 18
MAX_TILE_WIDTH = 32


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure: its name, its value, what is said beside it (the longer first), its style, and the filter that shows what it counts."""

    name: str
    value: str
    beside: tuple[str, ...]
    style: str
    filter: str


def tiles(snapshot: Snapshot) -> tuple[Tile, ...]:
    """The tiles, most urgent first."""
    figures = snapshot.figures
    wait = clock(figures.longest_wait, exact=bool(figures.longest_wait_exact))
    longest = () if figures.longest_wait is None else (f"longest {wait}", wait)
    troubled = figures.failing + figures.denied + figures.not_found
    found: tuple[Tile, ...] = (
        Tile("Waiting", str(figures.waiting), longest, "waiting", "state:waiting health:ok"),
        Tile("Chatting", str(figures.chatting), (), "chatting", "state:chatting health:ok"),
        Tile("Idle", str(figures.idle), (), "idle", "state:idle health:ok"),
        Tile("Failing", str(troubled), _troubles(figures), "failing", "!health:ok !health:pending !health:gone"),
        Tile("Gone", str(figures.gone), (), "dim", "health:gone"),
    )
    if figures.other:
        found = (*found, Tile("Other states", str(figures.other), (), "", "health:ok !state:waiting !state:chatting !state:idle"))
    return found


def _troubles(figures: Figures) -> tuple[str, ...]:
    parts = [(figures.denied, "denied"), (figures.not_found, "not found")]
    said = ", ".join(f"{number} {word}" for number, word in parts if number)
    return (said,) if said else ()


class FigureTiles(LineView):
    """Two lines of tiles, or one where the screen is low."""

    class Chosen(Message):
        """The user clicked a tile: `filter` shows what it counts."""

        def __init__(self, filter: str) -> None:
            super().__init__()
            self.filter = filter

    def __init__(self) -> None:
        super().__init__()
        self._tiles: tuple[Tile, ...] = ()

    def show(self, snapshot: Snapshot) -> None:
        """Show the figures of a snapshot."""
        self._tiles = tiles(snapshot)
        self.repaint()

    def line_at(self, y: int) -> Line:
        """Names above values, or both in one line where there is room for one only."""
        height = self.size.height
        if height == 1:
            return self._compact()
        first = (height - 2) // 2
        if y == first:
            return self._row(lambda tile, room: (Span(fit(tile.name, room), "dim"),))
        return self._row(_value) if y == first + 1 else EMPTY

    def on_click(self, event: events.Click) -> None:
        """Filter the board by what the tile counts."""
        index = event.x // self._tile_width
        if self.size.height > 1 and index < len(self._shown):
            self.post_message(self.Chosen(self._shown[index].filter))

    @property
    def _shown(self) -> tuple[Tile, ...]:
        """The tiles there is room for; the first ones matter most."""
        return self._tiles[: max(1, self.size.width // MIN_TILE_WIDTH)]

    @property
    def _tile_width(self) -> int:
        return min(MAX_TILE_WIDTH, self.size.width // max(1, len(self._shown)))

    def _row(self, content: Callable[[Tile, int], tuple[Span, ...]]) -> Line:
        spans: list[Span] = []
        for tile in self._shown:
            inside = content(tile, self._tile_width - 3)
            used = sum(cell_len(span.text) for span in inside)
            spans += [Span(" "), Span(glyphs.BAR, "rule"), Span(" "), *inside, Span(" " * (self._tile_width - 3 - used))]
        return Line(tuple(spans))

    def _compact(self) -> Line:
        spans: list[Span] = [Span(" ")]
        for tile in self._tiles:
            if tile.name in {"Waiting", "Chatting"} or tile.value != "0":
                said = [Span(tile.beside[0], "dim"), Span("  ")] if tile.beside and self.size.width >= 60 else []
                spans += [Span(f"{tile.name} ", "dim"), Span(tile.value, f"{tile.style} strong"), Span("  "), *said]
        return Line(tuple(spans))


def _value(tile: Tile, room: int) -> tuple[Span, ...]:
    value = Span(tile.value, "dim" if tile.value == "0" else f"{tile.style} strong")
    room -= len(tile.value) + 2
    beside = next((text for text in tile.beside if cell_len(text) <= room), "")
    return (value, Span("  "), Span(beside, "dim"))
