"""One open page and the dashboard behind it: a process of its own, which begins and ends with the page."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import msgspec
from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

PRELUDE: Final = b"__GANGLION__\n"
"""With this line Textual's driver for a browser begins to speak (source: textual-serve 1.1, `app_service`)."""
MAX_CELLS: Final = 500
"""Columns and lines of a page, at the most: a dashboard draws them all."""
END_SECONDS: Final = 5.0
"""So long a dashboard may take to end once its page is gone."""
ANSWER_SECONDS: Final = 5.0
"""So long a dashboard may leave the pipe full through which it hears of its page: no person types so much."""
TOO_MUCH: Final = b"more was typed than chatmon can answer"
ENDED: Final = b"chatmon was ended"
BROKEN: Final = b"chatmon ended unexpectedly: where chatmon serve runs, it is said why"


class Program(msgspec.Struct, frozen=True):
    """What runs for a page: a command with its arguments, and what is added to this process's environment."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = {}


class Viewer(AppService):
    """Runs the program for one page, and relays what the page types and what the program draws."""

    def __init__(self, program: Program, page: web.WebSocketResponse) -> None:
        super().__init__(
            program.command[0],
            write_bytes=page.send_bytes,
            write_str=page.send_str,
            close=self._close_page,
            download_manager=DownloadManager(),
        )
        self._program = program
        self._page = page

    async def _close_page(self) -> None:
        await self._page.close()

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        environment = super()._build_environment(cells(width), cells(height))
        # What a browser shows is UTF-8, whatever the terminal of this process is.
        return environment | {"PYTHONIOENCODING": "utf-8"} | dict(self._program.environment)

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        """Without a shell, and in a session of its own: Ctrl-C in this terminal is for this process alone. It ends the others in order."""
        self._process = process = await asyncio.create_subprocess_exec(
            *self._program.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=self._build_environment(width, height),
            start_new_session=True,
        )
        self._stdin = process.stdin
        return process

    async def take(self, message: str) -> None:
        """Take in what the page says. What is not understood is left alone."""
        try:
            said = msgspec.json.decode(message)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return
        match said:
            case ["ping", str() as when]:
                await self._page.send_json(["pong", when[:32]])
            case [*_]:
                await self._hand_on(said)

    async def _hand_on(self, said: list[object]) -> None:
        """Hand on what is for the program. A page that sends more than the program can answer is closed."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                match said:
                    case ["stdin", str() as typed]:
                        await self.send_bytes(typed.encode("utf-8", "ignore"))
                    case ["resize", {"width": width, "height": height}] if type(width) is type(height) is int:
                        await self.set_terminal_size(cells(width), cells(height))
                    case ["focus", *_]:
                        await self.focus()
                    case ["blur", *_]:
                        await self.blur()
        except TimeoutError:
            await self._page.close(message=TOO_MUCH)

    async def run(self) -> None:
        """Relay what the program draws until it ends, and close the page then. What nobody looks at any more is drawn for nobody."""
        assert self._process is not None
        assert self._process.stdout is not None
        output = self._process.stdout
        try:
            while (line := await output.readline()) != PRELUDE:
                if not line:
                    break
            while True:
                kind = await output.readexactly(1)
                payload = await output.readexactly(int.from_bytes(await output.readexactly(4), "big"))
                if kind == b"D" and not self._page.closed:
                    await self._draw(payload)
        except asyncio.IncompleteReadError:
            pass
        code = await self._process.wait()
        await self._page.close(message=BROKEN if code else ENDED)

    async def _draw(self, payload: bytes) -> None:
        try:
            await self.on_data(payload)
        except ConnectionResetError:
            return  # whoever reads the page's messages hears of it, too

    async def stop(self) -> None:
        """End the program, in order if it can and if its page takes its last words, and wait for its end."""
        if self._process is None or self._task is None:
            return
        try:
            async with asyncio.timeout(END_SECONDS):
                await self.send_meta({"type": "quit"})  # which waits for a dashboard that has more to read than it can
                await asyncio.shield(self._task)
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            # It may wait for a page that takes nothing any more.
            self._task.cancel()
            await asyncio.wait([self._task])


def cells(wanted: int) -> int:
    """A width or height that can be drawn."""
    return min(max(wanted, 1), MAX_CELLS)
