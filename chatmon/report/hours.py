"""The hours of a stretch of time as the clocks of a time zone strike them, those of days on which clocks are changed included.

`timezone` None is the machine's everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from math import ceil
from typing import Final

import msgspec

HOUR: Final = 3_600.0
DAY: Final = 86_400.0
_EVERY: Final = (1, 2, 3, 4, 6, 12)
"""Numbers of hours that divide a day."""


class Hour(msgspec.Struct, frozen=True):
    """An hour of the clock, or as much of it as is meant: from `since` up to `until`, in UTC seconds."""

    since: float
    until: float


def hours(spans: Iterable[tuple[float, float]], since: float, until: float, timezone: tzinfo | None) -> Iterator[Hour]:
    """The hours between two times in which some of the spans lie; these are in order and none overlaps another. All in UTC seconds.

    An hour that the clocks go through twice is two of them. Where they are moved by half an hour, one of them is shorter.
    """
    at = since
    for begin, end in spans:
        at = max(at, _next_full(begin, timezone) - HOUR)
        while at < min(end, until):
            following = min(_next_full(at, timezone), until)
            yield Hour(at, following)
            at = following


def clock_time(utc: float, timezone: tzinfo | None) -> str:
    """The time of day of an instant, `02:00`; where the clocks strike it twice, with what tells the two apart: `02:00 CEST`."""
    time = f"{datetime.fromtimestamp(utc, UTC).astimezone(timezone):%H:%M}"
    return f"{time} {zone_name(utc, timezone)}" if is_struck_twice(utc, timezone) else time


def is_struck_twice(utc: float, timezone: tzinfo | None) -> bool:
    """Whether the clocks strike the time of day of an instant twice, since they are set back."""
    first, second = _readings(utc, timezone)
    return first.utcoffset() != second.utcoffset()


def zone_name(utc: float, timezone: tzinfo | None) -> str:
    """What the time zone is called at an instant, `CEST`; its offset where that alone tells the two times apart that are struck twice."""
    local = datetime.fromtimestamp(utc, UTC).astimezone(timezone)
    first, second = _readings(utc, timezone)
    is_named_alike = first.utcoffset() != second.utcoffset() and first.tzname() == second.tzname()
    return f"{local:%z}" if is_named_alike else f"{local:%Z}"


def _readings(utc: float, timezone: tzinfo | None) -> tuple[datetime, datetime]:
    """The first and the second instant at which the clocks strike the time of day of an instant; mostly they are the same."""
    naive = datetime.fromtimestamp(utc, UTC).astimezone(timezone).replace(tzinfo=None)
    return _placed(naive.replace(fold=0), timezone), _placed(naive.replace(fold=1), timezone)


def ticks(since: float, until: float, timezone: tzinfo | None, *, most: int) -> list[float]:
    """At most so many full hours or midnights between two times, evenly over the clock, to mark on an axis; all in UTC seconds."""
    span = until - since
    if span > most * DAY / 2:
        days = ceil(span / DAY / most)
        midnights = [at for at in _full_hours(since, until, timezone) if _hour_of_day(at, timezone) == 0]
        return midnights[::days]
    every = next(number for number in _EVERY if span / HOUR / number <= most)
    return [at for at in _full_hours(since, until, timezone) if _hour_of_day(at, timezone) % every == 0]


def _full_hours(since: float, until: float, timezone: tzinfo | None) -> Iterator[float]:
    at = _next_full(since - 1.0, timezone)
    while at < until:
        if at >= since:
            yield at
        at = _next_full(at, timezone)


def _hour_of_day(utc: float, timezone: tzinfo | None) -> int:
    return datetime.fromtimestamp(utc, UTC).astimezone(timezone).hour


def _next_full(utc: float, timezone: tzinfo | None) -> float:
    """When the next full hour after an instant is struck, as long as nobody moves the clocks before."""
    local = datetime.fromtimestamp(utc, UTC).astimezone(timezone)
    return float(round(utc + HOUR - (local.minute * 60 + local.second + local.microsecond / 1e6)))


def _placed(naive: datetime, timezone: tzinfo | None) -> datetime:
    return naive.astimezone() if timezone is None else naive.replace(tzinfo=timezone)
