"""A server that asks several chats for time asks it of all: rows of the fault matrix in which these hold back every other."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from chatmon.monitor.breaker import MAX_LIMITED_SECONDS

Header = str | Callable[[], str] | None


@dataclass(frozen=True, slots=True)
class Limit:
    """One row: the HTTP status, its `Retry-After`, and the seconds that nothing is sent from then on; None is one interval."""

    status: int
    retry_after: Header
    seconds: float | None = None

    @property
    def name(self) -> str:
        """How a complaint calls it."""
        return f"{self.status}, Retry-After: {str(self.value)[:40]}"

    @property
    def value(self) -> str | None:
        """What the header says."""
        return self.retry_after() if callable(self.retry_after) else self.retry_after


def _date_in(seconds: int) -> Callable[[], str]:
    return lambda: (datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")


LIMITS = (
    Limit(429, None),
    Limit(429, "0"),
    Limit(429, "-5"),
    Limit(429, "soon"),
    Limit(429, "1.5"),
    Limit(429, _date_in(-3600)),
    *(
        Limit(status, value, seconds)
        for status in (429, 503)
        for value, seconds in (
            ("1", 1.0),
            ("120", 120.0),
            (_date_in(120), 120.0),
            ("31536000", MAX_LIMITED_SECONDS),
            ("9" * 400, MAX_LIMITED_SECONDS),
            ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_LIMITED_SECONDS),
        )
    ),
    Limit(503, "0", 0.0),
    Limit(503, _date_in(-3600), 0.0),
)
