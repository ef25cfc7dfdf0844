"""What a report says: figures of a stretch of the past, whole, by hour, by agent and by label, and how much of it was watched."""

from __future__ import annotations

from typing import Final

import msgspec

from chatmon.monitor.pseudonyms import Naming
from chatmon.monitor.shift import ShiftFigures
from chatmon.report.alarms_raised import RuleCount
from chatmon.report.hours import Hour
from chatmon.report.watching import Gap, Span

BY: Final = ("hour", "agent", "label")
"""What the figures can be told apart by."""


class Peak(msgspec.Struct, frozen=True):
    """The highest value of a figure, and when it had it first (UTC seconds, right to half a minute)."""

    value: float
    at: float


class WaitBand(msgspec.Struct, frozen=True):
    """How many answered chats had waited longer than `over` and no longer than `up_to` seconds; None where there is no such end."""

    over: float | None
    up_to: float | None
    answered: int


class HourFigures(msgspec.Struct, frozen=True):
    """The figures of one hour; `most_waiting` are the most chats that waited at once, None where nobody could see."""

    hour: Hour
    figures: ShiftFigures
    most_waiting: float | None


class AgentFigures(msgspec.Struct, frozen=True):
    """What is known of one agent, told apart by nickname: two of one nickname are one.

    `handled` counts the chats that were Chatting with them listed, `talk_time` is for how many seconds they were seen so, all chats
    together, and `most_at_once` the most at one moment. `overloads` is how often the alarm of overload was raised for them,
    `overload_time` for how many seconds it was up.
    """

    nickname: str
    handled: int
    talk_time: float
    most_at_once: int
    overloads: int
    overload_time: float


class LabelFigures(msgspec.Struct, frozen=True):
    """The figures of the chats that had a label last; empty: of those that had none, None: of those of all other labels."""

    label: str | None
    figures: ShiftFigures


class Point(msgspec.Struct, frozen=True):
    """A stretch of the course of things that begins at `at` (UTC seconds), all as long as each other.

    `waiting` and `failing` are the most chats at one moment of it; None where nobody ran a monitor, `waiting` also where no chat
    answered. `alarms` and `critical` are how many alarms were raised or became worse, in all and to critical.
    """

    at: float
    waiting: float | None = None
    failing: float | None = None
    alarms: int = 0
    critical: int = 0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about the time from `since` up to `until`; all times are in UTC seconds.

    `asked_since` is where it was to begin: before `since` nothing is recorded. `is_recorded` says that a monitor ran in it at all;
    `recorded` are the spans in which one did. `chats` counts those that were known then. `step` are the seconds from one of the
    `course` to the next. Mean, p90 and `waits` rest on the newest `times_remembered` times to answer where there are more.
    """

    asked_since: float
    since: float
    until: float
    made_at: float
    is_recorded: bool
    recorded: tuple[Span, ...]
    gaps: tuple[Gap, ...]
    chats: int
    figures: ShiftFigures
    most_waiting: Peak | None
    longest_wait: Peak | None
    waits: tuple[WaitBand, ...]
    times_remembered: int
    alarms: tuple[RuleCount, ...]
    step: float
    course: tuple[Point, ...]
    hours: tuple[HourFigures, ...]
    agents: tuple[AgentFigures, ...]
    labels: tuple[LabelFigures, ...]


def named(report: Report, naming: Naming) -> Report:
    """The report with people and labels as they are shown, and in an order that tells no more than that."""
    agents = (msgspec.structs.replace(one, nickname=naming.agent(one.nickname)) for one in report.agents)
    labels = (msgspec.structs.replace(one, label=one.label and naming.label(one.label)) for one in report.labels)
    return msgspec.structs.replace(
        report,
        figures=msgspec.structs.replace(report.figures, handled_by={}, most_at_once={}),
        agents=tuple(sorted(agents, key=lambda one: (-one.handled, -one.talk_time, one.nickname.casefold()))),
        labels=tuple(sorted(labels, key=_label_order)),
    )


def _label_order(one: LabelFigures) -> tuple[bool, int, str]:
    """Those with most chats first, the rest last."""
    return not one.label, -(one.figures.answered + one.figures.abandoned + one.figures.handled), (one.label or "").casefold()
