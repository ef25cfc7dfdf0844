"""Reads files that the user names, whatever they turn out to be: in bounded memory, and in bounded time from a pipe."""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from pathlib import Path
from typing import Final

PIPE_SECONDS: Final = 10.0
"""For so long something may come from a pipe or a device: `--config <(decrypt config)` is a pipe, too."""
_PORTION: Final = 64 * 1024


def read_at_most(path: Path, most: int) -> bytes:
    """The content of a file, its first `most` bytes at the most.

    Raises OSError where it cannot be read, and its `TimeoutError` for a pipe from which nothing comes.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        waits = not stat.S_ISREG(os.fstat(descriptor).st_mode)
        return _read(descriptor, most, time.monotonic() + PIPE_SECONDS if waits else None)
    finally:
        os.close(descriptor)


def _read(descriptor: int, most: int, deadline: float | None) -> bytes:
    content = bytearray()
    while len(content) < most:
        if deadline is not None and not select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise TimeoutError(errno.ETIMEDOUT, f"nothing came for {PIPE_SECONDS:g} s")
        portion = os.read(descriptor, min(_PORTION, most - len(content)))
        if not portion:
            break
        content += portion
    return bytes(content)


def why_unreadable(error: OSError | ValueError) -> str:
    """What keeps a file from being read, in words that go on after its name."""
    match error:
        case FileNotFoundError():
            return "does not exist"
        case IsADirectoryError():
            return "is a directory"
        case PermissionError():
            return "may not be read"
        case OSError(strerror=str() as reason):
            return f"cannot be read: {reason}"
    return "cannot be read"
