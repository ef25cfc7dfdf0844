"""The file in the user's state folder that says what went wrong in chatmon itself, for bug reports."""

from __future__ import annotations

import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from chatmon.api.sanitise import clean

MAX_BYTES = 256 * 1024
"""The log is begun anew beyond this size; the one before it is kept."""


def log_folder() -> Path:
    """Where the log is."""
    from platformdirs import user_log_path

    return user_log_path("chatmon", appauthor=False)


class _OneLine(logging.Formatter):
    """Lines that can be shown in a terminal, whatever is in them."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        """The line."""
        return clean(super().formatMessage(record))


class FaultLog(RotatingFileHandler):
    """Writes a line for each fault, readable by the user alone. Folder and file are made when there is something to write."""

    def __init__(self) -> None:
        super().__init__("chatmon.log", maxBytes=MAX_BYTES, backupCount=1, delay=True, encoding="utf-8")
        self.setFormatter(_OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line. Where the file cannot be written there is nobody left to tell: the fault is shown on the screen all the same."""
        if self.stream is None:
            self.baseFilename = str(log_folder() / "chatmon.log")
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """Do not write across the screen."""

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return open(self.baseFilename, self.mode, encoding=self.encoding, opener=_private)  # type: ignore[return-value]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def record_faults() -> None:
    """Record what chatmon logs, and nothing of what libraries do: their messages may hold ids."""
    logging.getLogger("chatmon").addHandler(FaultLog())
