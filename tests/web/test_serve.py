"""`chatmon serve`, and pages that speak as a browser does."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pyte
import pytest

from chatmon.cli.served import environment_of
from tests.cli.emulator import Emulator, chat

from .page import Page
from .serving import PATIENCE, Serving, command_line, is_there, wait_until_gone

resource = pytest.importorskip("resource")
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at the processes where Linux tells of them")

SECRET = "hunter2-of-the-gateway"
IDS = tuple(f"canary4{number}-316223-6b4b-48d3" for number in range(3))
NAMES = ("Ada Canary", "Kristi Canary")
FEW_FILES = 256
"""So many files may be open where a system allows few; macOS begins with that."""


@pytest.fixture
def centre() -> Iterator[Emulator]:
    with Emulator() as running:
        for one in IDS:
            running.chats[one] = chat("Chatting", (1, NAMES[0], "Customer"), (2, NAMES[1], "Agent"))
        yield running


def options(centre: Emulator) -> tuple[str, ...]:
    return "--url", centre.url, "-H", f"apikey: {SECRET}", "--interval", "0.3"


def selected(page: Page) -> list[int]:
    return [number for number, line in enumerate(page.lines) if line.startswith("▌")]


async def test_the_board_appears_a_key_moves_the_selection_and_nothing_is_told_that_is_none_of_others_business(centre: Emulator) -> None:
    with Serving(*options(centre), "--max-rate", "20", *IDS) as serving:
        async with Page(serving.address) as page:
            await page.expect("live", *NAMES, "of 5")  # a quarter of the rate, for each of four pages
            (before,) = selected(page)
            await page.type("\x1b[B")
            await page.until(lambda: selected(page) == [before + 1], "the next row")
            command = command_line(serving.dashboards[0])
            assert "chatmon" in command
            assert not [one for one in (SECRET, *IDS, centre.url) if one in command]
            for nonsense in ("", "[]", '["stdin"]', '["stdin", 7]', '["resize", {"width": true}]', '["stdin", "\\ud800"]', "{", "\x00"):
                assert page._socket is not None
                await page._socket.send_str(nonsense)
            await page._socket.send_str("[" * 12_000 + "]" * 12_000)
            await page.type("\x1b[48;30000;30000;0;0t\x1b[1114112u\x1b[:R\x1b[120;1:3u\x1b]11;rgb:0000/0000/0000\x1b\\")
            await page.say("resize", {"width": 10**9, "height": -5})
            await page.say("resize", {"width": 160, "height": 45})
            await page.type("\x1b[A")
            await page.until(lambda: selected(page) == [before], "the row before")
            await page.type("q")
            assert await page.ends() == "chatmon was ended"
        assert serving.signal(signal.SIGTERM) == 0
        assert not [
            one for one in (serving.address.partition("token=")[2], SECRET, *IDS, *NAMES) if one in serving.errors + serving.written
        ]
    assert centre.others == []
    assert {headers["apikey"] for _, headers in centre.requests} == {SECRET}


async def test_without_its_token_its_name_and_its_own_page_nothing_is_to_be_had(centre: Emulator) -> None:
    with Serving(*options(centre), *IDS) as serving:
        right, address = serving.address, serving.local
        token = address.query["token"]
        places = ("/", "/page.js", "/page.css", "/static/js/textual.js", "/static/css/xterm.css", "/nowhere", "/ws", "/static/")
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:

            async def status(path: str, method: str = "GET", **headers: str) -> int:
                async with session.request(method, address.origin().join(aiohttp.client.URL(path)), headers=headers) as answer:
                    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
                    assert token not in await answer.text(errors="replace")
                    return answer.status

            for path in places:
                assert await status(path) == 403
                assert await status(f"{path}?token=wrong") == 403
                assert await status(f"{path}?token={token}", Host="evil.example") == 403
            assert await status(f"/?token={token}", Host="localhost:1") == 200
            kept = f"chatmon-{address.port}={token}"
            for path in places[:5]:
                assert await status(path, Cookie=kept) == 200
            assert await status("/nowhere", Cookie=kept) == 404
            assert await status("/static/", Cookie=kept) == 403  # folders are not listed
            assert await status("/static/../../../secrets", Cookie=kept) == 404
            assert await status("/", "POST", Cookie=kept) == 405
            async with session.get(right) as answer:
                cookie = answer.headers["Set-Cookie"]
                assert {"HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))
                assert cookie.startswith(kept)
                page = await answer.text()
                assert 'data-font-size="16"' in page
                assert "http" not in page  # nothing comes from elsewhere
            async with session.get(f"{right}&fontsize=24") as answer:
                assert 'data-font-size="24"' in await answer.text()
        for origin in ("http://evil.example", "null", f"http://127.0.0.1:{serving.port + 1}"):
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                await Page(right, Origin=origin).__aenter__()
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await Page(right.replace(token, "wrong")).__aenter__()
        assert serving.dashboards == []
    assert centre.requests == []


async def test_a_dashboard_ends_with_its_page_and_one_too_many_is_not_begun(centre: Emulator) -> None:
    with Serving(*options(centre), "--max-viewers", "1", *IDS) as serving:
        async with Page(serving.address) as page:
            await page.expect("live")
            first = serving.dashboards
            assert len(first) == 1
            async with Page(serving.address) as other:
                assert "close one of them" in await other.ends()
            assert serving.dashboards == first
        await asyncio.to_thread(wait_until_gone, first)
        async with Page(serving.address) as page:
            await page.expect("live")
            last = serving.dashboards
            code = await asyncio.to_thread(serving.signal, signal.SIGINT)
            assert code == 130
            assert await page.ends() == "chatmon serve was ended"
        assert not any(map(is_there, last))


async def test_dashboards_end_with_a_server_that_is_killed(centre: Emulator) -> None:
    with Serving(*options(centre), *IDS) as serving:
        async with Page(serving.address) as page:
            await page.expect("live")
            dashboards = serving.dashboards
            serving.process.kill()
            await asyncio.to_thread(wait_until_gone, dashboards)


@pytest.mark.parametrize(
    ("arguments", "is_private"),
    [
        pytest.param(("--host", "0.0.0.0"), True, id="elsewhere"),
        pytest.param(("--host", "0.0.0.0", "--no-privacy"), False, id="elsewhere, and told so"),
    ],
)
async def test_beyond_this_machine_pseudonyms_are_shown_unless_told_otherwise(
    centre: Emulator, arguments: tuple[str, ...], is_private: bool
) -> None:
    with Serving(*options(centre), *arguments, *IDS) as serving:
        async with Page(str(serving.local)) as page:
            await page.expect("live", "Chatting", *(("pseudonyms", "Cust ") if is_private else NAMES))
            assert [name in page.text for name in (*NAMES, IDS[0][:8])] == [not is_private] * 3
        serving.signal(signal.SIGTERM)
        assert ("reached from elsewhere" in serving.errors) is ("--host" in arguments)


async def test_another_server_may_show_it_under_a_name_of_its_own(centre: Emulator) -> None:
    with Serving(*options(centre), "--public-url", "https://board.example.com/wall/", *IDS) as serving:
        shown, _, token = serving.address.partition("?token=")
        assert shown == "https://board.example.com/wall/"
        line = serving.log_line("reached from elsewhere")
        here = f"http://127.0.0.1:{serving.port}/?token={token}"
        for host in ("board.example.com", f"127.0.0.1:{serving.port}"):
            async with Page(here, Origin="https://board.example.com", Host=host) as page:
                await page.expect("live", "pseudonyms", "Cust ")
        async with aiohttp.ClientSession() as session, session.get(here) as answer:
            assert "Secure" in answer.headers["Set-Cookie"]
    assert "pseudonyms" in line


async def test_pages_know_what_a_history_has_and_record_and_call_nobody(centre: Emulator, tmp_path: Path) -> None:
    history, called = tmp_path / "h.sqlite3", tmp_path / "called"
    program = f'["{sys.executable}", "-c", "open({str(called)!r}, \'w\')"]'
    (tmp_path / "c.toml").write_text(f"[alarms]\nidle = 1\non_alarm = {program}\n")
    recording = ("poll", *options(centre), "--history", str(history), "--follow", "--for", "0.5", *IDS)
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "chatmon", *recording, stdout=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 0
    for one in centre.chats.values():
        one["state"] = "Idle"
    before = history.read_bytes()
    with Serving(*options(centre), "--config", str(tmp_path / "c.toml"), "--history", str(history), *IDS) as serving:
        async with Page(serving.address) as page, Page(serving.address) as other:
            for shown in (page, other):
                await shown.expect("live", "idle ≥")
                assert "history" not in shown.lines[0]
            await page.type("e")
            await page.expect("first seen")
            assert "Chatting" in page.text
    assert history.read_bytes() == before
    assert not called.exists()


async def test_a_dashboard_that_cannot_begin_says_so_where_its_page_and_its_server_are(centre: Emulator, tmp_path: Path) -> None:
    ids = tmp_path / "chats.ids"
    ids.write_text("\n".join(IDS))
    with Serving(*options(centre), "--ids-file", str(ids)) as serving:
        ids.unlink()
        async with Page(serving.address) as page:
            assert "ended unexpectedly" in await page.ends()
        serving.signal(signal.SIGTERM)
        assert "the file with the chat ids does not exist" in serving.errors


async def test_a_wallboard_takes_no_key_not_even_that_which_ends_it(centre: Emulator) -> None:
    with Serving(*options(centre), "--wallboard", *IDS) as serving:
        async with aiohttp.ClientSession() as session, session.get(serving.address) as answer:
            text = await answer.text()
            assert 'data-font-size="28"' in text
            assert 'data-kind="wall"' in text
        async with Page(serving.address, columns=113, rows=29) as page:
            await page.expect("wallboard", "Longest wait", *NAMES)
            polls = len(centre.requests)
            for key in ("q", "\x03", "\x11", "x", "l", "\r"):
                await page.type(key)
            await page.until(lambda: len(centre.requests) > polls + 6, "more polls")
            assert page.lines[0].startswith(" chatmon   wallboard")
            assert "3 of 3 chats" in page.lines[-1]


async def hold_up(process: asyncio.subprocess.Process, centre: Emulator) -> None:
    """Take nothing for a while, then everything."""
    assert process.stdin is not None
    assert process.stdout is not None

    def polls(more: int) -> None:
        wanted, end = len(centre.requests) + more, time.monotonic() + PATIENCE
        while len(centre.requests) < wanted:
            assert time.monotonic() < end, "no more polls"
            time.sleep(0.02)

    for width in range(190, 200):
        packet = b'{"type": "resize", "width": %d, "height": 60}' % width
        process.stdin.write(b"M%s%s" % (len(packet).to_bytes(4, "big"), packet))
        await asyncio.to_thread(polls, 1)
    await asyncio.to_thread(polls, 12)
    assert await process.stdout.readline() == b"__GANGLION__\n"
    screen = pyte.Screen(200, 60)  # no frame is cut, so that none looks like the last one
    stream = pyte.ByteStream(screen)

    def row(y: int) -> str:
        return "".join(screen.buffer[y][x].data or " " for x in range(199))

    async with asyncio.timeout(PATIENCE):
        while not (row(0)[197].isdigit() and row(0)[198] == " " and "q quit" in row(59)):  # drawn whole, for the last of the sizes
            head = await process.stdout.readexactly(5)
            assert head.startswith(b"D")
            stream.feed(await process.stdout.readexactly(int.from_bytes(head[1:], "big")))
    assert all(name in "".join(screen.display) for name in NAMES)
    process.stdin.write(b"D\x00\x00\x00\x02\xff\xff" + b"D\x00\x00\x00\x01q")
    rest = await process.stdout.read()
    assert await process.wait() == 0
    assert rest.endswith(b'{"type": "exit"}')


async def test_a_page_that_takes_nothing_for_a_while_holds_up_no_poll_and_is_drawn_later(centre: Emulator) -> None:
    environment = {
        **os.environ,
        **environment_of(("watch", *options(centre), "--no-history", *IDS), privacy=False),
        **{"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver", "COLUMNS": "200", "ROWS": "60", "TEXTUAL_COLOR_SYSTEM": "truecolor"},
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chatmon.cli.served"), stdin=-1, stdout=asyncio.subprocess.PIPE, env=environment
    )
    try:
        await hold_up(process, centre)
    finally:
        if process.returncode is None:
            process.kill()


async def test_strangers_who_connect_and_say_nothing_lock_nobody_out(centre: Emulator) -> None:
    with Serving(*options(centre), *IDS) as serving:
        resource.prlimit(serving.process.pid, resource.RLIMIT_NOFILE, (FEW_FILES, FEW_FILES))
        async with Page(serving.address) as page:
            await page.expect("live")
            port = serving.port
            async with asyncio.timeout(PATIENCE):
                crowd = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(FEW_FILES + 64)))
            try:
                async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session, session.get(serving.address) as answer:
                    assert answer.status == 200
                async with Page(serving.address) as another:
                    await another.expect("live")
                polls = len(centre.requests)
                await page.type("e")
                await page.expect("first seen")
                await page.until(lambda: len(centre.requests) > polls + 6, "more polls")
            finally:
                for _, writer in crowd:
                    writer.close()


async def test_where_no_file_is_left_for_a_connection_it_is_said_and_there_are_some_again_later(centre: Emulator) -> None:
    with Serving(*options(centre), *IDS) as serving:
        before = resource.prlimit(serving.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(serving.process.pid, resource.RLIMIT_NOFILE, (serving.last_file + 1, before[1]))
        async with aiohttp.ClientSession() as session:
            asked = asyncio.ensure_future(session.get(serving.address))
            line = await asyncio.to_thread(serving.log_line, "chatmon: no connection can be accepted")
            resource.prlimit(serving.process.pid, resource.RLIMIT_NOFILE, before)
            async with asyncio.timeout(PATIENCE):
                assert (await asked).status == 200
        assert "Too many open files" in line
        assert serving.signal(signal.SIGTERM) == 0
        assert serving.errors == ""
