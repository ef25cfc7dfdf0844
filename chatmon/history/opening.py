"""Opens a history file: to write it, which one program at a time may do, or to read it. What is not understood is never written to."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chatmon.history.errors import HistoryRefused, named, sqlite_errors_of
from chatmon.history.schema import APPLICATION_ID, MIGRATIONS, Script, migrate, version_of
from chatmon.private_files import make_folder

if TYPE_CHECKING:
    from filelock import FileLock

BUSY_SECONDS: Final = 2.0
"""For so long another program may lock the file before that counts as a failure."""
_MAGIC: Final = b"SQLite format 3\x00"
_APPLICATION_ID_AT: Final = slice(68, 72)
"""Source: sqlite.org, "Database File Format", the database header."""


class OpenedHistory:
    """A file that this program alone writes to, and the lock that says so."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: FileLock) -> None:
        self.connection = connection
        self._path = path
        self._lock = lock
        self._identity = _identity(path)

    @property
    def is_in_place(self) -> bool:
        """Whether the file is still there under its name: SQLite goes on to write to one that was moved or deleted."""
        return _identity(self._path) == self._identity

    def close(self) -> None:
        """Close the file and let others write to it."""
        try:
            if not self.is_in_place:
                # SQLite would leave what is not in the file yet under its former name, for the next file there to stumble over.
                self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.connection.close()
        finally:
            self._lock.release()


def open_to_write(path: Path, migrations: Sequence[Script] = MIGRATIONS) -> OpenedHistory:
    """Open a file, make it where there is none, bring it to the newest version. Raises `HistoryError`.

    The connection is in autocommit mode and may be used in any thread, by one at a time.
    """
    path = _resolved(path)
    with sqlite_errors_of(path):
        _is_ours(path)  # nothing is left beside what is not
        _make_folder(path)
        lock = _locked(path)
        try:
            if not _is_ours(path):
                _make(path, migrations)
            return OpenedHistory(path, _checked(path, migrations), lock)
        except BaseException:
            lock.release()
            raise


def open_to_read(path: Path, migrations: Sequence[Script] = MIGRATIONS) -> sqlite3.Connection:
    """Open a file that there is, of this version. Raises `HistoryError`. The connection may be used in any thread, by one at a time."""
    path = _resolved(path)
    with sqlite_errors_of(path):
        if not _is_ours(path):
            raise HistoryRefused(f"{named(path)} does not exist or is empty; chatmon watch records one")
        connection = _connect(path, "mode=ro" if _can_be_shared(path) else "mode=ro&immutable=1")
        try:
            version = version_of(connection)
            _refuse_newer(path, version, migrations)
            if version < len(migrations):
                raise HistoryRefused(f"{named(path)} is of an earlier version; chatmon watch --history FILE brings it to this one")
        except BaseException:
            connection.close()
            raise
        return connection


def _resolved(path: Path) -> Path:
    # The lock belongs to the file, whichever name it is called by.
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        raise HistoryRefused(f"{named(path)} cannot be found: its path leads nowhere; check it") from None


def _make_folder(path: Path) -> None:
    try:
        make_folder(path.parent)
    except OSError as error:
        raise HistoryRefused(f"{named(path)}: its folder cannot be made: {error.strerror}; give another file with --history FILE") from None


def _locked(path: Path) -> FileLock:
    from filelock import FileLock, Timeout  # slow to import: readers do without

    lock = FileLock(f"{path}.lock", timeout=0, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise HistoryRefused(f"{named(path)} is recorded to by another chatmon; give this one another file with --history FILE") from None
    except OSError as error:
        raise HistoryRefused(f"{named(path)}: its folder may not be written: {error.strerror}; check its permissions") from None
    return lock


def _is_ours(path: Path) -> bool:
    """Whether there is a history; False where there is nothing yet. Raises `HistoryRefused` where there is something else."""
    try:
        if not path.is_file() and path.exists():
            raise HistoryRefused(f"{named(path)} is no file; give another with --history FILE")
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        return False
    except PermissionError:
        raise HistoryRefused(f"{named(path)} may not be read; check its permissions") from None
    if not header:
        return False
    if not header.startswith(_MAGIC):
        raise HistoryRefused(f"{named(path)} is a file of another kind and stays as it is; give another with --history FILE")
    if int.from_bytes(header[_APPLICATION_ID_AT], "big") != APPLICATION_ID:
        raise HistoryRefused(f"{named(path)} is another program's SQLite file and stays as it is; give another with --history FILE")
    return True


def _make(path: Path, migrations: Sequence[Script]) -> None:
    """Make an empty history beside its place and move it there: what is there bears chatmon's mark from the first moment on."""
    new = path.with_name(f"{path.name}.new")
    try:
        new.unlink(missing_ok=True)
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except PermissionError as error:
        raise HistoryRefused(f"{named(path)}: its folder may not be written: {error.strerror}; check its permissions") from None
    try:
        connection = _connect(new, "mode=rw")
        try:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            migrate(connection, migrations)
        finally:
            connection.close()
        for left_over in ("-wal", "-shm"):  # of a file that is no longer there
            Path(f"{path}{left_over}").unlink(missing_ok=True)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _checked(path: Path, migrations: Sequence[Script]) -> sqlite3.Connection:
    """A connection that writes, to a file that was found whole and of the newest version."""
    _make_private(path)
    connection = _connect(path, "mode=rw")
    try:
        _refuse_newer(path, version_of(connection), migrations)
        (state,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if state != "ok":
            raise HistoryRefused(f"{named(path)} is broken and stays as it is; move it away, or give another with --history FILE")
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "secure_delete = FAST"):
            connection.execute(f"PRAGMA {pragma}")
        migrate(connection, migrations)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_private(path: Path) -> None:
    try:
        path.chmod(0o600)
    except PermissionError:
        raise HistoryRefused(f"{named(path)} belongs to another user; give another with --history FILE") from None


def _refuse_newer(path: Path, version: int, migrations: Sequence[Script]) -> None:
    if version > len(migrations):
        raise HistoryRefused(f"{named(path)} is of a later chatmon (version {version}, this one knows {len(migrations)}); use that one")


def _connect(path: Path, options: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.as_uri()}?{options}", uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    connection.text_factory = _text_of  # a byte that the disk turned costs one letter, not the file
    return connection


def _text_of(written: bytes) -> str:
    return written.decode("utf-8", "replace")


def _can_be_shared(path: Path) -> bool:
    """Whether readers can be told of writers: that takes a file beside this one, there already or to be made."""
    return Path(f"{path}-shm").exists() or os.access(path.parent, os.W_OK)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
