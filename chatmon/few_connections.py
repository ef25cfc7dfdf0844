"""An HTTP server that strangers cannot use up: they connect as often as they like, and files are left for everything else."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

SILENT_SECONDS: Final = 10.0
"""So long a connection may take to bring its first whole request."""
IDLE_SECONDS: Final = 120.0
"""For so long a connection is kept for the next request: longer than most leave between two."""
PART_TAKEN_AT_ONCE: Final = 4
"""One part in so many is accepted at once at the most: the newest has its turn to be heard before others push it out."""
OUT_OF_FILES: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""Where accepting fails with one of these, asyncio tries again a second later (source: CPython, asyncio/selector_events.py)."""


class FewConnections(web.Server):
    """Holds at most `most` connections, beside those that are spared: the oldest makes room for the next.

    One that brings no whole request within `silent_seconds` is closed.
    """

    def __init__(self, handler: Handler, *, most: int, silent_seconds: float = SILENT_SECONDS, **others: Any) -> None:
        super().__init__(self._hear, access_log=None, keepalive_timeout=IDLE_SECONDS, **others)
        self._handler = handler
        self._most = most
        self._silent_seconds = silent_seconds
        self._silent: dict[RequestHandler, asyncio.TimerHandle] = {}
        self._strangers: dict[RequestHandler, None] = {}
        """Those that are not spared, the oldest first."""

    async def serve(self, listening: socket.socket, *, shutdown_seconds: float) -> web.ServerRunner:
        """Serve at a socket until what this gives is cleaned up; requests that are being answered then may take so many seconds more."""
        runner = web.ServerRunner(self, shutdown_timeout=shutdown_seconds)
        await runner.setup()
        # asyncio takes a backlog for the number of connections to accept in one go, too: the queue alone is to be longer.
        await web.SockSite(runner, listening, backlog=max(1, self._most // PART_TAKEN_AT_ONCE)).start()
        listening.listen()
        return runner

    def spare(self, connection: RequestHandler) -> None:
        """Let a connection make room for no other one: it is known whose it is."""
        self._strangers.pop(connection, None)

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """One more."""
        super().connection_made(handler, transport)
        while len(self._strangers) >= self._most:
            self._close(next(iter(self._strangers)))
        self._strangers[handler] = None
        self._silent[handler] = asyncio.get_running_loop().call_later(self._silent_seconds, self._close, handler)

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        """One less."""
        self._forget(handler)
        super().connection_lost(handler, exc)

    async def _hear(self, request: web.BaseRequest) -> web.StreamResponse:
        if (deadline := self._silent.pop(request.protocol, None)) is not None:
            deadline.cancel()
        return await self._handler(request)

    def _close(self, connection: RequestHandler) -> None:
        self._forget(connection)
        if connection.transport is not None:
            connection.transport.abort()  # a mere close would wait for a reader that takes nothing
        connection.force_close()

    def _forget(self, connection: RequestHandler) -> None:
        self._strangers.pop(connection, None)
        if (deadline := self._silent.pop(connection, None)) is not None:
            deadline.cancel()


def tell_once_when_none_can_be_accepted(tell: Callable[[str], None]) -> None:
    """Have the running loop tell in one line, the first time, that no file is left for a connection. Other faults stay what they are."""
    loop = asyncio.get_running_loop()
    is_told = False

    def take(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        nonlocal is_told
        error = context.get("exception")
        if "socket" not in context or not isinstance(error, OSError) or error.errno not in OUT_OF_FILES:
            loop.default_exception_handler(context)
        elif not is_told:
            is_told = True
            tell(f"no connection can be accepted for now: {error.strerror}")

    loop.set_exception_handler(take)
