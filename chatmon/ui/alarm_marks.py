"""Alarms as the screens mark them: which chat has which, how bad, and whether the user knows of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from types import MappingProxyType
from typing import NamedTuple

from chatmon.monitor.alarm_conditions import seen_until
from chatmon.monitor.alarm_rules import CHAT_RULES
from chatmon.monitor.alarms import Alarm, Severity
from chatmon.monitor.chat import Chat
from chatmon.monitor.snapshot import Snapshot
from chatmon.ui import glyphs
from chatmon.ui.times import clock
from chatmon.ui.wording import Sign


class Subject(NamedTuple):
    """What an alarm is about: a chat's id or an agent's nickname."""

    chat: str | None = None
    agent: str | None = None

    def has(self, alarm: Alarm) -> bool:
        """Whether an alarm is about it."""
        return (alarm.chat, alarm.agent) == self


ChatAlarms = tuple[Alarm, ...]
"""The alarms of one chat, the worst first."""

AlarmsByChat = Mapping[str, ChatAlarms]
NO_ALARMS: AlarmsByChat = MappingProxyType({})

_NEEDS_SIGHT = {rule.name for rule in CHAT_RULES if rule.needs_sight}
_STYLES = {Severity.WARN: "warn", Severity.CRITICAL: "critical"}


def alarms_by_chat(alarms: Iterable[Alarm]) -> AlarmsByChat:
    """The alarms that are about a chat, by its id, in their order."""
    found: dict[str, ChatAlarms] = {}
    for alarm in alarms:
        if alarm.chat is not None:
            found[alarm.chat] = (*found.get(alarm.chat, ()), alarm)
    return found


def is_pressing(alarm: Alarm) -> bool:
    """Whether an alarm holds and the user does not know of it yet."""
    return alarm.holds and not alarm.acknowledged


def worst(alarms: Iterable[Alarm]) -> Alarm | None:
    """The alarm that marks a chat: of those that hold, one that is not acknowledged before one that is, then a critical one."""
    holding = [alarm for alarm in alarms if alarm.holds]
    return min(holding, key=lambda alarm: (alarm.acknowledged, alarm.severity is not Severity.CRITICAL), default=None)


def severity_style(severity: Severity) -> str:
    """The style of a severity."""
    return _STYLES[severity]


def alarm_style(alarm: Alarm) -> str:
    """The style of an alarm: that of its severity until the user knows of it."""
    return severity_style(alarm.severity) if is_pressing(alarm) else "dim"


def alarm_sign(alarm: Alarm) -> Sign:
    """The sign of an alarm."""
    return Sign(glyphs.WARN, alarm_style(alarm))


def is_since_exact(alarm: Alarm, chat: Chat | None) -> bool:
    """Whether the beginning of what an alarm rests on was observed: one about a state may rest on a state that was there already."""
    return chat is None or chat.state_since_exact or alarm.since != chat.state_since


def alarm_clock(alarm: Alarm, snapshot: Snapshot) -> str:
    """For how long what an alarm rests on has been so: of a chat that does not answer, as far as it was seen."""
    chat = snapshot.chats.get(alarm.chat or "")
    until = snapshot.now
    if chat is not None and alarm.rule in _NEEDS_SIGHT:
        until = seen_until(chat, snapshot.now, chat.stale_after(snapshot.interval)) or alarm.since
    return clock(until.since(alarm.since), exact=is_since_exact(alarm, chat))


def waiting_style(alarms: Iterable[Alarm]) -> str:
    """The style of a clock on which an alarm about waiting rests; none where there is no such alarm, or the user knows of it."""
    return next((severity_style(alarm.severity) for alarm in alarms if alarm.rule == "waiting" and is_pressing(alarm)), "")


def step_to(rows: Sequence[str], wanted: Set[str], current: str | None, step: int) -> str | None:
    """The next of the wanted rows below `current`, or above it where `step` is -1, going round at the end; None where there is none."""
    found = [row for row in rows if row in wanted]
    if not found:
        return None
    if current not in rows:
        return found[0 if step > 0 else -1]
    place = rows.index(current)
    beyond = [row for row in (rows[place + 1 :] if step > 0 else rows[:place][::-1]) if row in wanted]
    return beyond[0] if beyond else found[0 if step > 0 else -1]
