"""The wallboard: large, for nobody's hands, and every chat in its turn."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual import events

from chatmon.api.errors import Timeout
from chatmon.api.resource import WAITING
from chatmon.ui.keymap import BINDINGS
from chatmon.ui.large_digits import LINES, large
from chatmon.ui.paging import PAGE_SECONDS
from chatmon.ui.screens.wallboard import WallboardScreen
from chatmon.ui.widgets.row_table import RowTable
from tests.ui.watched import Dashboard, Watched, chat_id, dashboard, waiting_chats

SIZES = ((160, 45), (113, 29), (80, 24), (60, 20), (40, 10), (20, 5))


def wall(watched: Watched, size: tuple[int, int] = (113, 29), **options: Any) -> Any:
    return dashboard(watched, size, wallboard=True, **options)


def shown(board: Dashboard) -> list[str]:
    return list(board.app.screen.query_one("#chats", RowTable).keys)


async def test_it_is_all_there_is() -> None:
    async with wall(waiting_chats(3)) as board:
        assert isinstance(board.app.screen, WallboardScreen)
        assert board.lines[0].startswith(" chatmon   wallboard  gws.example.com")
        assert "Longest wait" in board.text
        assert "Customer 0" in board.text
        assert "quit" not in board.text
        assert board.app.focused is None
        assert "▌" not in board.text.replace("█", "")


async def test_every_chat_has_its_turn_and_then_the_worst_come_again() -> None:
    async with wall(waiting_chats(50)) as board:
        rows = len(shown(board))
        assert shown(board) == [chat_id(number) for number in range(rows)]
        assert f"{rows} of 50 chats, the worst first" in board.lines[-1]
        assert "page 1 of 3" in board.lines[-1]
        seen = set(shown(board))
        for number in (2, 3):
            await board.refresh(PAGE_SECONDS)
            assert f"page {number} of 3" in board.lines[-1]
            seen |= set(shown(board))
        assert seen == {chat_id(number) for number in range(50)}
        await board.refresh(PAGE_SECONDS)
        assert "page 1 of 3" in board.lines[-1]


async def test_a_page_stays_while_its_clocks_go_on() -> None:
    async with wall(waiting_chats(50)) as board:
        before = shown(board)
        text = board.text
        await board.refresh(PAGE_SECONDS - 1)
        assert shown(board) == before
        assert board.text != text


async def test_chats_in_alarm_are_on_every_page() -> None:
    watched = waiting_chats(50)
    watched.clock.seconds += 14  # the first five have waited for more than 60 s
    for number in range(50):
        watched.answer(chat_id(number), WAITING, customer=f"Customer {number}", agents=())
    watched.monitor.review()
    async with wall(watched) as board:
        in_alarm = shown(board)[:5]
        assert "5 in alarm on every page" in board.lines[-1]
        await board.refresh(PAGE_SECONDS)
        assert "page 2 of" in board.lines[-1]
        assert shown(board)[:5] == in_alarm


async def test_keys_and_clicks_do_nothing() -> None:
    keys = sorted({key for bindings in BINDINGS.values() for one in bindings for key in one.key.split(",")} - {"q", "ctrl+c", "ctrl+z"})
    async with wall(waiting_chats(50)) as board:
        before, pace = board.text, board.watched.monitor.pace
        await board.press(*keys, "enter", "ctrl+q", "x", "escape", "f5")
        for kind in (events.MouseMove, events.MouseDown, events.MouseUp, events.MouseScrollDown):
            board.app.post_message(kind(None, 5, 12, 0, 0, 1, False, False, False, 5, 12))
        board.app.post_message(events.Paste("q"))
        await board.settle()
        assert board.text == before
        assert board.watched.monitor.pace == pace
        assert len(board.watched.monitor.board.chats) == 50
        assert len(board.app.screen_stack) == 1
        assert board.app.is_running


@pytest.mark.parametrize(("key", "code"), [("q", None), ("ctrl+c", 130)])
async def test_in_a_terminal_it_is_ended_as_the_board_is(key: str, code: int | None) -> None:
    async with wall(waiting_chats(1)) as board:
        await board.press(key)
        assert board.app.return_value == code


async def test_whatever_was_set_or_kept_the_worst_come_first_and_nothing_is_hidden() -> None:
    async with wall(waiting_chats(5), sort="customer", filters={"f1": "no such chat"}) as board:
        assert shown(board) == [chat_id(number) for number in range(5)]


async def test_it_has_the_columns_that_were_chosen_but_for_pins() -> None:
    async with wall(waiting_chats(1), columns=("pin", "customer", "for")) as board:
        head = next(line for line in board.lines if "Customer" in line)
        assert head.split() == ["Customer", "For"]


@pytest.mark.parametrize("size", SIZES)
async def test_it_draws_at_any_size(size: tuple[int, int]) -> None:
    async with wall(waiting_chats(9), size) as board:
        assert all(cell_len(line) == size[0] for line in board.lines)
        assert "chatmon" in board.lines[0]


async def test_with_ascii_signs_it_is_large_all_the_same() -> None:
    async with wall(waiting_chats(12), ascii_only=True) as board:
        assert board.text.isascii()
        assert "  _ " in board.text


async def test_without_chats_it_says_so() -> None:
    async with wall(Watched()) as board:
        assert "No chat is watched." in board.text


async def test_what_is_only_known_from_before_is_marked() -> None:
    watched = waiting_chats(4)
    for number in range(4):
        watched.fail(chat_id(number), Timeout("no whole answer within 5 s"))
    async with wall(watched) as board:
        digits = ["".join(line[3:10]) for line in board.lines[3:6]]
        assert digits == [row[:7].ljust(7) for row in large("4?")]


@given(st.text("0123456789:?≥≤ %–", max_size=9), st.booleans())
def test_a_large_figure_is_three_lines_of_the_same_width(text: str, ascii_only: bool) -> None:
    lines = large(text, ascii_only=ascii_only)
    assert len(lines) == LINES
    assert len({cell_len(line) for line in lines}) == 1


@pytest.mark.parametrize("ascii_only", [False, True])
def test_no_two_digits_look_alike(ascii_only: bool) -> None:
    assert len({large(digit, ascii_only=ascii_only) for digit in "0123456789"}) == 10
