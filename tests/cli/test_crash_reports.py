"""A report of each different fault of chatmon's own: where it happened, and no word of what it was about."""

from __future__ import annotations

import asyncio
import logging
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatmon.cli import crash_reports
from chatmon.cli.crash_reports import MAX_OF_RUN, MAX_REPORTS, CrashReports, crash_folder, report_crashes
from chatmon.cli.fault_log import FaultLog
from chatmon.monitor.own_fault import own_fault, tell_own_fault

CANARY = "40316223-canary"


@pytest.fixture
def reports() -> Iterator[CrashReports]:
    before = sys.unraisablehook, threading.excepthook
    made = report_crashes()
    yield made
    logging.getLogger("chatmon").removeHandler(made)
    asyncio_logger = logging.getLogger("asyncio")
    asyncio_logger.handlers = [one for one in asyncio_logger.handlers if not isinstance(one, crash_reports.FromLibraries)]
    sys.unraisablehook, threading.excepthook = before


def fault() -> Exception:
    try:
        try:
            {}[CANARY]
        except KeyError as error:
            raise ExceptionGroup(CANARY, [ValueError(CANARY), OSError(CANARY)]) from error
    except ExceptionGroup as error:
        return error
    raise AssertionError


def _deeper(depth: int) -> None:
    if not depth:
        raise RuntimeError(CANARY)
    _deeper(depth - 1)


def files() -> list[Path]:
    return sorted(crash_folder().glob("*")) if crash_folder().exists() else []


def test_a_report_tells_types_places_and_versions_and_nothing_else(reports: CrashReports) -> None:
    tell_own_fault("a poll ended unexpectedly", fault())
    (path,) = files()
    text = path.read_text(encoding="utf-8")
    assert reports.newest == path
    assert "what: a poll ended unexpectedly\nexception: builtins.ExceptionGroup\n  tests.cli.test_crash_reports:" in text
    assert " fault\n" in text
    assert [line for line in text.splitlines() if line.startswith(("in it", "caused by"))] == [
        "in it: builtins.ValueError", "in it: builtins.OSError", "caused by: builtins.KeyError",
    ]  # fmt: skip
    assert all(f"\n  {name} " in text for name in ("CPython", "chatmon", "textual", "aiohttp", "msgspec"))
    assert CANARY not in text
    assert str(Path.home()) not in text
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)


def test_a_fault_is_reported_once_however_often_it_happens(reports: CrashReports) -> None:
    for _ in range(100):
        tell_own_fault("a poll ended unexpectedly", fault())
    assert len(files()) == 1
    assert reports.newest is not None


def different(number: int) -> Exception:
    names: dict[str, Any] = {"deeper": lambda: _deeper(200)}
    exec(compile(f"def stumble_{number}(): deeper()", "elsewhere.py", "exec"), names)
    with pytest.raises(RuntimeError) as caught:
        names[f"stumble_{number}"]()
    kind: type[Exception] = type(f"Fault{number}", (Exception,), {})
    return kind(CANARY).with_traceback(caught.value.__traceback__)


@pytest.mark.usefixtures("reports")
def test_reports_are_few_and_small_and_the_oldest_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3 * MAX_OF_RUN):
        tell_own_fault("x", different(number))
    assert len(files()) == MAX_OF_RUN
    monkeypatch.setattr(crash_reports, "MAX_OF_RUN", 10_000)
    oldest = crash_folder() / "crash-20001122T120000-1-0.txt"
    oldest.write_text("old")
    for number in range(100, 100 + MAX_REPORTS):
        tell_own_fault("x", different(number))
    assert len(files()) == MAX_REPORTS
    assert not oldest.exists()
    assert max(path.stat().st_size for path in files()) < 16_000
    assert "… " in files()[-1].read_text(encoding="utf-8")


def test_where_no_report_can_be_written_nobody_is_disturbed(reports: CrashReports, capfd: pytest.CaptureFixture[str]) -> None:
    crash_folder().parent.mkdir(parents=True, exist_ok=True)
    crash_folder().write_text("in the way")
    tell_own_fault("x", fault())
    assert reports.newest is None
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("reports")
def test_what_threads_and_finalisers_raise_is_reported_and_not_printed(capfd: pytest.CaptureFixture[str]) -> None:
    class Finalised:
        def __del__(self) -> None:
            raise ValueError(CANARY)

    def stumble() -> None:
        raise KeyError(CANARY)

    threads = [threading.Thread(target=stumble)]
    for thread in threads:
        thread.start()
        thread.join()
    Finalised()
    texts = "".join(path.read_text(encoding="utf-8") for path in files())
    assert "what: a thread ended unexpectedly" in texts
    assert "what: an exception could not be raised" in texts
    assert CANARY not in texts + "".join(capfd.readouterr())


@pytest.mark.usefixtures("reports")
def test_an_exception_that_nobody_took_is_reported_where_it_is_chatmons() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(own_fault, None)  # type: ignore[arg-type]  # in chatmon's own code
        loop.call_soon(dict[str, str]().__getitem__, CANARY)  # of nobody's
        await asyncio.sleep(0.01)

    asyncio.run(main())
    (path,) = files()
    text = path.read_text(encoding="utf-8")
    assert "what: an exception that nobody took\nexception: " in text
    assert "chatmon.monitor.own_fault:" in text


def test_a_line_that_comes_again_and_again_is_written_once_in_a_while() -> None:
    handler = FaultLog()
    record = logging.LogRecord("chatmon", logging.ERROR, __file__, 1, "a line", (), None)
    other = logging.LogRecord("chatmon", logging.ERROR, __file__, 1, "another line", (), None)
    written = []
    for seconds in (0.0, 1.0, 59.0, 61.0, 62.0):
        record.created = seconds
        written.append(bool(handler.filter(record)))
    assert written == [True, False, False, True, False]
    assert handler.filter(other)


CRASHING = """
import sys
import chatmon.cli.rounds
def stumble(*_, **__): raise KeyError("40316223-canary")
chatmon.cli.rounds.one_round = stumble
from chatmon.cli.main import main
main()
"""


def test_a_command_that_stumbles_ends_with_one_line_and_says_where_the_report_is() -> None:
    command = [sys.executable, "-c", CRASHING, "poll", "--url", "http://127.0.0.1:9", CANARY]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))
    (path,) = files()
    assert (run.returncode, run.stdout) == (70, "")
    first, second = run.stderr.splitlines()
    assert first.startswith("chatmon: chatmon's own fault: KeyError in stumble (")
    assert second == f"chatmon: a report of chatmon's own fault, without ids, names and texts, is in {path}"
    assert CANARY not in run.stderr + path.read_text(encoding="utf-8")
