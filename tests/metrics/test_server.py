"""The figures over real sockets: one path, one method, two formats; and nothing that a reader does keeps the polls waiting."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from prometheus_client import Metric

from chatmon.metrics import server as server_module
from chatmon.metrics.families import families
from chatmon.metrics.server import MAX_CONNECTIONS, TROUBLE, MetricsServer
from chatmon.monitor.clock import Clock, Moment, SystemClock
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi
from tests.monitor.fake_chat_api import CHATTING_CHAT, FakeChatApi, always

from .exposed import plain_samples, samples, value

PATIENCE = 60.0
"""Seconds after which what has not come is missing; nothing is measured by it."""
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PLAIN = "text/plain; version=0.0.4; charset=utf-8"
# What Prometheus 2.42 and 3.5 send.
PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


@dataclass
class Served:
    """A monitor at work whose figures can be read."""

    monitor: Monitor
    api: FakeChatApi
    port: int

    async def connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self, line: str = "GET /metrics HTTP/1.1", accept: str = "*/*") -> tuple[str, dict[str, str], str]:
        """Status, headers and body of one answer."""
        async with asyncio.timeout(PATIENCE):
            reader, writer = await self.connected()
            writer.write(f"{line}\r\nHost: x\r\nAccept: {accept}\r\nConnection: close\r\n\r\n".encode())
            head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
            writer.close()
        status, *headers = head.split("\r\n")
        return status.split(" ", 2)[1], dict(header.split(": ", 1) for header in headers), body

    async def polls_go_on(self) -> None:
        """Wait while there are some more of them."""
        wanted = self.monitor.statistics.answered + 5
        async with asyncio.timeout(PATIENCE):
            while self.monitor.statistics.answered < wanted:  # noqa: ASYNC110 - whatever time it takes
                await asyncio.sleep(0.01)


class ClockByHand(SystemClock):
    """The machine's clock, whose time stands still but for what is added to it."""

    def __init__(self) -> None:
        self._now = super().now()

    def now(self) -> Moment:
        return self._now

    def later(self, seconds: float) -> None:
        self._now = Moment(self._now.monotonic + seconds, self._now.utc + seconds)


@asynccontextmanager
async def serving(clock: Clock | None = None) -> AsyncIterator[Served]:
    api = FakeChatApi(always(CHATTING_CHAT), latency=0.001)

    async def open_api(_: Monitor) -> ChatApi:
        return api

    monitor = Monitor(open_api, pace=Pace(interval=0.1), clock=clock or SystemClock(), random=Random(1))
    monitor.watch((str(number), None) for number in range(3))
    listening = socket.create_server(("127.0.0.1", 0))
    server = MetricsServer(monitor, listening)
    await server.start()
    running = asyncio.create_task(monitor.run())
    try:
        yield Served(monitor, api, listening.getsockname()[1])
    finally:
        running.cancel()
        await asyncio.wait([running])
        await server.aclose()


@pytest.mark.parametrize("accept", [PROMETHEUS, PROMETHEUS_3, "application/openmetrics-text"])
async def test_who_knows_openmetrics_gets_it(accept: str) -> None:
    async with serving() as served:
        await served.polls_go_on()
        status, headers, body = await served.ask(accept=accept)

    assert (status, headers["Content-Type"]) == ("200", OPENMETRICS)
    assert body.endswith("# EOF\n")
    figures = samples(body)
    assert value(figures, "chatmon_chats", health="ok") == 3
    assert (value(figures, "chatmon_polls_total", result="answered") or 0) >= 5


@pytest.mark.parametrize("accept", ["*/*", "text/html", "text/plain;version=0.0.4", "\x80;;,=", "application/json;version=x"])
async def test_everyone_else_gets_the_classic_format(accept: str) -> None:
    async with serving() as served:
        status, headers, body = await served.ask(accept=accept)

    assert (status, headers["Content-Type"]) == ("200", PLAIN)
    assert value(plain_samples(body), "chatmon_chats", health="gone") == 0


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the library tells of processes by /proc")
async def test_the_process_itself_is_among_the_figures() -> None:
    async with serving() as served:
        figures = samples((await served.ask(accept=PROMETHEUS))[2])

    assert (value(figures, "process_resident_memory_bytes") or 0) > 10_000_000
    assert {name for name, _ in figures if not name.startswith("chatmon_")} >= {"process_cpu_seconds_total", "process_open_fds"}


@pytest.mark.parametrize("path", ["/", "/metrics/", "/metricsx", "/chats", "//metrics", "/..", "/%6detrics%00"])
async def test_there_is_nothing_else_to_read(path: str) -> None:
    async with serving() as served:
        status, _, body = await served.ask(f"GET {path} HTTP/1.1")

    assert (status, body) == ("404", "only /metrics is here\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE"])
async def test_there_is_nothing_else_to_do(method: str) -> None:
    async with serving() as served:
        status, headers, _ = await served.ask(f"{method} /metrics HTTP/1.1")

    assert (status, headers["Allow"]) == ("405", "GET")
    assert not any(name.lower().startswith("access-control") for name in headers)


async def test_a_query_changes_nothing() -> None:
    async with serving() as served:
        status, _, body = await served.ask("GET /metrics?name[]=process_open_fds HTTP/1.1")

    assert status == "200"
    assert "chatmon_chats" in body


async def test_who_reads_slowly_or_says_nothing_keeps_no_poll_waiting() -> None:
    async with serving() as served:
        silent = [await served.connected() for _ in range(3)]
        for _, writer in silent[1:]:
            writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
        silent[0][1].write(b"GET /metrics HTTP/1.1\r\nHo")
        await served.polls_go_on()

        assert (await served.ask())[0] == "200"
        for _, writer in silent:
            writer.close()


async def test_however_many_connect_few_are_held_and_the_newest_is_answered() -> None:
    async with serving() as served:
        before = open_files()
        crowd = [await served.connected() for _ in range(3 * MAX_CONNECTIONS)]
        status, _, _ = await served.ask()
        ended = [reader for reader, _ in crowd[: 2 * MAX_CONNECTIONS] if await read_to_its_end(reader) == b""]
        held = open_files() - before - len(crowd)
        for _, writer in crowd:
            writer.close()

    assert status == "200"
    assert len(ended) == 2 * MAX_CONNECTIONS
    assert held <= MAX_CONNECTIONS


def open_files() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


async def read_to_its_end(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(PATIENCE):
        with contextlib.suppress(ConnectionError):
            return await reader.read()
    return b""


async def test_what_is_no_http_ends_that_connection_alone() -> None:
    async with serving() as served:
        reader, writer = await served.connected()
        writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            assert (await reader.read()).startswith(b"HTTP/1.0 400 ")
        writer.close()

        assert (await served.ask())[0] == "200"
        assert served.monitor.troubles == {}


async def test_a_fault_is_a_trouble_until_the_figures_can_be_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(_: Monitor) -> None:
        raise KeyError("Kristi")

    async with serving() as served:
        monkeypatch.setattr(server_module, "families", stumble)
        status, _, body = await served.ask()
        assert (status, body) == ("500", "chatmon's own fault; its log says more\n")
        assert served.monitor.troubles[TROUBLE].startswith("the metrics cannot be told: chatmon's own fault: KeyError in stumble ")
        await served.polls_go_on()

        monkeypatch.setattr(server_module, "families", families)
        assert (await served.ask())[0] == "200"
        assert served.monitor.troubles == {}


@pytest.mark.parametrize("accept", ["*/*", PROMETHEUS])
async def test_a_loop_of_scrapes_makes_the_figures_once_a_second(monkeypatch: pytest.MonkeyPatch, accept: str) -> None:
    made = 0

    def counted(monitor: Monitor) -> Iterable[Metric]:
        nonlocal made
        made += 1
        return families(monitor)

    monkeypatch.setattr(server_module, "families", counted)
    clock = ClockByHand()
    async with serving(clock) as served:
        before = made  # the library asks when it is told whom to ask
        _, _, first = await served.ask(accept=accept)
        for _ in range(5):
            assert (await served.ask(accept=accept))[2] == first
        assert made == before + 1

        _, headers, _ = await served.ask(accept="*/*" if accept == PROMETHEUS else PROMETHEUS)
        assert headers["Content-Type"] == (PLAIN if accept == PROMETHEUS else OPENMETRICS)
        assert made == before + 2

        for times in range(3):
            clock.later(1.0)
            assert (await served.ask(accept=accept))[0] == "200"
            assert made == before + 3 + times


async def test_a_fault_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(_: Monitor) -> None:
        raise KeyError

    async with serving(ClockByHand()) as served:
        monkeypatch.setattr(server_module, "families", stumble)
        assert (await served.ask())[0] == "500"
        monkeypatch.setattr(server_module, "families", families)
        assert (await served.ask())[0] == "200"


async def test_when_it_is_closed_nobody_listens_there() -> None:
    async with serving() as served:
        kept = await served.connected()
        kept[1].write(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        await kept[0].readuntil(b"\r\n\r\n")

    with pytest.raises(ConnectionRefusedError):
        await served.connected()
    await read_to_its_end(kept[0])
    kept[1].close()
