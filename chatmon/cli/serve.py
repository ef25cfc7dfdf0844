"""`chatmon serve`: the dashboard in a browser."""

from __future__ import annotations

import os
import re
import secrets
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import click
import msgspec
from click.core import ParameterSource

from chatmon.api.sanitise import clean
from chatmon.cli.dashboard import check_keys
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
from chatmon.cli.running import emit, run, say
from chatmon.cli.served import COMMAND, environment_of
from chatmon.cli.usage import Command, Number, refuse
from chatmon.config import OPTIONS, resolve_screen

if TYPE_CHECKING:
    from chatmon.config.screen import ScreenSettings
    from chatmon.monitor.pace import Pace

DEFAULT_PORT: Final = 8800
DEFAULT_VIEWERS: Final = 4
TOKEN: Final = "CHATMON_SERVE_TOKEN"
"""The environment variable with a token that stays the same from run to run."""
FONT_SIZE, WALL_FONT_SIZE = 16, 28
"""Pixels."""
LEAST_RATE: Final = 0.01
OF_DEMO: Final = frozenset({"chats", "seed", "speed", "fault"})
SHARED_WITH_DEMO: Final = frozenset({"interval", "idle_every", "max_rate", "privacy", "config"})
DIVIDED: Final = frozenset({"privacy", "max_rate", "max_concurrency"})
"""What is not handed on to a page's dashboard as it was given."""


class Served(msgspec.Struct, frozen=True):
    """What was asked to be served: a command with its arguments, how it polls, and how it looks."""

    arguments: tuple[str, ...]
    pace: Pace
    screen: ScreenSettings
    is_private: bool


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  chatmon serve --url https://gws.example.com --ids-file chats.ids
  chatmon serve --host 0.0.0.0 --wallboard --ids-file chats.ids
  chatmon serve --demo --port 0

Prints the address to open, with a token at its end. CHATMON_SERVE_TOKEN holds one that stays the same from run to run.
Every open page is a dashboard that polls by itself: --max-rate is divided by --max-viewers. It records nothing, runs no
on_alarm and keeps no screen, but knows what a history has: let chatmon poll --follow --history record beside it.
?fontsize=24 in the address makes the letters larger. Ends with Ctrl-C (130) or SIGTERM (143).""",
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
@shared_options()
@screen_options
@simulation_options
@click.pass_context
def serve(
    ctx: click.Context,
    ids: tuple[str, ...],
    host: str,
    port: int,
    public_url: str | None,
    max_viewers: int,
    no_privacy: bool,
    demo: bool,
    **given: object,
) -> int:
    """The dashboard in a browser, or on a screen on the wall.

    It listens on this machine alone unless told otherwise; beyond it, pseudonyms stand for names and ids.
    """
    try:
        import textual_serve  # noqa: F401 - looked for before anything else is said
    except ImportError:
        refuse("serve needs the extra serve, which is not installed; pip install 'chatmon[serve]'")
    from chatmon.web.admission import Admission, is_loopback

    if no_privacy and given["privacy"]:
        refuse("--privacy and --no-privacy contradict each other; give one of them")
    public_url = _checked(public_url)
    asked = _demo(ctx, ids, given) if demo else _watch(ctx, ids, given)
    is_elsewhere = not is_loopback(host) or bool(public_url)
    privacy = not no_privacy and (asked.is_private or is_elsewhere)
    token = _token()
    listening = _listen(host, port)
    address, port = listening.getsockname()[:2]
    admission = Admission(token, _own_names(host), public_url)
    shown = public_url or f"http://{_written(host, address)}:{port}"
    if is_elsewhere:
        say("it can be reached from elsewhere: whoever has the address sees " + ("pseudonyms" if privacy else "names and chat ids"))
    arguments = (*asked.arguments, *_share(asked.pace, max_viewers, demo=demo))
    return run(_serve(admission, arguments, asked.screen, listening, f"{shown}/?token={token}", max_viewers, privacy=privacy))


async def _serve(
    admission: Admission,
    arguments: tuple[str, ...],
    screen: ScreenSettings,
    listening: socket.socket,
    address: str,
    max_viewers: int,
    *,
    privacy: bool,
) -> int:
    from chatmon.web.server import BoardServer, Look
    from chatmon.web.viewer import Program

    program = Program(COMMAND, environment_of(arguments, privacy=privacy))
    look = Look(WALL_FONT_SIZE if screen.wallboard else FONT_SIZE, is_dark="light" not in screen.theme, is_wall=screen.wallboard)
    # Cookies belong to a host, whatever the port.
    server = BoardServer(admission, program, look, max_viewers=max_viewers, cookie=f"chatmon-{listening.getsockname()[1]}")
    await server.serve(listening, lambda: emit([address]))
    return 0


def _watch(ctx: click.Context, ids: tuple[str, ...], given: Mapping[str, object]) -> Served:
    """The dashboard over live chats. UsageError where it would refuse to begin."""
    if astray := [name for name in OF_DEMO if _is_given(ctx, name)]:
        refuse(f"--{_typed(astray[0])} is for --demo; leave it out, or give --demo")
    asked = watched(ids, given, follows=True, takes_input=False)
    settings = asked.settings
    check_keys(settings.configuration)
    return Served(("watch", *_handed_on(given), "--", *ids), settings.pace, settings.screen, settings.privacy)


def _demo(ctx: click.Context, ids: tuple[str, ...], given: Mapping[str, object]) -> Served:
    """The demo. UsageError where it would refuse to begin."""
    from chatmon.cli.simulation import any_seed

    if ids:
        refuse("--demo has chats of its own; leave the ids out")
    astray = [option for option in OPTIONS if option.name not in SHARED_WITH_DEMO and given.get(option.name)]
    if astray:
        refuse(f"--demo talks to no Chat API and records nothing; leave {astray[0].flag} out")
    configuration = configuration_of_all(given)
    check_keys(configuration)
    simulation = {name: given[name] for name in ("chats", "speed")} | {"faults": given["fault"]}
    simulation["seed"] = any_seed() if given["seed"] is None else given["seed"]
    arguments = ("demo", *(f"--{name}={value}" for name, value in simulation.items()), *_handed_on(given))
    return Served(arguments, pace(given), resolve_screen(given, configuration), is_private(given, configuration))


def _is_given(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _typed(name: str) -> str:
    return "faults" if name == "fault" else name


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
    rate = pace.max_rate / viewers
    if rate < LEAST_RATE:
        refuse(f"--max-rate is too little for {viewers} pages; give a higher one, or fewer --max-viewers")
    share = [f"--max-rate={rate!r}"]
    return share if demo else [*share, f"--max-concurrency={max(1, pace.max_concurrency // viewers)}"]


def _token() -> str:
    token = os.environ.pop(TOKEN, "") or secrets.token_urlsafe(24)
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,200}", token):
        refuse(f"{TOKEN} needs 16 letters or more, of A-Z, a-z, 0-9, - and _; python -c 'import secrets; print(secrets.token_urlsafe())'")
    return token


def _checked(public_url: str | None) -> str:
    from urllib.parse import urlsplit

    if not public_url:
        return ""
    try:
        parts = urlsplit(public_url)
        fits = parts.scheme in {"http", "https"} and parts.hostname and not (parts.query or parts.fragment or parts.username)
    except ValueError:
        fits = False
    if not fits:
        refuse("--public-url needs an address like https://board.example.com")
    return public_url.rstrip("/")


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


def _written(host: str, address: str) -> str:
    """The host as it stands in the address to open."""
    if address in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not listened on
        return clean(socket.gethostname())
    return f"[{host}]" if ":" in host else clean(host)
