"""A table whose cursor belongs to a row's key, not to its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, NamedTuple

import msgspec
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message

from chatmon.ui import glyphs
from chatmon.ui.columns import GAP, CellContext, Column, PlacedColumn, Row, place
from chatmon.ui.keys import MOVE_KEYS
from chatmon.ui.lines import EMPTY, Line, Span, fit
from chatmon.ui.widgets.guarded_view import guarded
from chatmon.ui.widgets.line_view import LineView

HEAD_LINES = 1
MAX_MADE_SCREENFULS = 4
"""So many screens full of lines are kept that were made before."""


class Sorting(msgspec.Struct, frozen=True):
    """Which column the rows are sorted by, and in which direction."""

    column: str
    reverse: bool


class _MadeLine(NamedTuple, Generic[Row]):
    """The line of a row, and all it was made from: the row and how it looks, but no snapshot, which holds every chat."""

    row: Row
    look: tuple[object, ...]
    placed: tuple[PlacedColumn[Row], ...]
    marks: tuple[bool, bool]
    line: Line


class RowTable(LineView, Generic[Row], can_focus=True):
    """Rows under a head of columns. Only the rows on show are ever asked for. Where `look_of` says what a row shows beside itself, the
    line of a row that stayed the same and looks the same is not made anew.

    The cursor is the key of a row: it stays with it wherever the row goes. When the row disappears the cursor goes to the row that took
    its place.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*MOVE_KEYS]

    class Moved(Message):
        """The user moved the cursor, or clicked: `key` is the row it is on now."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Opened(Message):
        """The user clicked the row under the cursor once more."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Scrolled(Message):
        """The user turned the wheel."""

    class HeadClicked(Message):
        """The user clicked the head of a column."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def __init__(
        self,
        columns: Callable[[int], Sequence[Column[Row]]],
        row: Callable[[str], Row | None],
        *,
        look_of: Callable[[Row, CellContext], tuple[object, ...]] | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._columns = columns
        self._row = row
        self._look_of = look_of
        self._made: dict[str, _MadeLine[Row]] = {}
        self._placed: tuple[PlacedColumn[Row], ...] = ()
        self._cell_context: CellContext | None = None
        self._sorting: Sorting | None = None
        self._hovered: int | None = None
        self._empty: tuple[str, ...] = ()
        self.keys: list[str] = []
        self.cursor: str | None = None

    @guarded
    def show_rows(
        self, keys: list[str], context: CellContext, *, sorting: Sorting | None = None, empty: tuple[str, ...] = (), above: int = 0
    ) -> None:
        """Show rows in the order of their keys; `empty` is what to say, line by line, where there are none.

        So many rows are new `above` those on show, or fewer where it is negative: what is on show stays where it is.
        """
        is_gone = self.cursor is not None and self.cursor not in keys
        if is_gone:
            self.cursor = self._neighbour(keys)
        self.keys, self._cell_context, self._sorting, self._empty = keys, context, sorting, empty
        height = len(keys) + HEAD_LINES
        if self.virtual_size.height != height:
            self.virtual_size = Size(self.size.width, height)
        if above:
            self.scroll_to(y=max(0, self.scroll_offset.y + above), animate=False, force=True)
        if is_gone:
            self._bring_into_view()
        self._place()
        if len(self._made) > MAX_MADE_SCREENFULS * self.size.height:
            self._made.clear()
        self.repaint()

    def move_to(self, key: str) -> None:
        """Put the cursor on a row and bring it into view."""
        self.cursor = key
        self._bring_into_view()
        self.repaint()

    def line_at(self, y: int) -> Line:
        """The head, or the row that is scrolled to `y`."""
        if self._cell_context is None:
            return EMPTY
        if y < HEAD_LINES:
            return self._head()
        index = self._index_at(y)
        if index is None:
            return self._message(y)
        return self._row_line(self.keys[index], index)

    @guarded
    def on_resize(self) -> None:
        """Columns are placed anew for another width."""
        self._place()
        self._painted.clear()
        self.virtual_size = Size(self.size.width, len(self.keys) + HEAD_LINES)
        self.call_after_refresh(self._bring_into_view)

    def action_cursor_up(self) -> None:
        """One row up."""
        self._move_by(-1)

    def action_cursor_down(self) -> None:
        """One row down."""
        self._move_by(1)

    def action_page_up(self) -> None:
        """One page up."""
        self._move_by(-(self.size.height - HEAD_LINES - 1))

    def action_page_down(self) -> None:
        """One page down."""
        self._move_by(self.size.height - HEAD_LINES - 1)

    def action_first(self) -> None:
        """To the first row."""
        self._move_by(-len(self.keys))

    def action_last(self) -> None:
        """To the last row."""
        self._move_by(len(self.keys))

    def on_mouse_scroll_up(self) -> None:
        """The wheel was turned; how far is Textual's affair."""
        self.post_message(self.Scrolled())

    def on_mouse_scroll_down(self) -> None:
        """The wheel was turned; how far is Textual's affair."""
        self.post_message(self.Scrolled())

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show which row a click would take."""
        self._hover(self._index_at(event.y))

    def on_leave(self) -> None:
        """The mouse is elsewhere."""
        self._hover(None)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row, or open it where it already is there; on the head, sort."""
        if event.y < HEAD_LINES:
            column = self._column_at(event.x)
            if column is not None:
                self.post_message(self.HeadClicked(column))
            return
        index = self._index_at(event.y)
        if index is None:
            return
        key = self.keys[index]
        if key == self.cursor and event.chain == 2:
            self.post_message(self.Opened(key))
        else:
            self._go_to(index)

    def _place(self) -> None:
        placed = place(self._columns(self.size.width), self.size.width - 2)
        if placed != self._placed:
            self._placed = placed

    def _neighbour(self, keys: list[str]) -> str | None:
        """The row for a cursor whose own row is gone: the next one below that is still there, else the last above."""
        if not keys or self.cursor not in self.keys:
            return None
        there = set(keys)
        place = self.keys.index(self.cursor)
        return next((key for key in (*self.keys[place:], *reversed(self.keys[:place])) if key in there), None)

    def _move_by(self, rows: int) -> None:
        if not self.keys:
            return
        place = self.keys.index(self.cursor) if self.cursor in self.keys else (-1 if rows > 0 else 0)
        self._go_to(min(len(self.keys) - 1, max(0, place + rows)))

    def _go_to(self, index: int) -> None:
        self.move_to(self.keys[index])
        self.post_message(self.Moved(self.keys[index]))

    def _bring_into_view(self) -> None:
        if self.cursor not in self.keys:
            return
        index = self.keys.index(self.cursor)
        top, visible = self.scroll_offset.y, self.size.height - HEAD_LINES
        if index < top:
            self.scroll_to(y=index, animate=False, force=True)
        elif index >= top + visible:
            self.scroll_to(y=index - visible + 1, animate=False, force=True)

    def _index_at(self, y: int) -> int | None:
        index = self.scroll_offset.y + y - HEAD_LINES
        return index if y >= HEAD_LINES and index < len(self.keys) else None

    def _column_at(self, x: int) -> str | None:
        left = 1
        for placed in self._placed:
            if left <= x < left + placed.width + GAP:
                return placed.column.id
            left += placed.width + GAP
        return None

    def _hover(self, index: int | None) -> None:
        if index != self._hovered:
            self._hovered = index
            self.repaint()

    def _head(self) -> Line:
        spans = [Span(" ")]
        for placed in self._placed:
            title = placed.column.title
            if self._sorting is not None and self._sorting.column == placed.column.id:
                arrow = glyphs.DESCENDING if self._sorting.reverse else glyphs.ASCENDING
                title = f"{arrow}{title}" if placed.column.align == "right" or not title else f"{title}{arrow}"
            spans += [Span(fit(title, placed.width, placed.column.align)), Span(" " * GAP)]
        return Line(tuple(spans), "head")

    def _row_line(self, key: str, index: int) -> Line:
        row, context = self._row(key), self._cell_context
        if row is None or context is None:
            return EMPTY
        marks = key == self.cursor, index == self._hovered
        if self._look_of is None:
            return self._make_line(row, context, *marks)
        look, made = self._look_of(row, context), self._made.get(key)
        if made is not None and made.row is row and made.placed is self._placed and (made.marks, made.look) == (marks, look):
            return made.line
        line = self._make_line(row, context, *marks)
        self._made[key] = _MadeLine(row, look, self._placed, marks, line)
        return line

    def _make_line(self, row: Row, context: CellContext, under_cursor: bool, hovered: bool) -> Line:
        spans = [Span(glyphs.CURSOR, "key") if under_cursor else Span(" ")]
        for placed in self._placed:
            cell = placed.text(row, context)
            spans += [Span(cell.text, f"{cell.style} bright" if under_cursor and not cell.style else cell.style), Span(" " * GAP)]
        return Line(tuple(spans), "cursor" if under_cursor else "hover" if hovered else "")

    def _message(self, y: int) -> Line:
        """What is said in the middle of a table without rows."""
        first = max(HEAD_LINES + 1, (self.size.height - len(self._empty)) // 2)
        if self.keys or not first <= y < first + len(self._empty):
            return EMPTY
        text = self._empty[y - first]
        style = "bright" if y == first else "dim"
        return Line((Span(" " * max(1, (self.size.width - len(text)) // 2)), Span(text, style)))
