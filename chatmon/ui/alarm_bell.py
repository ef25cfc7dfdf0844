"""How the terminal tells of new alarms to someone who looks elsewhere: its bell, and a notification of the desktop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chatmon.api.sanitise import clean
from chatmon.monitor.alarms import Severity
from chatmon.monitor.events import Event, EventKind

_SEQUENCES = {"osc9": "\x1b]9;{text}\x07", "osc777": "\x1b]777;notify;chatmon;{text}\x07"}
"""What asks a terminal for a notification, by `ScreenSettings.notify`: that of iTerm2 and Windows Terminal, that of urxvt and foot."""


class AlarmBell:
    """Gathers the alarms that are raised, and tells of them together."""

    def __init__(self, *, bell: bool, notify: str) -> None:
        self._bell = bell
        self._sequence = _SEQUENCES.get(notify, "")
        self._raised: list[Event] = []

    @property
    def is_wanted(self) -> bool:
        """Whether the settings want anything of it."""
        return self._bell or bool(self._sequence)

    def take(self, event: Event) -> None:
        """Take in one event; only alarms that are raised matter."""
        if event.kind is EventKind.ALARM_RAISED:
            self._raised.append(event)

    def ring(self, write: Callable[[str], None]) -> None:
        """Tell of the alarms since the last time, if there are any; `write` sends to the terminal."""
        if not self._raised:
            return
        text = announcement(self._raised)
        self._raised.clear()
        if self._bell:
            write("\a")
        if self._sequence:
            write(self._sequence.format(text=text))


def announcement(raised: Sequence[Event]) -> str:
    """One line about alarms that were raised, of which there is at least one.

    It names no chat and nobody: it may be shown on a locked screen.
    """
    worst = next((event for event in raised if event.severity == Severity.CRITICAL), raised[0])
    what = clean(f"{worst.rule} {worst.severity}")
    return f"chatmon: new alarm: {what}" if len(raised) == 1 else f"chatmon: {len(raised)} new alarms, worst: {what}"
