"""One alarm from its raising to its end: the changing counterpart of the frozen `Alarm` that everyone else reads."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from chatmon.monitor.alarm_conditions import Condition
from chatmon.monitor.alarm_rules import Rule
from chatmon.monitor.alarms import Alarm, Severity
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind


class AlarmKey(NamedTuple):
    """What there is one alarm of at the most: a rule for a chat, or for an agent."""

    rule: str
    chat: str | None
    agent: str | None


class StandingAlarm(msgspec.Struct, kw_only=True):
    """An alarm that is not over.

    `condition` is the one that held last; None where none was seen to hold since a restart. `words` explains the alarm where no
    condition of a chat does. `lapsed` is since when it does not hold, in monotonic seconds; so is `snooze_ends`.
    """

    rule: Rule
    key: AlarmKey
    severity: Severity
    since: Moment
    raised: Moment
    condition: Condition | None = None
    words: str = ""
    lapsed: float | None = None
    acknowledged: bool = False
    snoozed_until: float | None = None
    snooze_ends: float | None = None

    @classmethod
    def resumed(cls, rule: Rule, alarm: Alarm) -> StandingAlarm:
        """An alarm of before a restart."""
        return cls(
            rule=rule,
            key=AlarmKey(alarm.rule, alarm.chat, alarm.agent),
            severity=alarm.severity,
            since=alarm.since,
            raised=alarm.raised,
            words=alarm.why,
            acknowledged=alarm.acknowledged,
            snoozed_until=alarm.snoozed_until,
        )

    def alarm(self, why: str) -> Alarm:
        """The alarm as it is now."""
        return Alarm(
            rule=self.rule.name,
            severity=self.severity,
            since=self.since,
            raised=self.raised,
            why=why,
            clears=self.rule.clears,
            chat=self.key.chat,
            agent=self.key.agent,
            acknowledged=self.acknowledged,
            snoozed_until=self.snoozed_until,
            holds=self.lapsed is None,
        )

    def event(self, kind: EventKind, now: Moment, why: str | None = None) -> Event:
        """An event of this alarm."""
        return Event(
            at=now.utc,
            kind=kind,
            chat=self.key.chat,
            agent=self.key.agent,
            rule=self.rule.name,
            severity=str(self.severity),
            why=why,
            until=self.snoozed_until if kind is EventKind.ALARM_ACKNOWLEDGED else None,
        )

    def hold(self, severity: Severity, condition: Condition | None = None) -> bool:
        """It holds; whether it is worse than it was. What the user knows of is what it was then."""
        if self.condition is None and condition is not None and condition.since.since(self.since) < 0:
            self.since = condition.since  # what is recorded of an alarm is when it was raised
        self.lapsed = None
        self.condition = condition
        if severity is self.severity:
            return False
        self.severity = severity
        self.acknowledged, self.snoozed_until, self.snooze_ends = False, None, None
        return True

    def lapse(self, now: Moment, words: str) -> None:
        """It does not hold any more, for the time being; `words` is why it did."""
        if self.lapsed is None:
            self.lapsed, self.words = now.monotonic, words

    def acknowledge(self, now: Moment, seconds: float | None) -> bool:
        """The user knows of it, for good or for so many seconds; whether that is new."""
        if seconds is None:
            is_new = not self.acknowledged or self.snoozed_until is not None
            self.snoozed_until = self.snooze_ends = None
        else:
            is_new = True
            self.snoozed_until, self.snooze_ends = now.utc + seconds, now.monotonic + seconds
        self.acknowledged = True
        return is_new

    def wake(self, now: Moment) -> None:
        """End a snooze whose time has come."""
        if self.snoozed_until is None:
            return
        if self.snooze_ends is None:  # of before a restart: only its time of day is known
            self.snooze_ends = now.monotonic + self.snoozed_until - now.utc
        if now.monotonic >= self.snooze_ends:
            self.acknowledged, self.snoozed_until, self.snooze_ends = False, None, None
