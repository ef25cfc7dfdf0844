"""`chatmon replay`: the dashboard over a recorded day."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from functools import partial
from typing import TYPE_CHECKING, Final

import click

from chatmon.api.sanitise import clean
from chatmon.cli.candidates import files
from chatmon.cli.dashboard import check_keys, show_replay
from chatmon.cli.manual import EXIT_CODES
from chatmon.cli.options import look_options, shared_options
from chatmon.cli.points_in_time import DAYS, parse_point
from chatmon.cli.progress import can_show_progress, progress
from chatmon.cli.recorded import naming_of, reader_of
from chatmon.cli.running import can_draw, say, why_not_drawn
from chatmon.cli.usage import Command, OneOf, refuse
from chatmon.config import Configuration, InvalidSetting, load, resolve_privacy, resolve_screen, resolve_thresholds, typed_path

if TYPE_CHECKING:
    from chatmon.history.reader import HistoryReader
    from chatmon.monitor.alarms import Thresholds
    from chatmon.replay.player import Player
    from chatmon.replay.tape import Portion, Tape

PARTS: Final = 1_000
"""Of what takes long, in how many parts it is told."""
SPEEDS: Final = ("1", "2", "5", "10", "30", "60", "120", "300", "600")


@click.command(
    cls=Command,
    exit_codes={**EXIT_CODES, 0: "ended with q"},
    epilog="""\b
Examples:
  chatmon replay
  chatmon replay night.sqlite3 --at 02:30 --speed 60
  chatmon replay --at 2026-11-22T14:05 --alarms stricter.toml""",
)
@click.argument("file", metavar="[FILE]", required=False, shell_complete=files)
@click.option(
    "--at",
    metavar="TIME",
    help="Begin there: a time of the newest day, such as 14:05, or of another, such as 2026-11-22T14:05, or a date, today, "
    "yesterday. "
    "[default: the beginning of the newest day]",
)
@click.option("--speed", type=OneOf(SPEEDS), metavar="N", default="1", help="Play so many seconds in one, 1 to 600. [default: 1]")
@click.option(
    "--alarms",
    metavar="FILE",
    shell_complete=files,
    help="Show the alarms that the [alarms] of this configuration file would have raised. [default: those that were raised]",
)
@shared_options("history", "privacy", "profile", "config")
@look_options
def replay(file: str | None, at: str | None, speed: str, alarms: str | None, **given: object) -> int:
    """The dashboard over a recorded day, like a video recorder; nothing is asked and nothing written.

    Without a file, over what chatmon watch recorded; with a profile, over its deployment alone. It is stopped at first: Space plays it.
    """
    if file is not None:
        if given.get("history"):
            refuse("the file is named twice, as an argument and with --history; give it once")
        given["history"] = file
    try:
        configuration = load(given, os.environ)
        screen = resolve_screen(given, configuration)
        privacy = resolve_privacy(given, os.environ, configuration)
        reader = reader_of(given, configuration)
    except InvalidSetting as error:
        refuse(str(error))
    thresholds = _thresholds(configuration, alarms)
    check_keys(configuration)
    if not can_draw():
        refuse(f"{why_not_drawn()}: a replay needs a terminal; chatmon export prints what was recorded")
    from chatmon.history.errors import HistoryError

    try:
        player, read_on = _opened(reader, screen.timezone, at, thresholds, reckons=alarms is not None)
        player.speed = int(speed)
        name = clean(screen.profile or reader.path.name)
        return show_replay(player, screen, source=name, naming=naming_of(reader, privacy=privacy), read_on=read_on)
    except HistoryError as error:
        refuse(str(error))
    finally:
        reader.close()


def _thresholds(configuration: Configuration, alarms: str | None) -> Thresholds:
    """Those of the configuration, or of another file that is named. UsageError where they cannot be used."""
    try:
        if alarms is not None and not typed_path(alarms).is_file():
            refuse(f"--alarms: there is no such file as {clean(alarms)}; a configuration file is meant, of which [alarms] counts")
        return resolve_thresholds(configuration if alarms is None else load({"config": alarms}, {}))
    except InvalidSetting as error:
        refuse(str(error))


def _opened(
    reader: HistoryReader, timezone: tzinfo | None, at: str | None, thresholds: Thresholds, *, reckons: bool
) -> tuple[Player, Callable[[], Portion | None] | None]:
    """A player where it is to begin, and what reads on from the history; None where alarms are reckoned: those of a day that is over."""
    from chatmon.monitor.clock import SystemClock
    from chatmon.replay.film import Film
    from chatmon.replay.player import Player
    from chatmon.replay.reading import read_on
    from chatmon.replay.reckoning import reckoned

    tape, second = _tape(reader, timezone, at)
    if reckons:
        say("looking through the day for the alarms that would have been raised; Ctrl-C ends it")
        with _told("Looking") as tell:
            tape = reckoned(tape, thresholds, tell=tell)
    player = Player(Film(tape, thresholds), SystemClock())
    if second is not None:
        player.seek(second)
    _wind(player)
    return player, None if reckons else partial(read_on, reader, tape)


def _wind(player: Player) -> None:
    """Wind the tape to where the player stands."""
    film, second = player.film, player.second
    total = film.left(second)
    with _told("Winding") as tell:
        while not film.wind(second):
            tell(1 - film.left(second) / total)


def _tape(reader: HistoryReader, timezone: tzinfo | None, at: str | None) -> tuple[Tape, float | None]:
    """The tape of the day that is meant, and the second to begin with; None for the first one. Raises `HistoryError`."""
    from chatmon.replay.reading import newest_time, read_tape

    second = None if at is None else _second(at, newest_time(reader), timezone)
    with _told("Reading the day") as tell:
        return read_tape(reader, timezone=timezone, at=second, tell=tell), second


def _second(at: str, newest: float, timezone: tzinfo | None) -> float:
    """The UTC seconds that --at means: a time of day is one of the newest day. UsageError where it is no time."""
    from chatmon.replay.time_words import InvalidTime, parse_time

    if at.strip().lower() in DAYS:
        return parse_point(at).utc(time.time(), timezone)
    try:
        return parse_time(at, datetime.fromtimestamp(newest, timezone).date(), timezone)
    except InvalidTime as error:
        refuse(f"--at {error}")


@contextmanager
def _told(label: str) -> Iterator[Callable[[float], None]]:
    """What takes which share of something long is done, 0 to 1, and shows it where standard error is a terminal."""
    with progress(label, PARTS, is_shown=can_show_progress()) as show:
        yield lambda share: show(int(PARTS * share))
