"""What goes wrong in chatmon itself is recorded, without what it was about."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest

from chatmon.cli.fault_log import FaultLog
from chatmon.monitor.clock import Moment
from chatmon.monitor.observation import failed
from chatmon.monitor.own_fault import own_fault

SECRET = "40316223-6b4b-48d3-bc78-d3102119a477"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "chatmon" / "log" / "chatmon.log"


def fault() -> Exception:
    try:
        {}[SECRET]
    except KeyError as error:
        return error
    raise AssertionError


def record(handler: logging.Handler, message: str) -> None:
    handler.handle(logging.LogRecord("chatmon.monitor", logging.ERROR, __file__, 1, message, (), None))


def test_a_fault_is_named_by_its_place_and_not_by_what_it_was_about() -> None:
    named = own_fault(fault())
    assert named.startswith("KeyError in fault (test_fault_log.py:")
    error = failed(SECRET, Moment(0, 0), Moment(1, 1), fault()).error
    assert error is not None
    assert SECRET not in named + error.message


def test_nothing_is_made_until_there_is_something_to_say(log: Path) -> None:
    FaultLog().close()
    assert not log.parent.exists()


def test_a_line_is_written_that_only_the_user_can_read(log: Path) -> None:
    handler = FaultLog()
    record(handler, own_fault(fault()))
    handler.close()
    assert "KeyError in fault" in log.read_text(encoding="utf-8")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


def test_a_line_is_one_line_that_can_be_shown(log: Path) -> None:
    handler = FaultLog()
    record(handler, "\x1b[2Jtwo\nlines\u202e")
    handler.close()
    (line,) = log.read_text(encoding="utf-8").splitlines()
    assert line.isprintable()


def test_a_folder_that_cannot_be_written_disturbs_nobody(log: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log.parent.parent.parent.mkdir()
    log.parent.parent.write_text("in the way")
    handler = FaultLog()
    record(handler, "a line")
    handler.close()
    assert capfd.readouterr() == ("", "")
