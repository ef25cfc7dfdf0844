"""`chatmon export`: the recorded events, in the order in which they were seen."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Final

import click

from chatmon.cli.event_lines import event_writer
from chatmon.cli.options import shared_options
from chatmon.cli.running import OK, emit
from chatmon.cli.usage import Command, OneOf, refuse
from chatmon.config import InvalidSetting, load, typed_path
from chatmon.config.configuration import find
from chatmon.config.sources import Sources

if TYPE_CHECKING:
    from chatmon.history.reader import HistoryReader, RecordedEvent
    from chatmon.monitor.events import Event

FORMATS: Final = ("jsonl", "csv")
AT_ONCE: Final = 500
"""Lines that are written at once."""


class PointInTime(click.ParamType):  # type: ignore[type-arg]  # generic only in later versions of click
    """A time, in UTC seconds, from ISO 8601; without an offset it is of the machine's time zone."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The time; BadParameter where it is none."""
        if isinstance(value, float):
            return value
        try:
            return datetime.fromisoformat(str(value)).timestamp()
        except (ValueError, OverflowError, OSError):
            raise click.BadParameter("needs a time such as 2026-11-22T14:05 or 2026-11-22T14:05:00Z, or a date", ctx, param) from None


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  chatmon export --format jsonl | jq 'select(.kind == "gone")'
  chatmon export --format csv --since 2026-11-22 > shift.csv
  chatmon export --history night.sqlite3 --format jsonl --since 2026-11-22T22:00 --until 2026-11-23T06:00""",
)
@click.option("--format", "style", type=OneOf(FORMATS), metavar="|".join(FORMATS), default="jsonl", help="How to print. [default: jsonl]")
@shared_options("history", "profile", "config")
@click.option("--since", type=PointInTime(), metavar="TIME", help="Leave out what was seen before. ISO 8601. [default: the beginning]")
@click.option("--until", type=PointInTime(), metavar="TIME", help="Leave out what was seen then or later. [default: the end]")
def export(style: str, since: float | None, until: float | None, **given: object) -> int:
    """Print the recorded events as they were printed live, also while they are recorded.

    Without a file, those that chatmon watch recorded; with a profile, those of its deployment alone.
    """
    from chatmon.history.errors import HistoryError

    lines = _lines(style, _events(_reader(given), since, until))
    while True:
        try:
            some = list(islice(lines, AT_ONCE))
        except HistoryError as error:
            refuse(str(error))
        if not some:
            return OK
        emit(some)


def _reader(given: Mapping[str, object]) -> HistoryReader:
    """Reads the file that is meant: all of it, or what is of the profile's deployment. UsageError for what the configuration says wrong."""
    from chatmon.cli.history import default_path, source_of
    from chatmon.config.connection import deployment
    from chatmon.history.reader import HistoryReader

    try:
        configuration = load(given, os.environ)
        meant = None if configuration.profile is None else deployment(Sources(given, os.environ, configuration))
    except InvalidSetting as error:
        refuse(str(error))
    of_profile = configuration.options.get("history")
    named, _ = find("history", given, os.environ)
    named = named or (of_profile.value if of_profile else None)
    return HistoryReader(typed_path(named) if named else default_path(), meant and source_of(*meant))


def _events(reader: HistoryReader, since: float | None, until: float | None) -> Iterator[Event]:
    """The events as far as they are recorded now."""
    try:
        end = reader.next_position()
        first = 0 if since is None else reader.first_position_since(since)
        for recorded in reader.read_on(first, before=end):
            if _lies_between(recorded, since, until):
                yield recorded.event
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
