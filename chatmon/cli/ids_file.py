"""Reads the chat ids that standard input or a file holds, and says which one it is about without repeating what may be an id."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from io import UnsupportedOperation
from pathlib import Path
from typing import Final, TypeVar

from chatmon.api.sanitise import clean
from chatmon.cli.running import ended_by_exceptions
from chatmon.config import typed_path
from chatmon.detached import DetachedExecutor
from chatmon.monitor.chat_list import InvalidIds

Result = TypeVar("Result")

STANDARD_INPUT: Final = "-"
MAX_BYTES: Final = 16 * 1024 * 1024
"""Of a file with ids; what is larger is not one."""
READ_BYTES: Final = 1024 * 1024
SILENT_SECONDS: Final = 1.0
"""So long it is waited for the ids without a word."""
SETTINGS: Final = "--ids-file, CHATMON_IDS_FILE or ids_file in the profile"
"""What may have named the file, where that is not known."""

_KINDS: Final = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_LIKE_AN_ID: Final = re.compile(r"(?=[\w-]*[0-9])[\w-]{12,}")
_FILE_NAME: Final = re.compile(r"[^.].*\.[A-Za-z][A-Za-z0-9]{0,7}")
"""A name with an extension: no id of a chat has one (source: Genesys Web Services reference)."""


def is_regular(ids_file: str) -> bool:
    """Whether the ids are in a regular file; may wait for the disk."""
    return typed_path(ids_file).is_file()


def is_pipe(ids_file: str) -> bool:
    """Whether whoever reads the ids takes them away from everybody else; may wait for the disk."""
    return typed_path(ids_file).is_fifo()


def read_source(source: str, origin: str = SETTINGS) -> bytes:
    """All of standard input or of a file; may wait for whoever writes there. Raises `InvalidIds`; `origin` says what named the file."""
    if source == STANDARD_INPUT:
        name, content = "standard input", _standard_input()
    else:
        name, content = clean(source), _read(source, origin, follows=False)
    return _checked(name, content)


def read_followed(ids_file: str) -> bytes:
    """All of a file that was there before; never waits for whoever writes there. Raises `InvalidIds`, also where it is no regular file."""
    return _checked(clean(ids_file), _read(ids_file, None, follows=True))


def without_hanging(work: Callable[[], Result], source: str, say: Callable[[str], None]) -> Result:
    """Do what may wait for a disk or a writer for ever; signals end it, and `say` gets a line where it takes long.

    Raises what the work raises, KeyboardInterrupt, and SystemExit with 128 + signal.
    """
    executor = DetachedExecutor(1, "ids")
    future = executor.submit(work)
    executor.shutdown()
    with ended_by_exceptions():
        if not wait([future], SILENT_SECONDS).done:
            place = "standard input (Ctrl-D ends the list)" if source == STANDARD_INPUT else shown_name(source) or "their file"
            say(f"waiting for the chat ids from {place}; Ctrl-C ends chatmon")
        return future.result()


def shown_name(ids_file: str) -> str:
    """As much of a file's path as cannot be a chat id that was meant as an argument; empty where that is nothing."""
    path = typed_path(ids_file)
    is_name = bool(_FILE_NAME.fullmatch(path.name))
    candidates = [str(path), path.name] if is_name else [f"a file in {path.parent}"] if len(path.parts) > 1 else []
    return next((clean(text) for text in candidates if not _LIKE_AN_ID.search(text)), "")


def _standard_input() -> bytes:
    remedy = "give the chat ids there, or in a file with --ids-file FILE"
    if sys.stdin is None:  # as Python has it where there is none
        raise InvalidIds(f"standard input is closed; {remedy}")
    try:
        try:
            number = sys.stdin.fileno()
        except UnsupportedOperation:
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        # Python's own buffer is locked while it is read, and the interpreter cannot end then.
        return _read_all(number)
    except (OSError, ValueError):
        raise InvalidIds(f"standard input cannot be read; {remedy}") from None


def _read(ids_file: str, origin: str | None, *, follows: bool) -> bytes:
    path = typed_path(ids_file)
    with _errors_named(path, ids_file, origin):
        if follows:
            _check_regular(path, path.stat().st_mode)
        number = os.open(path, os.O_RDONLY | (os.O_NONBLOCK if follows else 0))
        try:
            if follows:
                _check_regular(path, os.fstat(number).st_mode)
            return _read_all(number)
        finally:
            os.close(number)


def _read_all(number: int) -> bytes:
    """What there is to read, up to one byte more than may be."""
    content = bytearray()
    while len(content) <= MAX_BYTES and (more := os.read(number, min(READ_BYTES, MAX_BYTES + 1 - len(content)))):
        content += more
    return bytes(content)


def _check_regular(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = next((kind for is_kind, kind in _KINDS if is_kind(mode)), "no file")
        raise InvalidIds(f"{clean(str(path))} is {kind}; give a file with one chat id a line")


def _checked(name: str, content: bytes) -> bytes:
    if len(content) > MAX_BYTES:
        raise InvalidIds(f"{name}: larger than {MAX_BYTES // 1024**2} MiB; give a file with one chat id a line")
    return content


@contextmanager
def _errors_named(path: Path, ids_file: str, origin: str | None) -> Iterator[None]:
    # A file that is followed was there: its name is that of a file.
    name = clean(str(path)) if origin is None else shown_name(ids_file)
    subject = f"{origin}: the file with the chat ids" if origin else "the file with the chat ids"
    named = f": {name}" if name else ""
    try:
        yield
    except InvalidIds:
        raise
    except FileNotFoundError:
        raise InvalidIds(f"{subject} does not exist{named}; check its name, or give ids as arguments") from None
    except IsADirectoryError:
        raise InvalidIds(f"{clean(str(path))} is a directory; give a file with one chat id a line") from None
    except PermissionError:
        raise InvalidIds(f"{clean(str(path))} may not be read; check its permissions") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such name is possible"
        raise InvalidIds(f"{subject} cannot be read ({reason}){named}; check its name, or give ids as arguments") from None
