"""Reads the tape of a day from a history. Everything here waits for the disk."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final

import msgspec

from chatmon.history.errors import HistoryRefused, named
from chatmon.history.reader import HistoryReader
from chatmon.history.recall import known_since
from chatmon.monitor.shift import day_start
from chatmon.replay.tape import Portion, Tape

NEXT_NOON: Final = 129_600.0
"""Seconds from a midnight to about the noon of the day after: past the next midnight, also where clocks change."""


def read_tape(reader: HistoryReader, *, timezone: tzinfo | None, at: float | None = None) -> Tape:
    """The day that holds `at` (UTC seconds), or the newest one, in a time zone, None being the machine's.

    Raises `HistoryError`: also where nothing of that day was recorded.
    """
    newest = reader.read_before(None, 1)
    if not newest:
        raise HistoryRefused(f"{named(reader.path)} holds no event that can be replayed; chatmon watch records them")
    day = day_start(newest[-1].event.at if at is None else at, timezone)
    tape = Tape(_read(reader, day, day_start(day + NEXT_NOON, timezone), 0))
    if tape.first == len(tape.events) and not tape.is_watched(tape.day):
        last = datetime.fromtimestamp(newest[-1].event.at, timezone)
        asked = datetime.fromtimestamp(day, timezone)
        raise HistoryRefused(
            f"{named(reader.path)} holds nothing of {asked:%Y-%m-%d}; the newest it holds is of {last:%Y-%m-%d}, and chatmon export "
            "prints it all"
        )
    return tape


def read_on(reader: HistoryReader, tape: Tape) -> Portion | None:
    """What was recorded of a tape's day since the tape was read; None where nobody records. Raises `HistoryError`."""
    if reader.sessions_between(known_since(tape.day), tape.day_end) == tape.recorded_sessions:
        return None
    portion = _read(reader, tape.day, tape.day_end, tape.next_position)
    return msgspec.structs.replace(portion, events=tuple(portion.events))


def _read(reader: HistoryReader, day: float, day_end: float, position: int) -> Portion:
    # A monitor that started on that day knew as much: what it had forgotten stands on no tape.
    lead = known_since(day)
    positions = reader.positions_between(lead, day_end)
    first = max(position, positions.start)
    recorded = reader.read_on(first, before=positions.stop) if first < positions.stop else ()
    return Portion(
        day=day,
        day_end=day_end,
        next_position=max(position, positions.stop),
        events=(one for one in recorded if lead <= one.event.at < day_end),
        sessions=reader.sessions_between(lead, day_end),
        coverage=reader.coverage_between(lead, day_end),
        trends=reader.trends_since(lead),
    )
