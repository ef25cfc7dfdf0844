"""What strangers type changes nothing but its own cell."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from rich.cells import cell_len

from chatmon.api.resource import CHATTING
from tests.ui.strategies import HOSTILE
from tests.ui.watched import Dashboard, Watched, chat_id, dashboard

SIZES = [(160, 45), (80, 24), (40, 10)]


def with_customers(nicknames: Sequence[str]) -> Watched:
    watched = Watched()
    for number, nickname in enumerate(nicknames):
        watched.answer(chat_id(number), CHATTING, customer=nickname, agents=("Kristi",), label="sales")
    return watched


async def outside_the_cells(shown: Dashboard) -> list[str]:
    """Every line as the terminal's cells show it, with the customers' cells left out."""
    placed = {one.column.id: one.width for one in shown.board.table._placed}
    left = 1 + sum(width + 1 for column, width in list(placed.items())[: list(placed).index("customer")])
    head = next(number for number, line in enumerate(shown.lines) if "For Customer" in line)
    lines = [by_cell(line) for line in shown.lines]
    for cells in lines[head + 1 : -1]:
        cells[left : left + placed["customer"]] = []
    return ["".join(cells) for cells in lines]


def by_cell(line: str) -> list[str]:
    cells: list[str] = []
    for letter in line:
        if cell_len(letter):
            cells += [letter, *[""] * (cell_len(letter) - 1)]
        else:
            cells[-1] += letter
    return cells


@pytest.mark.parametrize("size", SIZES)
async def test_nicknames_change_nothing_outside_their_cells(size: tuple[int, int]) -> None:
    async with dashboard(with_customers(["Chris"] * (len(HOSTILE) + 1)), size) as shown:
        expected = await outside_the_cells(shown)
    async with dashboard(with_customers(["Chris", *HOSTILE]), size) as shown:
        assert await outside_the_cells(shown) == expected
        assert all(cell_len(line) == size[0] for line in shown.lines)


@pytest.mark.parametrize("text", HOSTILE)
async def test_every_screen_shows_strangers_in_whole_lines_that_can_be_printed(text: str) -> None:
    watched = Watched()
    watched.answer("a", text, customer=text, agents=(text,), capabilities=(text,), label=text)
    watched.clock.seconds += 1
    watched.answer("a", f"{text}?", customer=f"{text}!", agents=(f"{text}.",), capabilities=(), label=text)
    async with dashboard(watched, (100, 30)) as shown:
        for key in ("A", "e", "enter"):
            await shown.press(key)
            assert all(cell_len(line) == 100 and line.isprintable() for line in shown.lines)
