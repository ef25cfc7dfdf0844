"""How durations are written, wherever they are."""

from __future__ import annotations

AT_LEAST = "≥"


def duration(seconds: float) -> str:
    """`mm:ss`, from an hour on `h:mm:ss`."""
    minutes, second = divmod(int(max(0.0, seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute:02}:{second:02}"


def clock(seconds: float, *, exact: bool) -> str:
    """How long something has been so: `03:12`, or `≥03:12` where its beginning was not observed."""
    return duration(seconds) if exact else AT_LEAST + duration(seconds)
