"""A server that strangers cannot use up, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from chatmon.few_connections import FewConnections, tell_once_when_none_can_be_accepted

PATIENCE = 60.0
"""Seconds after which what has not come is missing; nothing is measured by it."""
MOST = 8
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
MUCH = b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n"
BIG = "-" * 16_000_000
"""More than the system takes for a reader that does not read."""
KNOWN = b"GET /known HTTP/1.1\r\nHost: x\r\n\r\n"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Served:
    """A server that knows who asks for `/known`."""

    def __init__(self, silent_seconds: float) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.server = FewConnections(self._answer, most=MOST, silent_seconds=silent_seconds)

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        if request.path == "/known":
            self.server.spare(request.protocol)
        return web.Response(text=BIG if request.path == "/much" else "heard")

    async def holds(self, connections: int) -> None:
        """Wait until it holds no more and no fewer."""
        await self._until(lambda: len(self.server.connections) == connections)

    async def answers(self, requests: int) -> None:
        """Wait until it answered so many, or began to."""
        await self._until(lambda: self.server.requests_count == requests)

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110 - whatever time it takes
                await asyncio.sleep(0.01)

    async def connected(self, *, says: bytes = b"") -> Connection:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.listening.getsockname()[1])
        if says:
            writer.write(says)
        return reader, writer


@contextlib.asynccontextmanager
async def serving(silent_seconds: float = PATIENCE) -> AsyncIterator[Served]:
    served = Served(silent_seconds)
    runner = await served.server.serve(served.listening, shutdown_seconds=0.1)
    try:
        yield served
    finally:
        await runner.cleanup()


async def is_heard(connection: Connection, says: bytes = REQUEST) -> bool:
    reader, writer = connection
    async with asyncio.timeout(PATIENCE):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            writer.write(says)
            return (await reader.readuntil(b"heard")).startswith(b"HTTP/1.1 200 ")
    return False


async def is_ended(connection: Connection) -> bool:
    async with asyncio.timeout(PATIENCE):
        with contextlib.suppress(ConnectionError):
            await connection[0].read()
    return True


@pytest.mark.parametrize("crowd", [1, MOST, 3 * MOST])
async def test_the_oldest_makes_room_for_the_newest(crowd: int) -> None:
    async with serving() as served:
        held = [await served.connected() for _ in range(crowd)]
        assert await is_heard(held[-1])
        for one in held[: max(0, crowd - MOST)]:
            assert await is_ended(one)
        for one in held[max(0, crowd - MOST) :]:
            assert await is_heard(one)


async def test_who_is_known_makes_room_for_nobody_and_takes_none() -> None:
    async with serving() as served:
        known = [await served.connected() for _ in range(3)]
        for one in known:
            assert await is_heard(one, KNOWN)
        crowd = [await served.connected() for _ in range(3 * MOST)]
        for one in [*known, *crowd[-MOST:]]:
            assert await is_heard(one)
        await served.holds(MOST + len(known))


async def test_after_a_burst_whoever_says_at_once_what_is_wanted_is_heard() -> None:
    async with serving() as served:
        burst = await asyncio.gather(*(served.connected() for _ in range(25 * MOST)))
        newest = await served.connected(says=REQUEST)
        more = await asyncio.gather(*(served.connected() for _ in range(MOST - 1)))
        async with asyncio.timeout(PATIENCE):
            assert (await newest[0].readuntil(b"heard")).startswith(b"HTTP/1.1 200 ")
        await served.holds(MOST)
        for _, writer in [*burst, newest, *more]:
            writer.close()


async def test_who_does_not_take_the_answer_makes_room_all_the_same() -> None:
    async with serving() as served:
        held = [await served.connected(says=MUCH) for _ in range(MOST)]
        await served.answers(MOST)
        crowd = [await served.connected() for _ in range(MOST)]
        assert await is_heard(crowd[-1])
        await served.holds(MOST)
        for _, writer in held:
            writer.close()


@pytest.mark.parametrize("says", [b"", b"G", REQUEST[:-2]], ids=["nothing", "a letter", "all but the end"])
async def test_what_brings_no_whole_request_in_time_is_closed(says: bytes) -> None:
    async with serving(silent_seconds=0.05) as served:
        assert await is_ended(await served.connected(says=says))


async def test_what_brought_one_in_time_is_kept() -> None:
    async with serving(silent_seconds=0.2) as served:
        spoken = await served.connected()
        assert await is_heard(spoken)
        assert await is_ended(await served.connected())  # which came later, and had the same time
        assert await is_heard(spoken)


async def test_that_no_file_is_left_is_told_once_and_other_faults_are_not_taken_for_it(caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []
    loop = asyncio.get_running_loop()
    tell_once_when_none_can_be_accepted(told.append)
    none_left: dict[str, Any] = {"message": "socket.accept() out of system resource", "socket": None}
    for _ in range(3):
        loop.call_exception_handler({**none_left, "exception": OSError(errno.EMFILE, "Too many open files")})
    assert told == ["no connection can be accepted for now: Too many open files"]
    assert caplog.text == ""
    for other in (
        {"message": "first", "exception": OSError(errno.EMFILE, "")},
        {**none_left, "message": "second", "exception": KeyError()},
    ):
        loop.call_exception_handler(other)
    assert len(told) == 1
    assert "first" in caplog.text
    assert "second" in caplog.text
