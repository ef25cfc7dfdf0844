"""What happened in one chat, as lines, newest first: days apart, and the times in which nobody watched drawn as gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from chatmon.monitor.events import Event, EventKind
from chatmon.ui import glyphs
from chatmon.ui.days import day_of, day_words
from chatmon.ui.event_wording import event_sign, event_text, merged
from chatmon.ui.lines import Line, Span, cut, fit, line, wrap
from chatmon.ui.times import time_of_day

INDENT = "   "
BEFORE_TEXT = 12
"""Terminal cells of an event's time and sign, and the gaps behind them."""


def timeline_lines(timeline: Sequence[Event], width: int, *, now: float, timezone: tzinfo | None) -> list[Line]:
    """The events of a chat, given oldest first, each in as many lines as its words need. `now` (UTC seconds) says what is today.

    A day is named where it is another than that of the event above it, or than today: the wall clock may have been set back.
    """
    inner = max(10, width - len(INDENT))
    lines = [line(" ", Span("Timeline", "title"))]
    day = day_of(now, timezone)
    for event in reversed(merged(timeline)):
        if (its_day := day_of(event.at, timezone)) != day:
            day = its_day
            lines.append(line(INDENT, Span(day_words(day), "title")))
        lines += _gap(event, inner) if event.kind is EventKind.GAP else _event(event, inner, timezone)
    return [cut(one, width) for one in lines]


def _gap(event: Event, width: int) -> Iterator[Line]:
    said = f" {event_text(event)} "
    # The words stand under those of the events where there is room to draw something before and behind them.
    before = max(1, min(BEFORE_TEXT - 1, width - len(said) - 2))
    drawn = glyphs.UNWATCHED * before + said
    yield line(INDENT, Span(fit(drawn, width) if len(drawn) > width else drawn.ljust(width, glyphs.UNWATCHED), "failing"))


def _event(event: Event, width: int, timezone: tzinfo | None) -> Iterator[Line]:
    sign = event_sign(event)
    # A scroll bar may stand over the last cell.
    first, *more = wrap(event_text(event).split(), max(8, width - BEFORE_TEXT - 1))
    yield line(INDENT, Span(time_of_day(event.at, timezone), "dim"), "  ", Span(sign.glyph, sign.style), " ", Span(first))
    for part in more:
        yield line(INDENT, " " * BEFORE_TEXT, Span(part))
