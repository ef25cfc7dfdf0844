"""The agents as rows of a list: who is in which chats now, what they did in this shift, and whether it is too much."""

from __future__ import annotations

import msgspec

from chatmon.api.sanitise import clean
from chatmon.monitor.alarms import Alarm
from chatmon.monitor.figures import AgentLoad, agents
from chatmon.monitor.snapshot import Snapshot
from chatmon.ui import glyphs
from chatmon.ui.alarm_marks import Subject, alarm_sign, is_pressing, worst
from chatmon.ui.columns import CellContext, Column
from chatmon.ui.lines import Span
from chatmon.ui.times import clock
from chatmon.ui.wording import UNNAMED


class AgentRow(msgspec.Struct, frozen=True):
    """One agent: their chats now, how many they `handled` in the shift, the `most` of them at once, and their alarm if one holds."""

    load: AgentLoad
    handled: int = 0
    most: int = 0
    alarm: Alarm | None = None

    @property
    def is_here(self) -> bool:
        """Whether a chat lists them now."""
        return bool(self.load.chats)


def agent_rows(snapshot: Snapshot) -> list[AgentRow]:
    """Who has too many chats first, then those with most chats, and at the end those who handled some in this shift and have none now."""
    shift = snapshot.shift
    here = agents(snapshot.chats.values(), snapshot.now)
    listed = {load.nickname for load in here}
    gone = sorted((name for name in shift.handled_by if name not in listed), key=lambda name: (-shift.handled_by[name], name.casefold()))
    loads = (*here, *(AgentLoad(name, (), 0, 0, 0, 0, None, None) for name in gone))
    alarming = [alarm for alarm in snapshot.alarms if alarm.agent is not None]

    def row(load: AgentLoad) -> AgentRow:
        name = load.nickname
        alarm = worst(alarm for alarm in alarming if Subject(agent=name).has(alarm))
        return AgentRow(load, shift.handled_by.get(name, 0), shift.most_at_once.get(name, 0), alarm)

    return sorted(map(row, loads), key=_rank)


def _rank(row: AgentRow) -> int:
    if row.alarm is None:
        return 2
    return 0 if is_pressing(row.alarm) else 1


def _sign(row: AgentRow, _: CellContext) -> Span:
    return Span("") if row.alarm is None else Span(*alarm_sign(row.alarm))


def _name(row: AgentRow, _: CellContext) -> Span:
    return Span(clean(row.load.nickname) or UNNAMED, "bright" if row.is_here else "dim")


def _number(number: int, row: AgentRow, style: str = "") -> Span:
    return Span(str(number), style if number and row.is_here else "dim")


def _chats(row: AgentRow, _: CellContext) -> Span:
    overloaded = row.alarm is not None and is_pressing(row.alarm)
    return _number(len(row.load.chats), row, "warn strong" if overloaded else "strong")


def _longest(row: AgentRow, _: CellContext) -> Span:
    text = clock(row.load.longest, exact=bool(row.load.longest_exact))
    return Span(text, "dim" if row.load.longest is None else "")


def _bar(row: AgentRow, _: CellContext) -> Span:
    load = row.load
    return Span(glyphs.CHATTING * load.chatting + glyphs.WAITING * load.waiting + glyphs.IDLE * load.idle + glyphs.OTHER * load.other)


AGENT_COLUMNS: tuple[Column[AgentRow], ...] = (
    Column("sign", "", 1, _sign),
    Column("agent", "Agent", 16, _name, grow=2, most=30),
    Column("chats", "Chats", 5, _chats, align="right"),
    Column("chatting", "Chatting", 8, lambda row, _: _number(row.load.chatting, row), align="right", drop=3),
    Column("idle", "Idle", 4, lambda row, _: _number(row.load.idle, row), align="right", drop=5),
    Column("waiting", "Waiting", 7, lambda row, _: _number(row.load.waiting, row), align="right", drop=6),
    Column("longest", "Longest", 8, _longest, align="right", drop=2),
    Column("handled", "Handled", 7, lambda row, _: _number(row.handled, row), align="right", drop=1),
    Column("most", "Most", 4, lambda row, _: _number(row.most, row), align="right", drop=4),
    Column("load", "Now", 6, _bar, grow=1, most=30, drop=7),
)
