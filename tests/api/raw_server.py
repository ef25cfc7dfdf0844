"""A server whose every byte the test decides: it reads requests, records them and plays back scripts.

A script is a tuple of steps. Each request is answered with the next script of the list; the last one is used over and over. After a
script without `Close`, `Reset` or `Silence` the connection is kept for the next request.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from socket import SO_LINGER, SOL_SOCKET
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Send:
    """Send these bytes, `times` over."""

    wire: bytes
    times: int = 1


@dataclass(frozen=True)
class Drip:
    """Send these bytes one at a time, `every` so many seconds."""

    wire: bytes
    every: float


@dataclass(frozen=True)
class Pause:
    """Say nothing for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Close:
    """Hang up in order."""


@dataclass(frozen=True)
class Reset:
    """Hang up with a TCP reset."""


@dataclass(frozen=True)
class Silence:
    """Say nothing until the client goes."""


Step = Send | Drip | Pause | Close | Reset | Silence
Script = tuple[Step, ...]


def answer(
    body: bytes | str = b"",
    *,
    status: str = "200 OK",
    content_type: str | None = "application/json",
    headers: Sequence[tuple[str, str]] = (),
    length: int | None = None,
) -> Send:
    """A whole HTTP/1.1 answer; `length` is what Content-Length claims, if it is to lie."""
    wire = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
    if content_type is not None:
        lines.append(f"Content-Type: {content_type}")
    if not status.startswith(("1", "204", "304")):
        lines.append(f"Content-Length: {len(wire) if length is None else length}")
    return Send("\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + wire)


class RawServer:
    """Listens on loopback. `requests` are the heads received, `sent` the bytes handed to the sockets, `connections` those accepted.

    `asked` is set from the first request on. `port` 0 is any free one; one that is named may be held by who named it.
    """

    def __init__(self, *scripts: Script, tls: ssl.SSLContext | None = None, port: int = 0, idle: float | None = None) -> None:
        self._idle = idle
        """Seconds without a request after which a connection is closed."""
        self.scripts: Sequence[Script] = scripts
        self.requests: list[bytes] = []
        self.asked = asyncio.Event()
        self.connections = 0
        self.sent = 0
        self.port = port
        self._greeting: Script = ()
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @classmethod
    def play_at_once(cls, *steps: Step, port: int = 0) -> Self:
        """A server that does not wait for a request: it plays these steps on every connection."""
        server = cls(port=port)
        server._greeting = steps
        return server

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, HOST, self.port, ssl=self._tls, reuse_port=bool(self.port))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open.values():
            writer.transport.abort()
        await asyncio.gather(*self._open)

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{'http' if self._tls is None else 'https'}://{HOST}:{self.port}"

    @property
    def root(self) -> str:
        """The API root of a plain deployment."""
        return f"{self.origin}/api/v2"

    @property
    def open_connections(self) -> int:
        """Connections that are not closed yet."""
        return len(self._open)

    @property
    def request_lines(self) -> list[str]:
        """The first line of each request."""
        return [head.split(b"\r\n", 1)[0].decode("ascii") for head in self.requests]

    def header(self, name: str, request: int = -1) -> str | None:
        """The value of a header of one request, by default of the last."""
        for line in self.requests[request].decode("latin-1").split("\r\n")[1:]:
            field, _, value = line.partition(":")
            if field.lower() == name.lower():
                return value.strip()
        return None

    def script(self, head: bytes) -> Script:  # noqa: ARG002 - for servers that decide by what is asked
        """What is played in answer to the newest request."""
        return self.scripts[min(len(self.requests), len(self.scripts)) - 1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        self.connections += 1
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):  # a time-out is an OSError, too
                if self._greeting and not await self._play(self._greeting, reader, writer):
                    return
                while True:
                    async with asyncio.timeout(self._idle):
                        head = await reader.readuntil(b"\r\n\r\n")
                    self.requests.append(head)
                    self.asked.set()
                    if not await self._play(self.script(head), reader, writer):
                        return
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            del self._open[task]

    async def _play(self, script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection is kept."""
        for step in script:
            match step:
                case Send(wire, times):
                    for _ in range(times):
                        await self._write(writer, wire)
                case Drip(wire, every):
                    for number in range(len(wire)):
                        await self._write(writer, wire[number : number + 1])
                        await asyncio.sleep(every)
                case Pause(seconds):
                    await asyncio.sleep(seconds)
                case Close():
                    return False
                case Reset():
                    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
                    writer.transport.abort()
                    return False
                case Silence():
                    await reader.read()
                    return False
        return True

    async def _write(self, writer: asyncio.StreamWriter, wire: bytes) -> None:
        writer.write(wire)
        await writer.drain()
        self.sent += len(wire)
