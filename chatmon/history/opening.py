"""Opens a history file: to write it, which one program at a time may do, or to read it. What is not understood is never written to."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from chatmon.history.connections import Connection, Identity, connect, unopened
from chatmon.history.errors import HistoryRefused, named, sqlite_errors_of
from chatmon.history.files_on_disk import MAGIC
from chatmon.history.locks import is_recorded_to, lock_file, lock_name
from chatmon.history.opened import OpenedHistory
from chatmon.history.private_copy import has_journal, private_copy
from chatmon.history.schema import APPLICATION_ID, MIGRATIONS, Script, migrate, version_of
from chatmon.private_files import FILE_MODE, make_folder

BUSY_SECONDS: Final = 2.0
"""For so long another program may lock the file before that counts as a failure."""
_APPLICATION_ID_AT: Final = slice(68, 72)
"""Source: sqlite.org, "Database File Format", the database header."""


def open_to_write(path: Path, migrations: Sequence[Script] = MIGRATIONS) -> OpenedHistory:
    """Open a file, make it where there is none, bring it to the newest version. Raises `HistoryError`.

    The connection is in autocommit mode and may be used in any thread, by one at a time.
    """
    path = _resolved(path)
    with sqlite_errors_of(path), ExitStack() as locks:
        _is_ours(path)  # nothing is left beside what is not
        _make_folder(path)
        locks.callback(lock_name(path).release)
        if not _is_ours(path):
            _make(path, migrations)
        with _reasons_not_to_write(path):
            _make_private(path)
            lock = lock_file(path)
        locks.callback(lock.release)
        opened = _opened(path, migrations, lock.identity)
        opened.locks = locks.pop_all()
        return opened


def open_to_read(path: Path, migrations: Sequence[Script] = MIGRATIONS) -> Connection:
    """Open a file that there is, of this version. Raises `HistoryError`. The connection may be used in any thread, by one at a time."""
    path = _resolved(path)
    with sqlite_errors_of(path):
        if not _is_ours(path):
            raise HistoryRefused(f"{named(path)} does not exist or is empty; chatmon watch records one")
        if path.stat().st_nlink > 1 and not has_journal(path) and is_recorded_to(path):
            # What is recorded now lies beside the other name.
            raise HistoryRefused(f"{named(path)} is recorded to by another name, a hard link; read it by that one")
        connection = _connection_to_read(path)
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
        resolved = path.resolve()
        resolved.stat()  # since Python 3.13 a path that leads in a circle resolves to itself
    except FileNotFoundError:
        return resolved
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, OSError) and error.errno not in {errno.ELOOP, errno.ENAMETOOLONG}:
            return resolved  # whoever opens it says what is wrong
        raise HistoryRefused(f"{named(path)} cannot be found: its path leads nowhere; check it") from None
    return resolved


def _make_folder(path: Path) -> None:
    try:
        make_folder(path.parent)
    except OSError as error:
        raise HistoryRefused(f"{named(path)}: its folder cannot be made: {error.strerror}; give another file with --history FILE") from None


def _is_ours(path: Path) -> bool:
    """Whether there is a history; False where there is nothing yet. Raises `HistoryRefused` where there is something else."""
    with unopened(path) as may_be_read:
        if not may_be_read:
            return True  # else this process had no connection to it
        header = _header_of(path)
    if not header:
        return False
    if not header.startswith(MAGIC):
        raise HistoryRefused(f"{named(path)} is a file of another kind and stays as it is; give another with --history FILE")
    if int.from_bytes(header[_APPLICATION_ID_AT], "big") != APPLICATION_ID:
        raise HistoryRefused(f"{named(path)} is another program's SQLite file and stays as it is; give another with --history FILE")
    return True


def _header_of(path: Path) -> bytes:
    """What a file begins with; nothing where there is none."""
    try:
        if not path.is_file() and path.exists():
            raise HistoryRefused(f"{named(path)} is no file; give another with --history FILE")
        with path.open("rb") as file:
            return file.read(100)
    except FileNotFoundError:
        return b""
    except PermissionError:
        raise HistoryRefused(f"{named(path)} may not be read; check its permissions") from None


def _make(path: Path, migrations: Sequence[Script]) -> None:
    """Make an empty history beside its place and move it there: what is there bears chatmon's mark from the first moment on."""
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with 0600
        os.close(descriptor)
    except PermissionError as error:
        raise HistoryRefused(f"{named(path)}: its folder may not be written: {error.strerror}; check its permissions") from None
    new = Path(name)
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


def _opened(path: Path, migrations: Sequence[Script], identity: Identity) -> OpenedHistory:
    """A file that was found whole and is of the newest version."""
    with ExitStack() as connections:
        guard = connections.enter_context(closing(_connect(path, "mode=ro")))
        connection = connections.enter_context(closing(_connect(path, "mode=rw")))
        try:
            _lock_to_others(guard)  # what is refused stays as it is, its WAL beside it
            _bring_to_newest(path, connection, migrations)
            _lock_to_others(guard)
            opened = OpenedHistory(path, connection, guard, identity)
        except BaseException:
            if not has_journal(path):
                guard.close()
                with suppress(sqlite3.Error, UnicodeDecodeError):
                    _lock_to_others(connection)  # the last one that has read the file clears away what was made beside it
            raise
        connections.pop_all()
        return opened


def _bring_to_newest(path: Path, connection: sqlite3.Connection, migrations: Sequence[Script]) -> None:
    _refuse_newer(path, version_of(connection), migrations)
    (state,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if state != "ok":
        raise HistoryRefused(f"{named(path)} is broken and stays as it is; move it away, or give another with --history FILE")
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "secure_delete = FAST"):
        connection.execute(f"PRAGMA {pragma}")
    migrate(connection, migrations)


def _lock_to_others(connection: sqlite3.Connection) -> None:
    """Have SQLite lock the file, for as long as it is open, to whoever wants it alone; so it does with the first thing that is read."""
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _make_private(path: Path) -> None:
    if stat.S_IMODE(path.stat().st_mode) != FILE_MODE:
        path.chmod(FILE_MODE)


@contextmanager
def _reasons_not_to_write(path: Path) -> Iterator[None]:
    """Where what the system says of a file that it does not let this program write becomes a `HistoryRefused`."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EROFS:
            reason = "lies on a medium that cannot be written"
        elif error.errno not in {errno.EPERM, errno.EACCES}:
            raise
        elif not _is_own(path):
            reason = "belongs to another user"
        elif error.errno == errno.EPERM:
            reason = "is marked as immutable or append-only and cannot be recorded to"
        else:
            reason = f"may not be written: {error.strerror}; check its permissions"
        raise HistoryRefused(f"{named(path)} {reason}; give another with --history FILE") from None


def _is_own(path: Path) -> bool:
    """Whether a file is this user's, or this user may change everyone's."""
    return sys.platform == "win32" or os.geteuid() in {0, path.stat().st_uid}


def _refuse_newer(path: Path, version: int, migrations: Sequence[Script]) -> None:
    if version > len(migrations):
        raise HistoryRefused(f"{named(path)} is of a later chatmon (version {version}, this one knows {len(migrations)}); use that one")


def _connect(path: Path, options: str) -> Connection:
    return connect(path, options, busy_seconds=BUSY_SECONDS)


def _connection_to_read(path: Path) -> Connection:
    if _can_be_shared(path):
        return _connect(path, "mode=ro")
    if not has_journal(path):
        return _connect(path, "mode=ro&immutable=1")
    with private_copy(path) as copy:
        connection = _connect(copy, "mode=rw")
        try:
            connection.execute("PRAGMA query_only = 1")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # has everything open now: the copy needs no names
        except BaseException:
            connection.close()
            raise
        return connection


def _can_be_shared(path: Path) -> bool:
    """Whether readers can be told of writers: that takes files beside this one, there already or to be made."""
    return os.access(path.parent, os.W_OK) or all(Path(f"{path}{end}").exists() for end in ("-wal", "-shm"))
