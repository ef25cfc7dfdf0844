"""`chatmon config`: what is in force and where it is from, where the configuration file is, and a first one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from chatmon.api.sanitise import clean
from chatmon.cli.options import shared_options
from chatmon.cli.running import emit, say
from chatmon.cli.usage import Command, Commands, OneOf, refuse
from chatmon.config import InvalidSetting, Origin, load, locate, resolve
from chatmon.paths import NoHomeFolder
from chatmon.private_files import write_new

if TYPE_CHECKING:
    from chatmon.config.in_force import InForce

FORMATS: Final = ("table", "json")
NOTHING: Final = "-"


@click.group(
    cls=Commands,
    invoke_without_command=True,
    epilog="""\b
Examples:
  chatmon config init
  chatmon config show --profile prod
  $EDITOR "$(chatmon config path)\"""",
)
@click.pass_context
def config(ctx: click.Context) -> None:
    """Show what is in force and where it is from; path; init."""
    if ctx.invoked_subcommand is None:
        emit([ctx.get_help()])


@config.command(
    cls=Command,
    epilog="""\b
Examples:
  chatmon config show --profile prod
  chatmon config show --format json""",
)
@click.option("--format", "style", type=OneOf(FORMATS), metavar="|".join(FORMATS), default="table", help="How to print. [default: table]")
@shared_options()
def show(style: str, **given: object) -> int:
    """Show every value in force and where it is from.

    Secrets are masked.
    """
    from chatmon.cli.dashboard import check_keys
    from chatmon.config.in_force import in_force
    from chatmon.config.sources import Sources

    try:
        configuration = load(given, os.environ)
        settings = list(in_force(Sources(given, os.environ, configuration), _default_history()))
        if any(setting.name == "url" and setting.value is not None for setting in settings):
            resolve(given, os.environ, configuration, reads_secrets=False)
    except InvalidSetting as error:
        refuse(str(error))
    check_keys(configuration)
    if configuration.warning:
        say(configuration.warning)
    emit(_json(settings) if style == "json" else _table(settings))
    return 0


@config.command(
    cls=Command,
    epilog="""\b
Examples:
  chatmon config path
  $EDITOR "$(chatmon config path)\"""",
)
@shared_options("config")
def path(**given: object) -> int:
    """Print where the configuration file is looked for; say whether it is there."""
    where, origin = _located(given)
    emit([clean(str(where))])
    say(f"the file is {'there' if where.exists() else 'not there; chatmon config init writes it'} (from: {origin})")
    return 0


@config.command(
    cls=Command,
    epilog="""\b
Examples:
  chatmon config init
  chatmon config init --config ./chatmon.toml""",
)
@shared_options("config")
def init(**given: object) -> int:
    """Write a first configuration file, never over one that is there.

    It holds every setting with its meaning and its default, commented out.
    """
    from chatmon.config.template import first_file
    from chatmon.ui.keymap import BINDINGS

    where, _ = _located(given)
    bindings = ((name, ",".join(dict.fromkeys(one.key for one in same)), str(same[0].tooltip)) for name, same in BINDINGS.items())
    try:
        write_new(where, first_file(bindings).encode())
    except FileExistsError:
        refuse(f"{clean(str(where))} is there already and stays as it is; name another with --config FILE")
    except OSError as error:
        refuse(f"{clean(str(where))} cannot be written: {error.strerror}; name another with --config FILE")
    emit([clean(str(where))])
    return 0


def _located(given: Mapping[str, object]) -> tuple[Path, Origin]:
    try:
        return locate(given, os.environ)
    except InvalidSetting as error:
        refuse(str(error))


def _default_history() -> Path | None:
    from chatmon.cli.history_file import default_path

    try:
        return default_path()
    except NoHomeFolder:
        return None


def _table(settings: Iterable[InForce]) -> list[str]:
    rows = [(setting.name, _shown(setting), str(setting.origin)) for setting in settings]
    names, values = (max(len(row[column]) for row in rows) for column in (0, 1))
    return [f"{clean(name):{names}}  {clean(value):{min(values, 48)}}  {clean(origin)}" for name, value, origin in rows]


def _json(settings: Iterable[InForce]) -> list[str]:
    from chatmon.cli.output import to_json

    listed = [
        {
            "name": setting.name,
            "value": setting.value,
            "layer": str(setting.origin.layer),
            "from": str(setting.origin),
            "problem": setting.problem,
        }
        for setting in settings
    ]
    return [to_json({"schema": 1, "settings": listed}, indent=2)]


def _shown(setting: InForce) -> str:
    import json

    value = NOTHING if setting.value is None else json.dumps(setting.value, ensure_ascii=False)
    return value if setting.problem is None else f"{value} ({setting.problem})"
