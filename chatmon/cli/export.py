"""`chatmon export`: what is recorded, event by event or chat by chat."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from chatmon.cli.candidates import chats as recorded_chats
from chatmon.cli.candidates import files
from chatmon.cli.manual import PRINTED
from chatmon.cli.options import shared_options
from chatmon.cli.points_in_time import PointInTime, TimeParameter
from chatmon.cli.recorded import naming_of, reader_of
from chatmon.cli.running import OK
from chatmon.cli.usage import Command, OneOf, refuse
from chatmon.config import InvalidSetting, load, resolve_privacy, resolve_screen

if TYPE_CHECKING:
    from chatmon.cli.recorded_lines import RecordedLines
    from chatmon.history.reader import HistoryReader
    from chatmon.monitor.pseudonyms import Naming

KINDS: Final = ("events", "chats")
FORMATS: Final = ("jsonl", "csv")
AT_ONCE: Final = 500
"""Lines that are written at once."""


@click.command(
    cls=Command,
    exit_codes=PRINTED,
    epilog="""\b
Examples:
  chatmon export --format jsonl | jq 'select(.kind == "gone")'
  chatmon export --format csv --since yesterday --until today --output day.csv
  chatmon export --what chats --format csv --since 8h > shift.csv
  chatmon export --chat 652492d9-c2d9-44c9-b9ad-0ab7984114bb
  chatmon export --history night.sqlite3 --since 14h --until 6h""",
)
@click.option(
    "--what",
    type=OneOf(KINDS),
    metavar="|".join(KINDS),
    default="events",
    help="Events, as poll --follow prints them; or one line a chat, with how it ended, its waits and its times. [default: events]",
)
@click.option("--format", "style", type=OneOf(FORMATS), metavar="|".join(FORMATS), default="jsonl", help="How to print. [default: jsonl]")
@shared_options("history", "privacy", "profile", "config")
@click.option(
    "--since",
    "--from",
    "since",
    type=TimeParameter(),
    metavar="TIME",
    help="Leave out what was seen before. ISO 8601, without an offset in the time zone of the screens; or today, yesterday, 8h "
    "(eight hours ago). [default: the beginning]",
)
@click.option(
    "--until", "--to", "until", type=TimeParameter(), metavar="TIME", help="Leave out what was seen then or later. [default: the end]"
)
@click.option(
    "--chat", "chats", metavar="ID", multiple=True, shell_complete=recorded_chats, help="Of this chat alone. Repeatable. [default: all]"
)
@click.option(
    "--output",
    metavar="FILE",
    shell_complete=files,
    help="Write a file, whole or not at all, for you alone to read. [default: standard output]",
)
@click.option("--force", is_flag=True, help="Let --output replace a file that is there. [default: off]")
def export(
    what: str,
    style: str,
    since: PointInTime | None,
    until: PointInTime | None,
    chats: Sequence[str],
    output: str | None,
    force: bool,
    **given: object,
) -> int:
    """Print what is recorded, also while it is recorded.

    Without a file, what chatmon watch recorded; with a profile, of its deployment alone.
    """
    from chatmon.cli.line_output import output_path
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
    path = output_path(output, over_another=force, history=reader.path)
    try:
        from chatmon.cli.recorded_lines import ChatLines, EventLines, Selection

        naming = naming_of(reader, privacy=privacy)
        selection = Selection(begin, end, _recorded_chats(reader, chats, naming))
        lines = (EventLines if what == "events" else ChatLines)(reader, selection, naming, style)
        _write(lines, path, over_another=force)
    except HistoryError as error:
        refuse(str(error))
    finally:
        reader.close()
    return OK


def _recorded_chats(reader: HistoryReader, chats: Sequence[str], naming: Naming) -> tuple[str, ...]:
    """The real ids of the chats that are meant, by those or, where pseudonyms are shown, by these. UsageError names none of them."""
    by_shown: dict[str, str] = {}
    if naming.hides and chats:
        by_shown = {naming.chat_id(chat): chat for chat, _ in reader.newest_chats()}
    meant: dict[str, None] = {}
    for place, chat in enumerate(chats, 1):
        real = by_shown.get(chat, chat)
        if not reader.has_chat(real):
            which = "" if len(chats) == 1 else f" as number {place}"
            refuse(f"nothing is recorded of the chat that --chat names{which}; give a whole id")
        meant[real] = None
    return tuple(meant)


def _write(lines: RecordedLines, path: Path | None, *, over_another: bool) -> None:
    from chatmon.cli.line_output import line_output
    from chatmon.cli.progress import can_show_progress, progress

    is_drawn_on = path is None and sys.stdout is not None and sys.stdout.isatty()
    with (
        line_output(path, over_another=over_another) as write,
        progress("Exporting", lines.total, is_shown=can_show_progress() and not is_drawn_on) as show,
    ):
        all_lines: Iterator[str] = chain(lines.titles, lines)
        while some := list(islice(all_lines, AT_ONCE)):
            write(some)
            show(lines.done)
