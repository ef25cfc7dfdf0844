"""Rows that nobody scrolls through: every one in its turn, a page at a time, with those on top that must not go out of sight."""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple

from chatmon.ui.ordering import keep_places

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
    """Goes through all rows and begins again. The first page has them as they stand now; the others as they stood then, and what came
    since, so that each row has its turn, once, however they change places meanwhile.
    """

    def __init__(self, seconds: float = PAGE_SECONDS) -> None:
        self._seconds = seconds
        self._turned: float | None = None
        self._number = 1
        self._seen: set[str] = set()
        """The rows of the pages before the one on show."""
        self._order: list[str] = []
        self._on_show: list[str] = []

    def page(self, keys: list[str], standing: Set[str], rows: int, now: float) -> Page:
        """The page at a moment, in seconds of any clock: `rows` of the `keys`, the `standing` ones among them first."""
        top = [key for key in keys if key in standing][: int(rows * MOST_STANDING)]
        on_top = set(top)
        others = [key for key in keys if key not in on_top]
        room = max(1, rows - len(top))
        if self._turned is None or now - self._turned >= self._seconds:
            self._turn(set(others), now)
        self._order = others if self._number == 1 else keep_places(self._order, others)
        left = [key for key in self._order if key not in self._seen]
        self._on_show = left[:room]
        return Page([*top, *self._on_show], len(top), self._number, self._number + max(0, -(-len(left) // room) - 1))

    def _turn(self, others: set[str], now: float) -> None:
        is_first = self._turned is None
        self._turned = now
        self._seen.update(self._on_show)
        if is_first or not others - self._seen:
            self._seen.clear()
            self._number = 1
        else:
            self._number += 1
