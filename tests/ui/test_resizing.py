"""A window that changes its size faster than a screen can be laid out."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.geometry import Size
from textual.screen import Screen

from tests.ui.watched import dashboard, waiting_chats

MANY = 60
"""Layouts after which it does not end any more: the screen lays itself out for one size and another by turns."""


@pytest.mark.parametrize("key", ["b", "e", "question_mark"])
async def test_two_sizes_at_once_end_in_the_last_one(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    layouts: list[Size] = []
    lay_out = Screen._screen_resized

    def counted(screen: Screen[object], size: Size) -> None:
        if len(layouts) < MANY:  # else nothing else would ever get its turn
            lay_out(screen, size)
        layouts.append(size)

    async with dashboard(waiting_chats(30), (120, 30)) as board:
        await board.press(key)
        monkeypatch.setattr(Screen, "_screen_resized", counted)
        for size in (Size(100, 25), Size(110, 28)):
            board.app._size = size
            board.app.screen.post_message(events.Resize(size, size))
            board.app.screen.call_later(len, ())  # Textual takes two resizes for one where nothing lies between
        await asyncio.sleep(0)
        await board.settle()
        assert len(layouts) < MANY
        assert board.app.screen.size == Size(110, 28)
        assert len(board.lines) == 28
