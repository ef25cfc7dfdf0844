"""`chatmon report`: a stretch of the past in figures, from the history."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from chatmon.cli.export import naming_of, reader_of
from chatmon.cli.options import shared_options
from chatmon.cli.periods import PeriodParameter, TypedPeriod, period
from chatmon.cli.points_in_time import PointInTime, TimeParameter
from chatmon.cli.running import OK, emit, has_terminal, say
from chatmon.cli.usage import Command, OneOf, refuse
from chatmon.config import InvalidSetting, load, resolve_privacy, resolve_screen, resolve_thresholds, typed_path

if TYPE_CHECKING:
    from chatmon.report.report import Report
    from chatmon.ui.lines import Line

FORMATS: Final = ("text", "json", "csv", "html")
BY: Final = ("hour", "agent", "label")
SUFFIXES: Final = {".json": "json", ".csv": "csv", ".html": "html", ".htm": "html"}
WIDTH: Final = 120
"""Terminal cells of a line where there is no terminal to ask."""
_INKS: Final[dict[str, dict[str, object]]] = {
    "strong": {"bold": True}, "dim": {"dim": True}, "waiting": {"fg": "blue"}, "chatting": {"fg": "green"}, "warn": {"fg": "yellow"},
}  # fmt: skip
