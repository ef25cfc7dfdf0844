"""A report as lines for a terminal: the general figures, the course of waiting, a table, and what the words mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from rich.cells import cell_len

from chatmon.cli.report_formats import words
from chatmon.cli.report_formats.tables import Column, RowKind, Table, table
from chatmon.cli.report_formats.words import Times
from chatmon.monitor.durations import duration
from chatmon.report.report import Point, Report
from chatmon.ui import glyphs
from chatmon.ui.lines import Line, Span, fit, line, wrap
from chatmon.ui.tiles import trend_text

LEAST_WIDTH: Final = 40
"""Terminal cells that are made use of at least."""
NAME_CELLS: Final = 24
"""Terminal cells that a name or a label takes at most."""
LEAST_BAR, LONGEST_BAR = 6, 32
"""Terminal cells of the longest bar of a table; where there is room for less, there is none."""
MOST_GAPS: Final = 6
"""Gaps that are named, the longest; the others are summed up."""
HEAD_CELLS: Final = 14


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
        *_table(table(report, times, by), width),
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


def _table(drawn: Table, width: int) -> Iterator[Line]:
    """The table with the columns for which there is room, and with bars where there is more."""
    full = [row for row in drawn.rows if row.kind is RowKind.FIGURES]
    if not full:
        yield line(Span(f"There is no {drawn.title.lower()} to tell of.", "dim"))
        return
    name_cells = min(NAME_CELLS, max(cell_len(drawn.title), *(cell_len(row.name) for row in full)))
    widths = [max(len(column.title), *(cell_len(row.cells[place]) for row in full)) for place, column in enumerate(drawn.columns)]
    kept = _kept(drawn.columns, widths, width - name_cells)
    room = width - name_cells - sum(widths[place] + 2 for place in kept) - 2
    bar_cells = min(LONGEST_BAR, room) if room >= LEAST_BAR else 0
    largest = max(sum(row.bar) for row in full)
    gap = " " * (bar_cells + 2 if bar_cells else 0)
    titles = "".join("  " + fit(drawn.columns[place].title, widths[place], "right") for place in kept)
    yield line(Span(fit(drawn.title, name_cells) + gap + titles, "dim"))
    for row in drawn.rows:
        if row.kind is RowKind.FIGURES:
            cells = "".join("  " + fit(row.cells[place], widths[place], "right") for place in kept)
            yield line(Span(fit(row.name, name_cells), "name"), *_bar(row.bar, largest, bar_cells), cells)
        else:
            yield line(Span(fit(row.name, width).rstrip(), "strong" if row.kind is RowKind.DAY else "warn"))


def _kept(columns: Sequence[Column], widths: Sequence[int], room: int) -> list[int]:
    """The places of the columns for which there is room."""
    kept = list(range(len(columns)))
    while sum(widths[place] + 2 for place in kept) > room and any(columns[place].drop for place in kept):
        kept.remove(max(kept, key=lambda place: columns[place].drop))
    return kept


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
