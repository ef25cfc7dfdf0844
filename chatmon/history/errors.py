"""What can go wrong with a history file.

HistoryError
├── HistoryRefused      the file is not one to record to or to read, and stays as it is
└── HistoryFailing      it cannot be written or read now, and perhaps later
    └── HistoryDamaged  another program overwrote what belongs to it while it was recorded to

Messages are one printable line and hold nothing that was recorded.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from chatmon.api.sanitise import clean


class HistoryError(Exception):
    """Something is wrong with a history file; the message says what, and what to do."""


class HistoryRefused(HistoryError):
    """The file is not used: it is another program's, broken, of a later version, in use, or out of reach."""


class HistoryFailing(HistoryError):
    """The file cannot be written or read at the moment."""


class HistoryDamaged(HistoryFailing):
    """What lies beside the file was overwritten or cut off by another program: what was recorded last may be lost, the file is not."""


_REFUSALS: Final = {
    sqlite3.SQLITE_CORRUPT: "is broken; move it away, or give another file with --history FILE",
    sqlite3.SQLITE_NOTADB: "is broken; move it away, or give another file with --history FILE",
}
_FAILURES: Final = {
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full; make room",
    sqlite3.SQLITE_BUSY: "is locked by another program; end that program",
    sqlite3.SQLITE_LOCKED: "is locked by another program; end that program",
    sqlite3.SQLITE_READONLY: "may not be written; check its permissions",
    sqlite3.SQLITE_PERM: "may not be opened; check its permissions",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check its folder and its permissions",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk fails, is full or has a limit; check it",
}
"""What SQLite's primary result codes mean to a user. Source: sqlite.org, "Result and Error Codes"."""


def named(path: Path) -> str:
    """A file as messages call it."""
    return f"the history {clean(str(path))}"


def broken(path: Path) -> HistoryRefused:
    """The error for a file that is not what it should be."""
    return HistoryRefused(f"{named(path)} {_REFUSALS[sqlite3.SQLITE_CORRUPT]}")


@contextmanager
def sqlite_errors_of(path: Path) -> Iterator[None]:
    """Where what SQLite or the system says about the file becomes a `HistoryError`."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _REFUSALS:
            raise HistoryRefused(f"{named(path)} {_REFUSALS[code]}") from None
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        raise HistoryFailing(f"{named(path)} {_FAILURES.get(code, f'fails ({name}); give another file with --history FILE')}") from None
    except UnicodeDecodeError:  # of what SQLite says of a broken file, in the file's own words
        raise broken(path) from None
    except OSError as error:
        raise HistoryFailing(f"{named(path)} fails: {error.strerror or type(error).__name__}; check its folder") from None
