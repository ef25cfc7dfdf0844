"""On which day something was, where that is not today."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo

from chatmon.ui.times import time_of_day

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
TIME_WIDTH = 8
DATED_TIME_WIDTH = 15
"""Terminal cells of a time of day, without and with its date."""


def day_of(utc: float, timezone: tzinfo | None) -> date:
    """The day of an instant in seconds since 1970; None is the time zone of the machine."""
    return datetime.fromtimestamp(utc, UTC).astimezone(timezone).date()


def day_words(day: date) -> str:
    """`Sunday 22 November 2026`. English whatever the machine's language, as the rest of the screen."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def dated_time(utc: float, today: date, timezone: tzinfo | None) -> str:
    """`hh:mm:ss`, on another day than today `22 Nov hh:mm:ss`."""
    day = day_of(utc, timezone)
    time = time_of_day(utc, timezone)
    return time if day == today else f"{day.day} {MONTHS[day.month - 1][:3]} {time}"
