"""The command line: `chatmon COMMAND`. Each command lives in a file of its own and imports what is heavy when it runs."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from importlib import import_module

import click

from chatmon.api.sanitise import clean
from chatmon.cli.completion import VARIABLE, answer_shell
from chatmon.cli.crash_reports import report_crashes
from chatmon.cli.fault_log import record_faults
from chatmon.cli.manual import POLLED
from chatmon.cli.running import emit, say, silence_what_is_gone, tolerate_encodings
from chatmon.cli.usage import PROGRAM, Commands
from chatmon.last_resort import heed_signals
from chatmon.paths import unset_empty_home

COMMANDS = ("watch", "demo", "poll", "serve", "simulate", "report", "replay", "export", "config", "completion")
"""Each is in the module of its name, under its name."""


class ImportedCommands(Commands):
    """Imports a command when it is asked for: no command waits for the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the names are the same everywhere
        """The commands in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of a name; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"chatmon.cli.{cmd_name}"), cmd_name)
        return command


def _print_versions(ctx: click.Context, _: click.Parameter, is_asked: bool) -> None:
    from chatmon.cli.versions import version_lines

    if is_asked and not ctx.resilient_parsing:
        emit(version_lines())
        ctx.exit()


@click.group(
    cls=ImportedCommands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    exit_codes=POLLED,
    epilog="""\b
Examples:
  chatmon demo
  chatmon watch --url https://gws.example.com --ids-file chats.ids
  chatmon poll --url https://gws.example.com --format json ID""",
)
@click.option(
    "-V",
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_versions,
    help="Show the version, and those that a bug report needs.",
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Watch many live customer chats at once, in the terminal.

    chatmon sends GET {API root}/chats/{id} and nothing else: it never disturbs a chat. (Transcripts, which may, are off unless a
    profile allows them and you ask for one.) The options of a command are in chatmon COMMAND --help.
    """
    if ctx.invoked_subcommand is None:
        emit([ctx.get_help()])


def main() -> None:
    """Run the command line and end the process with its exit code."""
    tolerate_encodings()
    unset_empty_home()
    heed_signals()
    # Libraries log to standard error where nobody listens, across whatever is drawn there.
    logging.getLogger().addHandler(logging.NullHandler())
    record_faults()
    reports = report_crashes()
    if VARIABLE in os.environ:
        sys.exit(answer_shell(cli))
    try:
        cli(prog_name=PROGRAM)
    finally:
        if reports.newest is not None:
            with suppress(OSError):  # nobody reads standard error any more
                say(f"a report of chatmon's own fault, without ids, names and texts, is in {clean(str(reports.newest))}")
        silence_what_is_gone()
