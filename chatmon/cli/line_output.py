"""Where many lines go: standard output or a file, in whole lines whatever ends the command."""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from chatmon.cli.running import ended_by_exceptions, silence_output, writing
from chatmon.cli.usage import refuse
from chatmon.config import typed_path
from chatmon.private_files import beside

WriteLines = Callable[[Iterable[str]], None]

AT_ONCE: Final = getattr(select, "PIPE_BUF", 4_096)
"""Bytes that a pipe takes wholly or not at all (POSIX, write)."""


@contextmanager
def line_output(path: Path | None, *, over_another: bool) -> Iterator[WriteLines]:
    """What takes lines: for standard output, or for a file that is moved to its place when all is written.

    SIGTERM and SIGHUP end the block as Ctrl-C does, so that nothing is left behind. UsageError where the file cannot be written, or is
    there by now and not to be replaced.
    """
    with ended_by_exceptions():
        if path is None:
            yield write_whole_lines
        else:
            with _file_errors(), beside(path, over_another=over_another) as file:
                yield lambda lines: file.writelines(f"{line}\n".encode("utf-8", "backslashreplace") for line in lines)


def write_whole_lines(lines: Iterable[str]) -> None:
    """Print lines on standard output, never a part of one as far as a line fits into `AT_ONCE`. Raises as `emit` does."""
    for piece in _pieces(lines):
        with writing():
            try:
                click.echo(piece)
            except (KeyboardInterrupt, SystemExit):
                silence_output()  # which would else get the rest in the end, and wait for its reader
                raise


def _pieces(lines: Iterable[str]) -> Iterator[str]:
    """The lines in texts that are as long as can be written at once."""
    piece: list[str] = []
    size = 0
    for line in lines:
        length = 1 + (len(line) if line.isascii() else len(line.encode("utf-8", "backslashreplace")))
        if piece and size + length > AT_ONCE:
            yield "\n".join(piece)
            piece, size = [], 0
        piece.append(line)
        size += length
    if piece:
        yield "\n".join(piece)


def output_path(output: str | None, *, over_another: bool, history: Path) -> Path | None:
    """Where `--output` has it written to, None for standard output; `over_another` is `--force`.

    UsageError, before anything is read, where that cannot be. A file's name may be a chat's id and is not repeated.
    """
    if output is None:
        if over_another:
            refuse("--force replaces the file that --output names; give it too")
        return None
    path = typed_path(output)
    with _file_errors():
        if not path.parent.is_dir():
            refuse("--output lies in a folder that does not exist")
        if path.is_dir():
            refuse("--output is a folder; the name of a file is meant")
        if os.path.lexists(path) and not path.is_file():
            refuse("--output is there already and no file; without --output it goes to standard output")
        if path.is_file() and history.exists() and path.samefile(history):
            refuse("--output is the history itself")
        if path.is_file() and not over_another:
            refuse("--output is there already and stays as it is; --force replaces it")
    return path


@contextmanager
def _file_errors() -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        refuse("--output is there by now and stays as it is; --force replaces it")
    except OSError as error:
        refuse(f"--output cannot be written: {error.strerror}")
