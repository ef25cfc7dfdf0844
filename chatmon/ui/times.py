"""How durations and times of day are written on the screen."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from chatmon.ui import glyphs


def duration(seconds: float) -> str:
    """`mm:ss`, from an hour on `h:mm:ss`."""
    minutes, second = divmod(int(max(0.0, seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute:02}:{second:02}"


def clock(seconds: float | None, *, exact: bool) -> str:
    """How long something has been so: `03:12`, or `≥03:12` where its beginning was not observed."""
    if seconds is None:
        return glyphs.NOTHING
    return duration(seconds) if exact else glyphs.AT_LEAST + duration(seconds)


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
