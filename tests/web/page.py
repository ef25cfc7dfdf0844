"""A page as textual-serve's script in a browser is one: it speaks over a websocket, and shows what comes."""

from __future__ import annotations

import asyncio
import json
from types import TracebackType
from typing import Any, Self

import aiohttp
import pyte
from yarl import URL

PATIENCE = 60.0
"""Seconds after which something that has not come is missing; nothing is measured by it."""


class Page:
    """One open page of the address that `chatmon serve` prints."""

    def __init__(self, address: str, *, columns: int = 160, rows: int = 45, **headers: str) -> None:
        self.address = URL(address)
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._headers = {"Origin": str(self.address.origin()), **headers}
        self._session = aiohttp.ClientSession()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self.why_closed = ""

    async def __aenter__(self) -> Self:
        query = {**self.address.query, "width": str(self.screen.columns), "height": str(self.screen.lines)}
        try:
            self._socket = await self._session.ws_connect((self.address / "ws").with_query(query), headers=self._headers, autoping=True)
        except BaseException:
            await self._session.close()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the page, as the end of a tab does."""
        await self._session.close()

    @property
    def lines(self) -> list[str]:
        buffer = self.screen.buffer
        return ["".join(buffer[y][x].data for x in range(self.screen.columns)) for y in range(self.screen.lines)]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    async def send(self, message: str) -> None:
        """Send a message as it is, whether it says anything or not."""
        assert self._socket is not None
        await self._socket.send_str(message)

    async def say(self, *words: Any) -> None:
        await self.send(json.dumps(list(words)))

    async def type(self, keys: str) -> None:
        await self.say("stdin", keys)

    async def read(self) -> bool:
        """Take in what comes next; False where the page was closed."""
        assert self._socket is not None
        message = await self._socket.receive()
        if message.type is aiohttp.WSMsgType.BINARY:
            self._stream.feed(message.data)
        elif message.type is aiohttp.WSMsgType.TEXT:
            self.why_closed = json.loads(message.data)[0]
        else:
            self.why_closed = str(message.extra or "")
            return False
        return True

    async def read_on(self) -> None:
        """Take in whatever comes, until the page is closed."""
        while await self.read():
            pass

    async def until(self, condition: Any, what: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not condition():
                    assert await self.read(), f"closed ({self.why_closed}) before: {what}\n{self.text}"
        except TimeoutError:
            raise AssertionError(f"still missing: {what}\n{self.text}") from None

    async def expect(self, *texts: str) -> None:
        await self.until(lambda: all(text in self.text for text in texts), " and ".join(texts))

    async def ends(self) -> str:
        """Wait until the page is closed, and give the reason."""
        async with asyncio.timeout(PATIENCE):
            while await self.read():
                continue
        return self.why_closed
