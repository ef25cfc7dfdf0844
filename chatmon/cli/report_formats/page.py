"""A report as one HTML page that needs nothing else: style and charts are in it, no script, and it may fetch nothing.

Everything from outside is cleaned and escaped; the policy of the page lets even its style be this one alone.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Final

from chatmon.api.sanitise import clean
from chatmon.cli.report_formats import charts, words
from chatmon.cli.report_formats.tables import RowKind, Table, table
from chatmon.cli.report_formats.words import Times
from chatmon.monitor.durations import duration
from chatmon.report.hours import clock_time
from chatmon.report.report import Report
from chatmon.ui import glyphs
from chatmon.ui.shares import in_time, watched
from chatmon.ui.times import clock

MOST_GAPS: Final = 12
"""Gaps that are named above the charts, the longest; in the chart there are all."""

Section = Iterator[str]


def page(report: Report, times: Times, by: Iterable[str]) -> str:
    """The page; of the tables those that `by` names."""
    style = files("chatmon.cli.report_formats").joinpath("page.css").read_text(encoding="utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    body = [*_head(report, times), *(_content(report, times, by) if report.is_recorded else _nothing(times)), *_foot(report, times)]
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>chatmon report, {_text(times.whole())}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            *body,
            "</body>",
            "</html>",
        ]
    )


def _head(report: Report, times: Times) -> Section:
    yield "<header>"
    yield f"<h1>{_text(times.whole())}</h1>"
    if report.is_recorded:
        seen = ", ".join(part for part in (f"{report.chats} chats", watched(report.figures)) if part)
        yield f"<p>{_text(seen)}</p>"
    yield "</header>"


def _nothing(times: Times) -> Section:
    yield f'<p class="notice">{_text(words.nothing_words(times))}</p>'


def _content(report: Report, times: Times, by: Iterable[str]) -> Section:
    if report.since > report.asked_since:
        yield f'<p class="notice">Nothing is recorded of before {_text(times.of(report.since))}.</p>'
    gaps = words.gaps_words(report, times, most=MOST_GAPS)
    if gaps:
        yield f'<p class="notice"><b>Not watched:</b> {_text("; ".join(gaps))}</p>'
    yield from _tiles(report, times)
    yield from _charts(report, times)
    for name in by:
        yield from _table(table(report, times, name), with_bars=name != "hour")
    yield '<section class="long">'
    yield "<h2>What the words mean</h2>"
    yield f"<dl>{''.join(f'<dt>{_text(name)}</dt><dd>{_text(said)}</dd>' for name, said in words.definitions(report))}</dl>"
    yield "</section>"


def _tiles(report: Report, times: Times) -> Section:
    figures = report.figures
    exact = bool(figures.time_to_answer_exact)
    seen = watched(figures)
    p90 = f"p90 {clock(figures.time_to_answer_p90, exact=exact)}, {seen}" if figures.answered else seen
    handling = f"mean {duration(figures.handling_time_mean)} in Chatting" if figures.handling_time_mean is not None else ""
    most, longest = report.most_waiting, report.longest_wait
    tiles = [
        (f"answered {glyphs.AT_MOST}{figures.service_level:g} s", in_time(figures), f"of {figures.answered}, {seen}"),
        ("to answer, mean", clock(figures.time_to_answer_mean, exact=exact), p90),
        ("abandoned", str(figures.abandoned), seen),
        ("handled", str(figures.handled), handling),
        ("most waiting", "0" if most is None else f"{most.value:g}", "" if most is None else f"at {times.of(most.at)}"),
        (
            "longest wait",
            "" if longest is None else glyphs.AT_LEAST + duration(longest.value),
            "" if longest is None else f"at {times.of(longest.at)}",
        ),
    ]
    yield '<div class="tiles">'
    for name, value, below in tiles:
        yield f'<div class="tile"><span>{_text(name)}</span><b>{_text(value or glyphs.NOTHING)}</b><span>{_text(below)}</span></div>'
    yield "</div>"


def _charts(report: Report, times: Times) -> Section:
    yield f"<section><h2>Waiting for an agent</h2>{charts.waiting_chart(report, times)}"
    yield _keys(("waiting", "chats waiting"), ("late", "alarms raised"), ("critical", "of them critical"), ("gap", "not watched"))
    yield "</section>"
    level = f"{report.figures.service_level:g} s"
    yield f"<section><h2>Answered and abandoned by hour</h2>{charts.hours_chart(report, times)}"
    yield _keys(
        ("good", f"answered within {level}"),
        ("unsure", "within it as far as was seen"),
        ("late", "answered later"),
        ("critical", "abandoned"),
    )
    yield "</section>"
    yield '<div class="pair">'
    if report.figures.answered:
        at_least = "" if report.figures.time_to_answer_exact else ", at least"
        newest = words.newest_words(report)
        at_least += f", {newest}" if newest else ""
        yield f"<section><h2>How long answered chats had waited{at_least}</h2>{charts.waits_chart(report)}</section>"
    if report.alarms:
        yield f"<section><h2>Alarms raised</h2>{charts.alarms_chart(report)}</section>"
    yield "</div>"


def _keys(*keys: tuple[str, str]) -> str:
    return f'<ul class="keys">{"".join(f"<li><i class=key-{style}></i>{_text(name)}</li>" for style, name in keys)}</ul>'


def _table(drawn: Table, *, with_bars: bool) -> Section:
    """A table; a bar stands behind each name where no chart says the same."""
    if not any(row.kind is RowKind.FIGURES for row in drawn.rows):
        return
    heads = [drawn.title, *([""] if with_bars else []), *(column.title for column in drawn.columns)]
    largest = max(sum(row.bar) for row in drawn.rows)
    yield f'<section class="long"><h2>By {_text(drawn.title.lower())}</h2><div class="scroll"><table>'
    yield f"<thead><tr>{''.join(f'<th>{_text(head)}</th>' for head in heads)}</tr></thead><tbody>"
    for row in drawn.rows:
        if row.kind is RowKind.FIGURES:
            bar = f'<td class="bar">{charts.bar(row.bar, largest)}</td>' if with_bars else ""
            yield f"<tr><td>{_text(row.name)}</td>{bar}{''.join(f'<td>{_text(cell)}</td>' for cell in row.cells)}</tr>"
        else:
            yield f'<tr class="{row.kind.value}"><td colspan="{len(heads)}">{_text(row.name)}</td></tr>'
    yield "</tbody></table></div></section>"


def _foot(report: Report, times: Times) -> Section:
    made = f"{times.day(report.made_at)}, {clock_time(report.made_at, times.timezone)}"
    yield f"<footer>Made by chatmon on {_text(made)} from what was recorded by then.</footer>"


def _text(said: str) -> str:
    """Text as it stands in a page: cleaned, and nothing in it means anything to a browser. A number stays with its per cent."""
    return escape(clean(said)).replace(" %", "&nbsp;%")
