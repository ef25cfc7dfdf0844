"""`chatmon poll`: one round over all chats and out, or on and on, printing events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import click

from chatmon.cli.manual import POLLED
from chatmon.cli.options import Watched, ids_argument, shared_options, watched
from chatmon.cli.running import NOTHING_REACHED, emit, run, say
from chatmon.cli.usage import Command, Number, OneOf, refuse

if TYPE_CHECKING:
    from chatmon.cli.rounds import Round
    from chatmon.config import Settings
    from chatmon.monitor.events import Event
    from chatmon.monitor.monitor import Monitor, OpenChatApi
    from chatmon.monitor.pseudonyms import Naming

FORMATS: Final = ("table", "json", "jsonl", "csv")
MAX_FOLLOW: Final = 366 * 86_400.0
"""Seconds, the longest that `--for` takes."""


@click.command(
    cls=Command,
    exit_codes=POLLED,
    epilog="""\b
Examples:
  chatmon poll --url https://gws.example.com -H 'apikey: env:GWS_KEY' ID
  chatmon poll --ids-file chats.ids --format json | jq .counts
  chatmon poll --ids-file - --follow --format jsonl --for 3600 < chats.ids""",
)
@ids_argument
@click.option("--format", "style", type=OneOf(FORMATS), metavar="|".join(FORMATS), default="table", help="How to print. [default: table]")
@click.option("--follow", is_flag=True, help="Go on and print events: as table lines, jsonl or csv. [default: off]")
@click.option(
    "--for", "seconds", type=Number(0.01, MAX_FOLLOW), metavar="S", help="With --follow: end after so many seconds. [default: never]"
)
@shared_options()
def poll(ids: tuple[str, ...], style: str, follow: bool, seconds: float | None, **given: object) -> int:
    """Poll chats without a screen: one round and out."""
    if seconds is not None and not follow:
        refuse("--for ends a --follow; add --follow or leave --for out")
    if given["metrics"] and not follow:
        refuse("--metrics tells how a --follow goes on; add --follow or leave --metrics out")
    if follow and style == "json":
        refuse("--follow prints one event after the other and --format json one whole document; use --format jsonl")
    asked = asked_for(ids, given, may_come_later=follow)
    return _follow(asked, style, seconds) if follow else poll_once(asked, style)


def asked_for(ids: Sequence[str], given: Mapping[str, object], *, may_come_later: bool = False) -> Watched:
    """The settings and chats of a command that needs chats, now or, from a file, later. UsageError where there are none."""
    from chatmon.cli.chat_ids import is_followed

    asked = watched(ids, given, follows=may_come_later)
    if not asked.chats and not (may_come_later and is_followed(asked.ids_file)):
        refuse("no chat ids: name some as arguments, or in a file with --ids-file FILE")
    return asked


def poll_once(asked: Watched, style: str) -> int:
    """One round, printed; the exit code."""
    from chatmon.cli.rounds import chat_api, one_round

    settings = asked.settings
    open_api, names = _recorded(chat_api(settings), settings)

    async def work() -> int:
        return report(await one_round(open_api, settings.pace, asked.chats, thresholds=settings.thresholds, on_notice=say), style, names)

    return run(work())


def report(outcome: Round, style: str, naming: Naming) -> int:
    """Print a round by the names that are shown; the exit code."""
    from chatmon.cli.rounds import exit_code, named, why_nothing_reached

    outcome = named(outcome, naming)
    emit(_round_lines(outcome, style))
    code = exit_code(outcome.chats)
    if code == NOTHING_REACHED:
        say(why_nothing_reached(outcome.chats))
    return code


def _round_lines(outcome: Round, style: str) -> list[str]:
    from chatmon.cli import output

    match style:
        case "json":
            return [output.to_json(output.round_json(outcome.chats, outcome.over, outcome.alarms), indent=2)]
        case "jsonl":
            return output.json_lines(output.chats_json(outcome.chats, outcome.alarms))
        case "csv":
            from chatmon.cli import spreadsheet

            return spreadsheet.round_lines(outcome.chats)
        case _:
            from chatmon.cli import table

            return table.round_lines(outcome.chats, outcome.over)


def _follow(asked: Watched, style: str, seconds: float | None) -> int:
    from chatmon.cli.metrics import listening, with_metrics
    from chatmon.cli.rounds import follow, watching_api

    settings = asked.settings
    measured_at = listening(settings.metrics, settings.origins["metrics"])
    open_api, names = _recorded(watching_api(asked), settings)
    titles, line = _event_writer(style, names)
    emit(titles)

    def write(event: Event, monitor: Monitor) -> None:
        emit([line(event, monitor)])

    open_api = with_metrics(open_api, measured_at)
    return run(follow(open_api, settings.pace, asked.chats, write, thresholds=settings.thresholds, on_notice=say, seconds=seconds))


def _recorded(open_api: OpenChatApi, settings: Settings) -> tuple[OpenChatApi, Naming]:
    """The same Chat API, recorded where a history is named, and by which names to print. UsageError where it cannot be recorded to."""
    from chatmon.cli.privacy import naming

    if settings.history.is_off or settings.history.file is None:
        return open_api, naming(None, privacy=settings.privacy)
    from chatmon.cli.history import history_of, opened, recorded_api

    history = history_of(settings, by_default=False)
    return recorded_api(open_api, history and opened(history)), naming(history, privacy=settings.privacy)


def _event_writer(style: str, naming: Naming) -> tuple[list[str], Callable[[Event, Monitor], str]]:
    """The lines that come first, and what makes a line of an event."""
    if style != "table":
        from chatmon.cli.event_lines import event_writer

        titles, write = event_writer(style)
        return titles, lambda event, _: write(naming.event(event))
    from chatmon.cli.table import event_line

    def line(event: Event, monitor: Monitor) -> str:
        chat = monitor.board.chat(event.chat or "")
        return event_line(naming.event(event), chat and naming.chat(chat))

    return [], line
