"""What was counted since the monitor was made: no midnight and no history begins these counts anew, and none ever goes down."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Final

from chatmon.monitor.course import Ending
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.histogram import Histogram

ANSWER_SECONDS: Final = (5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1_800)
"""Bounds between which times to answer are counted."""


class InTime(StrEnum):
    """Whether a chat was answered in time; unknown where its wait was seen to be no longer, but not all of it was seen."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Ended(StrEnum):
    """How a chat ended, as `ShiftFigures` has it."""

    HANDLED = "handled"
    ABANDONED = "abandoned"


class Totals:
    """Counts of events, and of what the figures of shifts are about, by the same rules.

    - `events`, by kind;
    - `alarms_raised`, by rule and severity; one that becomes worse is raised once more;
    - `answered`, by whether that was in time;
    - `times_to_answer` in seconds, those of which both ends were observed (True) apart from those that were at least so long (False);
    - `ended`: a chat that goes on after all and ends again counts again. The figures of the shift take its first end back.
    """

    def __init__(self) -> None:
        self.events: Counter[EventKind] = Counter()
        self.alarms_raised: Counter[tuple[str | None, str | None]] = Counter()
        self.answered: Counter[InTime] = Counter()
        self.times_to_answer = {exact: Histogram(ANSWER_SECONDS) for exact in (True, False)}
        self.ended: Counter[Ended] = Counter()

    def take(self, event: Event) -> None:
        """An event happened."""
        self.events[event.kind] += 1
        if event.kind is EventKind.ALARM_RAISED:
            self.alarms_raised[event.rule, event.severity] += 1

    def answer(self, waited: float, *, exact: bool, service_level: float) -> None:
        """A chat was answered after it had waited for so many seconds, or, where that is not exact, for at least so many."""
        self.answered[InTime.NO if waited > service_level else InTime.YES if exact else InTime.UNKNOWN] += 1
        self.times_to_answer[exact].add(waited)

    def end(self, ending: Ending) -> None:
        """A chat ended."""
        self.ended[Ended.HANDLED if ending.handled else Ended.ABANDONED] += 1
