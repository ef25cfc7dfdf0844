"""An unexpected exception, named without what it was about: its text and its variables may hold ids, nicknames or secrets."""

from __future__ import annotations

import logging
import os
import traceback
from pathlib import Path

MAX_FRAMES = 6
FAULT = "fault"
"""The attribute of a log record that holds the exception itself, for whoever writes more of it down than this."""

logger = logging.getLogger(__name__)


def own_fault(error: BaseException) -> str:
    """Which exception it was and the way it came, innermost first: `KeyError in apply (board.py:120) < run (poller.py:61)`."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames[:-1] if f"{os.sep}chatmon{os.sep}" in frame.filename]
    way = " < ".join(f"{frame.name} ({Path(frame.filename).name}:{frame.lineno})" for frame in [*frames[-1:], *reversed(ours)][:MAX_FRAMES])
    return f"{type(error).__name__} in {way}" if way else type(error).__name__


def tell_own_fault(what: str, error: BaseException) -> str:
    """Have an unexpected exception recorded, under a few words on what it ended, and give what to tell the user of it."""
    said = own_fault(error)
    logger.error("%s: %s", what, said, extra={FAULT: error})
    return f"chatmon's own fault: {said}"
