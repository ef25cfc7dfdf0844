"""How durations and times of day are written on the screen."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from chatmon.monitor.durations import clock as known_clock
from chatmon.monitor.durations import duration as duration
from chatmon.ui import glyphs


def clock(seconds: float | None, *, exact: bool) -> str:
    """How long something has been so: `03:12`, or `≥03:12` where its beginning was not observed."""
    return glyphs.NOTHING if seconds is None else known_clock(seconds, exact=exact)


def age(seconds: float) -> str:
    """How long ago, in one unit: `4s`, `12m`, `3h`."""
    whole = int(max(0.0, seconds))
    if whole < 100:
        return f"{whole}s"
    if whole < 6000:
        return f"{whole // 60}m"
    return f"{whole // 3600}h"


def time_of_day(utc: float, timezone: tzinfo | None) -> str:
    """`hh:mm:ss` of an instant in seconds since 1970; None is the time zone of the machine."""
    return datetime.fromtimestamp(utc, UTC).astimezone(timezone).strftime("%H:%M:%S")


def moment_of_day(utc: float, timezone: tzinfo | None, *, exact: bool) -> str:
    """Since when something is so: `since 14:00:15`, or `before 14:00:15` where it was already so when it was first seen."""
    return f"{'since' if exact else 'before'} {time_of_day(utc, timezone)}"
