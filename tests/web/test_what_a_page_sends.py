"""A page may send whatever it likes: its dashboard goes on, within its limits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatmon.web.viewer import MAX_CELLS
from tests.cli.emulator import Emulator, chat
from tests.terminal.test_input_of_all_kinds import MALFORMED, PASTES, REPLIES
from tests.web.page import Page
from tests.web.serving import Serving, wait_until_gone

pytest.importorskip("resource")

IDS = tuple(f"4031622{number}-6b4b-48d3-bc78-d3102119a477" for number in range(3))
DEEP = 12_000
MESSAGES = (
    "[" * DEEP + "]" * DEEP,
    '["resize",' + '{"width":' * (DEEP // 2) + "1" + "}" * (DEEP // 2) + "]",
    '["stdin",' + "[" * DEEP + "]" * DEEP + "]",
    '["resize", {"width": true, "height": true}]',
    '["resize", {"width": 1e3, "height": 30}]',
    '["resize", {"width": NaN, "height": 30}]',
    '["resize", {"width": null, "height": "30"}]',
    f'["resize", {{"width": {"9" * 5_000}, "height": 30}}]',
    '["stdin", {"q": "q"}]',
    '["stdin", "\\ud800"]',
    '["ping", "' + "9" * 60_000 + '"]',
    '["quit"]',
    '["exit"]',
    '{"type": "exit"}',
    '"' + "q" * 60_000 + '"',
    "",
    "\x00",
    "null",
    "1e999",
)


@pytest.fixture
def centre() -> Iterator[Emulator]:
    with Emulator({one: chat("Chatting", (1, f"Ada {number}", "Customer")) for number, one in enumerate(IDS)}) as running:
        yield running


def serving(centre: Emulator) -> Serving:
    return Serving("--url", centre.url, "--interval", "0.3", *IDS)


def rows(page: Page) -> list[int]:
    """The lines of the list, which begin with the state of a chat."""
    return [number for number, line in enumerate(page.lines) if "Ada " in line[:60]]


def selected(page: Page) -> list[int]:
    return [number for number, line in enumerate(page.lines) if line.startswith("▌")]


async def goes_on(page: Page) -> None:
    """The selection goes to the last row and to the first: nothing else is shown, and every chat is watched still."""
    await page.type("\x1b[F")
    await page.until(lambda: selected(page) == rows(page)[2:3] != [], "the last row")
    await page.type("\x1b[H")
    await page.until(lambda: selected(page) == rows(page)[:1] != [], "the first row")


async def test_whatever_a_page_types_the_board_stays_as_it_is_and_answers_the_next_key(centre: Emulator) -> None:
    with serving(centre) as served:
        async with Page(served.address) as page:
            await page.expect("live", "Ada 0", "Ada 1", "Ada 2")
            for data in (*REPLIES, *MALFORMED, *PASTES):
                for start in range(0, len(data), 30_000):
                    await page.type(data[start : start + 30_000].decode("utf-8", "surrogateescape"))
                await goes_on(page)
            await page.type("q")
            assert await page.ends() == "chatmon was ended"
    assert served.errors == ""


async def test_messages_that_mean_nothing_do_nothing(centre: Emulator) -> None:
    with serving(centre) as served:
        async with Page(served.address) as page:
            await page.expect("live", "Ada 0", "Ada 1", "Ada 2")
            for message in MESSAGES:
                await page.send(message)
                await goes_on(page)
            await page.type("q")
            assert await page.ends() == "chatmon was ended"
    assert served.errors == ""


async def test_a_page_is_never_larger_than_may_be_however_its_size_is_said(centre: Emulator) -> None:
    with serving(centre) as served:
        async with Page(served.address, columns=MAX_CELLS, rows=45) as page:
            await page.expect("live", "Ada 0")
            (dashboard,) = served.dashboards
            before = peak_memory(dashboard)
            await page.type("\x1b[48;30000;30000;0;0t")
            await page.say("resize", {"width": 10**18, "height": 45})
            await page.say("resize", {"width": 10**30, "height": 45})
            await goes_on(page)
            assert page.lines[0].rstrip()
            assert peak_memory(dashboard) < before + 100 * 1024


async def test_a_page_that_types_more_than_can_be_answered_is_closed_and_its_dashboard_ends_with_it(centre: Emulator) -> None:
    with serving(centre) as served:
        async with Page(served.address) as page:
            await page.expect("live", "Ada 0", "Ada 1", "Ada 2")
            dashboards = served.dashboards
            before = peak_memory(dashboards[0])
            flood = asyncio.create_task(flooded(page))
            peak = before
            while await page.read():
                peak = max(peak, peak_memory(dashboards[0]))
            flood.cancel()
            assert page.why_closed == "more was typed than chatmon can answer"
            assert peak < before + 60 * 1024
        await asyncio.to_thread(wait_until_gone, dashboards)
    assert served.errors == ""


async def flooded(page: Page) -> None:
    while True:
        await page.type("j" * 60_000)
        await asyncio.sleep(0)


def peak_memory(process: int) -> int:
    """KiB of memory that a process has had at the most; 0 where it has ended (Linux)."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int((status.partition("VmHWM:")[2].split() or ["0"])[0])
