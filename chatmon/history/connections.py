"""This process's connections to history files, and the descriptors that may only be closed with the last of them.

A process that closes any descriptor of a file loses all its POSIX locks on that file, SQLite's among them: another program would then
take the WAL away from a running recorder. Between its own connections SQLite sees to that itself. So whatever else this process opens of
a history is opened and closed here. Source: sqlite.org, "How To Corrupt An SQLite Database File", 2.2.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from weakref import WeakSet

Identity = tuple[int, int]
"""Device and inode of a file: the same under each of its names."""

Stamp = tuple[int, int, int, int]
"""Device, inode, size, and time of the last change: another one where a file is another, or was written to."""

_mutex: Final = threading.RLock()
_connections: Final[defaultdict[Identity, WeakSet[Connection]]] = defaultdict(WeakSet)
_closed_with_the_last: Final[defaultdict[Identity, list[int]]] = defaultdict(list)


class Connection(sqlite3.Connection):
    """A connection that is known of until it is closed; `close_all` may do that, though not while somebody has `in_use`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.in_use = threading.Lock()
        self.is_closed = False
        self.identity: Identity | None = None

    def close(self) -> None:
        with _mutex:
            super().close()
            self.is_closed = True
            if self.identity is not None:
                _connections[self.identity].discard(self)
                _close_descriptors(self.identity)


def identity_of(path: Path) -> Identity | None:
    """The identity of the file at a path; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def stamp_of(path: Path) -> Stamp | None:
    """The stamp of the file at a path; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def connect(path: Path, options: str, *, busy_seconds: float) -> Connection:
    """A connection in autocommit mode, for any thread, one at a time. Raises `sqlite3.Error`.

    `options` are those of SQLite's URIs; another program may lock the file for `busy_seconds` before that is an error.
    """
    with _mutex:
        connection = sqlite3.connect(
            f"{path.as_uri()}?{options}",
            uri=True,
            timeout=busy_seconds,
            isolation_level=None,
            check_same_thread=False,
            factory=Connection,
        )
        connection.identity = identity_of(path)
        if connection.identity is not None:
            _connections[connection.identity].add(connection)
    connection.text_factory = _text_of  # a byte that the disk turned costs one letter, not the file
    return connection


def close_all(identity: Identity) -> None:
    """Close every connection of this process to a file; none is opened meanwhile. Whoever reads has to open another one."""
    with _mutex:
        for connection in tuple(_connections.get(identity, ())):
            with connection.in_use:
                connection.close()


@contextmanager
def unopened(path: Path) -> Iterator[bool]:
    """Whether this process has no connection to a file. None is opened during the block: the file may be opened and closed in it."""
    with _mutex:
        identity = identity_of(path)
        yield identity is None or not _connections.get(identity)


def close_descriptor(descriptor: int, identity: Identity) -> None:
    """Close a descriptor of a history or of what lies beside it, with the last connection to the history if there is one."""
    with _mutex:
        _closed_with_the_last[identity].append(descriptor)
        _close_descriptors(identity)


def _close_descriptors(identity: Identity) -> None:
    if _connections.get(identity):
        return
    _connections.pop(identity, None)
    for descriptor in _closed_with_the_last.pop(identity, ()):
        os.close(descriptor)


def _text_of(written: bytes) -> str:
    return written.decode("utf-8", "replace")
