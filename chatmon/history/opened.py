"""A history file that is open to be written."""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack
from pathlib import Path

from chatmon.history.connections import Identity, close_all, identity_of
from chatmon.history.files_on_disk import FilesOnDisk


class OpenedHistory:
    """A file that this program alone writes to, until `locks` are released. `identity` is that of the file that is locked.

    `guard` is a second connection, which only reads. SQLite's last connection to a file moves the WAL into it: while there is the guard,
    the one that writes is not the last, and the guard cannot.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, guard: sqlite3.Connection, identity: Identity) -> None:
        self.connection = connection
        self.locks = ExitStack()
        self._guard = guard
        self._path = path
        self._identity = identity
        self._files: FilesOnDisk | None = None
        (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
        if journal == "wal" and hasattr(os, "pread"):
            self._files = FilesOnDisk(path, identity)

    @property
    def is_in_place(self) -> bool:
        """Whether the file and what belongs to it are still there under their names."""
        return identity_of(self._path) == self._identity and (self._files is None or self._files.are_in_place)

    def begin(self) -> None:
        """Begin a transaction that writes. Raises `sqlite3.Error`, and `HistoryError` where another program overwrote what is there."""
        if self._files is not None:
            self._files.mend_index()
        self.connection.execute("BEGIN IMMEDIATE")
        if self._files is not None:
            self._files.check()

    def close(self) -> None:
        """Move the WAL into the file, close it, and let others write to it. Raises `HistoryError` where it was overwritten."""
        with self.locks:
            is_ready = False
            try:
                is_ready = self._is_ready_to_close()
            finally:
                self._close(leave_wal=not is_ready)

    def abandon(self) -> None:
        """Close the file as it is, and let others write to it."""
        with self.locks:
            self._close(leave_wal=True)

    def _close(self, *, leave_wal: bool) -> None:
        if leave_wal:
            self.connection.close()
            close_all(self._identity)  # else SQLite would go on with the same WAL and index when the file is opened again
        else:
            self._guard.close()
            self.connection.close()
        if self._files is not None:
            self._files.close()

    def _is_ready_to_close(self) -> bool:
        self.connection.execute("PRAGMA busy_timeout = 0")
        try:
            self.begin()
            self.connection.execute("ROLLBACK")
            if not self.is_in_place:
                # SQLite would delete what lies beside the former name, whosever it is now.
                self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                return False
        except sqlite3.Error:
            return False  # another program is in the midst of something
        return True
