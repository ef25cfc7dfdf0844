"""The dashboard over a history: it records by itself, and goes on from there."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.emulator import Emulator, chat
from tests.terminal.terminal import CHATMON, Terminal

ADA = "40316223-6b4b-48d3-bc78-d3102119a477"


@pytest.fixture
def server() -> Iterator[Emulator]:
    with Emulator({ADA: chat("WaitingForAgent", (1, "Ada", "Customer"))}) as running:
        yield running


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def watching(server: Emulator, state: Path, *arguments: str) -> Terminal:
    variables = {"CHATMON_URL": server.url, "CHATMON_INTERVAL": "0.1", "XDG_STATE_HOME": str(state)}
    return Terminal(CHATMON, "watch", ADA, *arguments, environment=variables)


def recorded(path: Path) -> list[str]:
    printed = subprocess.run([CHATMON, "export", "--history", str(path)], capture_output=True, text=True, check=True).stdout
    return [json.loads(line)["kind"] for line in printed.splitlines()]


def test_the_dashboard_records_to_the_state_folder_and_knows_it_the_next_time(server: Emulator, state: Path) -> None:
    path = state / "chatmon" / "history.sqlite3"
    with watching(server, state) as terminal:
        terminal.expect("WaitingForAgent", "Ada", "≥")
        server.chats[ADA] = chat("Chatting", (1, "Ada", "Customer"), (3, "Roboto", "Agent"))
        terminal.expect("WaitingForAgent → Chatting")
        terminal.type("q")
        assert terminal.ends() == 0
    first = recorded(path)
    assert (first[0], first[-1]) == ("monitor_started", "monitor_stopped")
    assert {"first_seen", "state_changed", "participant_joined"} < set(first)

    with watching(server, state) as terminal:
        terminal.expect("WaitingForAgent → Chatting", "Roboto joined as Agent")
        terminal.process.kill()
        terminal.ends()
    again = recorded(path)
    assert again[: len(first)] == first
    assert again[len(first) :].count("first_seen") == 0


def test_a_second_dashboard_says_that_it_records_nothing_and_goes_on(server: Emulator, state: Path) -> None:
    with watching(server, state) as first:
        first.expect("WaitingForAgent")
        with watching(server, state) as second:
            second.expect("WaitingForAgent", "nothing is recorded")
            second.type("l")
            second.expect("recorded", "another")  # where the lines break goes by the path


def test_without_a_history_nothing_is_recorded(server: Emulator, state: Path) -> None:
    with watching(server, state, "--no-history") as terminal:
        terminal.expect("WaitingForAgent")
        terminal.type("q")
        assert terminal.ends() == 0
    assert not list(state.rglob("history*"))
