"""Another program that uses a history all the time while it is recorded to: it selects, copies, backs up and vacuums.

`python -m tests.endurance.neighbour HISTORY SEED` does so until it is terminated. It says what it did and found at each step, a line each.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

PAUSE = (0.05, 1.5)
"""From, to: seconds between two steps."""
LONG_READ = 3.0
"""Seconds for which a read transaction lasts: over several flushes of the recorder's."""
LOCKED = (0.5, 3.0)
"""From, to: seconds for which the file is locked to the recorder, at the most for longer than it waits."""


@dataclass(slots=True)
class Neighbour:
    """The other program of one history."""

    history: Path
    seed: int
    steps: Counter[str] = field(default_factory=Counter)
    """How often it did what."""
    damaged: int = 0
    """How often it found the history, or a backup of it, not whole."""
    ended_by_itself: bool = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let it run for the block."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", __name__, str(self.history), str(self.seed)), stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        listening = asyncio.create_task(self._listen(process.stdout))
        try:
            yield
        finally:
            self.ended_by_itself = process.returncode is not None
            if not self.ended_by_itself:
                process.terminate()
            await listening
            await process.wait()

    async def _listen(self, lines: asyncio.StreamReader) -> None:
        async for line in lines:
            step, _, found = line.decode().strip().partition(": ")
            self.steps[step] += 1
            self.damaged += found == "damaged"


def select(history: Path, _: Random) -> str:
    """Count events and chats, and check every page."""
    with closing(sqlite3.connect(history)) as connection:
        connection.execute("SELECT count(*), max(at) FROM events").fetchone()
        connection.execute("SELECT count(*) FROM known JOIN chats ON chat = number").fetchone()
    return integrity(history)


def back_up(history: Path, _: Random) -> str:
    """Back the file up as SQLite does it, while it is written to."""
    with tempfile.TemporaryDirectory() as folder:
        backup = Path(folder) / "backup"
        with closing(sqlite3.connect(history)) as source, closing(sqlite3.connect(backup)) as target:
            source.backup(target)
        return integrity(backup)


def copy(history: Path, _: Random) -> str:
    """Copy what lies there. It need not be whole, for it is written to meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        for end in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copy(f"{history}{end}", folder)
    return "done"


def vacuum(history: Path, _: Random) -> str:
    """Write the whole file anew."""
    return execute(history, "VACUUM")


def checkpoint(history: Path, chance: Random) -> str:
    """Move the journal into the file."""
    return execute(history, f"PRAGMA wal_checkpoint({chance.choice(('PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'))})")


def change_journal(history: Path, _: Random) -> str:
    """Do without a WAL, which SQLite refuses while anyone else has the file open."""
    return execute(history, "PRAGMA journal_mode = DELETE")


def read_for_long(history: Path, _: Random) -> str:
    """Read in one transaction over several flushes."""
    with closing(sqlite3.connect(history, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM events").fetchone()
        time.sleep(LONG_READ)
        connection.execute("SELECT count(*) FROM events").fetchone()
    return "done"


def lock(history: Path, chance: Random) -> str:
    """Lock the file to every other program that writes."""
    with closing(sqlite3.connect(history, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(chance.uniform(*LOCKED))
        connection.execute("ROLLBACK")
    return "done"


STEPS: tuple[Callable[[Path, Random], str], ...] = (select, select, back_up, copy, vacuum, checkpoint, change_journal, read_for_long, lock)


def execute(history: Path, statement: str) -> str:
    """Execute a statement."""
    with closing(sqlite3.connect(history, isolation_level=None)) as connection:
        connection.execute(statement).fetchall()
    return "done"


def integrity(path: Path) -> str:
    """What SQLite finds of a file."""
    with closing(sqlite3.connect(path)) as connection:
        return "whole" if connection.execute("PRAGMA quick_check").fetchone() == ("ok",) else "damaged"


def step(history: Path, chance: Random) -> str:
    """Do something with a history; what it was and what was found."""
    do = chance.choice(STEPS)
    try:
        found = do(history, chance)
    except sqlite3.DatabaseError as error:
        found = "damaged" if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB} else str(error)
    return f"{do.__name__}: {found}"


def main() -> None:
    """Use a history until the end."""
    history, chance = Path(sys.argv[1]), Random(int(sys.argv[2]))
    while True:
        time.sleep(chance.uniform(*PAUSE))
        if history.exists():
            print(step(history, chance), flush=True)


if __name__ == "__main__":
    main()
