"""Monitors at work over real connections, and servers that know every chat.

One monitor, the calm one, is the measure of the others: what is on time is told by the polls that it sent meanwhile.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

from chatmon.api.client import ChatClient
from chatmon.api.endpoint import Endpoint
from chatmon.api.errors import ChatApiError
from chatmon.api.resource import Answer
from chatmon.monitor.clock import SystemClock
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi
from tests.api.documents import chat_body
from tests.api.raw_server import RawServer, Script, answer
from tests.faults.matrix import DEADLINE, PATIENT

PATIENCE = 60.0
"""Seconds after which what has not come is missing; nothing is measured by it."""
PACE = Pace(interval=0.3, max_rate=10_000.0, max_concurrency=64)
NEIGHBOURS = 3
ONE_CHAT = re.compile(r"GET /api/v2/chats/(?P<id>[^/? ]+) HTTP/1\.1\Z")

OnOutcome = Callable[[str, str | None], None]


def new_id(number: int) -> str:
    """An id like those of a server: it has letters in both cases to tell apart."""
    return f"{number:08x}-c2d9-44c9-b9ad-0ab7984114bb"


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - whatever makes it so
            await asyncio.sleep(0.01)


class Told:
    """A client that tells of every outcome: the kind of error, or None where a chat came."""

    def __init__(self, client: ChatClient, on_outcome: OnOutcome) -> None:
        self._client = client
        self._on_outcome = on_outcome

    async def get(self, chat_id: str) -> Answer:
        try:
            answered = await self._client.get(chat_id)
        except ChatApiError as error:
            self._on_outcome(chat_id, error.kind)
            raise
        self._on_outcome(chat_id, None)
        return answered

    def forget(self, chat_id: str) -> None:
        self._client.forget(chat_id)

    async def aclose(self) -> None:
        await self._client.aclose()


@asynccontextmanager
async def watching(
    endpoint: Endpoint, chats: Iterable[str], on_outcome: OnOutcome = lambda *_: None, *, deadline: float = DEADLINE
) -> AsyncIterator[Monitor]:
    """A monitor at work over a real connection."""

    async def open_api(_: Monitor) -> ChatApi:
        return Told(ChatClient(endpoint, deadline=deadline, connections=PACE.max_concurrency), on_outcome)

    monitor = Monitor(open_api, pace=PACE, clock=SystemClock(), random=Random(7))
    monitor.watch((chat_id, "") for chat_id in chats)
    running = asyncio.create_task(monitor.run())
    try:
        yield monitor
        assert not running.done()
    finally:
        running.cancel()
        await asyncio.wait([running])


class Healthy(RawServer):
    """A server that knows every chat. `polls` counts the requests for each."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        super().__init__(tls=tls, port=port)
        self.polls: Counter[str] = Counter()
        self.strays: list[str] = []
        """Requests that are not for one chat."""

    def script(self, head: bytes) -> Script:
        line = head.split(b"\r\n", 1)[0].decode("latin-1")
        asked = ONE_CHAT.match(line)
        if asked is None:
            self.strays.append(line)
        chat_id = asked["id"] if asked else ""
        self.polls[chat_id] += 1
        return self.script_of(chat_id)

    def script_of(self, chat_id: str) -> Script:
        """What is played for a chat."""
        return (answer(chat_body(chat_id)),)


@dataclass
class Calm:
    """The monitor that nothing happens to, and the server that it asks."""

    server: Healthy
    chats: Sequence[str]

    @property
    def polls(self) -> int:
        """Polls of one chat so far."""
        return min(self.server.polls[chat_id] for chat_id in self.chats)

    async def pass_by(self, polls: int) -> None:
        """Wait while a chat is polled so often."""
        end = self.polls + polls
        await until(lambda: self.polls >= end)


@asynccontextmanager
async def calm_monitor() -> AsyncIterator[Calm]:
    """The measure of what is on time."""
    chats = [new_id(number) for number in range(NEIGHBOURS)]
    async with Healthy() as server, watching(Endpoint(server.root), chats, deadline=PATIENT):
        calm = Calm(server, chats)
        await calm.pass_by(1)
        yield calm
