"""Times as a user writes them: a time of day, or a day and a time."""

from __future__ import annotations

import re
from datetime import date, datetime, time, tzinfo
from typing import Final

from chatmon.history.rows import LATEST

_TIME_OF_DAY: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


class InvalidTime(ValueError):
    """The text is no time; the message says what would do."""


def parse_time(text: str, day: date, timezone: tzinfo | None) -> float:
    """A time in UTC seconds: `14:05` or `14:05:30` of a day, or a whole one in ISO 8601, with an offset or without.

    Without one it is of `timezone`, None being the machine's; an hour that comes twice is meant the first time. Raises `InvalidTime`.
    """
    text = text.strip()
    try:
        found = _TIME_OF_DAY.fullmatch(text)
        if found is not None:
            hour, minute, second = (int(part or 0) for part in found.groups())
            wanted = datetime.combine(day, time(hour, minute, second))
        else:
            wanted = datetime.fromisoformat(text)
        if wanted.tzinfo is None and timezone is not None:
            wanted = wanted.replace(tzinfo=timezone)
        utc = wanted.timestamp()
    except (ValueError, OverflowError, OSError):
        utc = -1.0
    if not 0 <= utc < LATEST:
        raise InvalidTime("needs a time such as 14:05, 14:05:30 or 2026-11-22T14:05")
    return utc
