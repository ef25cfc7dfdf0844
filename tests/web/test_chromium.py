"""The dashboard in a real browser."""

from __future__ import annotations

import signal
import socket

import pytest

from tests.cli.emulator import Emulator

from .chromium import PROGRAM, Chromium
from .serving import Serving

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium is installed (Debian: apt-get install chromium)")

SOON = """
const [now, later, often] = [Date.now, window.setTimeout, window.setInterval];
Date.now = () => now() * 5;
window.setTimeout = (work, delay) => later(work, Math.min(delay, 100));
window.setInterval = (work, delay) => often(work, Math.min(delay, 100));
"""
"""What a page puts off comes at once, and its time goes quickly."""
CONNECT = "new Promise((done) => { const one = new WebSocket('%s'); one.onopen = () => done('in'); one.onerror = () => done('out'); })"
CLOSED = """new Promise((done) => {
  const look = () => document.body.matches(".-closed") ? done(document.getElementById("reason").textContent) : setTimeout(look, 20);
  look();
})"""


def selected(tab: Chromium) -> list[int]:
    return [number for number, line in enumerate(tab.lines) if line.startswith("▌")]


async def test_the_board_appears_and_a_key_moves_the_selection() -> None:
    with Emulator() as elsewhere, Serving("--demo", "--seed", "4", "--interval", "1") as serving:
        async with Chromium() as tab:
            await tab.open(serving.address)
            await tab.expect("live", "Chatting", "Participants", "q quit")
            (before,) = selected(tab)
            nothing_moved = await tab.picture()
            await tab.press("ArrowDown", 40)
            await tab.until(lambda: selected(tab) == [before + 1], "the next row")
            assert await tab.picture() != nothing_moved
            fonts = await tab.script("[...document.fonts].map((font) => font.status).join()")
            assert fonts == "loaded,loaded"
            assert await tab.script("location.href") == f"{serving.local.origin()}/"
            assert all(asked.startswith(str(serving.local.origin())) for asked in tab.requests)
            assert [said for said in tab.complaints if "WebGL" not in said] == []
            await tab.press("q", 81)
            assert await tab.script(CLOSED) == "chatmon was ended"
            # Cookies know no ports: the page of another server on this machine sends that of the board.
            await tab.open(elsewhere.url)
            await tab.until(lambda: f"{elsewhere.url}/" in tab.requests, "a page from elsewhere")
            assert await tab.script(CONNECT % (serving.local.with_query(None).with_scheme("ws") / "ws")) == "out"


async def test_a_wallboard_comes_back_with_its_server_and_one_that_says_nothing_any_more_is_told_from_one_that_is_live() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    arguments = ("--demo", "--wallboard", "--port", port)
    token = {"CHATMON_SERVE_TOKEN": "a-token-that-stays-the-same"}
    async with Chromium(width=1920, height=1080) as tab:

        async def comes_back(pages: int) -> None:
            await tab.until(lambda: tab.requests.count(f"http://127.0.0.1:{port}/page.js") > pages, "the page again")
            tab.screen.reset()
            await tab.expect("wallboard", "Longest wait", "the worst first")

        await tab.do("Page.addScriptToEvaluateOnNewDocument", source=SOON)
        with Serving(*arguments, environment=token) as serving:
            await tab.open(serving.address)
            await comes_back(0)
            await tab.press("q", 81)
        with Serving(*arguments, environment=token) as serving:
            await comes_back(1)
            serving.process.send_signal(signal.SIGSTOP)
            assert await tab.script(CLOSED) == "The connection to chatmon is lost"
            serving.process.send_signal(signal.SIGCONT)
            await comes_back(2)
