"""What went wrong in chatmon itself, each in a file of its own that can be sent to whoever mends it: it holds no word from outside."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final

from chatmon.monitor.own_fault import FAULT, own_fault, tell_own_fault
from chatmon.paths import state_folder
from chatmon.private_files import make_folder, opener

MAX_REPORTS: Final = 20
"""Files that are kept; the oldest make room."""
MAX_OF_RUN: Final = 10
"""Different faults that one run writes down; each is written once."""
MAX_CHAIN: Final = 5
"""Exceptions behind an exception that are told."""
OUTER_FRAMES, INNER_FRAMES = 20, 40
"""Of a stack, what is told: its beginning and its end. With `MAX_CHAIN` they bound the size of a file."""

_INTRODUCTION: Final = (
    "A fault of chatmon's own. Types, places in the code and versions are all that is in this file:",
    "no text of an exception, no variable, nothing that a server, a file or a user said.",
)


def crash_folder() -> Path:
    """Where the reports are: in the user's state folder. Raises `NoHomeFolder`."""
    return state_folder() / "crashes"


class CrashReports(logging.Handler):
    """Writes a report for each different fault that is told; `newest` is the last one of this run."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.newest: Path | None = None
        self._told: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a report. Where the folder cannot be written there is nobody left to tell: the fault is shown all the same."""
        error = getattr(record, FAULT, None)
        if not isinstance(error, BaseException):
            return
        fault = own_fault(error)
        if fault in self._told or len(self._told) >= MAX_OF_RUN:
            return
        self._told.add(fault)
        what = str(record.args[0]) if isinstance(record.args, tuple) and record.args else ""
        try:
            self.newest = _write("\n".join(report_lines(what, error)) + "\n", datetime.fromtimestamp(record.created, UTC))
        except OSError:
            return


class FromLibraries(logging.Handler):
    """Takes what asyncio says of exceptions that nobody was left to take, where they are chatmon's; its words may hold anything."""

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of the exception."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and any(module.partition(".")[0] == "chatmon" for module, _, _ in _frames(error.__traceback__)):
            tell_own_fault("an exception that nobody took", error)


def report_crashes() -> CrashReports:
    """Write a report for each fault from now on, also for those that Python would else print with all they hold."""
    reports = CrashReports()
    logging.getLogger("chatmon").addHandler(reports)
    logging.getLogger("asyncio").addHandler(FromLibraries())
    threading.excepthook = lambda hooked: _tell("a thread ended unexpectedly", hooked.exc_value)
    sys.unraisablehook = lambda hooked: _tell("an exception could not be raised", hooked.exc_value)
    return reports


def _tell(what: str, error: BaseException | None) -> None:
    if error is not None:
        tell_own_fault(what, error)


def report_lines(what: str, error: BaseException) -> Iterator[str]:
    """A report, line by line: what ended, the exception and those behind it, each with its way through the code, and versions."""
    yield from _INTRODUCTION
    yield f"what: {what}"
    for said, behind in _chain(error):
        yield f"{said}{type(behind).__module__}.{type(behind).__qualname__}"
        yield from _stack_lines(behind)
    from chatmon.cli.versions import versions

    yield "versions:"
    yield from (f"  {name} {version}" for name, version in versions())


def _chain(error: BaseException) -> Iterator[tuple[str, BaseException]]:
    """An exception and those behind it, each with the words that lead to it."""
    waiting: list[tuple[str, BaseException]] = [("exception: ", error)]
    told: list[BaseException] = []
    while waiting and len(told) < MAX_CHAIN:
        said, one = waiting.pop(0)
        if one in told:
            continue
        told.append(one)
        yield said, one
        if isinstance(one, BaseExceptionGroup):
            waiting += [("in it: ", other) for other in one.exceptions]
        behind = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        if behind is not None:
            waiting.append(("caused by: " if one.__cause__ else "while handling: ", behind))


def _stack_lines(error: BaseException) -> Iterator[str]:
    frames = list(_frames(error.__traceback__))
    left_out = len(frames) - OUTER_FRAMES - INNER_FRAMES
    for number, (module, line, name) in enumerate(frames):
        if left_out <= 0 or not OUTER_FRAMES <= number < OUTER_FRAMES + left_out:
            yield f"  {module}:{line} {name}"
        elif number == OUTER_FRAMES:
            yield f"  … {left_out} more"


def _frames(traceback: TracebackType | None) -> Iterator[tuple[str, int, str]]:
    """Module, line and name of each function on the way, the outermost first."""
    while traceback is not None:
        frame = traceback.tb_frame
        yield str(frame.f_globals.get("__name__", "?")), traceback.tb_lineno, frame.f_code.co_qualname
        traceback = traceback.tb_next


def _write(text: str, at: datetime) -> Path:
    """Write a file that the user alone can read, and let the oldest make room."""
    folder = crash_folder()
    make_folder(folder)
    path = folder / f"crash-{at:%Y%m%dT%H%M%S.%f}Z-{os.getpid()}.txt"
    with open(path, "x", encoding="utf-8", opener=opener) as file:
        file.write(text)
    for old in sorted(folder.glob("crash-*.txt"), key=lambda one: one.name)[:-MAX_REPORTS]:
        old.unlink(missing_ok=True)
    return path
