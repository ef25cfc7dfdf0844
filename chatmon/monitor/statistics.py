"""How the polling itself fares: requests per second and latency, over the last few of them, and counts of all there ever were."""

from __future__ import annotations

from collections import Counter, deque
from typing import Final

from chatmon.monitor.histogram import Histogram

RATE_SECONDS = 10.0
"""The rate is that of so many seconds."""
MAX_LATENCIES = 1_000
"""The latency is that of the last so many answers."""
DURATION_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Bounds between which the durations of polls are counted; the usual time-out is one of them."""


class PollStatistics:
    """Counts polls. Every time is in monotonic seconds; memory is bounded by the rate and `MAX_LATENCIES`.

    `polls` were sent. Of those that are over, `errors` counts those that gave no chat, by the kind of error, and `durations`, in
    seconds, those that gave one (True) apart from those that did not (False). These only grow.
    """

    def __init__(self, now: float) -> None:
        self.polls = 0
        self.errors: Counter[str] = Counter()
        self.durations = {answered: Histogram(DURATION_SECONDS) for answered in (True, False)}
        self._began = now
        self._sent: deque[float] = deque()
        self._latencies: deque[float] = deque(maxlen=MAX_LATENCIES)

    def sent(self, now: float) -> None:
        """A request was sent."""
        self.polls += 1
        self._sent.append(now)
        self._forget(now)

    def over(self, latency: float, error: str | None) -> None:
        """A poll is over after `latency` seconds; `error` is the kind of error, None where it gave a chat."""
        self.durations[error is None].add(latency)
        if error is None:
            self._latencies.append(latency)
        else:
            self.errors[error] += 1

    @property
    def answered(self) -> int:
        """Polls that gave a chat."""
        return self.durations[True].count

    @property
    def failed(self) -> int:
        """Polls that gave none."""
        return self.durations[False].count

    def rate(self, now: float) -> float:
        """Requests per second over the last seconds, or since the start where that is less."""
        self._forget(now)
        return len(self._sent) / min(RATE_SECONDS, max(1.0, now - self._began))

    def latency_p95(self) -> float | None:
        """Seconds within which 95 of 100 answers came; None before the first."""
        if not self._latencies:
            return None
        ordered = sorted(self._latencies)
        return ordered[(95 * len(ordered) + 99) // 100 - 1]

    def _forget(self, now: float) -> None:
        while self._sent and self._sent[0] < now - RATE_SECONDS:
            self._sent.popleft()
