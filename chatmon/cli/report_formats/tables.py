"""The tables of a report for people: what stands in their cells, wherever they are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Final

import msgspec

from chatmon.cli.report_formats import words
from chatmon.cli.report_formats.words import Times
from chatmon.monitor.durations import duration
from chatmon.monitor.shift import ShiftFigures
from chatmon.report.hours import clock_time
from chatmon.report.report import AgentFigures, HourFigures, Report
from chatmon.ui import glyphs
from chatmon.ui.shares import in_time, percent
from chatmon.ui.times import clock


class RowKind(Enum):
    """What a row is: one of figures, the day to which those below it belong, or a time in which nobody watched."""

    FIGURES = "figures"
    DAY = "day"
    GAP = "gap"


class Row(msgspec.Struct, frozen=True):
    """A row: its name, as many cells as there are columns, and the two parts of its bar. Days and gaps have a name alone."""

    name: str
    cells: tuple[str, ...] = ()
    bar: tuple[int, int] = (0, 0)
    kind: RowKind = RowKind.FIGURES


class Column(msgspec.Struct, frozen=True):
    """A column of figures: its title, and how early it is left out where there is little room (0: never)."""

    title: str
    drop: int = 0


class Table(msgspec.Struct, frozen=True):
    """A table: what its rows are, its columns beside their names, and the rows."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]


def table(report: Report, times: Times, by: str) -> Table:
    """The figures by hour, agent or label."""
    return _TABLES[by](report, times)


def _of_hours(report: Report, times: Times) -> Table:
    rows: list[Row] = []
    before: HourFigures | None = None
    for one in report.hours:
        at = one.hour.since
        if times.has_days and (before is None or times.day(at) != times.day(before.hour.since)):
            rows.append(Row(times.day(at), kind=RowKind.DAY))
        if before is not None and at > before.hour.until:
            rows.append(Row(f"nobody watched {times.span(before.hour.until, at)}", kind=RowKind.GAP))
        waiting = glyphs.NOTHING if one.most_waiting is None else f"{one.most_waiting:g}"
        rows.append(_figures_row(clock_time(at, times.timezone), one.figures, waiting))
        before = one
    return Table("Hour", (*_FIGURES, Column("waiting", 3), Column("watched")), rows)


def _of_agents(report: Report, _: Times) -> Table:
    columns = (Column("chats"), Column("talk time"), Column("most at once", 1), Column("overloaded", 2))
    return Table("Agent", columns, list(map(_agent_row, report.agents)))


def _of_labels(report: Report, _: Times) -> Table:
    rows = [_figures_row(words.label_words(one), one.figures) for one in report.labels]
    return Table("Label", (*_FIGURES, Column("watched")), rows)


_FIGURES: Final = (
    Column("answered"), Column("in time"), Column("mean", 2), Column("p90", 4), Column("abandoned"), Column("handled", 1),
    Column("handling", 5),
)  # fmt: skip


def _figures_row(name: str, figures: ShiftFigures, *more: str) -> Row:
    exact = bool(figures.time_to_answer_exact)
    cells = (
        str(figures.answered),
        in_time(figures) or glyphs.NOTHING,
        clock(figures.time_to_answer_mean, exact=exact),
        clock(figures.time_to_answer_p90, exact=exact),
        str(figures.abandoned),
        str(figures.handled),
        clock(figures.handling_time_mean, exact=True),
        *more,
        glyphs.NOTHING if figures.coverage is None else percent(figures.coverage),
    )
    return Row(name, cells, (figures.answered, figures.abandoned))


def _agent_row(one: AgentFigures) -> Row:
    overloaded = duration(one.overload_time) if one.overload_time else glyphs.NOTHING
    cells = (str(one.handled), duration(one.talk_time), str(one.most_at_once), overloaded)
    return Row(words.person(one.nickname), cells, (one.handled, 0))


_TABLES: Final[dict[str, Callable[[Report, Times], Table]]] = {"hour": _of_hours, "agent": _of_agents, "label": _of_labels}
