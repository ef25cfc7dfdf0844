"""Compares what lies on the disk of an open history with what SQLite knows of it.

SQLite trusts its index: it would go on with a WAL that another program overwrote or cut off, and move what is there now into the file.
Source: sqlite.org, "WAL-mode File Format".
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Final

from chatmon.history.connections import Identity, close_descriptor, identity_of
from chatmon.history.errors import HistoryDamaged, broken, named

_INDEX: Final = struct.Struct("=IIIBBHII8s8s")
"""The header of the index: version, unused, change counter, flags, page size, last frame, pages, that frame's checksum, salts."""
_INDEX_VERSION: Final = 3_007_000
_WAL_HEADER: Final = 32
_FRAME_HEADER: Final = 24
_SALTS_OF_WAL: Final = slice(16, 24)
_SALTS_OF_FRAME: Final = slice(8, 16)
_CHECKSUM_OF_FRAME: Final = slice(16, 24)

MAGIC: Final = b"SQLite format 3\x00"
"""What every file of SQLite's begins with. Source: sqlite.org, "Database File Format"."""


class FilesOnDisk:
    """The files of a history in WAL mode to which this process has a connection."""

    def __init__(self, path: Path, identity: Identity) -> None:
        self._path = path
        self._identity = identity
        self._beside = {end: identity_of(Path(f"{path}{end}")) for end in ("-wal", "-shm")}
        self._descriptors: list[int] = []
        try:
            self._file, self._wal = (self._open(f"{path}{end}", os.O_RDONLY) for end in ("", "-wal"))
            self._index = self._open(f"{path}-shm", os.O_RDWR)
        except BaseException:
            self.close()
            raise
        self._size = os.fstat(self._file).st_size
        self._index_size = os.fstat(self._index).st_size

    @property
    def are_in_place(self) -> bool:
        """Whether what lies beside the file is still there: SQLite goes on to write to what was moved or deleted."""
        return all(identity_of(Path(f"{self._path}{end}")) == identity for end, identity in self._beside.items())

    def mend_index(self) -> None:
        """Make an index that was cut off as long again as it was; SQLite makes what is in it anew.

        SQLite has it mapped into memory: behind its end the process would be killed (SIGBUS).
        """
        size = os.fstat(self._index).st_size
        if size < self._index_size:
            os.ftruncate(self._index, 0)  # half of it would be mistaken for the whole
            os.pwrite(self._index, bytes(self._index_size), 0)  # not left to the first access: a full disk would kill the process, too
        self._index_size = max(size, self._index_size)

    def check(self) -> None:
        """Raise `HistoryRefused` where the file itself was overwritten or cut off, `HistoryDamaged` where its WAL was.

        It is called in a transaction that writes: nobody else changes the WAL meanwhile.
        """
        version, _, _, _, _, page_size, last, pages, checksum, salts = _INDEX.unpack(os.pread(self._index, _INDEX.size, 0))
        if version != _INDEX_VERSION:
            return  # of a SQLite that writes another one
        page_size = 65_536 if page_size == 1 else page_size
        self._check_file(pages * page_size)
        self._check_wal(last, page_size, checksum, salts)

    def close(self) -> None:
        """Close the files, those that SQLite has locks on with its last connection."""
        for descriptor in self._descriptors:
            close_descriptor(descriptor, self._identity)
        self._descriptors.clear()

    def _open(self, path: str, flags: int) -> int:
        descriptor = os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
        self._descriptors.append(descriptor)
        return descriptor

    def _check_wal(self, last: int, page_size: int, checksum: bytes, salts: bytes) -> None:
        if last == 0:
            return  # all that was in the WAL is in the file
        header = os.pread(self._wal, _WAL_HEADER, 0)
        frame_at = _WAL_HEADER + (last - 1) * (_FRAME_HEADER + page_size)
        frame = os.pread(self._wal, _FRAME_HEADER, frame_at)
        expected = b"".join(part.to_bytes(4, "big") for part in struct.unpack("=II", checksum))
        is_whole = os.fstat(self._wal).st_size >= frame_at + _FRAME_HEADER + page_size
        if not is_whole or header[_SALTS_OF_WAL] != salts or frame[_SALTS_OF_FRAME] != salts or frame[_CHECKSUM_OF_FRAME] != expected:
            raise HistoryDamaged(f"{named(self._path)}: another program overwrote or cut off its -wal; what was recorded last may be lost")

    def _check_file(self, pages_size: int) -> None:
        """The file grows when the WAL is moved into it, and shrinks only to the pages that there are, or were since the last time."""
        size = os.fstat(self._file).st_size
        if size < min(self._size, pages_size) or os.pread(self._file, len(MAGIC), 0) != MAGIC:
            raise broken(self._path)
        self._size = size
