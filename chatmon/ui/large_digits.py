"""Figures that can be read from across a room: three lines high, of half blocks, or of ASCII characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

LINES: Final = 3
_BLOCKS: Final = {
    "0": ("█▀█", "█ █", "▀▀▀"),
    "1": ("▀█ ", " █ ", "▀▀▀"),
    "2": ("▀▀█", "█▀▀", "▀▀▀"),
    "3": ("▀▀█", " ▀█", "▀▀▀"),
    "4": ("█ █", "▀▀█", "  ▀"),
    "5": ("█▀▀", "▀▀█", "▀▀▀"),
    "6": ("█▀▀", "█▀█", "▀▀▀"),
    "7": ("▀▀█", "  █", "  ▀"),
    "8": ("█▀█", "█▀█", "▀▀▀"),
    "9": ("█▀█", "▀▀█", "▀▀▀"),
    ":": ("▄", "▄", " "),
    "?": ("▀▀█", " ▀▀", " ▀ "),
}
_ASCII: Final = {
    "0": (" _ ", "| |", "|_|"),
    "1": ("   ", "  |", "  |"),
    "2": (" _ ", " _|", "|_ "),
    "3": (" _ ", " _|", " _|"),
    "4": ("   ", "|_|", "  |"),
    "5": (" _ ", "|_ ", " _|"),
    "6": (" _ ", "|_ ", "|_|"),
    "7": (" _ ", "  |", "  |"),
    "8": (" _ ", "|_|", "|_|"),
    "9": (" _ ", "|_|", " _|"),
    ":": (" ", ".", "."),
}


def large(text: str, *, ascii_only: bool = False) -> Sequence[str]:
    """A figure in `LINES` lines of the same width. Signs that are no digits, such as those for at least and per cent, stay small;
    the gap between two makes spaces needless.
    """
    shapes = _ASCII if ascii_only else _BLOCKS
    drawn = [shapes.get(sign) or (" " * cell_len(sign), sign, " " * cell_len(sign)) for sign in text if sign != " "]
    return tuple(" ".join(shape[line] for shape in drawn) for line in range(LINES))
