"""The file in the user's state folder that says what went wrong in chatmon itself, for bug reports."""

from __future__ import annotations

import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from chatmon.api.sanitise import clean
from chatmon.paths import NoHomeFolder
from chatmon.paths import log_folder as log_folder
from chatmon.private_files import make_folder, opener

MAX_BYTES = 256 * 1024
"""The log is begun anew beyond this size; the one before it is kept."""

AGAIN_SECONDS = 60.0
"""The same line is written once in so many seconds."""
MAX_TOLD = 200


class _OneLine(logging.Formatter):
    """Lines that can be shown in a terminal, whatever is in them."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        """The line."""
        return clean(super().formatMessage(record))


class FaultLog(RotatingFileHandler):
    """Writes a line for each fault, readable by the user alone. Folder and file are made when there is something to write."""

    def __init__(self) -> None:
        # Where the file is is known when there is something to write. A path that is not absolute needs a working folder that is there.
        super().__init__(os.devnull, maxBytes=MAX_BYTES, backupCount=1, delay=True, encoding="utf-8")
        self._told: dict[str, float] = {}
        self.setFormatter(_OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write a line: what happens at every poll or at every painting is said once in a while."""
        message = record.getMessage()
        if record.created - self._told.get(message, -AGAIN_SECONDS) < AGAIN_SECONDS:
            return False
        if len(self._told) >= MAX_TOLD:
            self._told.clear()
        self._told[message] = record.created
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line. Where the file cannot be written there is nobody left to tell: the fault is shown on the screen all the same."""
        if self.stream is None:
            try:
                self.baseFilename = str(log_folder() / "chatmon.log")
            except NoHomeFolder:
                return
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """Do not write across the screen."""

    def _open(self) -> TextIOWrapper:
        make_folder(Path(self.baseFilename).parent)
        return open(self.baseFilename, self.mode, encoding=self.encoding, opener=opener)  # type: ignore[return-value]


def record_faults() -> None:
    """Record what chatmon logs, and nothing of what libraries do: their messages may hold ids."""
    logging.getLogger("chatmon").addHandler(FaultLog())
