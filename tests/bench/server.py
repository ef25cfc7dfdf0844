"""A Chat API that costs next to nothing: keep-alive, an answer for every id, nothing parsed but the path.

`python -m tests.bench.server [SECONDS]` prints its port. With SECONDS every chat changes its state about as often.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from functools import lru_cache
from zlib import crc32

STATES = ("WaitingForAgent", "Chatting", "Chatting", "Idle")


@lru_cache(maxsize=50_000)
def answer(chat_id: str, state: str) -> bytes:
    """The whole response: the sample of the API's documentation, about 400 bytes."""
    agent = '{"nickname":"Kristi Sippola","participantId":"2","type":"Agent"},' if state == "Chatting" else ""
    body = (
        '{"chat":{"capabilities":["SendMessage","SendStartTypingNotification","SendStopTypingNotification","Complete"],'
        f'"id":"{chat_id}","participants":[{agent}{{"nickname":"Chris","participantId":"1","type":"Customer"}}],'
        f'"state":"{state}"}},"statusCode":0}}'
    ).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class Connection(asyncio.Protocol):
    """Answers each request as it comes."""

    changes_every: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        *requests, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for request in requests:
            chat_id = request.split(b" ", 2)[1].rpartition(b"/")[2].decode()
            self._transport.write(answer(chat_id, self._state(chat_id)))

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
