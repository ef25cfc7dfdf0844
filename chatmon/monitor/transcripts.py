"""Transcripts, read only when someone asks: each time one request, counted and held by the total rate, and none on its own.

Whoever holds a `Transcripts` can have one read; nobody else can. It is made where the profile allows it and nowhere else.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Final

from chatmon.api.errors import ConnectFailed, RateLimited, Refused, TlsFailed
from chatmon.api.transcript import FIRST, Message
from chatmon.monitor.breaker import MAX_LIMITED_SECONDS, Circuit
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.monitor import Monitor

RequestTranscript = Callable[[str, int], Awaitable[tuple[Message, ...]]]
"""Sends the one request for the messages of a chat from an index on. Raises one of the tree of `ChatApiError`."""

PATIENCE: Final = 3.0
"""Seconds for which a request waits for its turn within the total rate."""
APART: Final = 1.0
"""Seconds between two requests for the same chat: a key that is held down is one wish."""
TICK: Final = 0.02
"""Seconds between two looks at whether it is its turn."""

_POLLS_WAIT: Final = {
    Circuit.OUTAGE: "the server does not answer",
    Circuit.DENIED: "the server denies access",
    Circuit.LIMITED: "the server asks to wait",
}


class NotAsked(Exception):
    """Nothing was sent; the message says why, in one printable line."""


class Transcripts:
    """Reads transcripts of a monitor's chats. `reads` counts the requests that may have reached the server and moved a chat's cursor."""

    def __init__(self, monitor: Monitor, request: RequestTranscript) -> None:
        self.reads = 0
        self._monitor = monitor
        self._request = request
        self._is_reading = False
        self._asked = ("", -math.inf)
        """The chat that was asked for last, and when, in monotonic seconds."""
        self._not_before = 0.0
        """Monotonic seconds until which the server wants nothing more of this."""

    async def read(self, chat_id: str, first: int = FIRST) -> tuple[Message, ...]:
        """Ask once for the messages of a chat from the index `first` on.

        That it was asked is an event, whatever comes of it. Raises `NotAsked`, or what the request raises.
        """
        if self._is_reading:
            raise NotAsked("a transcript is being read already")
        asked, at = self._asked
        if asked == chat_id and self._monitor.clock.now().monotonic - at < APART:
            raise NotAsked("it was read a moment ago")
        self._is_reading = True
        try:
            await self._wait_for_leave()
            self._asked = (chat_id, self._monitor.clock.now().monotonic)
            self._monitor.board.record(Event(at=self._monitor.clock.now().utc, kind=EventKind.TRANSCRIPT_READ, chat=chat_id))
            return await self._counted(chat_id, first)
        except Refused as error:
            self._learn(error)
            raise
        finally:
            self._is_reading = False

    async def _counted(self, chat_id: str, first: int) -> tuple[Message, ...]:
        was_sent = True
        try:
            return await self._request(chat_id, first)
        except (ConnectFailed, TlsFailed):
            was_sent = False  # nothing goes to a server that was not reached
            raise
        finally:
            self.reads += was_sent

    async def _wait_for_leave(self) -> None:
        """Wait until a request may be sent within the total rate. Raises `NotAsked` where that would take too long, or must not be."""
        never, begun = asyncio.Event(), self._monitor.clock.now()
        while True:
            now = self._monitor.clock.now()
            self._check_server(now.monotonic)
            if self._monitor.may_send():
                return
            if now.since(begun) >= PATIENCE:
                raise NotAsked("the rate leaves no room for it now")
            await self._monitor.clock.wait(never, TICK)

    def _check_server(self, now: float) -> None:
        """Whoever keeps polls waiting is not asked for more than those."""
        reason = _POLLS_WAIT.get(self._monitor.circuit)
        if reason is not None:
            raise NotAsked(reason)
        if now < self._not_before:
            raise NotAsked(f"the server asks to wait {math.ceil(self._not_before - now)} s")

    def _learn(self, error: Refused) -> None:
        now = self._monitor.clock.now().monotonic
        if error.retry_after is not None:
            self._not_before = now + min(error.retry_after, MAX_LIMITED_SECONDS)
        if isinstance(error, RateLimited):
            self._monitor.budget.slow_down(now)
