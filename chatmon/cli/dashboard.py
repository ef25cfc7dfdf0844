"""The door to the dashboard, for every command that opens it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from chatmon.config.screen import ScreenSettings
    from chatmon.monitor.monitor import Monitor


UNTOLD_SIZE: Final = {"COLUMNS": "80", "LINES": "24"}
"""What is assumed of a terminal that does not tell its size, as some serial consoles do: Textual would resize for ever."""


class CannotGoOn(click.ClickException):
    """The monitor behind the dashboard could not go on."""

    exit_code = 2


def show(monitor: Monitor, settings: ScreenSettings, *, source: str) -> int:
    """Run the dashboard until it is ended; the exit code. Raises `CannotGoOn`."""
    from chatmon.ui.app import MonitorFailed, run_dashboard

    _assume_a_size()
    try:
        return run_dashboard(monitor, settings, source=source)
    except MonitorFailed as error:
        raise CannotGoOn(str(error)) from None


def _assume_a_size() -> None:
    try:
        told = all(os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1))
    except (OSError, ValueError):
        return
    if not told:
        os.environ.update(UNTOLD_SIZE)
