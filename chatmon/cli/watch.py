"""`chatmon watch`: the dashboard."""

from __future__ import annotations

import os
import sys

import click
import msgspec

from chatmon.api.sanitise import clean
from chatmon.cli.dashboard import check_keys, show
from chatmon.cli.manual import DRAWN
from chatmon.cli.options import NO_METRICS, ids_argument, screen_options, shared_options, watched
from chatmon.cli.poll import asked_for, poll_once
from chatmon.cli.running import can_draw, is_in_browser, say, why_not_drawn
from chatmon.cli.usage import Command, refuse


@click.command(
    cls=Command,
    exit_codes=DRAWN,
    epilog="""\b
Examples:
  chatmon watch --url https://gws.example.com --contact-center-id 1234 ID ID
  chatmon watch --url https://gws.example.com -H 'apikey: file:key.txt' \\
    --ids-file chats.ids
  CHATMON_URL=https://gws.example.com chatmon watch --interval 5""",
)
@ids_argument
@shared_options()
@screen_options
def watch(ids: tuple[str, ...], **given: object) -> int:
    """The dashboard over live chats; without ids it begins empty.

    Without a terminal on standard output: one round, printed as chatmon poll prints it.
    """
    if not can_draw():
        asked = asked_for(ids, given)
        say(f"{why_not_drawn()}: one round, as chatmon poll prints it")
        if given["metrics"]:
            say(NO_METRICS)
        return poll_once(asked, "table")
    asked = watched(ids, given, follows=True)
    settings = asked.settings
    check_keys(settings.configuration)
    in_browser = is_in_browser()
    if not in_browser:
        _take_keyboard()
    from chatmon.cli.history import history_of, history_to_read, recorded_api
    from chatmon.cli.metrics import listening, with_metrics
    from chatmon.cli.privacy import naming
    from chatmon.cli.rounds import new_monitor, watching_api
    from chatmon.cli.transcripts import transcripts_of

    # Any number of pages may be open: they look, and neither record nor call anyone, nor overwrite each other's screens.
    if in_browser:
        asked = msgspec.structs.replace(asked, settings=msgspec.structs.replace(settings, on_alarm=()))
    measured_at = None if in_browser else listening(settings.metrics, settings.origins["metrics"])
    history = history_to_read(settings) if in_browser else history_of(settings, by_default=True)
    names = naming(history, privacy=settings.privacy)
    open_api = with_metrics(recorded_api(watching_api(asked), history), measured_at)
    monitor = new_monitor(open_api, settings.pace, asked.chats, thresholds=settings.thresholds, timezone=settings.screen.timezone)
    name = settings.screen.profile
    host = clean(settings.endpoint.host)
    source = f"{clean(name)} · {host}" if name else host
    return show(
        monitor,
        settings.screen,
        source=source,
        history=history.reader if history else None,
        kept_as=None if in_browser else name or host,
        naming=names,
        transcripts=None if in_browser else transcripts_of(settings, monitor),
    )


def _take_keyboard() -> None:
    """Read keys from the terminal where standard input is something else, such as the list of ids."""
    if sys.stdin is None:
        refuse("standard input is closed, so there are no keys; leave it open")
    if sys.stdin.isatty():
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        refuse("standard input is no terminal, so there are no keys; give the ids as a file with --ids-file FILE")
    os.dup2(terminal, 0)
    os.close(terminal)
