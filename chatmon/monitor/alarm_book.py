"""Which alarms there are: raised once, cleared with hysteresis, acknowledged or snoozed by the user."""

from __future__ import annotations

from collections.abc import Iterable

from chatmon.monitor.alarms import Alarm, Thresholds
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event


class AlarmBook:
    """The alarms over all watched chats and their agents."""

    def __init__(self, thresholds: Thresholds) -> None:
        self.thresholds = thresholds
        self._alarms: dict[tuple[str, str | None, str | None], Alarm] = {}

    def review(self, chats: Iterable[Chat], now: Moment) -> tuple[Event, ...]:
        """Look at the chats as they are at `now`; the events of alarms that are raised, become worse, or are over."""
        return ()

    def alarms(self, now: Moment) -> tuple[Alarm, ...]:
        """Every alarm with its figures as they are now, the worst and then the oldest first."""
        return tuple(self._alarms.values())

    def acknowledge(
        self, *, chat: str | None = None, agent: str | None = None, now: Moment, seconds: float | None = None
    ) -> tuple[Event, ...]:
        """The user knows of the alarms of a chat or an agent, for good or for so many seconds; the events of those they did not know."""
        return ()

    def resume(self, alarms: Iterable[Alarm]) -> None:
        """Go on with alarms that were raised before a restart: they are not raised again."""
        return
