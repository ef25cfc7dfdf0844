"""What the help of every command says beside its options: exit codes, and the files and environment variables that it knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from inspect import cleandoc
from pathlib import Path
from typing import Any, Final

import click

from chatmon.cli.running import ENDED_BY_PIPE, INTERRUPTED, NOTHING_REACHED, OK, OWN_FAULT, SOME_CHAT_NOT_OK
from chatmon.paths import NoHomeFolder, config_folder, log_folder, typed_path

WRONG_USAGE: Final = 2

ExitCodes = Mapping[int, str]
Rows = list[tuple[str, str]]

EXIT_CODES: Final[ExitCodes] = {
    OK: "done",
    WRONG_USAGE: "wrong usage or configuration, or a file that cannot be used",
    OWN_FAULT: "a fault of chatmon's own",
    INTERRUPTED: "interrupted",
}
"""Those of a command that declares no others."""
POLLED: Final[ExitCodes] = {
    **EXIT_CODES,
    OK: "every chat ok",
    SOME_CHAT_NOT_OK: "some chat not ok",
    NOTHING_REACHED: "no chat could be reached",
}
"""Those of a command that polls a round."""
DRAWN: Final[ExitCodes] = {**EXIT_CODES, OK: "ended with q; without a terminal the codes are those of chatmon poll"}
"""Those of a dashboard."""
PRINTED: Final[ExitCodes] = {**EXIT_CODES, OK: "all is printed", ENDED_BY_PIPE: "nobody read on"}
"""Those of a command that prints much."""


class Manual(click.Command):
    """A command whose help ends with its exit codes, files and environment variables; `exit_codes` are what each of them means."""

    def __init__(self, *arguments: Any, exit_codes: ExitCodes = EXIT_CODES, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.exit_codes = exit_codes

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, and then the sections that have something in them."""
        if self.epilog:
            formatter.write_paragraph()
            formatter.write_text(cleandoc(self.epilog))
        names = {parameter.name for parameter in self.get_params(ctx) if parameter.name is not None}
        for title, rows in self._sections(names):
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def _sections(self, options: set[str]) -> Iterator[tuple[str, Rows]]:
        yield "Environment", [(name, meaning) for option, name, meaning in _ENVIRONMENT if option in options]
        yield "Files", list(_files(options))
        yield "Exit codes", [(str(code), meaning) for code, meaning in sorted(self.exit_codes.items())]


_ENVIRONMENT: Final = (
    ("header", "CHATMON_API_KEY", "The apikey header, so that it is in no process list."),
    ("ascii", "NO_COLOR", "Draw without colours, whatever it is set to."),
    ("ascii", "TERM", "What the terminal can do; dumb ones get lines."),
)
"""By the option that a command has: variables that stand beside no option of their own."""


def _files(options: set[str]) -> Iterator[tuple[str, str]]:
    from chatmon.cli.crash_reports import crash_folder
    from chatmon.cli.history_file import default_path
    from chatmon.config.configuration import FILE_NAME

    if "config" in options:
        yield _shown(lambda: config_folder() / FILE_NAME), "The configuration; chatmon config init writes a first one."
    if "history" in options:
        yield _shown(default_path), "What chatmon watch records."
    if "version" in options:
        yield _shown(lambda: log_folder() / "chatmon.log"), "What went wrong in chatmon itself."
        yield _shown(crash_folder), "Reports of that, to be sent to whoever mends it."


def _shown(place: Callable[[], Path]) -> str:
    """A path as one would type it."""
    try:
        path = place()
    except NoHomeFolder:
        return "(no home folder)"
    home = typed_path("~")
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
