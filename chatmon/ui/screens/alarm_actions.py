"""What may be done on a screen that is about something with alarms: a chat or an agent."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from chatmon.api.sanitise import clean
from chatmon.ui.alarm_marks import Subject
from chatmon.ui.keys import ALARM_KEYS
from chatmon.ui.screens.monitor_screen import MonitorScreen
from chatmon.ui.screens.snooze_prompt import SnoozePrompt
from chatmon.ui.times import time_of_day
from chatmon.ui.wording import UNNAMED, plural


class AlarmActions(MonitorScreen):
    """A screen on which alarms can be acknowledged and snoozed."""

    BINDINGS: ClassVar[list[BindingType]] = [*ALARM_KEYS]

    @property
    def subject(self) -> Subject | None:
        """What an action is about; None where nothing is chosen."""
        raise NotImplementedError

    def stay(self) -> None:
        """The user did something with what is chosen: it stays chosen, wherever it goes."""

    def action_acknowledge(self) -> None:
        """The user knows of the alarms."""
        subject = self.subject
        if subject is None:
            return
        self.stay()
        number = self.session.acknowledge(subject)
        known = bool(self.session.alarms_of(subject))
        name = self.called(subject)
        if number:
            self.say(f"{plural(number, 'alarm')} of {name} acknowledged.")
        else:
            self.say(f"The alarms of {name} are acknowledged already." if known else f"{name} has no alarm.")
        self.show()

    def action_snooze(self) -> None:
        """The user knows of the alarms for some minutes."""
        subject = self.subject
        if subject is None:
            return
        self.stay()
        alarms = self.session.alarms_of(subject)
        if not alarms:
            self.say(f"{self.called(subject)} has no alarm.")
            return

        def snooze(seconds: float | None) -> None:
            if seconds is not None:
                self._snooze(subject, seconds)

        self.app.push_screen(SnoozePrompt(f"{plural(len(alarms), 'alarm')} of {self.called(subject)}"), snooze)

    def _snooze(self, subject: Subject, seconds: float) -> None:
        until = time_of_day(self.session.monitor.clock.now().utc + seconds, self.session.timezone)
        self.session.acknowledge(subject, seconds=seconds)
        self.say(f"The alarms of {self.called(subject)} are snoozed until {until}.")
        self.show()

    def called(self, subject: Subject) -> str:
        """What is written for a chat or an agent: its short id, their nickname."""
        if subject.chat is not None:
            return clean(self.session.short_ids.get(subject.chat, subject.chat[:8]))
        return clean(subject.agent or "") or UNNAMED
