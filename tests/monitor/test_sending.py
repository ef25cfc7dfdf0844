"""The right to send is acquired when a request goes out, however long its connection took."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.client import ChatClient
from chatmon.api.endpoint import Endpoint, Tls
from chatmon.monitor.budget import RateBudget
from chatmon.monitor.clock import SystemClock
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import observe
from chatmon.monitor.sending import SendRight
from tests.api.documents import chat_body
from tests.api.raw_server import HOST, Close, RawServer, Script, answer
from tests.faults.endpoints import AUTHORITY, server_side
from tests.faults.monitors import Healthy, new_id, until

from .fake_chat_api import busiest
from .fake_clock import FakeClock, in_virtual_time

LAG = 0.15
"""Seconds by which a request may be read later than the one before it, on a busy machine."""


@given(st.sampled_from([0.4, 1.0, 3.0, 25.0]), st.lists(st.floats(0.0, 2.0), max_size=60), st.sets(st.integers(0, 59)))
def test_no_second_sees_more_requests_than_the_rate_whenever_they_are_ready(
    max_rate: float, delays: list[float], given_up: set[int]
) -> None:
    sent: list[tuple[float, int]] = []

    async def send(right: SendRight, number: int, delay: float) -> None:
        await asyncio.sleep(delay)
        if not right.acquire_now():
            await right.acquire()
        sent.append((asyncio.get_running_loop().time(), number))

    async def main() -> None:
        clock = FakeClock()
        right = SendRight(RateBudget(max_rate, clock.now().monotonic), clock)
        tasks = [asyncio.create_task(send(right, number, delay)) for number, delay in enumerate(delays)]
        await asyncio.sleep(1.0)
        for number in given_up & set(range(len(tasks))):
            tasks[number].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    in_virtual_time(main())
    window = max(1.0, 1.0 / max_rate)
    assert busiest([at for at, _ in sent], window) <= max(1, int(max_rate))
    early = {number for number in given_up if number < len(delays)}
    assert {number for _, number in sent} >= set(range(len(delays))) - early


def test_who_waits_is_served_in_order_and_as_soon_as_the_rate_allows() -> None:
    order: list[int] = []

    async def main() -> float:
        clock = FakeClock()
        right = SendRight(RateBudget(2.0, clock.now().monotonic), clock)

        async def send(number: int) -> None:
            await right.acquire()
            order.append(number)

        await asyncio.gather(*map(send, range(10)))
        return asyncio.get_running_loop().time()

    assert in_virtual_time(main()) == pytest.approx(4.0, abs=0.01)
    assert order == list(range(10))


class Ledger(Healthy):
    """Notes when each request came. Each connection is used for one if `is_closing`."""

    def __init__(self, *, is_closing: bool) -> None:
        super().__init__(tls=server_side("loopback.pem"))
        self.times: list[float] = []
        self._is_closing = is_closing

    def script_of(self, chat_id: str) -> Script:
        self.times.append(asyncio.get_running_loop().time())
        whole = answer(chat_body(chat_id))
        return (whole, Close()) if self._is_closing else (whole,)


@asynccontextmanager
async def slow_way(server: RawServer, delays: list[float]) -> AsyncIterator[str]:
    """A port behind which a server lies whose connections are ready after such delays, in turn: the port's origin."""
    waits = itertools.cycle(delays)
    tasks: set[asyncio.Task[None]] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(65536):
                writer.write(piece)
                await writer.drain()
        writer.close()

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await asyncio.sleep(next(waits))
        behind, to_it = await asyncio.open_connection(HOST, server.port)
        await asyncio.gather(pump(reader, to_it), pump(behind, writer))

    front = await asyncio.start_server(join, HOST, 0)
    try:
        yield f"https://{HOST}:{front.sockets[0].getsockname()[1]}"
    finally:
        front.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("is_closing", [True, False], ids=["a connection for each", "kept alive"])
@pytest.mark.parametrize("max_rate", [1.0, 5.0, 40.0])
async def test_no_second_sees_more_requests_than_the_rate_where_connecting_takes_time(max_rate: float, is_closing: bool) -> None:
    delays = [0.8, 0.8, 0.6, 0.4, 0.2, 0.0]
    async with Ledger(is_closing=is_closing) as server, slow_way(server, delays) as origin:
        endpoint = Endpoint(f"{origin}/api/v2", tls=Tls(ca_bundle=AUTHORITY))

        async def open_api(monitor: Monitor) -> ChatClient:
            return ChatClient(endpoint, connections=64, may_resend=monitor.may_send, send_right=monitor.send_right)

        pace = Pace(interval=0.2, max_rate=max_rate, max_concurrency=64)
        monitor = Monitor(open_api, pace=pace, clock=SystemClock(), random=Random(1))
        monitor.watch((new_id(number), "") for number in range(60))
        running = asyncio.create_task(monitor.run())
        await until(lambda: len(server.times) >= 4 * max_rate)
        running.cancel()
        await asyncio.wait([running])
    assert busiest(server.times, 1.0 - LAG) <= max_rate


async def test_the_wait_for_the_right_to_send_is_neither_part_of_the_deadline_nor_of_the_latency() -> None:
    clock, ids = SystemClock(), [new_id(number) for number in range(4)]
    async with Healthy() as server:
        right = SendRight(RateBudget(1.0, clock.now().monotonic), clock)
        client = ChatClient(Endpoint(server.root), deadline=2.0, connections=4, send_right=right)
        begun = clock.now()
        seen = await asyncio.gather(*(observe(client, chat_id, clock) for chat_id in ids))
        took = clock.now().since(begun)
        await client.aclose()
    assert [one.error for one in seen] == [None] * 4
    assert took >= 3.0
    assert max(one.latency for one in seen) < took / 2
