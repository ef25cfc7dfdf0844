"""`chatmon export`: the recorded events, in the order in which they were seen."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from itertools import islice
from typing import TYPE_CHECKING, Final

import click

from chatmon.cli.event_lines import event_writer
from chatmon.cli.options import shared_options
from chatmon.cli.running import OK, emit
from chatmon.cli.usage import Command, OneOf, refuse
from chatmon.config import Configuration, InvalidSetting, load, resolve_privacy, resolve_screen, typed_path
from chatmon.config.configuration import find
from chatmon.config.sources import Sources

if TYPE_CHECKING:
    from chatmon.history.reader import HistoryReader, RecordedEvent
    from chatmon.monitor.events import Event
    from chatmon.monitor.pseudonyms import Naming

FORMATS: Final = ("jsonl", "csv")
AT_ONCE: Final = 500
"""Lines that are written at once."""


class PointInTime(click.ParamType):  # type: ignore[type-arg]  # generic only in later versions of click
    """A time from ISO 8601, with an offset or without."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The time; BadParameter where it is none."""
        if isinstance(value, datetime):
            return value
        try:
            time = datetime.fromisoformat(str(value))
            time.timestamp()
            return time
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
@shared_options("history", "privacy", "profile", "config")
@click.option(
    "--since",
    type=PointInTime(),
    metavar="TIME",
    help="Leave out what was seen before. ISO 8601, without an offset in the time zone of the screens. [default: the beginning]",
)
@click.option("--until", type=PointInTime(), metavar="TIME", help="Leave out what was seen then or later. [default: the end]")
def export(style: str, since: datetime | None, until: datetime | None, **given: object) -> int:
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
    begin, end = (None if time is None else _utc(time, timezone) for time in (since, until))
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


def _utc(time: datetime, timezone: tzinfo | None) -> float:
    """A time in UTC seconds; one without an offset is of `timezone`, None being the machine's."""
    return (time if time.tzinfo is not None or timezone is None else time.replace(tzinfo=timezone)).timestamp()


def reader_of(given: Mapping[str, object], configuration: Configuration) -> HistoryReader:
    """Reads the file that is meant: all of it, or what is of the profile's deployment. Raises `InvalidSetting`."""
    from chatmon.cli.history import default_path, source_of
    from chatmon.config.connection import deployment
    from chatmon.history.reader import HistoryReader

    meant = None if configuration.profile is None else deployment(Sources(given, os.environ, configuration))
    of_profile = configuration.options.get("history")
    named, _ = find("history", given, os.environ)
    named = named or (of_profile.value if of_profile else None)
    return HistoryReader(typed_path(named) if named else default_path(), meant and source_of(*meant))


def naming_in(reader: HistoryReader, *, privacy: bool) -> Naming:
    """By which names to print; the pseudonyms are those of the screens over the same history."""
    from chatmon.monitor.pseudonyms import REAL_NAMES, Pseudonyms

    return Pseudonyms(reader.pseudonym_key()) if privacy else REAL_NAMES


def _events(reader: HistoryReader, since: float | None, until: float | None, *, privacy: bool) -> Iterator[Event]:
    """The events as far as they are recorded now, by the names that are shown. Raises `HistoryError`."""
    try:
        shown = naming_in(reader, privacy=privacy).event
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
