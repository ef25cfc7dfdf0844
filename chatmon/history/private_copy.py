"""A copy of a history that lies, with what is not in the file yet, where nothing can be written: SQLite reads both together only elsewhere.

Without it a recording that was killed and copied to such a medium would read as it was before what lies beside it was recorded.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from chatmon.history.connections import stamp_of, unopened
from chatmon.history.errors import HistoryFailing, HistoryRefused, named

JOURNALS: Final = ("-wal", "-journal")
"""What SQLite has not moved into a file yet, or not out of it. Source: sqlite.org, "Temporary Files Used By SQLite"."""
SPARE_BYTES: Final = 16 * 1024 * 1024
"""What is left free where the copy is made; SQLite makes its index of the WAL there, too."""


def has_journal(path: Path) -> bool:
    """Whether something lies beside a file that belongs to it."""
    return any(_size_of(Path(f"{path}{end}")) for end in JOURNALS)


@contextmanager
def private_copy(path: Path) -> Iterator[Path]:
    """A copy that this user alone can read, deleted at the end of the block. Raises `HistoryError`, or OSError."""
    sources = [source for end in ("", *JOURNALS) if _size_of(source := Path(f"{path}{end}"))]
    with tempfile.TemporaryDirectory(prefix="chatmon-", ignore_cleanup_errors=True) as folder:
        size = sum(map(_size_of, sources))
        if shutil.disk_usage(folder).free < size + SPARE_BYTES:
            raise HistoryRefused(
                f"{named(path)} has unfinished writes beside it and lies where nothing can be written; to be read it must be copied, "
                f"and {tempfile.gettempdir()} has no room for {size / 1e6:.0f} MB: make room there, or set TMPDIR"
            )
        before = [stamp_of(source) for source in sources]
        for source in sources:
            _copy(path, source, Path(folder))
        if before != [stamp_of(source) for source in sources]:
            raise HistoryFailing(f"{named(path)} is being written to elsewhere and cannot be read from here; read it where it is written")
        yield Path(folder) / path.name


def _copy(path: Path, source: Path, folder: Path) -> None:
    with unopened(source):
        try:
            shutil.copyfile(source, folder / source.name)
        except PermissionError:
            raise HistoryRefused(f"{named(path)}: {source.name} beside it may not be read; check its permissions") from None


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
