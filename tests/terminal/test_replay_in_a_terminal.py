"""A recorded day is played in a real terminal: it asks nobody, and the history stays as it was."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.replay.recorded_day import Breaks, record_day
from tests.terminal.terminal import CHATMON, SLOW_CLOCK, Terminal

UTC = {"TZ": "UTC"}
SPIED = str(Path(__file__).parents[1] / "faults" / "spied.py")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    breaks = Breaks(restarts=((120, 40),))
    return record_day(tmp_path_factory.mktemp("replay") / "night.sqlite3", seconds=300, chats=8, breaks=breaks).path


def test_it_is_played_stopped_and_wound_to_and_fro(path: Path) -> None:
    before = path.read_bytes()
    with Terminal(CHATMON, "replay", str(path), "--at", "08:01", environment=UTC) as terminal:
        terminal.expect("replay", "stopped 1×", "Sun 22 Nov 2026  08:01:00", "waiting", "alarms", "night.sqlite3")
        terminal.type("g08:02:20\r")
        terminal.expect("08:02:20", "Nothing was watched then.", "chatmon did not run from 08:02:00 to 08:02:40.")
        terminal.type("[")
        terminal.expect("08:02:00", "WaitingForAgent")
        terminal.type("a")
        terminal.expect("Off in a replay")
        terminal.type("+++++++ ")
        terminal.expect("300×")
        terminal.until(lambda: "stopped 300×" in terminal.text, "the end of the tape")
        terminal.expect("08:05:0")
        terminal.type("?")
        terminal.expect("A replay", "to where the next alarm was raised")
        terminal.type("q")
        assert terminal.ends() == 0
        assert terminal.is_restored
    assert path.read_bytes() == before


def test_it_talks_to_nobody(path: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    environment = UTC | {"CHATMON_URL": "http://127.0.0.1:1", "HTTPS_PROXY": "http://127.0.0.1:1"}
    with Terminal(sys.executable, SPIED, str(ledger), "replay", str(path), environment=environment) as terminal:
        terminal.expect("replay", "08:00:00")
        for keys in (" ", "r", "o", "x", "]", "}", "A", "e", "l", "w", "b"):
            terminal.type(keys)
            terminal.read(0.02)
        terminal.type("q")
        assert terminal.ends() == 0
    assert not ledger.exists() or ledger.read_text() == ""


def test_a_terminal_of_any_size_shows_it(path: Path) -> None:
    with Terminal(CHATMON, "replay", str(path), "--ascii", columns=80, rows=24, environment=UTC) as terminal:
        terminal.expect("replay", "08:00:00", "= 1x")
        terminal.resize(160, 45)
        terminal.expect("Participants", "stopped 1x")
        terminal.resize(30, 8)
        terminal.expect("08:00:00")
        terminal.type("\x03")
        assert terminal.ends() == 130


def test_what_takes_long_before_the_screen_shows_how_far_it_is(path: Path, tmp_path: Path) -> None:
    alarms = tmp_path / "alarms.toml"
    alarms.write_text("[alarms]\nidle = 20\n")
    asked = ("replay", str(path), "--at", "08:04", "--alarms", str(alarms))
    with Terminal(sys.executable, "-c", SLOW_CLOCK, *asked, environment=UTC) as terminal:
        terminal.expect("replay", "08:04:00", "stopped 1×")
        for label in (b"Reading the day", b"looking through the day for the alarms", b"Looking"):
            assert label in terminal.output
        terminal.type("q")
        assert terminal.ends() == 0
    with Terminal(CHATMON, "replay", str(path), environment=UTC) as terminal:
        terminal.expect("replay", "08:00:00")
        assert b"Reading the day" not in terminal.output
        terminal.type("q")
        assert terminal.ends() == 0
