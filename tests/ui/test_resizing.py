"""A window that changes its size faster than a screen can be laid out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from rich.console import RenderableType
from textual import events
from textual._compositor import LayoutUpdate
from textual.geometry import Size
from textual.screen import Screen

from chatmon.ui.screens.transcript_warning import TranscriptWarning
from tests.ui.watched import Dashboard, dashboard, waiting_chats

MANY = 60
"""Layouts after which it does not end any more: the screen lays itself out for one size and another by turns."""


async def warn(board: Dashboard) -> None:
    await board.app.push_screen(TranscriptWarning("652492d9 Chris"))


async def themes(board: Dashboard) -> None:
    board.app.search_themes()
    await board.settle()


def press(key: str) -> Callable[[Dashboard], Awaitable[None]]:
    return lambda board: board.press(key)


WAYS = {
    "board": press("b"),
    "events": press("e"),
    "help": press("question_mark"),
    "prompt": press("o"),
    "palette": press("ctrl+p"),
    "themes": themes,
    "warning": warn,
}


@pytest.mark.parametrize("way", WAYS)
async def test_the_size_of_a_layout_that_is_over_does_not_replace_that_of_the_window(way: str) -> None:
    async with dashboard(waiting_chats(30), (120, 30)) as board:
        await WAYS[way](board)
        await board.settle()
        last = Size(110, 28)
        board.app._size = last
        for size in (last, Size(120, 30)):  # the second one is what a layout sends that began before
            board.app.screen.post_message(events.Resize(size, size))
        await board.settle()
        assert {screen.outer_size for screen in board.app.screen_stack if screen.is_current} == {last}
        assert len(board.lines) == last.height


@pytest.mark.parametrize("way", WAYS)
async def test_two_sizes_at_once_end_in_the_last_one(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    layouts: list[Size] = []
    lay_out = Screen._screen_resized

    def counted(screen: Screen[object], size: Size) -> None:
        if len(layouts) < MANY:  # else nothing else would ever get its turn
            lay_out(screen, size)
        layouts.append(size)
        screen.call_later(len, ())  # a busy one: Textual takes two resizes for one where nothing lies between

    async with dashboard(waiting_chats(30), (120, 30)) as board:
        await WAYS[way](board)
        await board.settle()
        shown = board.app.screen
        monkeypatch.setattr(Screen, "_screen_resized", counted)
        for size in (Size(100, 25), Size(110, 28)):
            board.app._size = size
            board.app.screen.post_message(events.Resize(size, size))
            board.app.screen.call_later(len, ())
        await asyncio.sleep(0)
        await board.settle()
        assert len(layouts) < MANY
        assert board.app.screen is shown
        assert {screen.outer_size for screen in board.app.screen_stack if screen.is_current} == {Size(110, 28)}
        assert len(board.lines) == 28


@pytest.mark.parametrize("sizes", [[(120, 30)], [(60, 10), (120, 30)]], ids=["unseen", "at once"])
@pytest.mark.parametrize("way", WAYS)
async def test_a_window_that_was_smaller_for_a_moment_is_drawn_anew(
    monkeypatch: pytest.MonkeyPatch, way: str, sizes: list[tuple[int, int]]
) -> None:
    async with dashboard(waiting_chats(30), (120, 30)) as board:
        await WAYS[way](board)
        await board.settle()
        drawn: list[object] = []
        display = board.app._display

        def noted(screen: Screen[object], update: RenderableType | None) -> None:
            drawn.append(update)
            display(screen, update)

        monkeypatch.setattr(board.app, "_display", noted)
        for size in sizes:
            board.app.post_message(events.Resize(Size(*size), Size(*size)))
        await board.settle()
        assert any(isinstance(update, LayoutUpdate) for update in drawn)
