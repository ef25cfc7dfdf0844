"""`chatmon report`: a stretch of the past in figures, from the history."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Final

import click

from chatmon.cli import periods
from chatmon.cli.candidates import files
from chatmon.cli.manual import EXIT_CODES
from chatmon.cli.options import shared_options
from chatmon.cli.periods import Period, PeriodParameter, TypedPeriod
from chatmon.cli.points_in_time import PointInTime, TimeParameter
from chatmon.cli.recorded import naming_of, reader_of
from chatmon.cli.running import OK, can_draw, has_terminal
from chatmon.cli.usage import Command, OneOf, refuse
from chatmon.config import InvalidSetting, load, resolve_privacy, resolve_screen, resolve_thresholds
from chatmon.config.readers import timezone as read_timezone

if TYPE_CHECKING:
    from chatmon.report.report import Report
    from chatmon.ui.lines import Line

FORMATS: Final = ("text", "json", "csv", "html")
BY: Final = ("hour", "agent", "label")
SUFFIXES: Final = {".json": "json", ".csv": "csv", ".html": "html", ".htm": "html"}
STEPS: Final = 1_000
"""In how many steps the bar tells how much is read."""
WIDTH: Final = 120
"""Terminal cells of a line where there is no terminal to ask."""
_INKS: Final[Mapping[str, dict[str, Any]]] = {
    "strong": {"bold": True},
    "dim": {"dim": True},
    "waiting": {"fg": "blue"},
    "chatting": {"fg": "green"},
    "warn": {"fg": "yellow"},
    "critical": {"fg": "red", "bold": True},
}


class TimezoneParameter(click.ParamType):  # type: ignore[type-arg]  # generic only in later versions of click
    """A time zone as the configuration has it."""

    name = "timezone"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """The time zone, or "local"; BadParameter where it is none."""
        try:
            return read_timezone(value) or "local"
        except ValueError:
            raise click.BadParameter('needs "local", "utc" or a name such as Europe/Berlin', ctx, param) from None


@click.command(
    cls=Command,
    exit_codes={**EXIT_CODES, 0: "the report is written, also where nothing was recorded in that time", 2: "wrong usage, or no history"},
    epilog="""\b
Examples:
  chatmon report
  chatmon report yesterday --by agent
  chatmon report --from 22:00 --to 06:00 --output night.html
  chatmon report 8h --format json | jq '.figures.in_time_share'

A TIME is ISO 8601, a date, a time of day, today, yesterday, or so long ago: 30m, 8h, 2d. --from 22:00 is the last
22:00, --to 06:00 the first 06:00 after that.""",
)
@click.argument("period", metavar="[today|yesterday|DATE|8h]", type=PeriodParameter(), required=False)
@click.option("--from", "begins", type=TimeParameter(), metavar="TIME", help="Where the report begins. [default: today]")
@click.option("--to", "ends", type=TimeParameter(), metavar="TIME", help="Where it ends. [default: now]")
@click.option(
    "--by",
    type=OneOf(BY),
    metavar="|".join(BY),
    help="What the figures are told apart by. [default: hour; JSON and HTML have all three]",
)
@click.option(
    "--format",
    "style",
    type=OneOf(FORMATS),
    metavar="|".join(FORMATS),
    help="How to write it. [default: what the name of the file says, else text]",
)
@click.option(
    "--output",
    metavar="FILE",
    shell_complete=files,
    help="Write a file, whole or not at all, for you alone to read. [default: standard output]",
)
@click.option("--force", is_flag=True, help="Let --output replace a file that is there. [default: off]")
@shared_options("history", "privacy", "profile", "config")
@click.option("--timezone", type=TimezoneParameter(), metavar="ZONE", help="Whose days and hours are meant. [default: the screens']")
@click.option("--ascii", is_flag=True, help="Draw text with ASCII characters alone. [default: off]")
def report(
    period: TypedPeriod | None,
    begins: PointInTime | None,
    ends: PointInTime | None,
    by: str | None,
    style: str | None,
    output: str | None,
    force: bool,
    timezone: object,
    **given: object,
) -> int:
    """Tell what happened in figures: today, or any other time that is recorded.

    The figures are those above the board, counted in the same way; beside them stands how much of the time was watched. Without a file,
    of what chatmon watch recorded; with a profile, of its deployment alone.
    """
    from chatmon.cli.line_output import line_output, output_path
    from chatmon.cli.progress import can_show_progress, progress
    from chatmon.history.errors import HistoryError
    from chatmon.report.compilation import compile_report
    from chatmon.report.report import named

    try:
        configuration = load(given, os.environ)
        screen = resolve_screen(given, configuration)
        privacy = resolve_privacy(given, os.environ, configuration)
        reader = reader_of(given, configuration)
    except InvalidSetting as error:
        refuse(str(error))
    zone = screen.timezone if timezone is None else timezone if isinstance(timezone, tzinfo) else None
    now = time.time()
    meant = _meant(period, begins, ends, now, zone)
    path = output_path(output, over_another=force, history=reader.path)
    style = style or ("text" if path is None else SUFFIXES.get(path.suffix.lower(), "text"))
    tables = BY if by is None and style in {"json", "html"} else (by or "hour",)
    try:
        with progress("Reading", STEPS, is_shown=can_show_progress()) as show:
            found = compile_report(
                reader,
                since=meant.since,
                until=meant.until,
                now=now,
                timezone=zone,
                watched_in=screen.timezone,
                service_level=resolve_thresholds(configuration).service_level,
                with_labels="label" in tables,
                on_read=lambda share: show(round(share * STEPS)),
            )
        shown = named(found, naming_of(reader, privacy=privacy))
    except HistoryError as error:
        refuse(str(error))
    finally:
        reader.close()
    is_painted = path is None and can_draw() and not os.environ.get("NO_COLOR")
    lines = _written(shown, style, tables, zone, is_ascii=screen.ascii, is_painted=is_painted)
    with line_output(path, over_another=force) as write:
        write(lines)
    return OK


def _meant(typed: TypedPeriod | None, begins: PointInTime | None, ends: PointInTime | None, now: float, zone: tzinfo | None) -> Period:
    try:
        return periods.period(typed, begins, ends, now, zone)
    except OverflowError:
        refuse("no calendar knows that time; give another")
    except ValueError as error:
        refuse(str(error))


def _written(shown: Report, style: str, tables: Sequence[str], zone: tzinfo | None, *, is_ascii: bool, is_painted: bool) -> Iterable[str]:
    """The report in the lines of a format."""
    from chatmon.cli.report_formats.words import Times

    match style:
        case "json":
            from chatmon.cli.output import to_json
            from chatmon.cli.report_formats.json_and_csv import report_json

            return [to_json(report_json(shown, zone, tables), indent=2)]
        case "csv":
            from chatmon.cli.report_formats.json_and_csv import csv_lines

            return csv_lines(shown, zone, tables[0])
        case "html":
            from chatmon.cli.report_formats.page import page

            return [page(shown, Times(shown, zone), tables)]
    from chatmon.cli.report_formats.text import text_lines

    width = shutil.get_terminal_size((WIDTH, 24)).columns if has_terminal() else WIDTH
    return [
        _painted(one, is_ascii=is_ascii, is_painted=is_painted) for one in text_lines(shown, Times(shown, zone), by=tables[0], width=width)
    ]


def _painted(one: Line, *, is_ascii: bool, is_painted: bool) -> str:
    """A line as a terminal takes it. What is not chatmon's own word stays as it is, also in ASCII."""
    from chatmon.ui.glyphs import to_ascii

    text = ""
    for span in one.spans:
        piece = to_ascii(span.text) if is_ascii and span.style != "name" else span.text
        text += click.style(piece, **_INKS[span.style]) if is_painted and span.style in _INKS and piece.strip() else piece
    return text.rstrip()
