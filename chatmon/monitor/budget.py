"""How many requests may be sent: the total rate over all chats, never exceeded in any second."""

from __future__ import annotations

from collections import deque

BURST_SECONDS = 0.25
"""What was not used of the rate may be sent later at once, up to so many seconds' worth."""
RECOVERY_SECONDS = 60.0
"""After the server said that it was too much, the rate grows back from nothing to the whole in so many seconds."""


class RateBudget:
    """Hands out the right to send. Every time is in monotonic seconds.

    `max_rate` is in requests per second, above 0. No second ever sees more, so that of a rate above 1 only whole requests are used; a
    rate below 1 means one request every `1 / max_rate` seconds.
    """

    def __init__(self, max_rate: float, now: float) -> None:
        self.max_rate = float(int(max_rate)) if max_rate >= 1.0 else max_rate
        self.used = 0
        """How often the right to send was taken."""
        self.window = max(1.0, 1.0 / self.max_rate)
        """Seconds in which no more than `most_in_window` requests may be sent."""
        self.most_in_window = max(1, int(self.max_rate))
        self._sent: deque[float] = deque(maxlen=self.most_in_window)
        self._credit = self._burst(self.max_rate)
        self._credited_at = now
        self._reduced_to = self.max_rate
        self._reduced_at = now

    def rate(self, now: float) -> float:
        """Requests per second that are used at the most, now."""
        grown = self.max_rate * max(0.0, now - self._reduced_at) / RECOVERY_SECONDS
        return min(self.max_rate, self._reduced_to + grown)

    def may_send(self, now: float) -> bool:
        """Take the right to send one request now, if there is one."""
        rate = self.rate(now)
        self._credit = min(self._burst(rate), self._credit + max(0.0, now - self._credited_at) * rate)
        self._credited_at = now
        full = len(self._sent) == self._sent.maxlen
        if self._credit < 1.0 or (full and now - self._sent[0] < self.window):
            return False
        self._credit -= 1.0
        self.used += 1
        self._sent.append(now)
        return True

    def slow_down(self, now: float, until: float | None = None) -> None:
        """Halve the rate: the server said that it was too much. It grows back from `until` on, or from now. Counts once a second."""
        if self._reduced_to < self.max_rate and now - self._reduced_at < 1.0:
            return
        self._reduced_to = max(min(1.0, self.max_rate), self.rate(now) / 2)
        self._reduced_at = now if until is None else max(now, until)

    @staticmethod
    def _burst(rate: float) -> float:
        return max(1.0, rate * BURST_SECONDS)
