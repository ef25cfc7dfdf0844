"""What a monitor knows again after a restart: chats with their clocks and timelines, the shift so far, alarms that are up, trends.

Everything here waits for the disk and runs beside the event loop, before polling begins.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import msgspec

from chatmon.history.reader import HistoryReader
from chatmon.history.rows import Unreadable, resumed_chat
from chatmon.monitor.alarms import Alarm, Severity
from chatmon.monitor.board import MAX_CHAT_EVENTS
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.memory import MAX_REMEMBERED, KnownChat
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.shift import Shift
from chatmon.monitor.trends import BUCKET_SECONDS, BUCKETS, TrendSample

DAY: Final = 86_400.0


class Recalled(msgspec.Struct, frozen=True):
    """What the history knows. `chats` are those seen last first; `left` are those of the day that are not watched now.

    `unreadable` counts the chats of which something is recorded that this version cannot read.
    """

    chats: tuple[KnownChat, ...]
    left: tuple[Chat, ...]
    shift: Shift
    alarms: tuple[Alarm, ...]
    trends: tuple[TrendSample, ...]
    unreadable: int

    def hand_to(self, monitor: Monitor) -> None:
        """Let a monitor know it, before it polls."""
        monitor.remember(reversed(self.chats))  # the memory forgets those first that it was told first
        for chat in self.left:
            self.shift.left(chat)
        monitor.resume_shift(self.shift, self.alarms)
        monitor.trends.resume(self.trends, monitor.clock.now())


def known_since(day: float) -> float:
    """From when on a monitor knows again what was recorded, which starts on a day that began at `day`: both in UTC seconds.

    An alarm that was last said to be raised or worse before that is forgotten: it is raised anew, and that it was over is never recorded.
    """
    return day - DAY


def recall(reader: HistoryReader, watched: Collection[str], shift: Shift, now: Moment) -> Recalled:
    """What is recorded of the watched chats and of those seen in the last 24 hours, the newest of them, by this process's clocks.

    `shift` is a new one that began when its day did: it is told every event that is known since 24 hours before that (`known_since`),
    and begins with the first of its day. Raises `HistoryError`.
    """
    alarms: dict[tuple[str | None, str | None, str | None], Alarm] = {}
    first: float | None = None
    for recorded in reader.read_on(reader.first_position_since(known_since(shift.since))):
        shift.take(recorded.event)
        if first is None and recorded.event.at >= shift.since:
            first = recorded.event.at
        _take_alarm(alarms, recorded.event, now)
    # Of the hours before anything was recorded nothing is claimed.
    shift.since = max(shift.since, now.utc if first is None else min(first, now.utc))
    chats: list[KnownChat] = []
    left: list[Chat] = []
    unreadable = 0
    for row in reader.known_chats(min(shift.since, now.utc - DAY), watched):
        try:
            chat = resumed_chat(row.known, row.stretch, now)
        except Unreadable:
            unreadable += 1
            continue
        if chat.id not in watched and row.stretch.until >= shift.since:
            left.append(chat)
        if chat.id in watched or (len(chats) < MAX_REMEMBERED and row.stretch.until >= now.utc - DAY):
            events = reader.read_before(None, MAX_CHAT_EVENTS, chat.id)
            chats.append(KnownChat(chat, tuple(recorded.event for recorded in events)))
    trends = reader.trends_since(now.utc - BUCKETS * BUCKET_SECONDS)
    return Recalled(tuple(chats), tuple(left), shift, tuple(alarms.values()), trends, unreadable)


def _take_alarm(alarms: dict[tuple[str | None, str | None, str | None], Alarm], event: Event, now: Moment) -> None:
    """Keep `alarms`, by rule, chat and agent, as they are up after one more event."""
    key = event.rule, event.chat, event.agent
    known = alarms.get(key)
    match event.kind:
        case EventKind.ALARM_RAISED:
            alarm = _raised(event, now)
            if alarm is not None:
                # One that became worse began when it was raised first.
                since = alarm.since if known is None else known.since
                alarms[key] = msgspec.structs.replace(alarm, since=since, raised=since)
        case EventKind.ALARM_ACKNOWLEDGED if known is not None:
            alarms[key] = msgspec.structs.replace(known, acknowledged=True, snoozed_until=event.until)
        case EventKind.ALARM_CLEARED:
            alarms.pop(key, None)
        case _:
            return


def _raised(event: Event, now: Moment) -> Alarm | None:
    if event.rule is None or event.severity not in set(Severity):
        return None
    at = Moment(now.monotonic - max(0.0, now.utc - event.at), min(event.at, now.utc))
    return Alarm(
        rule=event.rule,
        severity=Severity(event.severity),
        since=at,
        raised=at,
        why=event.why or "",
        clears="",
        chat=event.chat,
        agent=event.agent,
    )
