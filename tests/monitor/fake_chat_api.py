"""A scripted Chat API in virtual time, and a monitor that runs against it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

import msgspec

from chatmon.api import errors
from chatmon.api.resource import CHATTING, Answer, ChatResource
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.pace import Pace

from .fake_clock import FakeClock, in_virtual_time

CHATTING_CHAT = ChatResource(state=CHATTING)

Reply = ChatResource | Exception
Script = Callable[[str, float], Reply]
"""What the server says about a chat that is asked for at a time."""


class Request(msgspec.Struct, frozen=True):
    """One GET that reached the server."""

    at: float
    chat_id: str


class FakeChatApi:
    """Answers as its script says, each time after `latency` seconds, and remembers what it was asked."""

    def __init__(self, script: Script, *, latency: float = 0.02) -> None:
        self.script = script
        self.latency = latency
        self.requests: list[Request] = []
        self.most_in_flight = 0
        self.forgotten: list[str] = []
        self.is_closed = False
        self._in_flight = 0

    async def get(self, chat_id: str) -> Answer:
        now = asyncio.get_running_loop().time()
        self.requests.append(Request(now, chat_id))
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            await asyncio.sleep(self.latency)
        finally:
            self._in_flight -= 1
        reply = self.script(chat_id, now)
        if isinstance(reply, Exception):
            raise reply.with_traceback(None)  # one error may be given many times: each would add to what it has been through
        return Answer(reply, 200)

    def forget(self, chat_id: str) -> None:
        self.forgotten.append(chat_id)

    async def aclose(self) -> None:
        self.is_closed = True

    def times(self, chat_id: str | None = None, *, since: float = 0.0, until: float = float("inf")) -> list[float]:
        """When the server was asked for a chat, or for any."""
        return [one.at for one in self.requests if (chat_id is None or one.chat_id == chat_id) and since <= one.at < until]

    def counts(self, *, since: float = 0.0, until: float = float("inf")) -> dict[str, int]:
        """How often the server was asked for each chat."""
        counts: dict[str, int] = {}
        for one in self.requests:
            if since <= one.at < until:
                counts[one.chat_id] = counts.get(one.chat_id, 0) + 1
        return counts


class Watch:
    """A monitor at work in virtual time: what it sees, what it sends, what it tells."""

    def __init__(self, api: FakeChatApi, pace: Pace, seed: int) -> None:
        self.api = api
        self.clock = FakeClock()
        self.events: list[Event] = []
        self.on_event: Callable[[Event], None] = self.events.append
        self.monitor = Monitor(self._open, pace=pace, clock=self.clock, random=Random(seed), on_event=lambda event: self.on_event(event))
        self.running: asyncio.Task[None]

    async def _open(self, monitor: Monitor) -> FakeChatApi:  # noqa: ARG002 - the shape of OpenChatApi
        return self.api

    def now(self) -> Moment:
        return self.clock.now()


Actions = Callable[[Watch], Awaitable[None]]
"""What is done while the monitor runs; when it returns, the monitor is stopped."""


def watch_chats(
    script: Script,
    *,
    actions: Actions,
    chats: int = 1,
    pace: Pace | None = None,
    latency: float = 0.02,
    seed: int = 1,
) -> Watch:
    """Watch `chats` chats, named 0, 1, 2, ..., until the actions are over."""

    async def main() -> Watch:
        watch = Watch(FakeChatApi(script, latency=latency), pace or Pace(), seed)
        watch.monitor.watch((str(number), "") for number in range(chats))
        watch.running = asyncio.create_task(watch.monitor.run())
        await actions(watch)
        watch.running.cancel()
        await asyncio.gather(watch.running, return_exceptions=True)
        return watch

    return in_virtual_time(main())


def for_seconds(seconds: float) -> Actions:
    """Do nothing for so long."""

    async def actions(_: Watch) -> None:
        await asyncio.sleep(seconds)

    return actions


def always(reply: Reply) -> Script:
    """A server that always says the same."""
    return lambda _chat_id, _now: reply


def between(begin: float, end: float, reply: Reply, otherwise: Reply = CHATTING_CHAT) -> Script:
    """A server that says something else for a while."""
    return lambda _chat_id, now: reply if begin <= now < end else otherwise


def one_chat_says(reply: Reply, others: Reply = CHATTING_CHAT) -> Script:
    """A server in which chat 0 alone has trouble."""
    return lambda chat_id, _now: reply if chat_id == "0" else others


def refused(status: int, retry_after: float | None = None) -> errors.ChatApiError:
    """What the client makes of an HTTP status."""
    by_status: dict[int, type[errors.ChatApiError]] = {
        400: errors.NotFound,
        401: errors.Denied,
        403: errors.Denied,
        404: errors.NotFound,
        410: errors.NotFound,
        429: errors.RateLimited,
        503: errors.Unavailable,
    }
    kind = by_status.get(status, errors.UnexpectedStatus)
    return kind(f"HTTP {status}", http_status=status, retry_after=retry_after)


def busiest(times: list[float], seconds: float) -> int:
    """The most requests in any stretch of `seconds`, its end not included."""
    most = first = 0
    for last, time in enumerate(times):
        while times[first] <= time - seconds + 1e-6:
            first += 1
        most = max(most, last - first + 1)
    return most
