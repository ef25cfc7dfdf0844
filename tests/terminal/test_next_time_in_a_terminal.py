"""The dashboard the next time: the screen as it was left, and the time between drawn as a gap."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.emulator import Emulator, chat
from tests.terminal.terminal import CHATMON, Terminal

ADA = "40316223-6b4b-48d3-bc78-d3102119a477"
BO = "7f1c0e9a-0000-4000-8000-00000000b0b0"


@pytest.fixture
def server() -> Iterator[Emulator]:
    with Emulator({ADA: chat("WaitingForAgent", (1, "Ada", "Customer")), BO: chat("Idle", (1, "Bo", "Customer"))}) as running:
        yield running


def watching(server: Emulator, state: Path) -> Terminal:
    variables = {"CHATMON_URL": server.url, "CHATMON_INTERVAL": "0.1", "CHATMON_IDLE_EVERY": "1", "XDG_STATE_HOME": str(state)}
    return Terminal(CHATMON, "watch", ADA, BO, environment=variables)


@pytest.mark.parametrize("ends_by", ["key", "signal"])
def test_pins_and_filter_are_there_again_and_the_time_between_is_a_gap(server: Emulator, tmp_path: Path, ends_by: str) -> None:
    with watching(server, tmp_path) as terminal:
        terminal.expect("WaitingForAgent", "Bo")
        terminal.type("p/")
        terminal.expect("agent:kristi")
        terminal.type("ada\r")
        terminal.expect("1 of 2 chats")
        if ends_by == "key":
            terminal.type("q")
        else:
            terminal.process.send_signal(signal.SIGTERM)
        assert terminal.ends() == (0 if ends_by == "key" else 128 + signal.SIGTERM)

    with watching(server, tmp_path) as terminal:
        terminal.expect("1 of 2 chats", "¹", "╌ not watched for ")
        terminal.type("e")
        terminal.expect("chatmon stopped watching", "2 chats: not watched for up to ", "the history begins here")
