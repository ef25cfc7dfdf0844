"""Alarms: what needs a person now, and why."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from chatmon.monitor.clock import Moment


class Severity(StrEnum):
    """How bad it is."""

    WARN = "warn"
    CRITICAL = "critical"


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """When the rules hold: seconds for `waiting_warn`, `waiting_critical`, `unattended`, `idle`, `unseen` and `service_level`, numbers
    of agents for `churn` and of chats for `overload`. None or False switches a rule off.

    `service_level` is no rule: a chat that is answered within so many seconds counts as answered in time.
    """

    waiting_warn: float | None = 60.0
    waiting_critical: float | None = 180.0
    unattended: float | None = 30.0
    churn: int | None = 3
    idle: float | None = 300.0
    unseen: float | None = 30.0
    overload: int | None = 4
    requeued: bool = True
    abandoned: bool = True
    service_level: float = 60.0


class Alarm(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A rule that holds for a chat, or for the agent of a nickname: exactly one of `chat` and `agent` is given.

    `since` is when the condition behind it began, `raised` when it had lasted long enough to be an alarm. `why` says rule and figures
    in one line, `clears` what would end it. An acknowledged one is known to the user, until `snoozed_until` (UTC seconds) where that
    is given. `holds` is False for the seconds between the end of the condition and that of the alarm.
    """

    rule: str
    severity: Severity
    since: Moment
    raised: Moment
    why: str
    clears: str
    chat: str | None = None
    agent: str | None = None
    acknowledged: bool = False
    snoozed_until: float | None = None
    holds: bool = True
