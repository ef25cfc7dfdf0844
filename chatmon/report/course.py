"""The course of things over a stretch of time, in steps that are few enough to draw."""

from __future__ import annotations

from math import ceil
from typing import Final

from chatmon.monitor.alarms import Severity
from chatmon.monitor.trends import BUCKET_SECONDS, TrendSample
from chatmon.report.report import Peak, Point
from chatmon.report.watching import Span

STEPS: Final = (60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 21_600.0, 43_200.0, 86_400.0)
"""How long a step may be, in seconds. The shortest holds a sample wherever a monitor ran."""
MAX_STEPS: Final = 300
"""As many steps there are at most, unless the longest are too short for that."""


class Course:
    """Collects what the trends and the alarms say of the time from `since` up to `until` (UTC seconds)."""

    def __init__(self, since: float, until: float) -> None:
        self._since = since
        self._until = until
        self.step = next((step for step in STEPS if (until - since) / step <= MAX_STEPS), STEPS[-1])
        number = max(0, ceil((until - since) / self.step))
        self._waiting: list[float | None] = [None] * number
        self._failing: list[float | None] = [None] * number
        self._alarms = [0] * number
        self._critical = [0] * number
        self._unanswered: list[Span] = []
        self.most_waiting: Peak | None = None
        self.longest_wait: Peak | None = None

    def take(self, sample: TrendSample) -> None:
        """Take in a sample, in their order."""
        place = self._place(sample.at)
        self._waiting[place] = _larger(self._waiting[place], sample.waiting)
        self._failing[place] = _larger(self._failing[place], sample.failing)
        self.most_waiting = _higher(self.most_waiting, sample.waiting, sample.at)
        self.longest_wait = _higher(self.longest_wait, sample.longest_wait, sample.at)
        if sample.waiting is None and sample.failing:
            begin, end = sample.at - BUCKET_SECONDS / 2, sample.at + BUCKET_SECONDS / 2
            if self._unanswered and begin - self._unanswered[-1][1] <= BUCKET_SECONDS / 2:
                begin = self._unanswered.pop()[0]
            self._unanswered.append((begin, end))

    def raised(self, at: float, severity: str) -> None:
        """An alarm was raised, or became worse."""
        place = self._place(at)
        self._alarms[place] += 1
        self._critical[place] += severity == Severity.CRITICAL

    def unanswered(self, at_least: float) -> tuple[Span, ...]:
        """When no chat answered for so many seconds or more, in UTC seconds, right to within half a minute."""
        return tuple((max(begin, self._since), min(end, self._until)) for begin, end in self._unanswered if end - begin >= at_least)

    def points(self) -> tuple[Point, ...]:
        """Every step. The last one is left out where it is too short to hold a sample and holds none."""
        rows = zip(self._waiting, self._failing, self._alarms, self._critical, strict=True)
        points = [Point(self._since + place * self.step, *row) for place, row in enumerate(rows)]
        if points and points[-1].failing is None and self._until - points[-1].at < STEPS[0]:
            points.pop()
        return tuple(points)

    def _place(self, at: float) -> int:
        return min(max(0, int((at - self._since) / self.step)), len(self._waiting) - 1)


def _larger(one: float | None, other: float | None) -> float | None:
    return max((value for value in (one, other) if value is not None), default=None)


def _higher(peak: Peak | None, value: float | None, at: float) -> Peak | None:
    return Peak(value, at) if value and (peak is None or value > peak.value) else peak
