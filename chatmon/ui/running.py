"""Runs a dashboard from its first frame until it is ended, whatever signals come before and after."""

from __future__ import annotations

import signal
from pathlib import Path

from chatmon.config.screen import ScreenSettings
from chatmon.history.reader import HistoryReader
from chatmon.last_resort import SIGNALS, last_resort
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.pseudonyms import REAL_NAMES, Naming
from chatmon.monitor.transcripts import Transcripts
from chatmon.ui.app import ChatmonApp


class MonitorFailed(Exception):
    """The monitor could not go on; the message says why, in one line."""


def run_dashboard(
    monitor: Monitor,
    settings: ScreenSettings,
    *,
    source: str,
    history: HistoryReader | None = None,
    saved_at: Path | None = None,
    naming: Naming = REAL_NAMES,
    transcripts: Transcripts | None = None,
) -> int:
    """Run the dashboard until it is ended and give the exit code.

    `source` says in a few words what is watched; `history` reads what was recorded of it; `saved_at` is the file in which the screen is
    kept for the next time; `naming` says by which names chats and people are shown; `transcripts` reads those of chats, where that is
    allowed. Raises `MonitorFailed`, with the terminal given back.
    """
    app = ChatmonApp(monitor, settings, source=source, history=history, saved_at=saved_at, naming=naming, transcripts=transcripts)
    return run_app(app)


def run_app(app: ChatmonApp) -> int:
    """Run a dashboard that is made until it is ended and give the exit code. Raises `MonitorFailed`, with the terminal given back."""
    # Until the app takes them, signals are noted: asyncio's own way with SIGINT would be lost on Textual's start.
    before = {number: signal.signal(number, lambda number, _: app.early_signals.append(number)) for number in SIGNALS}
    app.ends_for_certain = True
    last_resort.last_words = app.give_terminal_back
    try:
        code = app.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        app.keep_screen_now()
        last_resort.disarm()
    if app.failure is not None:
        raise MonitorFailed(app.failure)
    return code or 0
