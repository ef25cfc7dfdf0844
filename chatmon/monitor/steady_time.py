"""Times of day that nobody sets: what lies between two of them is the time that passed."""

from __future__ import annotations

import msgspec

from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event

SET_SECONDS = 0.05
"""A wall clock that is off by more than before was set; what is less is that two clocks cannot be read at once."""


class SteadyTime:
    """Goes on from the time of day at one moment as the monotonic clock does. Every time is in UTC seconds."""

    def __init__(self, now: Moment) -> None:
        self._offset = now.utc - now.monotonic
        self.set_by = 0.0
        """Seconds by which the wall clock was set since."""

    def of(self, moment: Moment) -> float:
        """The steady time at a moment."""
        return moment.monotonic + self._offset

    def event(self, event: Event, now: Moment) -> Event:
        """An event that is told `now`, at its steady time."""
        set_by = now.utc - now.monotonic - self._offset
        if abs(set_by - self.set_by) > SET_SECONDS:
            self.set_by = set_by
        if not self.set_by:
            return event
        at, before = event.at - self.set_by, event.not_before
        return msgspec.structs.replace(event, at=at, not_before=None if before is None else min(before - self.set_by, at))
