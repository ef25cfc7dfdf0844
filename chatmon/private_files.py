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
NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
"""What a file system says where a file has one name alone: vfat, and some of the network."""


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
            _move_to_free_place(Path(name), path)
    finally:
        with contextlib.suppress(OSError):
            Path(name).unlink(missing_ok=True)


def _move_to_free_place(source: Path, path: Path) -> None:
    """Raises `FileExistsError` where something is there, else OSError. What is at `source` may stay there, too."""
    try:
        os.link(source, path)  # fails, unlike a rename, where something is there
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
    else:
        return
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))  # an empty file of its own, which a rename may replace
    try:
        source.replace(path)
    except OSError:
        path.unlink(missing_ok=True)
        raise
