"""Wrong usage in one line: what is wrong, what to do, and never a word that may be a chat id or a secret."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import click

from chatmon.api.sanitise import clean
from chatmon.cli.manual import Manual
from chatmon.cli.running import ENDED_BY_PIPE, INTERRUPTED, OWN_FAULT, silence_output, writing
from chatmon.config import Bounds, nearest
from chatmon.monitor.own_fault import tell_own_fault

if TYPE_CHECKING:
    _Choice = click.Choice[str]
    _NumberType = click.ParamType[float]
else:  # generic only in later versions of click
    _Choice, _NumberType = click.Choice, click.ParamType

PROGRAM = "chatmon"
_OPTION = re.compile(r"-[a-zA-Z]|--[a-z-]{1,30}")


class Command(Manual):
    """A command that refuses surplus arguments without repeating them."""

    allow_extra_args = True  # they are refused below

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; UsageError where something is left over."""
        with writing():  # the help
            rest = super().parse_args(ctx, args)
        if ctx.args and not ctx.resilient_parsing:
            raise click.UsageError(f"{self.name} takes options only, no further words", ctx)
        return rest


class Commands(Manual, click.Group):
    """The group of all commands: every mistake becomes one line on standard error and exit code 2."""

    command_class = Command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; `CannotWrite` where help or version cannot be written."""
        with writing():
            return super().parse_args(ctx, args)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant; UsageError with the nearest one where there is none of that name."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise click.UsageError(f"no such command{nearest(args[0], self.list_commands(ctx))}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Whoever reads standard output may leave at any time: that is no mistake."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            silence_output()
            return ENDED_BY_PIPE

    def main(  # type: ignore[override]  # the overloads that click declares say no more than this
        self, args: Sequence[str] | None = None, prog_name: str | None = None, *, standalone_mode: bool = True, **extra: Any
    ) -> Any:
        """Run as `click.Group.main` does, except for how mistakes and interruption end."""
        if not standalone_mode:
            return super().main(args, prog_name, standalone_mode=False, **extra)
        sys.exit(self._exit_code(args, prog_name, **extra))

    def _exit_code(self, args: Sequence[str] | None, prog_name: str | None, **extra: Any) -> int:
        try:
            code = super().main(args, prog_name, standalone_mode=False, **extra)
        except click.ClickException as error:
            click.echo(f"{PROGRAM}: {one_line(error)}", err=True)
            return error.exit_code
        except (KeyboardInterrupt, click.Abort):
            return INTERRUPTED
        except Exception as error:  # noqa: BLE001 - Python would print the exception's text, which may hold anything
            click.echo(f"{PROGRAM}: {tell_own_fault('a command ended unexpectedly', error)}", err=True)
            return OWN_FAULT
        return code if isinstance(code, int) else 0


class OneOf(_Choice):
    """One of a few words; the refusal names the nearest and does not repeat what was typed."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word; BadParameter where it is none of them."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            words = [str(choice) for choice in self.choices]
            raise click.BadParameter(f"is one of {', '.join(words)}{nearest(str(value), words)}", ctx, param) from None


class Number(_NumberType):
    """A number within bounds, whole or not."""

    name = "number"

    def __init__(self, low: float, high: float, *, whole: bool = False) -> None:
        self._bounds = Bounds(low, high, whole)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; BadParameter where it is none or out of bounds."""
        try:
            number = self._bounds.parse(str(value))
        except ValueError as error:
            raise click.BadParameter(str(error), ctx, param) from None
        return int(number) if self._bounds.whole else number


def refuse(message: str) -> NoReturn:
    """End with a usage error that says this."""
    raise click.UsageError(message)


def one_line(error: click.ClickException) -> str:
    """What is wrong and what to do."""
    context = getattr(error, "ctx", None)
    match error:
        case click.NoSuchOption():
            name = error.option_name if _OPTION.fullmatch(error.option_name) else "of that name"
            message = f"no option {name}{nearest(error.option_name, _options(context))}"
        case click.MissingParameter() if error.param is not None:
            message = f"{error.param.metavar or max(error.param.opts, key=len)} is missing"
        case click.BadParameter() if error.param is not None:
            message = f"{max(error.param.opts, key=len)} {error.message}"
        case click.BadOptionUsage():
            message = f"{error.option_name}: {_without_value(error)}"
        case _:
            message = error.format_message()
    if isinstance(error, click.UsageError) and "; " not in message and "?" not in message:
        message = f"{message}; see {context.command_path if context else PROGRAM} --help"
    return clean(" ".join(message.split()))


def _without_value(error: click.BadOptionUsage) -> str:
    return "takes no value" if "does not take" in error.message else "needs a value"


def _options(context: click.Context | None) -> list[str]:
    return [] if context is None else [name for parameter in context.command.params for name in parameter.opts if name.startswith("--")]
