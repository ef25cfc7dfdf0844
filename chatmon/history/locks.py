"""What makes one program at a time the recorder of a history: a lock on a file beside it, and one on the history itself.

The first is there before the history is. The second belongs to the file under each of its names, and is there when the lock file is not.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import Final, Protocol

from chatmon.history.connections import Identity, close_descriptor, identity_of, unopened
from chatmon.history.errors import HistoryRefused, named
from chatmon.private_files import FILE_MODE

LOCKED_BYTE: Final = 0x4000_0000 + 512
"""The first byte behind those that SQLite locks. Source: sqlite.org, os.h, `PENDING_BYTE` and `SHARED_SIZE`."""
_FLAGS: Final = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
_IN_USE: Final = frozenset({errno.EAGAIN, errno.EACCES, errno.EDEADLK})
"""What the system says of a lock that another program has."""
_locked: Final[set[Identity]] = set()
"""The files that this process has a lock on."""


class _Locking(Protocol):
    def __call__(self, descriptor: int, *, release: bool = False) -> None: ...


class Lock:
    """A lock that this process has until it is released. `identity` is that of the locked file."""

    def __init__(self, descriptor: int, lock: _Locking) -> None:
        self.identity = _identity_of(descriptor)
        self._descriptor = descriptor
        self._lock = lock
        _locked.add(self.identity)

    def release(self) -> None:
        """Let others have it: the descriptor may have to stay open for longer."""
        _locked.discard(self.identity)
        self._lock(self._descriptor, release=True)
        close_descriptor(self._descriptor, self.identity)


def lock_name(path: Path) -> Lock:
    """Lock the name of a history, which need not be there yet. Raises `HistoryRefused`.

    What is in the lock file stays as it is, and what is no file of its own is not opened: a symbolic link, a folder, a pipe.
    """
    beside = Path(f"{path}.lock")
    while True:
        descriptor = _open_lock_file(path, beside)
        identity = _identity_of(descriptor)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode) or identity == identity_of(path):
            close_descriptor(descriptor, identity)
            raise _no_lock_file(beside)
        _lock(path, descriptor, _lock_whole)
        if identity_of(beside) == identity:
            return Lock(descriptor, _lock_whole)
        close_descriptor(descriptor, identity)  # it was deleted meanwhile: whoever comes next locks another one


def lock_file(path: Path) -> Lock:
    """Lock a history itself, whatever it is called by. Raises `HistoryRefused`, or OSError where it may not be written."""
    if identity_of(path) in _locked:  # to open and close it once more would be enough to lose SQLite's locks
        raise _recorded_to_by_another(path)
    descriptor = os.open(path, _FLAGS)
    _lock(path, descriptor, _lock_byte)
    return Lock(descriptor, _lock_byte)


def is_recorded_to(path: Path) -> bool:
    """Whether a program records to a history, by whichever name; False also where that cannot be known."""
    with unopened(path) as may_be_opened:
        if not may_be_opened:
            return identity_of(path) in _locked
        descriptor = os.open(path, os.O_RDONLY | _FLAGS & ~os.O_RDWR)
        try:
            return _is_byte_locked(descriptor)
        finally:
            os.close(descriptor)


def _identity_of(descriptor: int) -> Identity:
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino


def _open_lock_file(path: Path, beside: Path) -> int:
    try:
        if not stat.S_ISREG(beside.lstat().st_mode):
            raise _no_lock_file(beside)
    except FileNotFoundError:
        pass  # it is made now
    try:
        return os.open(beside, _FLAGS | os.O_CREAT, FILE_MODE)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.EISDIR, errno.ENXIO}:  # it was put there meanwhile
            raise _no_lock_file(beside) from None
        if beside.exists():
            raise HistoryRefused(f"{named(path)}: {beside.name} may not be opened: {error.strerror}; check its permissions") from None
        raise HistoryRefused(f"{named(path)}: its folder may not be written: {error.strerror}; check its permissions") from None


def _lock(path: Path, descriptor: int, lock: _Locking) -> None:
    try:
        lock(descriptor)
    except OSError as error:
        close_descriptor(descriptor, _identity_of(descriptor))
        if error.errno in _IN_USE:
            raise _recorded_to_by_another(path) from None
        raise HistoryRefused(f"{named(path)} cannot be locked: {error.strerror}; give another file with --history FILE") from None


def _no_lock_file(beside: Path) -> HistoryRefused:
    return HistoryRefused(f"{named(beside)} is no lock file of chatmon's and stays as it is; move it away, or give another --history FILE")


def _recorded_to_by_another(path: Path) -> HistoryRefused:
    return HistoryRefused(f"{named(path)} is recorded to by another chatmon; give this one another file with --history FILE")


if sys.platform == "win32":
    import msvcrt

    def _lock_whole(descriptor: int, *, release: bool = False) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK if release else msvcrt.LK_NBLCK, 1)

    def _lock_byte(descriptor: int, *, release: bool = False) -> None:
        os.lseek(descriptor, LOCKED_BYTE, os.SEEK_SET)
        _lock_whole(descriptor, release=release)

    def _is_byte_locked(descriptor: int) -> bool:  # noqa: ARG001 - this system does not say
        return False

else:
    import fcntl
    import struct

    def _lock_whole(descriptor: int, *, release: bool = False) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN if release else fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _lock_byte(descriptor: int, *, release: bool = False) -> None:
        """One byte, since a `flock` of the whole file would shut out SQLite itself on macOS, the BSDs and NFS.

        On Linux the lock is the descriptor's; elsewhere it is the process's, as SQLite's are, and lasts for the same reason.
        """
        if hasattr(fcntl, "F_OFD_SETLK"):
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _byte(fcntl.F_UNLCK if release else fcntl.F_WRLCK))
        else:
            fcntl.lockf(descriptor, fcntl.LOCK_UN if release else fcntl.LOCK_EX | fcntl.LOCK_NB, 1, LOCKED_BYTE)

    def _is_byte_locked(descriptor: int) -> bool:
        if not hasattr(fcntl, "F_OFD_GETLK"):
            return False  # this system does not say
        found = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, _byte(fcntl.F_WRLCK))
        (kind,) = struct.unpack_from("h", found)
        return bool(kind != fcntl.F_UNLCK)

    def _byte(kind: int) -> bytes:
        """The locked byte as the system's `struct flock`."""
        return struct.pack("hhqqi0q", kind, os.SEEK_SET, LOCKED_BYTE, 1, 0)
