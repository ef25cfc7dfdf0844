"""The door to the dashboard, for every command that opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from chatmon.monitor.monitor import Monitor


class CannotGoOn(click.ClickException):
    """The monitor behind the dashboard could not go on."""

    exit_code = 2


def show(monitor: Monitor, *, source: str, ascii_only: bool, theme: str) -> int:
    """Run the dashboard until it is ended; the exit code. Raises `CannotGoOn`."""
    from chatmon.ui.app import MonitorFailed, run_dashboard

    try:
        return run_dashboard(monitor, source=source, ascii_only=ascii_only, theme=theme)
    except MonitorFailed as error:
        raise CannotGoOn(str(error)) from None
