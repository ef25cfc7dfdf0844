"""Files and folders that their owner alone can read, whatever the umask is."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def make_folder(path: Path) -> None:
    """Make a folder, and those it lies in as far as they are missing. Raises OSError, also where something else is there."""
    # `Path.mkdir` would make those it lies in as the umask has it.
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    if not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))


def opener(path: str, flags: int) -> int:
    """Opens a file for `open`, and makes it where there is none."""
    return os.open(path, flags, FILE_MODE)


def write_new(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all, and its folder. Raises `FileExistsError` where there is something already, else OSError."""
    with beside(path, over_another=False) as file:
        file.write(content)


def replace(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all, in the place of what there is, and its folder. Raises OSError and then leaves that as it was."""
    with beside(path, over_another=True) as file:
        file.write(content)


@contextlib.contextmanager
def beside(path: Path, *, over_another: bool) -> Iterator[IO[bytes]]:
    """A file beside its place, to be written to; moved there at the end of the block, and gone where the block raises something.

    Raises OSError, without `over_another` a `FileExistsError` where there is something by then.
    """
    make_folder(path.parent)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if over_another:
            Path(name).replace(path)
        else:
            os.link(name, path)  # fails, unlike a rename, where something is there
    finally:
        with contextlib.suppress(OSError):
            Path(name).unlink(missing_ok=True)
