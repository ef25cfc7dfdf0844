"""A time as it is typed: by the calendar, as a day, or as so long ago."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

import click
import msgspec

DAYS: Final = {"today": 0, "yesterday": 1}
"""Days by name, and how many days ago they began."""
UNITS: Final = {"m": 60.0, "h": 3_600.0, "d": 86_400.0}
"""Units of how long ago, in seconds."""
_OF_DAY: Final = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")
_AGO: Final = re.compile(rf"(\d{{1,6}}(?:\.\d{{1,3}})?)\s?([{''.join(UNITS)}])")

EXAMPLES: Final = "2026-11-22T14:05, 2026-11-22T14:05:00Z, a date, 14:05, today, yesterday, or 8h for eight hours ago"


class PointInTime(msgspec.Struct, frozen=True):
    """What was typed, one of four.

    `moment`, by the calendar; the day that began `days_ago` days ago; `ago`, so many seconds ago; `of_day`, a time of day: the last
    time that it was so late.
    """

    moment: datetime | None = None
    of_day: time | None = None
    days_ago: int | None = None
    ago: float | None = None

    def utc(self, now: float, timezone: tzinfo | None) -> float:
        """The time in UTC seconds. `now` is in UTC seconds; days, and times without an offset, are of `timezone`, None the machine's."""
        if self.ago is not None:
            return now - self.ago
        if self.moment is not None:
            is_placed = self.moment.tzinfo is not None or timezone is None
            return (self.moment if is_placed else self.moment.replace(tzinfo=timezone)).timestamp()
        if self.of_day is not None:
            today, yesterday = (datetime.combine(_day(now, timezone) - timedelta(days=ago), self.of_day, timezone) for ago in (0, 1))
            return today.timestamp() if today.timestamp() <= now else yesterday.timestamp()
        day = _day(now, timezone) - timedelta(days=self.days_ago or 0)
        return datetime.combine(day, time(), timezone).timestamp()

    def utc_after(self, since: float, now: float, timezone: tzinfo | None) -> float:
        """The same for the end of what began at `since` (UTC seconds): a time of day is the first one after that."""
        if self.of_day is None:
            return self.utc(now, timezone)
        days = (datetime.combine(_day(since, timezone) + timedelta(days=later), self.of_day, timezone) for later in (0, 1))
        return next((day.timestamp() for day in days if day.timestamp() > since), since)


def parse_point(text: str) -> PointInTime:
    """The time that a text means. ValueError where it is none; the text is not repeated."""
    word = text.strip().lower()
    if word in DAYS:
        return PointInTime(days_ago=DAYS[word])
    if ago := _AGO.fullmatch(word):
        return PointInTime(ago=float(ago[1]) * UNITS[ago[2]])
    try:
        if _OF_DAY.fullmatch(word):
            return PointInTime(of_day=time.fromisoformat(word if word[2] == ":" else f"0{word}"))
        moment = datetime.fromisoformat(text.strip())
        moment.timestamp()
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"needs a time such as {EXAMPLES}") from None
    return PointInTime(moment=moment)


class TimeParameter(click.ParamType):  # type: ignore[type-arg]  # generic only in later versions of click
    """An option whose value is a time."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> PointInTime:
        """The time; BadParameter where it is none."""
        if isinstance(value, PointInTime):
            return value
        try:
            return parse_point(str(value))
        except ValueError as error:
            raise click.BadParameter(str(error), ctx, param) from None


def _day(now: float, timezone: tzinfo | None) -> date:
    return datetime.fromtimestamp(now, timezone).date()
