"""`chatmon export`: the recorded events, in the order in which they were seen."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

import click

from chatmon.cli.event_lines import event_writer
from chatmon.cli.options import shared_options
from chatmon.cli.points_in_time import PointInTime, TimeParameter
from chatmon.cli.recorded import naming_of, reader_of
from chatmon.cli.running import OK, emit
from chatmon.cli.usage import Command, OneOf, refuse
from chatmon.config import InvalidSetting, load, resolve_privacy, resolve_screen

if TYPE_CHECKING:
    from chatmon.history.reader import HistoryReader, RecordedEvent
    from chatmon.monitor.events import Event

FORMATS: Final = ("jsonl", "csv")
AT_ONCE: Final = 500
"""Lines that are written at once."""


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  chatmon export --format jsonl | jq 'select(.kind == "gone")'
  chatmon export --format csv --since 2026-11-22 > shift.csv
  chatmon export --history night.sqlite3 --format jsonl --since 2026-11-22T22:00 --until 2026-11-23T06:00""",
)
@click.option("--format", "style", type=OneOf(FORMATS), metavar="|".join(FORMATS), default="jsonl", help="How to print. [default: jsonl]")
@shared_options("history", "privacy", "profile", "config")
@click.option(
    "--since",
    type=TimeParameter(),
    metavar="TIME",
    help="Leave out what was seen before. ISO 8601, without an offset in the time zone of the screens; or today, yesterday, 8h "
    "(eight hours ago). [default: the beginning]",
)
@click.option("--until", type=TimeParameter(), metavar="TIME", help="Leave out what was seen then or later. [default: the end]")
def export(style: str, since: PointInTime | None, until: PointInTime | None, **given: object) -> int:
    """Print the recorded events as they were printed live, also while they are recorded.

    Without a file, those that chatmon watch recorded; with a profile, those of its deployment alone.
    """
    from chatmon.history.errors import HistoryError

    try:
        configuration = load(given, os.environ)
        timezone = resolve_screen(given, configuration).timezone
        privacy = resolve_privacy(given, os.environ, configuration)
        reader = reader_of(given, configuration)
    except InvalidSetting as error:
        refuse(str(error))
    now = time.time()
    begin, end = (None if point is None else point.utc(now, timezone) for point in (since, until))
    if begin is not None and end is not None and begin >= end:
        refuse("--until is not after --since, so nothing lies between them")
    lines = _lines(style, _events(reader, begin, end, privacy=privacy))
    while True:
        try:
            some = list(islice(lines, AT_ONCE))
        except HistoryError as error:
            refuse(str(error))
        if not some:
            return OK
        emit(some)


def _events(reader: HistoryReader, since: float | None, until: float | None, *, privacy: bool) -> Iterator[Event]:
    """The events as far as they are recorded now, by the names that are shown. Raises `HistoryError`."""
    try:
        shown = naming_of(reader, privacy=privacy).event
        end = reader.next_position()
        first = 0 if since is None else reader.first_position_since(since)
        for recorded in reader.read_on(first, before=end):
            if _lies_between(recorded, since, until):
                yield shown(recorded.event)
    finally:
        reader.close()


def _lies_between(recorded: RecordedEvent, since: float | None, until: float | None) -> bool:
    # Events follow one another as they were seen; the wall clock may have been set back between them.
    at = recorded.event.at
    return (since is None or at >= since) and (until is None or at < until)


def _lines(style: str, events: Iterable[Event]) -> Iterator[str]:
    titles, line = event_writer(style)
    yield from titles
    for event in events:
        yield line(event)
