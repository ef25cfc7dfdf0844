"""Terminals that can do little, speak another encoding, change their size all the time, or take nothing."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.emulator import Emulator, chat
from tests.terminal.terminal import CHATMON, Terminal
from tests.terminal.test_endings_in_a_terminal import recorded

ADA = "40316223-6b4b-48d3-bc78-d3102119a477"
CUSTOMER, AGENT = (1, "Ядвига 佐藤", "Customer"), (3, "Roboto", "Agent")
NARROW = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""What Python takes for ASCII. A locale of another encoding need not be installed: Python can be told the encoding alone."""
STORM = ((1, 1), (160, 45), (2, 1), (1, 50), (500, 3), (80, 24)) * 6


@pytest.fixture
def server() -> Iterator[Emulator]:
    with Emulator({ADA: chat("WaitingForAgent", CUSTOMER)}) as running:
        yield running


def watching(server: Emulator, *arguments: str, **environment: str) -> Terminal:
    return Terminal(CHATMON, "watch", ADA, *arguments, environment={"CHATMON_URL": server.url, "CHATMON_INTERVAL": "0.1", **environment})


def quits(terminal: Terminal) -> None:
    terminal.type("q")
    assert terminal.ends() == 0
    assert terminal.is_restored
    assert b"Traceback" not in terminal.output


@pytest.mark.parametrize("term", ["linux", "xterm-16color", "vt100"])
def test_few_colours_are_enough(server: Emulator, term: str) -> None:
    with watching(server, TERM=term) as terminal:
        terminal.expect("WaitingForAgent", "live", "q quit")
        assert b"8;5;" not in terminal.output
        assert b"8;2;" not in terminal.output
        quits(terminal)


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_a_terminal_whose_cursor_cannot_be_moved_gets_one_round(server: Emulator, term: str) -> None:
    with watching(server, TERM=term) as terminal:
        assert terminal.ends() == 0
        assert "cannot move its cursor: one round" in terminal.text
        assert "WaitingForAgent" in terminal.text
        assert b"\x1b" not in terminal.output


@pytest.mark.parametrize("environment", [NARROW, {"PYTHONIOENCODING": "latin-1"}], ids=["ascii", "latin-1"])
def test_an_encoding_without_the_signs_gets_ascii_and_a_mark_for_every_cell(server: Emulator, environment: dict[str, str]) -> None:
    with watching(server, **environment) as terminal:
        terminal.expect("WaitingForAgent", "live", "q quit", "?????? ????")
        assert terminal.output.isascii()
        assert b"\\u" not in terminal.output
        panes = {line.index("40316223") for line in terminal.lines if "WaitingForAgent" in line and "40316223" in line}
        titles = {line.index("Chat ") for line in terminal.lines if "Customer" in line and "Agent" in line and "Chat " in line}
        assert panes == titles != set()
        quits(terminal)


def test_keys_that_are_no_utf_8_do_nothing_and_the_next_ones_count(server: Emulator) -> None:
    with watching(server) as terminal:
        terminal.expect("WaitingForAgent", "live")
        terminal.type(b"\xe9\xff\xc3\x28A")
        terminal.expect("chatmon   agents")
        quits(terminal)


def test_a_storm_of_sizes_leaves_the_last_one(server: Emulator) -> None:
    with watching(server) as terminal:
        terminal.expect("WaitingForAgent", "live")
        for columns, rows in STORM:
            terminal.resize(columns, rows)
            terminal.read(0)
        terminal.resize(100, 30)
        terminal.expect("WaitingForAgent", "Ядвига", "q quit")
        terminal.until(lambda: "q quit" in terminal.lines[-1], "the key bar on the last line")
        terminal.type("A")
        terminal.expect("chatmon   agents")
        quits(terminal)


def stall(terminal: Terminal, server: Emulator) -> None:
    """Take nothing that is drawn, for so long that the program has noticed; polling goes on meanwhile."""
    for number in range(35):
        before = len(server.requests)
        terminal.resize(160 - number % 2, 45)
        terminal.until_elsewhere(lambda before=before: len(server.requests) > before, "the next poll")  # type: ignore[misc]


def test_a_terminal_that_takes_nothing_for_a_while_holds_nothing_up_and_then_shows_what_is_so(server: Emulator) -> None:
    with watching(server, CHATMON_INTERVAL="0.05") as terminal:
        terminal.expect("WaitingForAgent", "live")
        stall(terminal, server)
        server.chats[ADA] = chat("Chatting", CUSTOMER, AGENT)
        terminal.expect("WaitingForAgent → Chatting", "Roboto joined as Agent", "q quit")
        quits(terminal)


def test_a_terminal_that_takes_nothing_does_not_keep_it_from_ending(server: Emulator, tmp_path: Path) -> None:
    history = tmp_path / "history.sqlite3"
    with watching(server, "--history", str(history), CHATMON_INTERVAL="0.05") as terminal:
        terminal.expect("WaitingForAgent", "live")
        stall(terminal, server)
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(60) == 128 + signal.SIGTERM
        assert terminal.modes() == terminal.modes_before
    # On a busy machine polls may be further apart than the interval allows.
    assert [kind for kind in recorded(history) if kind != "gap"] == ["monitor_started", "first_seen", "monitor_stopped"]
