"""`chatmon report` over many events tells how far it is, and where nobody waits for it nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatmon.history.reader import HistoryReader
from chatmon.history.writer import Batch, HistoryWriter
from chatmon.monitor.events import Event, EventKind
from chatmon.report.compilation import TOLD_EVERY, compile_report
from tests.terminal.terminal import CHATMON, Terminal

from .test_export_of_chats import SLOW_CLOCK

DAWN = datetime(2026, 11, 22, 6, tzinfo=UTC).timestamp()
MANY = 3 * TOLD_EVERY
PERIOD = ("--from", "2026-11-22T06:00Z", "--to", "2026-11-22T07:00Z")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An hour in which the polls of one chat failed many times."""
    writer = HistoryWriter(tmp_path / "history.sqlite3", source="source", token="token", started=DAWN)
    failures = [Event(at=DAWN + number, kind=EventKind.POLL_FAILED, chat="one") for number in range(MANY)]
    writer.write(Batch(DAWN + MANY, tuple(enumerate(failures))))
    writer.close()
    return tmp_path / "history.sqlite3"


def test_a_long_report_shows_how_far_it_is_where_standard_error_is_a_terminal(path: Path, tmp_path: Path) -> None:
    asked = ("report", *PERIOD, "--history", str(path), "--output", str(tmp_path / "o.json"))
    with Terminal(sys.executable, "-c", SLOW_CLOCK, *asked) as terminal:
        assert terminal.ends() == 0
        terminal.expect("Reading", "100%")
        assert terminal.output.rfind(b"\x1b[?25h") > terminal.output.rfind(b"\x1b[?25l")
    assert json.loads((tmp_path / "o.json").read_text())["figures"]["answered"] == 0


def test_what_is_quickly_done_and_what_no_terminal_shows_tells_nothing(path: Path, tmp_path: Path) -> None:
    with Terminal(CHATMON, "report", "1h", "--history", str(path), "--output", str(tmp_path / "o.json")) as terminal:
        assert terminal.ends() == 0
        assert "Reading" not in terminal.text
    asked = [sys.executable, "-c", SLOW_CLOCK, "report", *PERIOD, "--history", str(path)]
    assert subprocess.run(asked, capture_output=True, timeout=60, check=True).stderr == b""


def test_how_much_is_read_is_told_in_shares_of_what_is_recorded(path: Path) -> None:
    told: list[float] = []
    reader = HistoryReader(path)
    compile_report(
        reader,
        since=DAWN,
        until=DAWN + 3_600,
        now=DAWN + 3_600,
        timezone=UTC,
        watched_in=UTC,
        service_level=60.0,
        on_read=told.append,
    )
    reader.close()
    assert told == pytest.approx([0, 1 / 3, 2 / 3])
