"""How shares are written."""

from __future__ import annotations

import math

from chatmon.monitor.shift import ShiftFigures
from chatmon.ui import glyphs


def percent(share: float) -> str:
    """A share in whole per cent, rounded down: what is not quite all is not said to be all."""
    return f"{math.floor(share * 100 + 1e-9)} %"


def in_time(figures: ShiftFigures) -> str:
    """Of the answered chats the share that was answered in time, `≤` before it where that is not known of all; nothing where none was."""
    share = figures.in_time_share
    return "" if share is None else ("" if figures.in_time_share_exact else glyphs.AT_MOST) + percent(share)


def watched(figures: ShiftFigures) -> str:
    """How much of the chats' time was watched; nothing where no chat was known."""
    return "" if figures.coverage is None else f"watched {percent(figures.coverage)}"
