"""Any size, any theme, ASCII alone, no colours."""

from __future__ import annotations

import os
from unittest import mock

import pytest

from chatmon.api.errors import Timeout
from chatmon.api.resource import CHATTING, IDLE, WAITING
from tests.ui.watched import Watched, chat_id, dashboard, waiting_chats

SIZES = [(160, 45), (80, 24), (40, 10), (20, 5), (1, 1), (160, 45)]
WAYS = {"board": (), "chat": ("enter",), "wall": ("p", "w"), "agents": ("A",), "events": ("e",), "help": ("question_mark",)}


def every_kind() -> Watched:
    watched = Watched()
    for number, (state, agents) in enumerate(
        [(WAITING, ()), (CHATTING, ("Kristi",)), (CHATTING, ()), (IDLE, ("Max",)), ("Other", ())] * 12
    ):
        watched.answer(chat_id(number), state, agents=agents, capabilities=("SendMessage",), label="sales")
    watched.clock.seconds += 2
    watched.answer(chat_id(1), IDLE, agents=("Max",), capabilities=("Complete",))
    watched.fail(chat_id(2), Timeout("no answer"))
    watched.fail("never-seen", Timeout("no answer"))
    return watched


@pytest.mark.parametrize("way", WAYS)
async def test_every_screen_takes_every_size(way: str) -> None:
    async with dashboard(every_kind(), SIZES[0]) as shown:
        await shown.press(*WAYS[way])
        first = shown.lines
        for size in SIZES:
            await shown.pilot.resize_terminal(*size)
            await shown.settle()
            assert [len(line) for line in shown.lines] == [size[0]] * size[1]
        assert shown.lines == first


async def test_forty_by_ten_shows_the_list() -> None:
    async with dashboard(waiting_chats(20), (40, 10)) as shown:
        assert sum("Waiting" in line and "Customer" in line for line in shown.lines) >= 6


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_the_selected_chat_stays_in_view_when_the_terminal_shrinks(size: tuple[int, int]) -> None:
    async with dashboard(waiting_chats(100), size) as shown:
        await shown.press("pagedown")
        await shown.pilot.resize_terminal(60, 12)
        await shown.settle()

        assert sum(line.startswith("▌") for line in shown.lines) == 1


async def test_every_theme_can_be_worn() -> None:
    async with dashboard(every_kind(), (40, 10)) as shown:
        for theme in shown.app.available_themes:
            shown.app.theme = theme
            await shown.settle()
            background = shown.app.theme_variables["background"]
            assert shown.app.current_theme.dark is (shown.app.theme_variables["text-bright"] == "#f0f4f9"), background


async def test_another_theme_repaints_every_line() -> None:
    async with dashboard(every_kind()) as shown:
        dark = {segment.style.bgcolor for segment in shown.segments if segment.style}
        shown.app.theme = "chatmon-light"
        await shown.settle()

        assert not dark & {segment.style.bgcolor for segment in shown.segments if segment.style}


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_ascii_paints_no_other_sign(size: tuple[int, int]) -> None:
    async with dashboard(every_kind(), size, ascii_only=True) as shown:
        for keys in WAYS.values():
            await shown.press("b", *keys, "tab")
            assert [letter for letter in shown.text if not letter.isascii()] == []


async def test_ascii_holds_for_prompt_notices_filter_and_palette() -> None:
    async with dashboard(every_kind(), (80, 24), ascii_only=True) as shown:
        for keys in (("s",), ("o", "enter"), ("escape", "slash", *"foo:bar"), ("escape", "escape", "ctrl+p", *"the")):
            await shown.press(*keys)
            await shown.pilot.pause(0.1)
            assert [letter for letter in shown.text if not letter.isascii()] == []


async def test_no_color_leaves_greys() -> None:
    with mock.patch.dict(os.environ, {"NO_COLOR": "1"}):
        async with dashboard(every_kind()) as shown:
            styles = [segment.style for segment in shown.segments if segment.style]
    colours = {colour.get_truecolor() for style in styles for colour in (style.color, style.bgcolor) if colour is not None}

    assert colours
    assert all(len({*colour}) == 1 for colour in colours)


async def test_an_empty_no_color_means_colour() -> None:
    with mock.patch.dict(os.environ, {"NO_COLOR": ""}):
        async with dashboard(every_kind()) as shown:
            styles = [segment.style for segment in shown.segments if segment.style]
    colours = {colour.get_truecolor() for style in styles for colour in (style.color, style.bgcolor) if colour is not None}

    assert any(len({*colour}) > 1 for colour in colours)
