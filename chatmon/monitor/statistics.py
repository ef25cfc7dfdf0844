"""How the polling itself fares: requests per second and latency, over the last few of them."""

from __future__ import annotations

from collections import deque

RATE_SECONDS = 10.0
"""The rate is that of so many seconds."""
MAX_LATENCIES = 1_000
"""The latency is that of the last so many answers."""


class PollStatistics:
    """Counts polls. Every time is in monotonic seconds; memory is bounded by the rate and `MAX_LATENCIES`."""

    def __init__(self, now: float) -> None:
        self.polls = 0
        self.failed = 0
        self._began = now
        self._sent: deque[float] = deque()
        self._latencies: deque[float] = deque(maxlen=MAX_LATENCIES)

    def sent(self, now: float) -> None:
        """A request was sent."""
        self.polls += 1
        self._sent.append(now)
        self._forget(now)

    def over(self, latency: float, *, answered: bool) -> None:
        """A poll is over after `latency` seconds."""
        if answered:
            self._latencies.append(latency)
        else:
            self.failed += 1

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
