"""Each cell stands in its column on terminals that take its character for wider or narrower than chatmon does."""

from __future__ import annotations

import re

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from chatmon.ui.anchored_cells import anchored

ANCHOR = re.compile(r"\x1b\[\d+G| ")
NAMES = ("नमस्ते", "தமிழ்", "กำลัง", "👨‍👩‍👧", "🇩🇪", "👍🏽", "❤️", "e\u0301", "கொ")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [0, 1, 2])
def test_what_follows_a_name_stands_where_it_belongs_and_nothing_old_is_left(
    name: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pyte.screens.wcwidth", lambda character: 1 if character.isascii() else width)
    screen = pyte.Screen(40, 2)
    stream = pyte.Stream(screen)
    stream.feed("#" * 40)
    column = 2 + cell_len(name)
    rest = f"|end{' ' * (36 - column)}"
    stream.feed(anchored(f"\x1b[1;3H{name}{rest}"))
    line = [screen.buffer[0][x].data for x in range(40)]
    assert "".join(line[column:]) == rest
    assert line.count("#") == 2


@pytest.mark.parametrize("name", ["नमस्ते", "தமிழ்", "กำลัง", "கொ"])
def test_a_name_that_a_terminal_takes_for_wider_is_whole_where_there_is_room_behind_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyte.screens.wcwidth", lambda character: 1 if character.isascii() else 2)
    screen = pyte.Screen(60, 1)
    pyte.Stream(screen).feed(anchored(f"\x1b[1;3H{name} {name}{' ' * 30}|end"))
    column = 2 + 2 * cell_len(name) + 31
    line = [screen.buffer[0][x].data for x in range(60)]
    assert "".join(line[:column]).split() == [name, name]
    assert "".join(line[column : column + 4]) == "|end"


def test_plain_text_is_written_as_it_is() -> None:
    plain = "\x1b[2;5H\x1b[1m│ Kristi Sippola ● 佐藤 Ядвига é\x1b[0m"
    assert anchored(plain) == plain


@given(st.text())
def test_nothing_is_lost(text: str) -> None:
    written = f"\x1b[1;1H{text}"
    assert ANCHOR.sub("", anchored(written)) == ANCHOR.sub("", written)
