"""The right to send, acquired at the moment at which a request goes out: what a server sees in a second is what is sent in it.

Polls are launched within the rate, too. But a connection has to be made first, perhaps, and takes its time: what was launched one after
the other would be sent all at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextvars import ContextVar

from chatmon.monitor.budget import RateBudget
from chatmon.monitor.clock import Clock

waited: ContextVar[float] = ContextVar("waited", default=0.0)
"""Seconds for which the poll under way waited for the right to send, with its connection ready."""


class SendRight:
    """Hands out the right to send one request, in the order in which it is asked for; no second sees more than the budget's rate."""

    def __init__(self, budget: RateBudget, clock: Clock) -> None:
        self._clock = clock
        self._window = budget.window
        self._sent: deque[float] = deque(maxlen=budget.most_in_window)
        self._turn = asyncio.Lock()
        self._never = asyncio.Event()

    def acquire_now(self) -> bool:
        """Acquire the right if it is to be had at once; whether it was."""
        return not self._turn.locked() and self._acquire(self._clock.now().monotonic) == 0.0

    async def acquire(self) -> None:
        """Acquire the right, and note in `waited` for how long that took. Whoever is cancelled has not acquired it."""
        begun = self._clock.now().monotonic
        async with self._turn:
            while seconds := self._acquire(self._clock.now().monotonic):
                await self._clock.wait(self._never, seconds)
        waited.set(waited.get() + self._clock.now().monotonic - begun)

    def _acquire(self, now: float) -> float:
        """Acquire the right and give 0, or give the seconds until it can be acquired."""
        if len(self._sent) == self._sent.maxlen and (seconds := self._sent[0] + self._window - now) > 0:
            return seconds
        self._sent.append(now)
        return 0.0
