"""The circuit breaker: what is asked of a server that answers none, or refuses all.

* CLOSED   polls go on as scheduled;
* OUTAGE   many polls in a row met no working server: one poll at a time finds out when it is back;
* DENIED   many polls in a row were denied: one poll in half a minute, over all chats;
* LIMITED  the server said how long to wait: nothing is sent until then.
"""

from __future__ import annotations

from enum import StrEnum
from random import Random

DENIED_SECONDS = 30.0
"""Between two polls, over all chats, while everything is denied."""
MAX_LIMITED_SECONDS = 300.0
"""Nobody is kept waiting for longer, whatever `Retry-After` says."""
MAX_STREAK = 10
"""Failed polls in a row that open the circuit; fewer where fewer chats are watched, but never fewer than two."""
OUTAGE_INTERVALS = 2.0
"""Between two polls while the server is out: at the most so many intervals, at the least half of one."""


class Circuit(StrEnum):
    """What the breaker lets through."""

    CLOSED = "closed"
    OUTAGE = "outage"
    DENIED = "denied"
    LIMITED = "limited"


class CircuitBreaker:
    """Watches the outcomes of all polls together. Every time is in monotonic seconds."""

    def __init__(self, random: Random) -> None:
        self.circuit = Circuit.CLOSED
        self.opened_at = 0.0
        self.next_poll_at = 0.0
        self._random = random
        self._unreachable = 0
        self._denied = 0

    def allows(self, now: float) -> bool:
        """Whether a poll may be sent now."""
        return self.circuit is Circuit.CLOSED or now >= self.next_poll_at

    def sent(self, now: float, interval: float) -> None:
        """A poll was sent; while the circuit is open, the next one has to wait."""
        match self.circuit:
            case Circuit.LIMITED:
                self.circuit = Circuit.CLOSED
            case Circuit.OUTAGE:
                self.next_poll_at = now + self._random.uniform(0.5, OUTAGE_INTERVALS) * interval
            case Circuit.DENIED:
                self.next_poll_at = now + max(DENIED_SECONDS, interval)

    def let_one_through(self) -> None:
        """The next poll may be sent at once, because someone asked for it. A server that said how long to wait is not asked."""
        if self.circuit in {Circuit.OUTAGE, Circuit.DENIED}:
            self.next_poll_at = 0.0

    def answered(self) -> bool:
        """A poll gave a chat, or was refused for a reason of that chat's own; whether this closed an open circuit."""
        self._unreachable = self._denied = 0
        if self.circuit in {Circuit.OUTAGE, Circuit.DENIED}:
            self.circuit = Circuit.CLOSED
            return True
        return False

    def unreachable(self, now: float, watched: int, interval: float) -> None:
        """A poll met no working server."""
        self._unreachable += 1
        self._denied = 0
        if self.circuit is Circuit.CLOSED and self._unreachable >= _streak(watched):
            self._open(Circuit.OUTAGE, now, now + self._random.uniform(0.5, 1.0) * interval)

    def denied(self, now: float, watched: int) -> None:
        """A poll was denied."""
        self._denied += 1
        self._unreachable = 0
        if self.circuit in {Circuit.CLOSED, Circuit.OUTAGE} and self._denied >= _streak(watched):
            self._open(Circuit.DENIED, now, now + DENIED_SECONDS)

    def limited(self, now: float, seconds: float) -> None:
        """The server said how long to wait."""
        until = now + min(max(seconds, 0.0), MAX_LIMITED_SECONDS)
        if self.circuit is not Circuit.LIMITED:
            self._open(Circuit.LIMITED, now, until)
        self.next_poll_at = max(self.next_poll_at, until)

    def _open(self, circuit: Circuit, now: float, next_poll_at: float) -> None:
        self.circuit = circuit
        self.opened_at = now
        self.next_poll_at = next_poll_at


def _streak(watched: int) -> int:
    return min(MAX_STREAK, max(2, watched))
