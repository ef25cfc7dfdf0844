"""`chatmon serve`: the dashboard in a browser."""

from __future__ import annotations

import os
import re
import secrets
import socket
from collections.abc import Mapping
from importlib.util import find_spec
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

import click
import msgspec
from click.core import ParameterSource

from chatmon.api.sanitise import clean
from chatmon.cli.dashboard import check_keys
from chatmon.cli.manual import EXIT_CODES
from chatmon.cli.options import (
    configuration_of_all,
    ids_argument,
    is_private,
    pace,
    screen_options,
    shared_options,
    simulation_options,
    watched,
)
from chatmon.cli.running import OK, TERMINATED, emit, run, say
from chatmon.cli.served import COMMAND, environment_of
from chatmon.cli.usage import Command, Number, refuse
from chatmon.config import OPTIONS, resolve_screen
from chatmon.last_resort import last_resort

if TYPE_CHECKING:
    from chatmon.config.screen import ScreenSettings
    from chatmon.monitor.pace import Pace
    from chatmon.web.server import Look

DEFAULT_PORT: Final = 8800
DEFAULT_VIEWERS: Final = 4
TOKEN: Final = "CHATMON_SERVE_TOKEN"
"""The environment variable with a token that stays the same from run to run."""
FONT_SIZE, WALL_FONT_SIZE = 16, 28
"""Pixels."""
LEAST_RATE: Final = 0.01
OF_DEMO: Final = {"chats": "--chats", "seed": "--seed", "speed": "--speed", "fault": "--faults"}
SHARED_WITH_DEMO: Final = frozenset({"interval", "idle_every", "max_rate", "privacy", "config"})
DIVIDED: Final = frozenset({"privacy", "max_rate", "max_concurrency"})
"""What is not handed on to a page's dashboard as it was given."""
OF_PAGES: Final = tuple(option.name for option in OPTIONS if option.name != "metrics")
"""What a page's dashboard takes: only one of several could listen for whoever reads metrics."""


class Served(msgspec.Struct, frozen=True):
    """What was asked to be served: a command with its options, how it polls, how it looks, and the chats that were named."""

    command: tuple[str, ...]
    pace: Pace
    screen: ScreenSettings
    is_private: bool
    ids: tuple[str, ...] = ()


@click.command(
    cls=Command,
    exit_codes={**EXIT_CODES, OK: "ended with SIGTERM, as servers are"},
    epilog="""\b
Examples:
  chatmon serve --url https://gws.example.com --ids-file chats.ids
  chatmon serve --host 0.0.0.0 --wallboard --ids-file chats.ids
  chatmon serve --demo --port 0

The address to open is printed, with a token at its end; CHATMON_SERVE_TOKEN is one that stays the
same from run to run. Every open page polls by itself: --max-rate is divided by --max-viewers.
Pages record nothing, run no on_alarm and keep no screen; what a history has they know.
&fontsize=24 at the end of the address makes letters larger.""",
)
@ids_argument
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", help="The address to listen on. [default: 127.0.0.1]")
@click.option(
    "--port",
    type=Number(0, 65_535, whole=True),
    metavar="N",
    default=DEFAULT_PORT,
    help=f"The port to listen on; 0: any free one. [default: {DEFAULT_PORT}]",
)
@click.option("--public-url", metavar="URL", help="Where another server, for HTTPS, shows this one. [default: none]")
@click.option(
    "--max-viewers",
    type=Number(1, 100, whole=True),
    metavar="N",
    default=DEFAULT_VIEWERS,
    help=f"Pages open at a time. [default: {DEFAULT_VIEWERS}]",
)
@click.option("--no-privacy", is_flag=True, help="Show names and ids also beyond this machine. [default: pseudonyms there]")
@click.option("--demo", is_flag=True, help="A simulated contact centre for each page. [default: off]")
@shared_options(*OF_PAGES)
@screen_options
@simulation_options
def serve(
    ids: tuple[str, ...], host: str, port: int, public_url: str | None, max_viewers: int, no_privacy: bool, demo: bool, **given: object
) -> int:
    """The dashboard in a browser, or on a screen on the wall.

    It listens on this machine alone unless told otherwise; beyond it, pseudonyms stand for names and ids.
    """
    if find_spec("textual_serve") is None:
        refuse("serve needs the extra serve, which is not installed; pip install -e '.[serve]' in its folder")
    from chatmon.web.admission import Admission, is_loopback

    if no_privacy and given["privacy"]:
        refuse("--privacy and --no-privacy contradict each other; give one of them")
    shown_at = _checked(public_url)
    token = _token()
    asked = _demo(ids, given) if demo else _watch(ids, given)
    arguments = (*asked.command, *_share(asked.pace, max_viewers, demo=demo), "--", *asked.ids)
    is_elsewhere = not is_loopback(host) or bool(shown_at)
    privacy = not no_privacy and (asked.is_private or is_elsewhere)
    listening = _listen(host, port)
    if is_elsewhere:
        say(f"it can be reached from elsewhere: whoever has the address sees {'pseudonyms' if privacy else 'names and chat ids'}")
    address = f"{shown_at or _address(host, listening)}/?token={token}"
    admission = Admission(token, _own_names(host), shown_at)
    environment = environment_of(arguments, privacy=privacy)

    async def work() -> int:
        from chatmon.web.server import BoardServer
        from chatmon.web.viewer import Program

        program = Program(COMMAND, environment)
        # Cookies belong to a host, whatever the port.
        cookie = f"chatmon-{listening.getsockname()[1]}"
        server = BoardServer(admission, program, _look(asked.screen), max_viewers=max_viewers, cookie=cookie)
        await server.serve(listening, lambda: emit([address]), say)
        return OK

    last_resort.succeeds_at_sigterm = True
    code = run(work())
    return OK if code == TERMINATED else code


def _look(screen: ScreenSettings) -> Look:
    from chatmon.web.server import Look

    size = WALL_FONT_SIZE if screen.wallboard else FONT_SIZE
    return Look(size, is_dark="light" not in screen.theme, is_wall=screen.wallboard)


def _watch(ids: tuple[str, ...], given: Mapping[str, object]) -> Served:
    """The dashboard over live chats. UsageError where it would refuse to begin."""
    if astray := [option for name, option in OF_DEMO.items() if _is_given(name)]:
        refuse(f"{astray[0]} is for --demo; leave it out, or give --demo")
    asked = watched(ids, given, follows=True, takes_input=False)
    settings = asked.settings
    check_keys(settings.configuration)
    return Served(("watch", *_handed_on(given)), settings.pace, settings.screen, settings.privacy, ids)


def _demo(ids: tuple[str, ...], given: Mapping[str, object]) -> Served:
    """The demo. UsageError where it would refuse to begin."""
    from chatmon.cli.simulation import any_seed

    if ids:
        refuse("--demo has chats of its own; leave the ids out")
    astray = [option for option in OPTIONS if option.name not in SHARED_WITH_DEMO and given.get(option.name)]
    if astray:
        refuse(f"--demo talks to no Chat API and records nothing; leave {astray[0].flag} out")
    configuration = configuration_of_all(given)
    check_keys(configuration)
    seed = any_seed() if given["seed"] is None else given["seed"]  # every page gets the same
    simulation = (f"{option}={seed if name == 'seed' else given[name]}" for name, option in OF_DEMO.items())
    command = ("demo", *simulation, *_handed_on(given))
    return Served(command, pace(given), resolve_screen(given, configuration), is_private(given, configuration))


def _is_given(name: str) -> bool:
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def _handed_on(given: Mapping[str, object]) -> list[str]:
    """The options as they were given: where a value is kept elsewhere, it is read from there by whoever needs it."""
    options: list[str] = []
    for option in OPTIONS:
        value = given.get(option.name)
        if not value or option.name in DIVIDED:
            continue
        if option.is_flag:
            options.append(option.flag)
        else:
            options += [f"{option.flag}={one}" for one in (value if isinstance(value, tuple) else (value,))]
    options += [f"--theme={given['theme']}"] if given["theme"] else []
    return [*options, *(f"--{name}" for name in ("ascii", "wallboard") if given[name])]


def _share(pace: Pace, viewers: int, *, demo: bool) -> list[str]:
    """What one of so many dashboards may ask of the server, so that all together ask no more than one."""
    rate, connections = pace.max_rate / viewers, pace.max_concurrency // viewers
    if rate < LEAST_RATE or not connections:
        limit = "--max-concurrency" if rate >= LEAST_RATE else "--max-rate"
        refuse(f"{limit} is too little for {viewers} pages; give a higher one, or fewer --max-viewers")
    share = [f"--max-rate={rate!r}"]
    return share if demo else [*share, f"--max-concurrency={connections}"]


def _token() -> str:
    token = os.environ.pop(TOKEN, "") or secrets.token_urlsafe(24)
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,200}", token):
        refuse(f"{TOKEN} needs 16 letters or more, of A-Z, a-z, 0-9, - and _; python -c 'import secrets; print(secrets.token_urlsafe())'")
    return token


def _checked(public_url: str | None) -> str:
    from chatmon.web.admission import as_browsers_write

    if not public_url:
        return ""
    try:
        return as_browsers_write(public_url)
    except ValueError:
        refuse("--public-url needs an address like https://board.example.com")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, UnicodeError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "not a usable address"
        refuse(f"cannot listen on port {port} of that host: {reason}; choose another --port (0: any free one) or --host")


def _own_names(host: str) -> frozenset[str]:
    """The names by which this machine may be asked for."""
    return frozenset(name.lower() for name in (host, socket.gethostname(), socket.gethostname().partition(".")[0]))


def _address(host: str, listening: socket.socket) -> str:
    """The address to open: where it listens, or, where that is everywhere, the name of this machine."""
    name, port = listening.getsockname()[:2]
    if ip_address(name).is_unspecified:
        host = clean(socket.gethostname())
    return f"http://[{host}]:{port}" if ":" in host else f"http://{clean(host)}:{port}"
