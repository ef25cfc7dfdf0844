"""The door to the dashboard, for every command that opens it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import click
import msgspec

from chatmon.cli.drawing_environment import prepare_to_draw
from chatmon.cli.usage import refuse
from chatmon.paths import NoHomeFolder, state_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chatmon.config import Configuration
    from chatmon.config.screen import ScreenSettings
    from chatmon.history.reader import HistoryReader
    from chatmon.monitor.monitor import Monitor
    from chatmon.monitor.pseudonyms import Naming
    from chatmon.monitor.transcripts import Transcripts
    from chatmon.replay.player import Player
    from chatmon.replay.tape import Portion

UNTOLD_SIZE: Final = {"COLUMNS": "80", "LINES": "24"}
"""What is assumed of a terminal that does not tell its size, as some serial consoles do: Textual would resize for ever."""


PSEUDONYMS: Final = "pseudonyms"
"""What the first line of the screens says beside the deployment, where names are hidden."""


class CannotGoOn(click.ClickException):
    """The monitor behind the dashboard could not go on."""

    exit_code = 2


def check_keys(configuration: Configuration) -> None:
    """UsageError where keys were chosen that cannot be used."""
    if not configuration.keys:
        return
    from chatmon.api.sanitise import clean
    from chatmon.config import nearest
    from chatmon.config.readers import shown
    from chatmon.ui.keymap import BINDINGS, InvalidKeys, check_keymap

    for name, entry in configuration.keys.items():
        if name not in BINDINGS:
            known = nearest(name, BINDINGS) or "; chatmon config init writes a file with all of them"
            refuse(f"{entry.origin.place}: there is no binding {shown(name)}{known}")
    try:
        check_keymap({name: entry.value for name, entry in configuration.keys.items()})
    except InvalidKeys as error:
        refuse(f"{configuration.keys[error.binding].origin.place} {clean(str(error))}")


def show(
    monitor: Monitor,
    settings: ScreenSettings,
    *,
    source: str,
    history: HistoryReader | None = None,
    kept_as: str | None = None,
    naming: Naming,
    transcripts: Transcripts | None = None,
) -> int:
    """Run the dashboard until it is ended; the exit code. Raises `CannotGoOn`.

    How the screen is left is kept for the next time, under the name of a deployment where one is given. A screen of pseudonyms is kept
    apart: its pins and its filter mean nothing to the other one, and that one's would tell names. `transcripts` is what may ask for those
    of chats; None where nothing may.
    """
    prepare_to_draw(os.environ)
    from chatmon.ui.running import MonitorFailed, run_dashboard
    from chatmon.ui.saved_screen import TROUBLE

    settings = _drawable(settings)
    if naming.hides:
        source = f"{source} · {PSEUDONYMS}"
        kept_as = kept_as and f"{kept_as} {PSEUDONYMS}"
    try:
        saved_at = None if kept_as is None or settings.wallboard else _saved_at(kept_as)
    except NoHomeFolder as error:
        saved_at = None
        monitor.trouble(TROUBLE, f"the screen is not kept: {error.strerror}")
    try:
        return run_dashboard(monitor, settings, source=source, history=history, saved_at=saved_at, naming=naming, transcripts=transcripts)
    except MonitorFailed as error:
        raise CannotGoOn(str(error)) from None


def show_replay(
    player: Player, settings: ScreenSettings, *, source: str, naming: Naming, read_on: Callable[[], Portion | None] | None
) -> int:
    """Run the dashboard over a tape until it is ended; the exit code. Nothing of the screen is kept. Raises `CannotGoOn`."""
    prepare_to_draw(os.environ)
    from chatmon.monitor.clock import SystemClock
    from chatmon.ui.replay_app import ReplayApp
    from chatmon.ui.replay_session import ReplaySession
    from chatmon.ui.running import MonitorFailed, run_app

    settings = _drawable(settings)
    if naming.hides:
        source = f"{source} · {PSEUDONYMS}"
    session = ReplaySession(player, settings, source=source, clock=SystemClock(), naming=naming)
    try:
        return run_app(ReplayApp(session, read_on=read_on))
    except MonitorFailed as error:
        raise CannotGoOn(str(error)) from None


def _drawable(settings: ScreenSettings) -> ScreenSettings:
    """The settings with which this terminal can be drawn on."""
    from chatmon.ui.terminal_driver import is_unicode

    _assume_a_size()
    if sys.__stdout__ is not None and not is_unicode(sys.__stdout__):  # what is drawn on
        return msgspec.structs.replace(settings, ascii=True)
    return settings


def _saved_at(deployment: str) -> Path:
    """The file in the user's state folder that keeps the screen of a deployment. Raises `NoHomeFolder`."""
    from chatmon.ui.saved_screen import file_name

    return state_folder() / file_name(deployment)


def _assume_a_size() -> None:
    try:
        told = all(os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1))
    except (OSError, ValueError):
        return
    if not told:
        os.environ.update(UNTOLD_SIZE)
