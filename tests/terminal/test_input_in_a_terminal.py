"""What a terminal sends by itself, and what it is told by its environment, ends nothing and opens nothing."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.emulator import Emulator, chat
from tests.terminal.terminal import CHATMON, Terminal
from tests.terminal.test_terminals_of_all_kinds import ADA, quits, watching
from tests.ui.test_input import NO_KEYS

PASTE = b"\x1b[200~x\x1b[Aqx\x03\x1b[201~"
SIGNAL_WHILE_COMPOSING = """
import os, signal, sys
from chatmon.ui.screens.board import BoardScreen
compose = BoardScreen.compose
def interrupted(self):
    os.kill(os.getpid(), int(sys.argv.pop()))
    yield from compose(self)
BoardScreen.compose = interrupted
from chatmon.cli.main import main
main()
"""
"""For `python -c`: a signal comes while the first frame is made. Its number is the last argument."""


@pytest.fixture
def server() -> Iterator[Emulator]:
    with Emulator({ADA: chat("WaitingForAgent", (1, "Ada", "Customer"))}) as running:
        yield running


def test_nothing_that_a_terminal_sends_by_itself_does_anything(server: Emulator) -> None:
    with watching(server) as terminal:
        terminal.expect("WaitingForAgent", "live", "q quit")
        for sent in (*NO_KEYS, PASTE):
            terminal.type(sent)
        terminal.type("A")
        terminal.expect("chatmon   agents")
        terminal.type("b")
        terminal.expect("WaitingForAgent", "Ada")
        quits(terminal)


def test_what_is_pasted_into_the_filter_is_text(server: Emulator) -> None:
    with watching(server) as terminal:
        terminal.expect("WaitingForAgent", "live")
        terminal.type("/")
        terminal.expect("!inverts")
        terminal.type(b"\x1b[200~Ad\x1b[Aa\x1b[201~")
        terminal.expect("Ad[Aa")
        terminal.type("\x03")
        assert terminal.ends() == 128 + signal.SIGINT


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_the_first_frame_is_made_ends_it_in_order(server: Emulator, number: signal.Signals) -> None:
    command = (sys.executable, "-c", SIGNAL_WHILE_COMPOSING, "watch", ADA, "--url", server.url, "--no-history", str(int(number)))
    with Terminal(*command) as terminal:
        assert terminal.ends() == 128 + number
        assert terminal.is_restored
        assert b"own fault" not in terminal.output


@pytest.mark.parametrize(
    "environment",
    [
        {"TEXTUAL_COLOR_SYSTEM": "nonsense"},
        {"TEXTUAL_COLOR_SYSTEM": ""},
        {"TEXTUAL_LOG": "/nowhere/log"},
        {"TEXTUAL_DRIVER": "nonsense"},
        {"TEXTUAL_DRIVER": "textual.drivers.headless_driver:HeadlessDriver"},
    ],
    ids=str,
)
def test_a_variable_of_textual_that_cannot_be_is_refused_in_one_line(server: Emulator, environment: dict[str, str]) -> None:
    with watching(server, **environment) as terminal:
        assert terminal.ends() == 2
        assert next(iter(environment)) in terminal.text
        assert "own fault" not in terminal.text
        assert b"\x1b[?1049h" not in terminal.output


def test_no_variable_of_textual_drives_it_and_nonsense_in_a_size_is_ignored(server: Emulator) -> None:
    nonsense = {"TEXTUAL_PRESS": "q", "TEXTUAL_SCREENSHOT": "0", "TEXTUAL_FPS": "9" * 400, "TEXTUAL": "debug", "ESCDELAY": "9" * 400}
    with watching(server, **nonsense, COLUMNS="²", LINES="9" * 400) as terminal:
        terminal.expect("WaitingForAgent", "live", "q quit")
        quits(terminal)


def test_the_screen_goes_to_the_terminal_and_not_to_where_errors_go(server: Emulator, tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    command = ("sh", "-c", 'exec "$@" 2>"$ERRORS"', "sh", CHATMON, "watch", ADA, "--url", server.url, "--no-history")
    with Terminal(*command, environment={"ERRORS": str(errors)}) as terminal:
        terminal.expect("WaitingForAgent", "live", "q quit")
        quits(terminal)
    assert errors.read_text() == ""
