"""The first line of every screen: what is watched, how polling fares, what time it is."""

from __future__ import annotations

from rich.cells import cell_len

from chatmon.history.errors import named
from chatmon.ui import glyphs
from chatmon.ui.lines import EMPTY, Line, Span, spread
from chatmon.ui.replay_lines import replay_status
from chatmon.ui.replay_session import ReplaySession
from chatmon.ui.session import Session
from chatmon.ui.times import time_of_day
from chatmon.ui.widgets.guarded_view import guarded
from chatmon.ui.widgets.line_view import LineView
from chatmon.ui.wording import plural, status, troubles_mark

GAP = Span("   ")
END = Span(" ")
Spans = tuple[Span, ...]
LEAST_MARK = 24
"""Terminal cells that a mark of something wrong beside the polls gets, and the gap before it."""


class StatusBar(LineView):
    """One line made from the snapshot."""

    def __init__(self) -> None:
        super().__init__()
        self._said: tuple[Session, str] | None = None

    @guarded
    def show(self, session: Session, place: str) -> None:
        """Say how things are; `place` is the screen's name."""
        self._said = session, place
        self.repaint()

    def line_at(self, y: int) -> Line:
        """The one line there is."""
        return EMPTY if y or self._said is None else status_line(*self._said, self.size.width)


def status_line(session: Session, place: str, width: int) -> Line:
    """The status of a session in `width` terminal cells: what matters least is left out where there is little room."""
    if isinstance(session, ReplaySession):
        return replay_status(session, place, width)
    snapshot = session.snapshot
    state = status(snapshot, paused=session.paused, starting="waiting for the first answer", timezone=session.timezone)
    name = (Span(" chatmon ", "badge"), Span(f"  {place}", "bright"))
    source = Span(f"  {session.source}", "dim")
    clock = Span(time_of_day(snapshot.now.utc, session.timezone), "bright")
    rate = Span(f"{snapshot.rate:.1f} polls/s")
    limit = Span(f" of {snapshot.rate_limit:.0f}", "dim")
    p95 = Span("" if snapshot.latency_p95 is None else f"p95 {snapshot.latency_p95 * 1000:.0f} ms   ")
    chats = Span(plural(snapshot.figures.watched, "chat"))
    counted = _counted(session)
    for shown in (
        (state, GAP, rate, limit, GAP, p95, chats, GAP, clock, END),
        (state, GAP, rate, GAP, clock, END),
        (state, GAP, clock, END),
        (state, END),
    ):
        right = (*counted, *shown)
        room = width - _width((*name, GAP, *right)) - (LEAST_MARK if snapshot.troubles else 0)
        if room >= 0:
            left = (*name, source) if cell_len(source.text) <= room else name
            history = "" if session.history is None else named(session.history.path)
            mark = troubles_mark(snapshot.troubles, width - _width((*left, GAP, GAP, *right)), history=history)
            return spread((*left, GAP, Span(mark, "failing strong")), right, width)
    number = Span(f"  {glyphs.FAILING}{len(snapshot.troubles)}" if snapshot.troubles else "", "failing strong")
    badge, before = name[0], Span(" ")
    ways: tuple[tuple[Spans, Spans], ...] = (
        ((badge, number), (before, *counted, state)),
        ((number,), (before, *counted, state)),
        ((number,), (*counted, END)),
    )
    start, end = next((way for way in ways if not counted or _width((*way[0], *way[1])) <= width), ways[-1])
    return spread(start, end, width)


def _counted(session: Session) -> Spans:
    """How often the cursor of a chat may have been moved in this sitting, from the first time on: that is told however little room is."""
    reads = 0 if session.transcripts is None else session.transcripts.reads
    return (Span(plural(reads, "cursor-moving read"), "warn"), GAP) if reads else ()


def _width(spans: Spans) -> int:
    return sum(cell_len(span.text) for span in spans)
