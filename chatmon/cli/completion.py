"""`chatmon completion`: the script with which a shell completes what is typed, and the answers that it asks for."""

from __future__ import annotations

import os
from contextlib import redirect_stderr
from pathlib import Path
from typing import Final

import click

from chatmon.cli.running import OK, emit
from chatmon.cli.usage import PROGRAM, Command, OneOf
from chatmon.monitor.own_fault import tell_own_fault

SHELLS: Final = ("bash", "zsh", "fish")
VARIABLE: Final = "_CHATMON_COMPLETE"
"""The environment variable with which a shell asks."""
NO_ANSWER: Final = 1


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  eval "$(chatmon completion bash)"       in ~/.bashrc
  eval "$(chatmon completion zsh)"        in ~/.zshrc, after compinit
  chatmon completion fish | source        in ~/.config/fish/config.fish""",
)
@click.argument("shell", type=OneOf(SHELLS), metavar="|".join(SHELLS))
def completion(shell: str) -> int:
    """Print the script that lets a shell complete a line.

    It offers commands, options, their values, files, profiles, and the newest 50 chats of the history; with privacy in force no chats.
    bash needs to be of version 4.4 or later.
    """
    from click.shell_completion import get_completion_class

    from chatmon.cli.main import cli

    of_shell = get_completion_class(shell)
    assert of_shell is not None
    emit([of_shell(cli, {}, PROGRAM, VARIABLE).source().rstrip("\n")])
    return OK


def answer_shell(commands: click.Group) -> int:
    """Print what the shell asks for, nothing where it cannot be told, and on standard error nothing at all; the exit code.

    The user is typing a line: whatever is wrong is said when it is run.
    """
    from click.shell_completion import shell_complete

    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stderr(nowhere):
        try:
            return shell_complete(commands, {}, PROGRAM, VARIABLE, os.environ[VARIABLE])
        except (click.ClickException, click.exceptions.Exit, click.Abort, KeyError, ValueError, OSError):
            return NO_ANSWER  # the line makes no sense yet, or the shell asks what nobody knows
        except Exception as error:  # noqa: BLE001 - it is written to a report, and shown nowhere
            tell_own_fault("a shell could not be answered", error)
            return NO_ANSWER
