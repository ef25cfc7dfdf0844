"""CPU per poll and punctuality: the whole headless engine beside a loop one would write by hand.

`python -m tests.bench.engine chatmon|bare URL CHATS INTERVAL SECONDS` measures one of them and prints JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from random import Random

import msgspec

from tests.bench.machine import chat_api, chat_ids, measured
from tests.bench.result import Result

WARM_UP = 3.0
"""Intervals before counting begins: connections are made, every chat was answered."""


class Participant(msgspec.Struct):
    """As the sample of the documentation has it."""

    nickname: str
    participantId: str  # noqa: N815 - the API's own spelling
    type: str


class Chat(msgspec.Struct):
    """As the sample of the documentation has it."""

    id: str
    state: str
    capabilities: list[str]
    participants: list[Participant]


class Document(msgspec.Struct):
    """As the sample of the documentation has it."""

    chat: Chat
    statusCode: int  # noqa: N815 - the API's own spelling


class Count:
    """Polls and their punctuality, counted from when the warm-up is over."""

    def __init__(self) -> None:
        self.polls = 0
        self.gaps: list[float] = []
        self._last: dict[str, float] = {}

    def polled(self, chat_id: str) -> None:
        """A poll is over."""
        now = time.perf_counter()
        self.polls += 1
        if chat_id in self._last:
            self.gaps.append(now - self._last[chat_id])
        self._last[chat_id] = now

    async def measure(self, interval: float, seconds: float) -> dict[str, float]:
        """Wait for the warm-up, then for so many seconds, and give the figures."""
        await asyncio.sleep(max(WARM_UP, WARM_UP * interval))
        self.polls, cpu = 0, time.process_time()
        self.gaps.clear()
        await asyncio.sleep(seconds)
        cpu = time.process_time() - cpu
        gaps = sorted(self.gaps)
        return {"polls": self.polls, "microseconds": cpu / self.polls * 1e6, "p99_gap": gaps[99 * len(gaps) // 100]}


async def chatmon(url: str, chats: int, interval: float, seconds: float) -> dict[str, float]:
    """The monitor as `poll --follow` runs it, without the printing."""
    from chatmon.api.client import ChatClient
    from chatmon.api.endpoint import Endpoint, parse_root
    from chatmon.api.resource import Answer
    from chatmon.monitor.clock import SystemClock
    from chatmon.monitor.monitor import Monitor
    from chatmon.monitor.pace import Pace
    from chatmon.monitor.poller import ChatApi

    count = Count()

    class Counted(ChatClient):
        async def get(self, chat_id: str) -> Answer:
            answer = await super().get(chat_id)
            count.polled(chat_id)
            return answer

    async def open_api(_: Monitor) -> ChatApi:
        return Counted(Endpoint(parse_root(url)))

    monitor = Monitor(open_api, pace=Pace(interval=interval, max_rate=10_000, idle_every=1), clock=SystemClock(), random=Random(1))
    monitor.watch((chat_id, None) for chat_id in chat_ids(chats))
    running = asyncio.create_task(monitor.run())
    figures = await count.measure(interval, seconds)
    running.cancel()
    return figures


async def bare(url: str, chats: int, interval: float, seconds: float) -> dict[str, float]:
    """aiohttp and a typed msgspec decoder, a task and a sleep for each chat: no diff, no errors, no board."""
    import aiohttp

    decoder = msgspec.json.Decoder(Document)
    count, latest = Count(), {}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=32)) as session:

        async def watch(chat_id: str, phase: float) -> None:
            due = asyncio.get_running_loop().time() + phase
            while True:
                await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
                due += interval
                async with session.get(f"{url}/api/v2/chats/{chat_id}") as response:
                    latest[chat_id] = decoder.decode(await response.read())
                count.polled(chat_id)

        tasks = [asyncio.create_task(watch(chat_id, interval * number / chats)) for number, chat_id in enumerate(chat_ids(chats))]
        figures = await count.measure(interval, seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return figures


def run(seconds: float) -> Iterator[Result]:
    """The results, as they come."""
    with chat_api() as url:

        def cost(which: str, chats: int, interval: float) -> dict[str, float]:
            return measured(__name__, which, url, chats, interval, seconds)

        peer = cost("bare", 1000, 1.0)["microseconds"]
        ours = cost("chatmon", 1000, 1.0)
        yield Result("CPU per unchanged poll, 1000 chats a second", ours["microseconds"], "µs", "bare aiohttp + msgspec", peer, 0.8)
        yield Result("gap between two polls of a chat, p99", ours["p99_gap"], "s", most=1.25)
        many, few = cost("chatmon", 5000, 5.0)["microseconds"], cost("chatmon", 250, 0.25)["microseconds"]
        yield Result("CPU per poll, 5000 chats every 5 s", many, "µs", "250 every 0.25 s", few, 1.2)


if __name__ == "__main__":
    which, url, chats, interval, seconds = sys.argv[1:]
    work = {"chatmon": chatmon, "bare": bare}[which](url, int(chats), float(interval), float(seconds))
    print(json.dumps(asyncio.run(work)))
