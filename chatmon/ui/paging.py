"""Rows that nobody scrolls through: every one in its turn, a page at a time, with those on top that must not go out of sight."""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple

PAGE_SECONDS = 10.0
"""For so long a page stays: to read twenty rows takes about as long."""
MOST_STANDING = 0.5
"""Of the rows of a page, the share that may stand on every page: the others must have their turn."""


class Page(NamedTuple):
    """The rows on show; the first `standing` of them are on every page. `number` begins at 1."""

    keys: list[str]
    standing: int
    number: int
    total: int


class Pages:
    """Goes through all rows and begins again, the first page with those that stand first by then.

    A round is over the rows that there are when its first page is turned: each has its turn once, however they change places meanwhile,
    and what comes later has its place in the next round.
    """

    def __init__(self, seconds: float = PAGE_SECONDS) -> None:
        self._seconds = seconds
        self._turned: float | None = None
        self._number = 1
        self._round: list[str] = []
        """The rows of the round, in the order of their turns."""
        self._seen: set[str] = set()
        """Those of the pages before the one on show."""
        self._on_show: frozenset[str] = frozenset()

    def page(self, keys: list[str], standing: Set[str], rows: int, now: float) -> Page:
        """The page at a moment, in seconds of any clock: `rows` of the `keys`, in their order, the `standing` ones among them first."""
        top = [key for key in keys if key in standing][: int(rows * MOST_STANDING)]
        on_top = set(top)
        others = [key for key in keys if key not in on_top]
        room = max(1, rows - len(top))
        if self._turned is None or now - self._turned >= self._seconds:
            self._turn(set(others), now)
        if self._number == 1:
            self._round = others
        there = set(others)
        left = [key for key in self._round if key in there and key not in self._seen]
        self._on_show = frozenset(left[:room])
        shown = [*top, *(key for key in others if key in self._on_show)]
        return Page(shown, len(top), self._number, self._number + max(0, -(-len(left) // room) - 1))

    def _turn(self, others: Set[str], now: float) -> None:
        is_first = self._turned is None
        self._turned = now
        self._seen |= self._on_show
        if is_first or not (others & set(self._round)) - self._seen:
            self._seen.clear()
            self._number = 1
        else:
            self._number += 1
