"""A Chat API that costs next to nothing: keep-alive, an answer for every id, nothing parsed but the path.

`python -m tests.bench.server [SECONDS]` prints its port. With SECONDS every chat changes its state about as often.
`GET /punctuality` tells how the polls came since it was asked last; that is no part of the Chat API.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from functools import lru_cache
from zlib import crc32

STATES = ("WaitingForAgent", "Chatting", "Chatting", "Idle")


@lru_cache(maxsize=50_000)
def answer(chat_id: str, state: str) -> bytes:
    """The whole response: the sample of the API's documentation, about 400 bytes."""
    agent = '{"nickname":"Kristi Sippola","participantId":"2","type":"Agent"},' if state == "Chatting" else ""
    return response(
        '{"chat":{"capabilities":["SendMessage","SendStartTypingNotification","SendStopTypingNotification","Complete"],'
        f'"id":"{chat_id}","participants":[{agent}{{"nickname":"Chris","participantId":"1","type":"Customer"}}],'
        f'"state":"{state}"}},"statusCode":0}}'
    )


def response(text: str) -> bytes:
    """A body of JSON with its head."""
    body = text.encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class Punctuality:
    """The seconds between two polls of each chat."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}
        self._gaps: list[float] = []

    def polled(self, chat_id: str) -> None:
        """A poll has come."""
        now = time.monotonic()
        last = self._last.get(chat_id)
        if last is not None:
            self._gaps.append(now - last)
        self._last[chat_id] = now

    def told(self) -> bytes:
        """What came since it was told last."""
        gaps = sorted(self._gaps)
        self._gaps.clear()
        return response(json.dumps({"polls": len(gaps), "p99_gap": gaps[99 * len(gaps) // 100] if gaps else None}))


class Connection(asyncio.Protocol):
    """Answers each request as it comes."""

    changes_every: float | None = None
    punctuality = Punctuality()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        *requests, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for request in requests:
            name = request.split(b" ", 2)[1].rpartition(b"/")[2].decode()
            if name == "punctuality":
                self._transport.write(self.punctuality.told())
            else:
                self.punctuality.polled(name)
                self._transport.write(answer(name, self._state(name)))

    def _state(self, chat_id: str) -> str:
        turn = crc32(chat_id.encode())
        if self.changes_every is not None:
            turn += int(time.monotonic() / self.changes_every + turn % 1000 / 1000)
        return STATES[turn % len(STATES)]


async def serve() -> None:
    """Serve until the process is ended."""
    if len(sys.argv) > 1:
        Connection.changes_every = float(sys.argv[1])
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve())
