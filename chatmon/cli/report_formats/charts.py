"""Charts as SVG that stands inside a page: its colours are those of the page's classes, and nothing in it is fetched or run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import groupby
from math import ceil, floor, log10
from typing import Final

from chatmon.api.sanitise import clean
from chatmon.cli.report_formats.words import GAP_WORDS, Times, band_words
from chatmon.report.hours import clock_time
from chatmon.report.report import HourFigures, Point, Report
from chatmon.ui.shares import in_time

WIDTH: Final = 960
LEFT, RIGHT, TOP = 56, 8, 18
NICE: Final = (1.0, 1.2, 1.6, 2.0, 2.4, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Ends of an axis, and these times ten, a hundred and so on."""
LEAST_TOP: Final = 4
"""So much an axis counts up to at least."""
MOST_TICKS: Final = 12
MOST_NAMES: Final = 28
"""Bars up to which hours are written below some of them."""
LABELLED_BARS: Final = 28
"""Bars of hours up to which each has room for its share in time."""

Place = Callable[[float], float]
"""Where a time lies on the axis."""
Parts = Sequence[tuple[str, float]]
"""Classes of the parts of a bar, and what they stand for."""


def waiting_chart(report: Report, times: Times) -> str:
    """How many chats waited over the time, with gaps as gaps, and below it how many alarms were raised."""
    height, lane = 150, 26
    base, foot = TOP + height, TOP + height + lane + 10
    top = _nice(max((point.waiting or 0.0 for point in report.course), default=0.0))

    def x(utc: float) -> float:
        return LEFT + (utc - report.since) / (report.until - report.since) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return base - value / top * height

    parts = [_HATCH, *_grid(top, height), *_ticks(times, x, foot)]
    ends = {point.at: min(point.at + report.step, report.until) for point in report.course}
    for known, run in groupby(report.course, key=lambda point: point.waiting is not None):
        if known:
            steps = [(x(point.at), x(ends[point.at]), y(point.waiting or 0.0)) for point in run]
            line = " ".join(f"{begin:.1f},{level:.1f} {end:.1f},{level:.1f}" for begin, end, level in steps)
            parts.append(f'<polygon class="area" points="{steps[0][0]:.1f},{base} {line} {steps[-1][1]:.1f},{base}"/>')
            parts.append(f'<polyline class="stroke" points="{line}"/>')
    for gap in report.gaps:
        begin, width = x(gap.since), max(2.0, x(gap.until) - x(gap.since))
        said = escape(f"{GAP_WORDS[gap.kind]} {times.span(gap.since, gap.until)}")
        place = f'x="{begin:.1f}" y="{TOP}" width="{width:.1f}" height="{height}"'
        parts.append(f'<g><title>{said}</title><rect class="void" {place}/><rect fill="url(#hatch)" {place}/></g>')
        if width > 110:
            parts.append(_text(begin + width / 2, TOP + 14, GAP_WORDS[gap.kind], "middle"))
    parts += _alarm_bars(report.course, times, x, report.step, foot, lane)
    parts.append(f'<line class="base" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}"/>')
    parts.append(f'<line class="base" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{foot}" y2="{foot}"/>')
    return _svg("Chats waiting for an agent over the time, and alarms", foot + 22, parts)


def hours_chart(report: Report, times: Times) -> str:
    """A bar for each hour: the chats that were answered, in time or not, and those that were abandoned."""
    height = 150
    base = TOP + height
    bars = [(one, hour_parts(one)) for one in report.hours]
    top = _nice(max((sum(value for _, value in parts) for _, parts in bars), default=0.0))
    room = (WIDTH - LEFT - RIGHT) / max(1, len(bars))
    width = min(56.0, room * 0.72)
    parts = _grid(top, height)
    names = _bar_names(report.hours, times)
    for place, (one, pieces) in enumerate(bars):
        begin, level = LEFT + room * place + (room - width) / 2, float(base)
        parts.append(f"<g><title>{escape(_hour_title(one, times))}</title>")
        for style, value in pieces:
            if value:
                level -= value / top * height
                parts.append(
                    f'<rect class="{style}" x="{begin:.1f}" y="{level:.1f}" width="{width:.1f}" height="{value / top * height:.1f}"/>'
                )
        parts.append("</g>")
        if len(bars) <= LABELLED_BARS and one.figures.answered:
            parts.append(_text(begin + width / 2, level - 5, in_time(one.figures), "middle value"))
        if place in names:
            parts.append(_text(begin + width / 2, base + 16, names[place], "middle"))
    parts.append(f'<line class="base" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}"/>')
    return _svg("Answered and abandoned chats by hour", base + 24, parts)


def hour_parts(one: HourFigures) -> Parts:
    """What the bar of an hour is made of, from below."""
    figures = one.figures
    unsure = figures.answered - figures.answered_in_time - figures.answered_late
    return [
        ("good", figures.answered_in_time),
        ("unsure", unsure),
        ("late", figures.answered_late),
        ("critical", figures.abandoned),
    ]


def waits_chart(report: Report) -> str:
    """How many of the answered chats had waited how long: a bar for each band."""
    in_time = "good" if report.figures.time_to_answer_exact else "unsure"
    level = report.figures.service_level
    rows = [(band_words(one), one.answered, "late" if one.up_to is None or one.up_to > level else in_time) for one in report.waits]
    return _rows("Answered chats by how long they had waited", rows)


def alarms_chart(report: Report) -> str:
    """How often each rule raised an alarm: a bar for each, the critical ones apart."""
    largest = max((one.raised for one in report.alarms), default=0)
    parts: list[str] = []
    for place, one in enumerate(report.alarms):
        critical = min(one.critical, one.raised)
        bar = [("critical", critical), ("late", one.raised - critical)]
        said = f"{one.raised}" + (f", {one.critical} critical" if one.critical else "")
        parts += _row(place, one.rule, bar, largest, said)
    return _svg("Alarms by rule", len(report.alarms) * 24 + 2, parts, width=460)


def bar(parts: tuple[int, int], largest: int) -> str:
    """A bar in the cell of a table, of what was answered or handled and of what was abandoned, as long as its share of the largest."""
    first, second = (200 * part / largest if largest else 0.0 for part in parts)
    abandoned = f'<rect class="critical" x="{first:.1f}" y="1" width="{second:.1f}" height="8"/>' if second else ""
    answered = f'<rect class="good" x="0" y="1" width="{first:.1f}" height="8"/>'
    return f'<svg class="mini" viewBox="0 0 200 10" preserveAspectRatio="none" aria-hidden="true">{answered}{abandoned}</svg>'


def _rows(title: str, rows: Sequence[tuple[str, int, str]]) -> str:
    largest = max((number for _, number, _ in rows), default=0)
    parts = [
        piece for place, (name, number, style) in enumerate(rows) for piece in _row(place, name, [(style, number)], largest, str(number))
    ]
    return _svg(title, len(rows) * 24 + 2, parts, width=460)


def _row(place: int, name: str, pieces: Parts, largest: float, said: str) -> Iterator[str]:
    begin, level, room = 96.0, place * 24 + 4, 250
    yield _text(begin - 10, level + 12, name, "end")
    for style, value in pieces:
        length = value / largest * room if largest else 0.0
        if length:
            yield f'<rect class="{style}" x="{begin:.1f}" y="{level}" width="{max(1.0, length):.1f}" height="16"/>'
        begin += length
    yield _text(begin + 8, level + 12, said, "value")


_HATCH: Final = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>'
)


def _alarm_bars(course: Sequence[Point], times: Times, x: Place, step: float, foot: float, lane: float) -> Iterator[str]:
    most = max((point.alarms for point in course), default=0)
    if not most:
        return
    yield _text(LEFT - 6, foot - 4, "alarms", "end")
    for point in course:
        if point.alarms:
            begin, width = x(point.at), max(1.5, x(point.at + step) - x(point.at) - 0.6)
            tall = max(3.0, point.alarms / most * lane)
            red = max(3.0, point.critical / most * lane) if point.critical else 0.0
            said = f"{point.alarms} alarms, {point.critical} critical, from {times.of(point.at)} on"
            yield f"<g><title>{escape(said)}</title>"
            yield f'<rect class="late" x="{begin:.1f}" y="{foot - tall:.1f}" width="{width:.1f}" height="{tall:.1f}"/>'
            if red:
                yield f'<rect class="critical" x="{begin:.1f}" y="{foot - red:.1f}" width="{width:.1f}" height="{red:.1f}"/>'
            yield "</g>"


def _grid(top: float, height: float) -> list[str]:
    """Lines across the chart, with what they stand for beside them."""
    parts = []
    for share in (0.0, 0.5, 1.0):
        level = TOP + height * (1 - share)
        if share:
            parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{level:.1f}" y2="{level:.1f}"/>')
        if float(top * share).is_integer():
            parts.append(_text(LEFT - 6, level + 4, f"{top * share:g}", "end"))
    return parts


def _ticks(times: Times, x: Place, foot: float) -> Iterator[str]:
    for utc, name in times.ticks(MOST_TICKS):
        yield f'<line class="grid" x1="{x(utc):.1f}" x2="{x(utc):.1f}" y1="{TOP}" y2="{foot}"/>'
        yield _text(x(utc), foot + 16, name, "middle")


def _bar_names(hours: Sequence[HourFigures], times: Times) -> dict[int, str]:
    """What is written below some of the bars, by their places: hours, or, where there are too many, the days that begin there."""
    begins = [one.hour.since for one in hours]
    if len(begins) <= MOST_NAMES:
        every = 1 if len(begins) <= MOST_TICKS else 2
        return {place: clock_time(utc, times.timezone) for place, utc in enumerate(begins) if place % every == 0}
    days = [place for place in range(1, len(begins)) if times.day(begins[place]) != times.day(begins[place - 1])]
    days = [0, *days] if not days or days[0] > len(begins) / MOST_TICKS else days
    return {place: times.short_day(begins[place]) for place in days[:: ceil(len(days) / MOST_TICKS)]}


def _hour_title(one: HourFigures, times: Times) -> str:
    figures = one.figures
    answered = f"{figures.answered} answered, {figures.answered_in_time} of them seen to be in time, {figures.answered_late} late"
    return f"{times.span(one.hour.since, one.hour.until)}: {answered}; {figures.abandoned} abandoned"


def _nice(value: float) -> float:
    """The end of an axis on which there is room for a value."""
    value = max(value, LEAST_TOP)
    power = 10.0 ** floor(log10(value))
    return next((round(end * power) for end in NICE if round(end * power) >= value), value)


def _text(x: float, y: float, said: str, style: str) -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}">{escape(clean(said))}</text>'


def _svg(title: str, height: float, parts: Sequence[str], *, width: int = WIDTH) -> str:
    return f'<svg viewBox="0 0 {width} {height:.0f}" role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'
