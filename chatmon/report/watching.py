"""How much of a stretch of time was watched: of the time between each chat's first and last sight the share, and when nobody watched.

Every time is in UTC seconds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Final

import msgspec

LEAST_GAP: Final = 60.0
"""Seconds from which on a gap is told of by its times. Shorter ones count against coverage as every other."""


class GapKind(StrEnum):
    """Why nothing was seen: no monitor ran, or none of the chats it polled answered."""

    UNWATCHED = "unwatched"
    UNANSWERED = "unanswered"


class Gap(msgspec.Struct, frozen=True):
    """A time in which no chat was seen."""

    since: float
    until: float
    kind: GapKind


Span = tuple[float, float]
"""From when up to when."""


def joined(spans: Iterable[Span], since: float, until: float, *, apart: float = 0.0) -> list[Span]:
    """What these spans, in the order of their beginnings, cover between two times; those less than `apart` seconds apart are one."""
    covered: list[Span] = []
    for begin, end in spans:
        begin, end = max(begin, since), min(end, until)
        if begin > end:
            continue
        if covered and begin - covered[-1][1] <= apart:
            covered[-1] = covered[-1][0], max(covered[-1][1], end)
        else:
            covered.append((begin, end))
    return covered


def between(spans: Sequence[Span], since: float, until: float) -> Iterator[Span]:
    """What spans, in order and apart from each other, leave uncovered between two times."""
    at = since
    for begin, end in spans:
        if begin > at:
            yield at, begin
        at = max(at, end)
    if at < until:
        yield at, until


def overlap(spans: Iterable[Span], since: float, until: float) -> float:
    """The seconds between two times that spans cover, which are apart from each other."""
    return sum(max(0.0, min(end, until) - max(begin, since)) for begin, end in spans)


class Coverage:
    """Of stretches of time, each from one of the `edges` to the next, the share in which chats were watched.

    A chat counts from its first sight to its last: before and after, nobody knows whether there was anything to see.
    """

    def __init__(self, edges: Sequence[float]) -> None:
        self._edges = edges
        self._known = [0.0] * (len(edges) - 1)
        self._watched = [0.0] * (len(edges) - 1)

    def add(self, watched: Sequence[Span], seen_last: float) -> None:
        """A chat with the stretches in which it was watched, in their order; it was seen last, or should have been, at `seen_last`."""
        if watched:
            self._spread(self._known, watched[0][0], seen_last)
            for begin, end in watched:
                self._spread(self._watched, begin, end)

    def share(self, number: int) -> float | None:
        """The share of a stretch, from 0 to 1; None where no chat was known."""
        return min(1.0, self._watched[number] / self._known[number]) if self._known[number] > 0 else None

    def _spread(self, sums: list[float], begin: float, end: float) -> None:
        edges = self._edges
        begin, end = max(begin, edges[0]), min(end, edges[-1])
        place = max(0, bisect_right(edges, begin) - 1)
        while place < len(sums) and edges[place] < end:
            sums[place] += max(0.0, min(end, edges[place + 1]) - max(begin, edges[place]))
            place += 1
