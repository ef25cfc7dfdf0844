"""A replay in lines: what is played, and the day as a bar with who waited, the alarms, and where the player stands."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from rich.cells import cell_len

from chatmon.monitor.alarms import Severity
from chatmon.replay.tape import Tape
from chatmon.ui import glyphs
from chatmon.ui.alarm_marks import severity_style
from chatmon.ui.days import MONTHS, WEEKDAYS, day_of
from chatmon.ui.lines import Line, Span, cut, fit, line, spread
from chatmon.ui.replay_session import ReplaySession
from chatmon.ui.tiles import step_sign
from chatmon.ui.times import time_of_day
from chatmon.ui.wording import plural, troubles_mark

BEFORE = 12
"""Terminal cells before the bar: how it is played, and what the lines are of."""
AFTER = 1
TICKS = (60.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 10_800.0, 14_400.0, 21_600.0)
"""Seconds from one time of day that is written below the bar to the next: the fewest that leave room."""
TICK_CELLS = 10
GAP = Span("   ")
END = Span(" ")


def played_text(session: ReplaySession, *, short: bool = False) -> str:
    """Whether it plays, and how fast; or how far the tape is wound."""
    player = session.player
    winding = session.winding
    if winding is not None and winding.is_told:
        where = "" if short else f"to {time_of_day(winding.second, session.timezone)} "
        return f"winding {where}{winding.percent}%"
    sign, word = (glyphs.PLAYING, "playing") if player.is_playing else (glyphs.STOPPED, "stopped")
    return f"{sign} {'' if short else f'{word} '}{player.speed}{glyphs.TIMES}"


def replay_status(session: ReplaySession, place: str, width: int) -> Line:
    """The first line of a replay in `width` terminal cells: never to be taken for that of a live board."""
    snapshot, timezone = session.snapshot, session.timezone
    day = day_of(snapshot.now.utc, timezone)
    name = (Span(" chatmon ", "badge"), Span(" "), Span(" replay ", "old"), Span(f"  {place}", "bright"))
    source = Span(f"  {session.source}", "dim")
    playing = Span(played_text(session), "bright" if session.player.is_playing else "dim")
    chats = Span(plural(snapshot.figures.watched, "chat")) if session.is_watched else Span("nobody watched", "failing strong")
    month = MONTHS[day.month - 1][:3]
    short, long = Span(f"{day.day} {month}  "), Span(f"{WEEKDAYS[day.weekday()][:3]} {day.day} {month} {day.year}  ")
    clock = Span(time_of_day(snapshot.now.utc, timezone), "bright strong")
    for right in (
        (playing, GAP, chats, GAP, long, clock, END),
        (playing, GAP, chats, GAP, short, clock, END),
        (playing, GAP, short, clock, END),
        (short, clock, END),
    ):
        room = width - _width((*name, GAP, *right))
        if room >= 0:
            left = (*name, source) if cell_len(source.text) <= room and not snapshot.troubles else name
            mark = troubles_mark(snapshot.troubles, width - _width((*left, GAP, GAP, *right)))
            return spread((*left, GAP, Span(mark, "failing strong")), right, width)
    return spread(name[2:3], (clock, END), width)


def replay_bar(session: ReplaySession, width: int) -> tuple[Line, Line, Line]:
    """The day in lines of `width` terminal cells: how many waited, the alarms that were raised, and the times of day.

    The whole tape is there, also what lies ahead of the player. Where nobody watched, or nothing was seen, a gap is drawn.
    """
    player = session.player
    bar = _Bar(player.tape, max(1, width - BEFORE - AFTER), session.second)
    style = "bright strong" if player.is_playing else "strong"
    return (
        line(Span(fit(" waiting", BEFORE), "dim"), *bar.waiting()),
        line(Span(fit(" alarms", BEFORE), "dim"), *bar.alarms()),
        cut(line(Span(fit(f" {played_text(session, short=True)}", BEFORE), style), *bar.times(session)), width),
    )


def second_at(session: ReplaySession, x: int, width: int) -> float | None:
    """The second of the tape that a cell of the bar stands for; None where it stands for none."""
    bar = _Bar(session.player.tape, max(1, width - BEFORE - AFTER), session.second)
    cell = x - BEFORE
    return bar.edge(cell) if 0 <= cell < bar.cells else None


class _Bar:
    """A tape in so many terminal cells, with a place on it."""

    def __init__(self, tape: Tape, cells: int, second: float) -> None:
        self.cells = cells
        self._tape = tape
        self._length = max(1.0, tape.end - tape.begin)
        self._position = self.cell(second)

    def cell(self, second: float) -> int:
        """The cell that a second lies in."""
        return max(0, min(self.cells - 1, int((second - self._tape.begin) / self._length * self.cells)))

    def edge(self, cell: int) -> float:
        """The second with which a cell begins."""
        return self._tape.begin + self._length * cell / self.cells

    def waiting(self) -> Iterable[Span]:
        """How many chats waited: the most in each cell."""
        values = [self._tape.most_waiting(self.edge(cell), self.edge(cell + 1)) for cell in range(self.cells)]
        highest = max((value for value in values if value is not None), default=0.0)
        signs = [(glyphs.UNWATCHED, "failing") if value is None else (step_sign(value, highest), "waiting") for value in values]
        ahead = (("dim" if style == "waiting" and cell > self._position else style) for cell, (_, style) in enumerate(signs))
        return _spans((sign, self._grounded(style, cell)) for cell, ((sign, _), style) in enumerate(zip(signs, ahead, strict=True)))

    def alarms(self) -> Iterable[Span]:
        """Where alarms were raised, by the worst in each cell."""
        worst: dict[int, Severity] = {}
        for mark in self._tape.alarms:
            cell = self.cell(mark.at)
            if worst.get(cell) is not Severity.CRITICAL:
                worst[cell] = mark.severity
        signs = ((glyphs.WARN, severity_style(worst[cell])) if cell in worst else (" ", "") for cell in range(self.cells))
        return _spans((sign, self._grounded(style, cell)) for cell, (sign, style) in enumerate(signs))

    def times(self, session: ReplaySession) -> Iterable[Span]:
        """Times of day, and below the position where the player stands."""
        now = time_of_day(session.second, session.timezone)
        is_right = self._position + len(now) < self.cells
        here = f"{glyphs.POSITION}{now}" if is_right else f"{now}{glyphs.POSITION}"
        begin = self._position if is_right else max(0, self._position - len(now))
        drawn = [" "] * self.cells
        for at in self._ticks():
            text, cell = time_of_day(at, session.timezone)[:5], self.cell(at)
            if cell + len(text) <= self.cells and (cell + len(text) < begin or cell > begin + len(here)):
                drawn[cell : cell + len(text)] = text
        yield Span("".join(drawn[:begin]), "dim")
        yield Span(here, "bright strong")
        yield Span("".join(drawn[begin + len(here) :]), "dim")

    def _ticks(self) -> Iterable[float]:
        step = next((step for step in TICKS if step / self._length * self.cells >= TICK_CELLS), TICKS[-1])
        at = self._tape.day
        while at <= self._tape.end:
            if at >= self._tape.begin:
                yield at
            at += step

    def _grounded(self, style: str, cell: int) -> str:
        return f"{style} cursor".strip() if cell == self._position else style


def _spans(cells: Iterable[tuple[str, str]]) -> Iterable[Span]:
    """Cells as spans, those of one style together."""
    for style, together in groupby(cells, key=lambda cell: cell[1]):
        yield Span("".join(sign for sign, _ in together), style)


def _width(spans: tuple[Span, ...]) -> int:
    return sum(cell_len(span.text) for span in spans)
