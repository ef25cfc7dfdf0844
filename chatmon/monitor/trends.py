"""How the figures moved in the last half hour."""

from __future__ import annotations

import msgspec

from chatmon.monitor.clock import Moment
from chatmon.monitor.figures import Figures


class Trends(msgspec.Struct, frozen=True, kw_only=True):
    """One value for each stretch of time, oldest first, the newest last; None where nobody watched."""

    waiting: tuple[float | None, ...] = ()
    chatting: tuple[float | None, ...] = ()
    idle: tuple[float | None, ...] = ()
    failing: tuple[float | None, ...] = ()
    longest_wait: tuple[float | None, ...] = ()


class TrendLog:
    """Samples of the figures, for half an hour."""

    def take(self, figures: Figures, now: Moment) -> None:
        """Take in the figures of this moment; called about once a second."""
        return

    def trends(self, now: Moment) -> Trends:
        """The values up to now."""
        return Trends()
