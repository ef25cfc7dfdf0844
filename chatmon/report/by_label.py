"""The figures label by label: a shift of its own for the chats of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chatmon.monitor.events import Event
from chatmon.monitor.shift import Shift
from chatmon.report.report import LabelFigures
from chatmon.report.watching import Coverage, Span

MAX_LABELS: Final = 200
"""Labels that are told apart, the first ones; all others are counted together."""


class ByLabel:
    """Counts for every label, in the time from `since` up to `until` (UTC seconds); `service_level` is in seconds."""

    def __init__(self, since: float, until: float, service_level: float) -> None:
        self._since = since
        self._until = until
        self._service_level = service_level
        self._labels: dict[str | None, tuple[Shift, Coverage]] = {}

    def take(self, event: Event, label: str) -> None:
        """Take in one event, in their order, of a chat of this label, or of none."""
        if event.chat is not None:
            self._of(label)[0].take(event)
            return
        for shift, _ in self._labels.values():
            shift.take(event)

    def watched(self, label: str, spans: Sequence[Span], seen_last: float) -> None:
        """A chat was watched in these spans, and seen last, or should have been, at `seen_last`."""
        self._of(label)[1].add(spans, seen_last)

    def figures(self) -> tuple[LabelFigures, ...]:
        """Those of every label of which a chat was known in that time."""
        figures = (LabelFigures(label, shift.counted(coverage.share(0))) for label, (shift, coverage) in self._labels.items())
        return tuple(one for one in figures if one.figures.coverage is not None or _counts_something(one))

    def _of(self, label: str) -> tuple[Shift, Coverage]:
        key = label if label in self._labels or len(self._labels) < MAX_LABELS else None
        if key not in self._labels:
            self._labels[key] = Shift(since=self._since, service_level=self._service_level), Coverage([self._since, self._until])
        return self._labels[key]


def _counts_something(one: LabelFigures) -> bool:
    return bool(one.figures.answered or one.figures.abandoned or one.figures.handled)
