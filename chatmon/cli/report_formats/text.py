"""A report as lines for a terminal: the general figures, the course of waiting, a table, and what the words mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

import msgspec
from rich.cells import cell_len

from chatmon.cli.report_formats import words
from chatmon.cli.report_formats.words import Times
from chatmon.monitor.durations import duration
from chatmon.monitor.shift import ShiftFigures
from chatmon.report.hours import clock_time
from chatmon.report.report import AgentFigures, HourFigures, Point, Report
from chatmon.ui import glyphs
from chatmon.ui.lines import Line, Span, fit, line, wrap
from chatmon.ui.shares import in_time, percent
from chatmon.ui.tiles import trend_text
from chatmon.ui.times import clock

LEAST_WIDTH: Final = 40
"""Terminal cells that are made use of at least."""
NAME_CELLS: Final = 24
"""Terminal cells that a name or a label takes at most."""
LEAST_BAR, LONGEST_BAR = 6, 32
"""Terminal cells of the longest bar of a table; where there is room for less, there is none."""
MOST_GAPS: Final = 6
"""Gaps that are named, the longest; the others are summed up."""
HEAD_CELLS: Final = 14


class _Row(msgspec.Struct, frozen=True):
    """A row of a table: its name, what its bar stands for, and its cells. A row without cells is a heading or a remark."""

    name: str
    bar: tuple[int, int] = (0, 0)
    cells: tuple[str, ...] = ()
    style: str = ""


class _Column(msgspec.Struct, frozen=True):
    """A column of figures: its title, and how early it is dropped where there is little room (0: never)."""

    title: str
    drop: int = 0


def text_lines(report: Report, times: Times, *, by: str, width: int) -> list[Line]:
    """The report in lines of no more than `width` terminal cells, or `LEAST_WIDTH`; `by` names the table."""
    width = max(LEAST_WIDTH, width)
    if not report.is_recorded:
        return [line(Span(part, "strong")) for part in wrap(words.nothing_words(times).split(), width)]
    return [
        *_heading(report, times, width),
        line(),
        *_figures(report, times, width),
        line(),
        *_course(report, times, width),
        *_table(report, times, by, width),
        line(),
        *(one for name, text in words.definitions(report) for one in _entry(name, text, width, "dim")),
    ]


def _heading(report: Report, times: Times, width: int) -> Iterator[Line]:
    yield from (line(Span(part, "strong")) for part in wrap(times.whole().split(), width))
    if report.since > report.asked_since:
        yield line(Span(fit(f"Nothing is recorded of before {times.of(report.since)}.", width).rstrip(), "warn"))


def _figures(report: Report, times: Times, width: int) -> Iterator[Line]:
    figures = report.figures
    yield from _entry(f"In {glyphs.AT_MOST}{figures.service_level:g} s", words.answered_words(figures), width)
    yield from _entry("To answer", words.to_answer_words(figures), width)
    yield from _entry("Abandoned", str(figures.abandoned), width)
    handling = "" if figures.handling_time_mean is None else f", mean {duration(figures.handling_time_mean)}"
    yield from _entry("Handled", f"{figures.handled}{handling}", width)
    if report.most_waiting is not None:
        yield from _entry("Most waiting", f"{report.most_waiting.value:g} at {times.of(report.most_waiting.at)}", width)
    if report.longest_wait is not None:
        longest = f"{glyphs.AT_LEAST}{duration(report.longest_wait.value)} at {times.of(report.longest_wait.at)}"
        yield from _entry("Longest wait", longest, width)
    yield from _entry("Alarms", words.alarm_words(report) or "none", width)
    gaps = words.gaps_words(report, times, most=MOST_GAPS)
    if gaps:
        yield from _entry("Not watched", "; ".join(gaps), width, "warn")


def _entry(name: str, text: str, width: int, style: str = "") -> Iterator[Line]:
    for number, part in enumerate(wrap(text.split(), width - HEAD_CELLS)):
        yield line(_head("" if number else name), Span(part, style))


def _course(report: Report, times: Times, width: int) -> Iterator[Line]:
    """How many waited, over the whole time, with the alarms below and the time below these."""
    points = report.course
    cells = min(len(points), width - HEAD_CELLS)
    if cells < HEAD_CELLS or report.most_waiting is None:
        return
    bars = trend_text([point.waiting for point in points], cells)
    yield line(_head("Waiting"), Span("".join(glyphs.UNWATCHED if bar == " " else bar for bar in bars), "waiting"))
    if any(point.alarms for point in points):
        yield line(_head("Alarms"), *_alarm_marks(points, cells))
    yield line(_head(""), Span(_axis(report, times, cells), "dim"))
    yield line()


def _alarm_marks(points: Sequence[Point], cells: int) -> Iterator[Span]:
    """A sign in each cell in which alarms were raised, another one where some were critical."""
    shares = (points[len(points) * cell // cells : len(points) * (cell + 1) // cells] for cell in range(cells))
    marks = [
        (glyphs.WARN, "critical")
        if any(point.critical for point in share)
        else (glyphs.SEPARATOR, "warn")
        if any(point.alarms for point in share)
        else (" ", "")
        for share in shares
    ]
    for (mark, style), run in groupby(marks):
        yield Span(mark * len(list(run)), style)


def _axis(report: Report, times: Times, cells: int) -> str:
    """Times under the cells they are in."""
    axis = ""
    for utc, name in times.ticks(max(2, cells // 12)):
        cell = int((utc - report.since) / (report.until - report.since) * cells)
        if cell + len(name) <= cells and (not axis or cell > len(axis) + 1):
            axis = axis.ljust(cell) + name
    return axis


def _head(name: str) -> Span:
    return Span(fit(name, HEAD_CELLS), "dim")


def _table(report: Report, times: Times, by: str, width: int) -> Iterator[Line]:
    title, columns, rows = _TABLES[by](report, times)
    if not any(row.cells for row in rows):
        yield line(Span(f"There is no {by} to tell of.", "dim"))
        return
    yield from _aligned(title, columns, rows, width)


def _of_hours(report: Report, times: Times) -> tuple[str, Sequence[_Column], list[_Row]]:
    rows: list[_Row] = []
    before: HourFigures | None = None
    for one in report.hours:
        at, reached = one.hour.since, None if before is None else before.hour.until
        if times.has_days and (before is None or times.day(at) != times.day(before.hour.since)):
            rows.append(_Row(times.day(at), style="strong"))
        if reached is not None and at > reached:
            rows.append(_Row(f"nobody watched {times.span(reached, at)}", style="warn"))
        waiting = glyphs.NOTHING if one.most_waiting is None else f"{one.most_waiting:g}"
        rows.append(_figures_row(clock_time(at, times.timezone), one.figures, waiting))
        before = one
    return "Hour", (*_FIGURES, _Column("waiting", 3), _Column("watched")), rows


def _of_labels(report: Report, _: Times) -> tuple[str, Sequence[_Column], list[_Row]]:
    return "Label", (*_FIGURES, _Column("watched")), [_figures_row(words.label_words(one), one.figures) for one in report.labels]


def _of_agents(report: Report, _: Times) -> tuple[str, Sequence[_Column], list[_Row]]:
    columns = (_Column("chats"), _Column("talk time"), _Column("most at once", 1), _Column("overloaded", 2))
    return "Agent", columns, [_agent_row(one) for one in report.agents]


def _agent_row(one: AgentFigures) -> _Row:
    overloaded = duration(one.overload_time) if one.overload_time else glyphs.NOTHING
    cells = (str(one.handled), duration(one.talk_time), str(one.most_at_once), overloaded)
    return _Row(words.person(one.nickname), (one.handled, 0), cells)


_FIGURES: Final = (
    _Column("answered"), _Column("in time"), _Column("mean", 2), _Column("p90", 4), _Column("abandoned"), _Column("handled", 1),
    _Column("handling", 5),
)  # fmt: skip


def _figures_row(name: str, figures: ShiftFigures, *more: str) -> _Row:
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
    return _Row(name, (figures.answered, figures.abandoned), cells)


_TABLES: Final[dict[str, Callable[[Report, Times], tuple[str, Sequence[_Column], list[_Row]]]]] = {
    "hour": _of_hours,
    "agent": _of_agents,
    "label": _of_labels,
}


def _aligned(title: str, columns: Sequence[_Column], rows: Sequence[_Row], width: int) -> Iterator[Line]:
    """The table with the columns for which there is room, and with bars where there is more."""
    full = [row for row in rows if row.cells]
    name_cells = min(NAME_CELLS, max(cell_len(title), *(cell_len(row.name) for row in full)))
    widths = [max(len(column.title), *(cell_len(row.cells[place]) for row in full)) for place, column in enumerate(columns)]
    kept = list(range(len(columns)))
    while name_cells + sum(widths[place] + 2 for place in kept) > width and any(columns[place].drop for place in kept):
        kept.remove(max(kept, key=lambda place: columns[place].drop))
    room = width - name_cells - sum(widths[place] + 2 for place in kept) - 2
    bar_cells = min(LONGEST_BAR, room) if room >= LEAST_BAR else 0
    largest = max(sum(row.bar) for row in full)
    gap = " " * (bar_cells + 2 if bar_cells else 0)
    titles = "".join("  " + fit(columns[place].title, widths[place], "right") for place in kept)
    yield line(Span(fit(title, name_cells) + gap + titles, "dim"))
    for row in rows:
        if not row.cells:
            yield line(Span(fit(row.name, width).rstrip(), row.style))
            continue
        cells = "".join("  " + fit(row.cells[place], widths[place], "right") for place in kept)
        yield line(Span(fit(row.name, name_cells), "name"), *_bar(row.bar, largest, bar_cells), cells)


def _bar(parts: tuple[int, int], largest: int, cells: int) -> Iterable[Span]:
    """Answered and abandoned as one bar, and what is left of its cells. What there is takes a cell at least."""
    if not cells:
        return
    answered, abandoned = (_cells(part, largest, cells) for part in parts)
    answered = min(answered, cells - abandoned)
    yield Span("  ")
    yield Span(glyphs.STEPS[-1] * answered, "chatting")
    yield Span(glyphs.SHADE * abandoned, "warn")
    yield Span(" " * (cells - answered - abandoned))


def _cells(part: int, largest: int, cells: int) -> int:
    return max(1, round(part / largest * cells)) if part else 0
