"""The options that commands share, made from what `chatmon.config` and the simulator declare, and what they add up to."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

import click
import msgspec

from chatmon.cli.candidates import chats, files, profiles
from chatmon.cli.running import say
from chatmon.cli.usage import Number, OneOf, refuse
from chatmon.config import (
    OPTIONS,
    Configuration,
    InvalidSetting,
    Layer,
    ListenAddress,
    Option,
    Origin,
    Settings,
    load,
    resolve,
    resolve_metrics,
    resolve_pace,
    resolve_privacy,
)
from chatmon.config.screen import OWN_THEMES, THEMES

if TYPE_CHECKING:
    from chatmon.monitor.chat_list import LabelledChat
    from chatmon.monitor.pace import Pace

Decorated = TypeVar("Decorated", bound=Callable[..., object])

DEFAULT_CHATS: Final = 36
MAX_CHATS: Final = 5_000
MAX_SPEED: Final = 1_000.0

NO_METRICS: Final = "nobody could read the metrics of one round; those of chatmon poll --follow can be read"
"""What is said of a round that was to have metrics."""

ids_argument = click.argument("ids", metavar="[ID]...", nargs=-1, shell_complete=chats)


class Watched(msgspec.Struct, frozen=True):
    """What a command was asked to watch: how, which chats, and where those came from.

    `named` are those of the arguments and of standard input, `listed` those of the file.
    """

    settings: Settings
    named: tuple[LabelledChat, ...] = ()
    listed: tuple[LabelledChat, ...] = ()
    ids_file: str | None = None

    @property
    def chats(self) -> tuple[LabelledChat, ...]:
        """All of them."""
        return self.named + self.listed


def watched(ids: Sequence[str], given: Mapping[str, object], *, follows: bool = False, takes_input: bool = True) -> Watched:
    """The settings and chats that are meant. UsageError where something cannot be used.

    The good lines with ids count, and the others are said: later, by whoever `follows` the file. Standard input is no list of ids for
    whoever does not take it.
    """
    from chatmon.cli.chat_ids import is_followed, read_chats
    from chatmon.monitor.chat_list import InvalidIds

    try:
        configuration = load(given, os.environ)
        settings = resolve(given, os.environ, configuration)
        # Whoever names chats asks for those: an argument counts as much as an option.
        ids_file = settings.ids_file if not ids or settings.origins["ids_file"].layer is Layer.FLAG else None
        if not takes_input:
            _refuse_what_is_read_once(ids, ids_file)
        origin = settings.origins["ids_file"].blamed
        chats = read_chats(ids, ids_file, tolerant=True, follows=follows and is_followed(ids_file), origin=origin, say=say)
    except (InvalidSetting, InvalidIds) as error:
        refuse(str(error))
    if configuration.warning:
        say(configuration.warning)
    if settings.endpoint.tls.insecure:
        say(f"{settings.origins['insecure']}: the server's certificate is not checked; anyone in between can read and change everything")
    return Watched(settings, chats.named, chats.listed, ids_file)


def _refuse_what_is_read_once(ids: Sequence[str], ids_file: str | None) -> None:
    from chatmon.cli.ids_file import STANDARD_INPUT, is_pipe

    is_input = STANDARD_INPUT in (*ids, ids_file)
    if is_input or (ids_file is not None and is_pipe(ids_file)):
        source = "standard input" if is_input else "a pipe"
        refuse(f"{source} can be read once, but every page needs the ids; give them as a file with --ids-file FILE")


def configuration_of_all(given: Mapping[str, object]) -> Configuration:
    """What the configuration file says for every deployment. UsageError where it cannot be used."""
    try:
        return load(given, os.environ, for_profile=False)
    except InvalidSetting as error:
        refuse(str(error))


def pace(given: Mapping[str, object]) -> Pace:
    """How often to poll, where no deployment is talked to. UsageError where it cannot be used."""
    try:
        return resolve_pace(given, os.environ)
    except InvalidSetting as error:
        refuse(str(error))


def is_private(given: Mapping[str, object], configuration: Configuration) -> bool:
    """Whether pseudonyms are shown, where no deployment is talked to. UsageError where that cannot be told."""
    try:
        return resolve_privacy(given, os.environ, configuration)
    except InvalidSetting as error:
        refuse(str(error))


def metrics(given: Mapping[str, object]) -> tuple[ListenAddress | None, Origin]:
    """Where figures can be read and where that was set, where no deployment is talked to. UsageError where it cannot be used."""
    try:
        return resolve_metrics(given, os.environ)
    except InvalidSetting as error:
        refuse(str(error))


def shared_options(*names: str) -> Callable[[Decorated], Decorated]:
    """The options of these names, or all of them, handed to the command as its keyword arguments."""

    def decorate(command: Decorated) -> Decorated:
        for option in reversed(OPTIONS):  # click lists them from the last decorator to the first
            if not names or option.name in names:
                command = _declared(option)(command)
        return command

    return decorate


def screen_options(command: Decorated) -> Decorated:
    """How the dashboard over live chats looks."""
    return look_options(
        click.option(
            "--wallboard", is_flag=True, help="For a screen on the wall: large figures, no keys, every page in turn. [default: off]"
        )(command)
    )


def look_options(command: Decorated) -> Decorated:
    """How any dashboard looks."""
    command = click.option(
        "--theme",
        type=OneOf(THEMES),
        metavar="|".join((*OWN_THEMES, "NAME")),
        help="Colours for a dark or a light ground, or a theme of Textual. [default: dark]",
    )(command)
    return click.option("--ascii", is_flag=True, help="Draw with ASCII characters alone. [default: off]")(command)


def simulation_options(command: Decorated) -> Decorated:
    """What the simulated contact centre is like."""
    from chatmon.simulator.faults import FAULTS

    faults = ", ".join(f"{fault.name} ({fault.description})" for fault in FAULTS.values())
    declared = (
        click.option(
            "--chats",
            type=Number(1, MAX_CHATS, whole=True),
            metavar="N",
            default=DEFAULT_CHATS,
            help=f"Chats alive at once, about. [default: {DEFAULT_CHATS}]",
        ),
        click.option(
            "--seed",
            type=Number(0, 2**53, whole=True),
            metavar="N",
            help="The same number gives the same life. [default: a random one]",
        ),
        click.option(
            "--speed",
            type=Number(0.01, MAX_SPEED),
            metavar="X",
            default=1.0,
            help="Simulated seconds per second. [default: 1.0]",
        ),
        click.option(
            "--faults",
            "fault",
            type=OneOf(tuple(FAULTS)),
            metavar="NAME",
            default="none",
            help=f"How the API goes wrong: {faults}. [default: none]",
        ),
    )
    for option in reversed(declared):
        command = option(command)
    return command


def _declared(option: Option) -> Callable[[Decorated], Decorated]:
    names = [option.flag, option.name, *([option.short] if option.short else [])]
    if option.is_flag:
        return click.option(*names, is_flag=True, help=_help(option))
    # Texts are parsed where their origin is known, see `chatmon.config`.
    return click.option(
        *names,
        metavar=option.metavar,
        multiple=option.repeatable,
        type=str,
        shell_complete=_CANDIDATES.get(option.metavar),
        help=_help(option),
    )


_CANDIDATES: Final = {"FILE": files, "NAME": profiles}
"""What a shell offers, by what a value is called in the help."""


def _help(option: Option) -> str:
    default = "off" if option.is_flag else option.default or "none"
    variable = f"; env: {option.environment}" if option.environment else ""
    repeatable = " Repeatable." if option.repeatable else ""
    return f"{option.help}{repeatable} [default: {default}{variable}]"
