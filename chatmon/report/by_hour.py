"""The figures hour by hour: a shift that begins anew with every hour."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from chatmon.monitor.events import Event
from chatmon.monitor.shift import Shift, ShiftFigures
from chatmon.report.hours import Hour
from chatmon.report.report import HourFigures
from chatmon.report.watching import Coverage, Span


class ByHour:
    """Counts in every one of the `hours`, which are in order and none of which overlaps another; `service_level` is in seconds."""

    def __init__(self, hours: Sequence[Hour], service_level: float) -> None:
        self._hours = hours
        self._shift = Shift(since=hours[0].since if hours else 0.0, service_level=service_level)
        self._counted: list[ShiftFigures] = []
        self._most_waiting: list[float | None] = [None] * len(hours)
        # Hours in which nobody watched are between some of them.
        self._edges = sorted({edge for hour in hours for edge in (hour.since, hour.until)})
        self._coverage = Coverage(self._edges)

    def take(self, event: Event) -> None:
        """Take in one event, in their order."""
        while len(self._counted) + 1 < len(self._hours) and event.at >= self._hours[len(self._counted) + 1].since:
            self._end()
            self._shift.begin(self._hours[len(self._counted)].since)
        self._shift.take(event)

    def saw_waiting(self, at: float, chats: float) -> None:
        """So many chats waited at a time."""
        place = bisect_right(self._hours, at, key=lambda hour: hour.since) - 1
        if place >= 0 and at < self._hours[place].until:
            self._most_waiting[place] = max(chats, self._most_waiting[place] or 0.0)

    def watched(self, spans: Sequence[Span], seen_last: float) -> None:
        """A chat was watched in these spans, and seen last, or should have been, at `seen_last`."""
        if self._hours:
            self._coverage.add(spans, seen_last)

    def figures(self) -> tuple[HourFigures, ...]:
        """Those of every hour, once everything is taken in."""
        while len(self._counted) < len(self._hours):
            self._end()
            if len(self._counted) < len(self._hours):
                self._shift.begin(self._hours[len(self._counted)].since)
        return tuple(map(self._of_hour, self._hours, self._counted, self._most_waiting))

    def _end(self) -> None:
        # Who talked to whom is told of the whole time only.
        self._counted.append(msgspec.structs.replace(self._shift.counted(None), handled_by={}, most_at_once={}))

    def _of_hour(self, hour: Hour, figures: ShiftFigures, most_waiting: float | None) -> HourFigures:
        coverage = self._coverage.share(bisect_right(self._edges, hour.since) - 1)
        return HourFigures(hour, msgspec.structs.replace(figures, coverage=coverage), most_waiting)
