"""How the figures moved in the last half hour."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from chatmon.monitor.clock import Moment
from chatmon.monitor.figures import Figures

BUCKETS: Final = 60
BUCKET_SECONDS: Final = 30.0
"""The last half hour is told in so many stretches of so many seconds."""


MOVING_TRENDS: Final = 2
"""Stretches of which a value may have changed since they were looked at last: the one under way and the one before it."""


class Trends(msgspec.Struct, frozen=True, kw_only=True):
    """`BUCKETS` values of each figure, one for every `BUCKET_SECONDS`, oldest first; the last stretch is the one that is under way.

    A value is the largest that the figure had in its stretch, and None where nobody watched: chatmon did not run, or, for all but
    `failing`, no chat answered. `failing` counts those that are denied, too; `longest_wait` is in seconds, 0 where nobody waited.
    """

    waiting: tuple[float | None, ...] = ()
    chatting: tuple[float | None, ...] = ()
    idle: tuple[float | None, ...] = ()
    failing: tuple[float | None, ...] = ()
    longest_wait: tuple[float | None, ...] = ()


class TrendSample(msgspec.Struct, frozen=True):
    """The values of one stretch as in `Trends`. It holds the instant `at` (UTC seconds); `number` tells it from the others of its log."""

    number: int
    at: float
    waiting: float | None
    chatting: float | None
    idle: float | None
    failing: float | None
    longest_wait: float | None


class TrendLog:
    """Samples of the figures, for half an hour by the monotonic clock. Memory is bounded by `BUCKETS`."""

    def __init__(self) -> None:
        self._buckets: deque[tuple[int, _Sample]] = deque(maxlen=BUCKETS)
        self._trends: tuple[int, Trends] | None = None

    def take(self, figures: Figures, now: Moment) -> None:
        """Take in the figures of this moment; called about once a second."""
        number, sample = _number(now), _sample(figures)
        if self._buckets and self._buckets[-1][0] == number:
            largest = _largest(self._buckets[-1][1], sample)
            if largest == self._buckets[-1][1]:
                return
            self._buckets[-1] = (number, largest)
        else:
            self._buckets.append((number, sample))
        self._trends = None

    def newest(self, now: Moment) -> tuple[TrendSample, ...]:
        """The stretch under way and the one before it, which may have had a value more since it was asked for last."""
        newest = list(self._buckets)[-MOVING_TRENDS:]
        middle = BUCKET_SECONDS / 2
        return tuple(TrendSample(number, now.utc - now.monotonic + number * BUCKET_SECONDS + middle, *sample) for number, sample in newest)

    def resume(self, samples: Iterable[TrendSample], now: Moment) -> None:
        """Go on from samples of before a restart, placed by how long ago they are."""
        buckets = dict(self._buckets)
        for one in samples:
            number = _number(Moment(now.monotonic - (now.utc - one.at), one.at))
            sample = (one.waiting, one.chatting, one.idle, one.failing, one.longest_wait)
            if number <= _number(now):
                buckets[number] = _largest(buckets.get(number, _UNWATCHED), sample)
        self._buckets = deque(sorted(buckets.items()), maxlen=BUCKETS)
        self._trends = None

    def trends(self, now: Moment) -> Trends:
        """The values up to now."""
        newest = _number(now)
        if self._trends is None or self._trends[0] != newest:
            samples = dict(self._buckets)
            rows = [samples.get(number, _UNWATCHED) for number in range(newest - BUCKETS + 1, newest + 1)]
            waiting, chatting, idle, failing, longest_wait = zip(*rows, strict=True)
            self._trends = newest, Trends(waiting=waiting, chatting=chatting, idle=idle, failing=failing, longest_wait=longest_wait)
        return self._trends[1]


def squeeze(values: Sequence[float | None], cells: int) -> tuple[float | None, ...]:
    """The values in at most so many cells, oldest first: each has the largest of its equal share of them, or None where all are None."""
    cells = min(max(0, cells), len(values))
    shares = (values[len(values) * cell // cells : len(values) * (cell + 1) // cells] for cell in range(cells))
    return tuple(max((value for value in share if value is not None), default=None) for share in shares)


_Sample = tuple[float | None, float | None, float | None, float | None, float | None]
"""waiting, chatting, idle, failing, longest wait"""

_UNWATCHED: Final[_Sample] = (None, None, None, None, None)


def _number(now: Moment) -> int:
    return int(now.monotonic // BUCKET_SECONDS)


def _sample(figures: Figures) -> _Sample:
    failing = figures.failing + figures.denied
    if (failing or figures.pending) and not figures.waiting + figures.chatting + figures.idle + figures.other:
        return (None, None, None, failing, None)
    return (figures.waiting, figures.chatting, figures.idle, failing, figures.longest_wait or 0.0)


def _largest(one: _Sample, other: _Sample) -> _Sample:
    waiting, chatting, idle, failing, longest_wait = (
        max((value for value in pair if value is not None), default=None) for pair in zip(one, other, strict=True)
    )
    return (waiting, chatting, idle, failing, longest_wait)
