"""Lines of text with named styles: what the pure parts of the screen give and the widgets paint.

A style is a word, or several with spaces between them, of `theme.INKS`; which colours and weights it means is the theme's affair.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from rich.cells import cell_len, set_cell_size

from chatmon.ui import glyphs

Align = Literal["left", "right"]


class Span(NamedTuple):
    """A piece of a line in one style."""

    text: str
    style: str = ""


class Line(NamedTuple):
    """One line of a widget; `row` names the style of its whole width."""

    spans: tuple[Span, ...] = ()
    row: str = ""

    @property
    def width(self) -> int:
        """Terminal cells the line takes."""
        return sum(cell_len(span.text) for span in self.spans)

    @property
    def text(self) -> str:
        """The line without its styles."""
        return "".join(span.text for span in self.spans)


EMPTY = Line()


def line(*spans: Span | str, row: str = "") -> Line:
    """A line of spans; plain text has no style of its own."""
    return Line(tuple(Span(span) if isinstance(span, str) else span for span in spans), row)


def changed_cells(before: Line | None, after: Line, width: int) -> range:
    """The cells of a widget of so many, from the first to the last in which its line is another than before; None: never painted."""
    if before is None or before.row != after.row:
        return range(width)
    if before.spans == after.spans:
        return range(0)
    left, right = 0, width
    for one, other in zip(before.spans, after.spans, strict=False):
        if one != other:
            break
        left += cell_len(one.text)
    if before.width == after.width <= width:
        right = after.width
        for one, other in zip(reversed(before.spans), reversed(after.spans), strict=False):
            if one != other:
                break
            right -= cell_len(one.text)
    return range(left, right)


def fit(text: str, width: int, align: Align = "left") -> str:
    """The text in exactly `width` terminal cells, padded, or cut with an ellipsis."""
    if width <= 0:
        return ""
    length = cell_len(text)
    if length > width:
        return set_cell_size(set_cell_size(text, width - 1).rstrip() + glyphs.ELLIPSIS, width)
    padding = " " * (width - length)
    return padding + text if align == "right" else text + padding


def cut(one: Line, width: int) -> Line:
    """The line in at most `width` terminal cells; what does not fit ends in an ellipsis."""
    kept: list[Span] = []
    room = width
    for span in one.spans:
        length = cell_len(span.text)
        if length > room:
            return Line((*kept, Span(fit(span.text, room), span.style)), one.row)
        kept.append(span)
        room -= length
    return one


def spread(left: tuple[Span, ...], right: tuple[Span, ...], width: int, *, row: str = "") -> Line:
    """A line of `width` terminal cells with something at either end; where both do not fit, the left end is cut first."""
    end = cut(Line(right), max(0, width))
    room = max(0, width) - end.width
    start = cut(Line(left), room)
    return Line((*start.spans, Span(" " * (room - start.width)), *end.spans), row)


def boxed(paragraphs: Iterable[Sequence[Span]], style: str, width: int) -> list[Line]:
    """Paragraphs with a bar of a style before them, each in as many lines of at most `width` terminal cells as it needs.

    A paragraph of several spans is kept on one line, and cut where it does not fit.
    """
    lines: list[Line] = []
    for spans in paragraphs:
        room = max(1, width - 3)
        parts = [(Span(part, spans[0].style),) for part in wrap(spans[0].text.split(), room)] if len(spans) == 1 else [tuple(spans)]
        lines += [cut(line(" ", Span(glyphs.BAR, style), " ", *part), max(1, width)) for part in parts]
    return lines


def wrap(words: list[str], width: int, separator: str = " ") -> list[str]:
    """The words in as many lines as they need, none wider than `width` terminal cells unless a single word is."""
    lines: list[str] = []
    for word in words:
        if lines and cell_len(lines[-1] + separator + word) <= width:
            lines[-1] += separator + word
        else:
            lines.append(fit(word, width).rstrip() if cell_len(word) > width else word)
    return lines
