"""Reads the tape of a day from a history. Everything here waits for the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from typing import Final

import msgspec

from chatmon.history.errors import HistoryRefused, named
from chatmon.history.reader import HistoryReader, RecordedEvent
from chatmon.history.recall import known_since
from chatmon.monitor.shift import day_start
from chatmon.replay.tape import Portion, Tape

NEXT_NOON: Final = 129_600.0
"""Seconds from a midnight to about the noon of the day after: past the next midnight, also where clocks change."""


Told = Callable[[float], None]
"""Takes which share is done of what takes long, 0 to 1."""


def newest_time(reader: HistoryReader) -> float:
    """When what was recorded last was seen, in UTC seconds. Raises `HistoryError`: also where nothing is recorded."""
    newest = reader.read_before(None, 1)
    if not newest:
        raise HistoryRefused(f"{named(reader.path)} holds no event that can be replayed; chatmon watch records them")
    return newest[-1].event.at


def read_tape(reader: HistoryReader, *, timezone: tzinfo | None, at: float | None = None, tell: Told | None = None) -> Tape:
    """The day that holds `at` (UTC seconds), or the newest one, in a time zone, None being the machine's. `tell` is told how far it is.

    Raises `HistoryError`: also where nothing of that day was recorded.
    """
    newest = newest_time(reader)
    day = day_start(newest if at is None else at, timezone)
    tape = Tape(_read(reader, day, day_start(day + NEXT_NOON, timezone), 0, tell))
    if tape.first == len(tape.events) and not tape.is_watched(tape.day):
        last = datetime.fromtimestamp(newest, timezone)
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


def _read(reader: HistoryReader, day: float, day_end: float, position: int, tell: Told | None = None) -> Portion:
    # A monitor that started on that day knew as much: what it had forgotten stands on no tape.
    lead = known_since(day)
    positions = reader.positions_between(lead, day_end)
    first = max(position, positions.start)
    return Portion(
        day=day,
        day_end=day_end,
        next_position=max(position, positions.stop),
        events=(one for one in _recorded(reader, range(first, positions.stop), tell) if lead <= one.event.at < day_end),
        sessions=reader.sessions_between(lead, day_end),
        coverage=reader.coverage_between(lead, day_end),
        trends=reader.trends_since(lead),
    )


def _recorded(reader: HistoryReader, positions: range, tell: Told | None) -> Iterator[RecordedEvent]:
    if not positions:
        return
    for recorded in reader.read_on(positions.start, before=positions.stop):
        if tell is not None:
            tell((recorded.position - positions.start) / len(positions))
        yield recorded
