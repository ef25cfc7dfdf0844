"""The circuit breaker: what is asked of a server that gives no chat at all, or refuses all.

* CLOSED   polls go on as scheduled;
* OUTAGE   every poll fails: a few polls in an interval, over all chats, find out when the server is back;
* DENIED   every poll is denied: one poll in half a minute, over all chats, and one more an interval after it began;
* LIMITED  the server said how long to wait: nothing is sent until then, and then one poll at a time until one is answered.

Chats that fail for a reason of their own must not keep the others from being polled. So the circuit opens only when every chat had its
turn and none was answered. HTTP 401 is about who asks, and not about a chat: there a few chats that were answered before are enough.
"""

from __future__ import annotations

from enum import StrEnum
from random import Random

DENIED_SECONDS = 30.0
"""Between two polls, over all chats, while everything is denied."""
MAX_LIMITED_SECONDS = 300.0
"""Nobody is kept waiting for longer, whatever `Retry-After` says."""
MIN_STREAK = 2
"""One failed poll never opens the circuit."""
LONG_STREAK = 10
"""So many failed polls in a row open it where not every chat had its turn yet, if they took long enough."""
STREAK_INTERVALS = 1.5
"""How long that is: a chat that answers would have done so within its interval and the jitter."""
DENIED_FROM_THE_BEGINNING = 30
"""So many denied polls, before any was ever answered, are enough: whoever may not ask for those will hardly be let to the others."""
LOCKED_OUT = 3
"""So many polls in a row that say 401 are enough, before any was ever answered, or of chats whose last poll was."""
ALONE_SECONDS = 0.5
"""Until something was answered the next poll waits for the outcome of the one before, but no longer than this."""
OUTAGE_SHARES = (0.2, 0.3)
"""Between two polls during an outage lies such a share of the interval, by chance, and never less than a chat's share of it."""


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
        self.next_poll_at = 0.0
        self._random = random
        self._limited_until = 0.0
        self._failed = 0
        self._failed_since = 0.0
        self._denied = 0
        self._locked_out = 0
        self._ever_answered = False
        self._has_failed = False

    def sent(self, now: float, interval: float, chats: int) -> None:
        """A poll was sent; the next one may have to wait. `interval` is that between two polls of a chat, of which there are `chats`."""
        match self.circuit:
            case Circuit.OUTAGE:
                self.next_poll_at = now + self._pause(interval, chats)
            case Circuit.LIMITED:
                self.next_poll_at = now + self._random.uniform(0.5, 1.5) * interval
            case Circuit.DENIED:
                self.next_poll_at = now + max(DENIED_SECONDS, interval)
            case _ if self.asks_alone:
                self.next_poll_at = now + ALONE_SECONDS

    def limited_alone(self, now: float) -> None:
        """A limit is that of one chat: who asks alone goes on with the next."""
        if self.circuit is Circuit.CLOSED and self.asks_alone:
            self.next_poll_at = now

    @property
    def concerns_all(self) -> bool:
        """Whether a limit concerns all chats, whichever is told of it: they are waiting already, or none was ever answered."""
        return self.circuit is not Circuit.CLOSED or (self._has_failed and not self._ever_answered)

    @property
    def asks_alone(self) -> bool:
        """Whether nothing is known yet but, perhaps, that polls are denied: a server that lets nobody in is not asked for every chat."""
        return not self._ever_answered and not self._has_failed

    def let_one_through(self, now: float) -> None:
        """The next poll may be sent at once, because someone asked for it.

        A server that said how long to wait, or that lets nobody in, is not asked sooner.
        """
        if now >= self._limited_until and self.circuit is not Circuit.DENIED:
            self.next_poll_at = now

    def answered(self, now: float) -> Circuit | None:
        """A poll gave a chat, or the server's word that there is none. The circuit that this closed, if any."""
        self._failed = self._denied = self._locked_out = 0
        self._ever_answered = True
        if self.circuit is Circuit.CLOSED or now < self._limited_until:
            return None
        closed, self.circuit = self.circuit, Circuit.CLOSED
        return closed

    def failed(self, now: float, interval: float, chats: int, *, all_failed: bool, longest: float, is_news: bool) -> None:
        """A poll gave no chat; `all_failed` says that the newest poll of no chat did, `is_news` that the chat's poll before did not fail.

        `interval` is that between two polls of a chat, of which there are `chats`, `longest` that of those polled most rarely.
        """
        self._count_failure(now)
        self._denied = self._locked_out = 0
        self._has_failed = True
        if now < self._limited_until or self.circuit in {Circuit.OUTAGE, Circuit.DENIED}:
            return
        # A server that asked for time, was given it and then does not answer is out. A chat that failed before says nothing about that.
        is_out = self.circuit is Circuit.LIMITED and is_news and self._failed >= MIN_STREAK
        if is_out or self._is_total(self._failed, now, longest, all_alike=all_failed):
            self._open(Circuit.OUTAGE, now + self._pause(interval, chats))

    def denied(self, now: float, interval: float, *, all_denied: bool, longest: float, is_of_all: bool, was_answered: bool) -> None:
        """A poll was denied; `all_denied` says that the newest poll of every chat was. The rest is as for a failed one.

        `is_of_all` says that it was denied for who asks, `was_answered` that the chat's poll before gave it.
        """
        self._count_failure(now)
        self._denied += 1
        self._locked_out += is_of_all and (was_answered or not self._ever_answered)
        if self.circuit is Circuit.CLOSED and self.asks_alone:
            self.next_poll_at = now
        if now < self._limited_until or self.circuit is Circuit.DENIED:
            return
        from_the_beginning = not self._ever_answered and self._denied >= DENIED_FROM_THE_BEGINNING
        is_total = self._is_total(self._denied, now, longest, all_alike=all_denied)
        if from_the_beginning or self._locked_out >= LOCKED_OUT or is_total:
            # Who was let in before looks once more before it is a matter of half minutes: it may have been a hiccup.
            self._open(Circuit.DENIED, now + (interval if self._ever_answered else max(DENIED_SECONDS, interval)))

    def limited(self, now: float, seconds: float) -> None:
        """The server said how long all are to wait."""
        self._limited_until = max(self._limited_until, now + min(max(seconds, 0.0), MAX_LIMITED_SECONDS))
        if self.circuit is not Circuit.LIMITED:
            self._open(Circuit.LIMITED, self._limited_until)
        self.next_poll_at = max(self.next_poll_at, self._limited_until)

    def _pause(self, interval: float, chats: int) -> float:
        return interval * max(1.0 / chats, self._random.uniform(*OUTAGE_SHARES))

    def _count_failure(self, now: float) -> None:
        if self._failed == 0:
            self._failed_since = now
        self._failed += 1

    def _is_total(self, streak: int, now: float, longest: float, *, all_alike: bool) -> bool:
        if all_alike:
            return streak >= MIN_STREAK
        return streak >= LONG_STREAK and now - self._failed_since >= STREAK_INTERVALS * longest

    def _open(self, circuit: Circuit, next_poll_at: float) -> None:
        self.circuit = circuit
        self.next_poll_at = next_poll_at
