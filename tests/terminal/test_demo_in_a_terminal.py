"""The installed command in a real terminal, as a supervisor uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.terminal.terminal import CHATMON, Terminal

ESC = "\x1b"
DOWN = "\x1b[B"
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
QUIET = {"TEXTUAL_ANIMATIONS": "none"}


@pytest.fixture
def demo() -> Iterator[Terminal]:
    with Terminal(CHATMON, "demo", "--seed", "7", environment=QUIET) as terminal:
        terminal.expect("live", "WaitingForAgent", "Chatting", "q quit")
        yield terminal


def selected(terminal: Terminal) -> str:
    """The id in the pane beside the board."""
    found = ID.search(terminal.text)
    return "" if found is None else found[0]


def test_the_arrows_move_the_selection_and_the_pane_follows(demo: Terminal) -> None:
    first = selected(demo)
    demo.type(DOWN)
    demo.until(lambda: selected(demo) not in {"", first}, "another chat in the pane")


def test_a_chat_opens_full_screen_and_escape_leads_back(demo: Terminal) -> None:
    demo.type("\r")
    demo.expect("chatmon   chat", "Timeline", "Participants")
    demo.type(ESC)
    demo.expect("chatmon   board")


def test_pinned_chats_stand_on_the_wall(demo: Terminal) -> None:
    demo.type("p")
    demo.expect("¹")
    first = selected(demo)
    demo.type("jp")
    demo.expect("²")
    demo.type("w")
    demo.expect("chatmon   wall", first)
    assert len(set(ID.findall(demo.text))) == 2


def test_a_filter_shows_what_matches_until_escape_clears_it(demo: Terminal) -> None:
    demo.type("/")
    demo.expect("!inverts")
    demo.type("state:chatting")
    demo.until(lambda: not any("WaitingForAgent" in line[:30] for line in demo.lines[5:]), "only chats in Chatting")
    demo.type("\r")
    demo.expect("/ state:chatting", "⏎ open")
    demo.type(ESC)
    demo.until(lambda: any("WaitingForAgent" in line[:30] for line in demo.lines[5:]), "every chat again")


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 10), (200, 60)])
def test_the_board_fits_a_window_of_any_size(demo: Terminal, columns: int, rows: int) -> None:
    demo.resize(columns, rows)
    demo.until(lambda: "State" in demo.text and "q quit" in demo.lines[-1], "the board in the new size")
    assert sum("Waiting" in line or "Chatting" in line for line in demo.lines[2:]) >= rows // 3


def test_q_ends_it_and_gives_the_terminal_back(demo: Terminal) -> None:
    demo.type("q")
    assert demo.ends() == 0
    assert demo.is_restored


def test_ctrl_c_ends_it_and_gives_the_terminal_back(demo: Terminal) -> None:
    demo.type("\x03")
    assert demo.ends() == 130
    assert demo.is_restored


def test_a_terminal_that_does_not_tell_its_size_is_taken_for_80_by_24() -> None:
    with Terminal(CHATMON, "demo", "--seed", "7", columns=80, rows=24, told_size=False, environment=QUIET) as terminal:
        terminal.expect("WaitingForAgent", "q quit")
        terminal.type("q")
        assert terminal.ends() == 0


def test_a_wallboard_in_a_terminal_takes_no_key_but_that_which_ends_it() -> None:
    with Terminal(CHATMON, "demo", "--seed", "7", "--wallboard", columns=113, rows=29, environment=QUIET) as terminal:
        terminal.expect("chatmon   wallboard", "Longest wait", "the worst first", "page 1 of")
        terminal.type(f"l{DOWN}\r?x\x1b[200~q\x1b[201~")
        terminal.type("\x1b[<0;6;13M\x1b[<0;6;13m")
        before = terminal.lines[0]
        terminal.until(lambda: terminal.lines[0] != before, "the next second")
        assert terminal.lines[0].startswith(" chatmon   wallboard")
        terminal.type("q")
        assert terminal.ends() == 0
        assert terminal.is_restored
