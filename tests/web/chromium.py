"""A headless Chromium, driven by its DevTools protocol (source: chromedevtools.github.io/devtools-protocol)."""

from __future__ import annotations

import asyncio
import base64
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
import pyte

PATIENCE = 60.0
"""Seconds after which something that has not come is missing; nothing is measured by it."""
PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-port=0")
NO_NETWORK = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


class Chromium:
    """One tab. `text` is what the page was sent for its terminal; `requests` are the addresses that it asked for."""

    def __init__(self, *, width: int = 1280, height: int = 800, columns: int = 400, rows: int = 120) -> None:
        self._size = width, height
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._number = 0
        self._replies: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._news = asyncio.Event()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        """What the page's console and its policy complained about."""

    async def __aenter__(self) -> Self:
        port = await asyncio.to_thread(self._start)
        self._session = aiohttp.ClientSession()
        async with self._session.get(f"http://127.0.0.1:{port}/json/list") as response:
            targets = await response.json()
        page = next(one for one in targets if one["type"] == "page")
        self._socket = await self._session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0)
        self._reading = asyncio.create_task(self._read())
        for domain in ("Network", "Page", "Runtime", "Log"):
            await self.do(f"{domain}.enable")
        width, height = self._size
        await self.do("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._reading.cancel()
        await self._session.close()
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()

    def _start(self) -> int:
        """Start it, and give the port where it takes commands."""
        assert PROGRAM is not None
        folder = Path(self._folder.name)
        size = "--window-size={},{}".format(*self._size)
        command = [PROGRAM, *OPTIONS, NO_NETWORK, size, f"--user-data-dir={folder}", "about:blank"]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        told, end = folder / "DevToolsActivePort", time.monotonic() + PATIENCE
        while not (told.exists() and "\n" in told.read_text()):
            assert self._process.poll() is None, "Chromium ended at once"
            assert time.monotonic() < end, "Chromium does not begin"
            time.sleep(0.05)
        return int(told.read_text().split()[0])

    async def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and give its result."""
        self._number += 1
        reply = self._replies[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        async with asyncio.timeout(PATIENCE):
            answer = await reply
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    async def open(self, address: str) -> None:
        await self.do("Page.navigate", url=address)

    async def script(self, expression: str) -> Any:
        """The value of an expression in the page."""
        result = await self.do("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return result["result"].get("value")

    async def press(self, key: str, code: int) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            await self.do("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, nativeVirtualKeyCode=code)

    async def picture(self) -> bytes:
        """What is to be seen, as PNG."""
        shot = await self.do("Page.captureScreenshot", format="png")
        return base64.b64decode(shot["data"])

    @property
    def lines(self) -> list[str]:
        buffer = self.screen.buffer
        return ["".join(buffer[y][x].data for x in range(self.screen.columns)).rstrip() for y in range(self.screen.lines)]

    @property
    def text(self) -> str:
        return "\n".join(self.lines).rstrip()

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not condition():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"still missing: {what}\n{self.text}\n{self.complaints}") from None

    async def expect(self, *texts: str) -> None:
        await self.until(lambda: all(text in self.text for text in texts), " and ".join(texts))

    async def _read(self) -> None:
        async for message in self._socket:
            told = message.json()
            if "id" in told:
                self._replies.pop(told["id"]).set_result(told)
            else:
                self._take(told["method"], told["params"])
            self._news.set()

    def _take(self, method: str, told: dict[str, Any]) -> None:
        match method:
            case "Network.webSocketFrameReceived" if told["response"]["opcode"] == 2:
                self._stream.feed(base64.b64decode(told["response"]["payloadData"]))
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])
            case "Log.entryAdded":
                self.complaints.append(told["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.complaints.append(
                    str(told["exceptionDetails"].get("exception", {}).get("description", told["exceptionDetails"]["text"]))
                )
