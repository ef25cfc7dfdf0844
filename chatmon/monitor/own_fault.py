"""An unexpected exception, named without what it was about: its text and its variables may hold ids, nicknames or secrets."""

from __future__ import annotations

import traceback
from pathlib import Path


def own_fault(error: BaseException) -> str:
    """Which exception it was and where it came from: `KeyError in apply (board.py:120)`."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    last = frames[-1]
    return f"{type(error).__name__} in {last.name} ({Path(last.filename).name}:{last.lineno})"
