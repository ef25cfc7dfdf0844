"""What happens to the files of a history while it is recorded to is noticed and said, and what waits to be written is kept."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from chatmon.history.opening import open_to_write
from chatmon.history.reader import HistoryReader
from chatmon.history.recorder import DAMAGE, TROUBLE

from .recording import CHATS, WAITS, HandClock, Watch, events_in, reading, recorded, rows

OVERWROTE = "another program overwrote or cut off its -wal; what was recorded last may be lost"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history"


@pytest.fixture
def reader(path: Path) -> Iterator[HistoryReader]:
    """One of the same process, as the dashboard has it."""
    with reading(path) as reader:
        yield reader


@pytest.fixture
def watch() -> Watch:
    return Watch(HandClock(), "one", "two")


READS = """
import sqlite3, sys
connection = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
connection.execute("SELECT count(*) FROM events").fetchall()
print(flush=True)
input()
"""


@contextmanager
def another_program_that_reads(path: Path) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-c", READS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield
    finally:
        process.communicate(b"\n")


def wal(path: Path) -> Path:
    return Path(f"{path}-wal")


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_by_a_byte(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def overwritten_with_zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def overwritten_with_ones(path: Path) -> None:
    path.write_bytes(b"\xff" * path.stat().st_size)


def its_beginning_overwritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\xff" * 64)


def its_end_overwritten(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size - 4096 - 24)
        file.write(b"\xff" * 4120)


HARM = [emptied, cut_in_half, cut_by_a_byte, overwritten_with_zeros, overwritten_with_ones, its_beginning_overwritten]


@pytest.mark.parametrize("harm", [*HARM, its_end_overwritten])
async def test_a_wal_that_is_overwritten_is_said_for_good_and_recording_goes_on(
    path: Path, watch: Watch, reader: HistoryReader, harm: Callable[[Path], None]
) -> None:
    async with recorded(path, watch) as recorder:
        watch.polls("one", WAITS)
        await recorder.flush()
        reader.next_position()
        harm(wal(path))
        watch.polls("two", WAITS)
        await recorder.flush()
        assert watch.monitor.troubles[TROUBLE].endswith(OVERWROTE)
        watch.polls("two", CHATS)
        await recorder.flush()

        assert list(watch.monitor.troubles) == [DAMAGE]
        assert OVERWROTE in watch.monitor.troubles[DAMAGE]
        after = watch.events[1:]
        assert [recorded.event for recorded in reader.read_on()][-len(after) :] == after
        assert rows(path, "SELECT id FROM chats JOIN known ON chat = number ORDER BY id") == [("one",), ("two",)]
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("harm", HARM)
async def test_a_file_that_is_overwritten_or_cut_off_is_left_alone_and_begun_anew_once_it_is_moved_away(
    path: Path, watch: Watch, harm: Callable[[Path], None]
) -> None:
    async with recorded(path, watch) as recorder:
        watch.polls("one", WAITS)
        await recorder.flush()
        rows(path, "PRAGMA wal_checkpoint(TRUNCATE)")
        harm(path)
        content = path.read_bytes()  # noqa: ASYNC240 - nothing else runs
        for chat in ("one", "two"):
            watch.polls(chat, CHATS)
            await recorder.flush()
            assert watch.monitor.troubles[TROUBLE].endswith(
                f"the history {path} is broken; move it away, or give another file with --history FILE"
            )
            assert path.read_bytes() == content  # noqa: ASYNC240
        path.rename(path.with_name("moved"))  # noqa: ASYNC240
        await recorder.flush()

        assert watch.monitor.troubles == {}
        assert events_in(path) == watch.events[1:]
        assert rows(path, "SELECT id FROM chats JOIN known ON chat = number ORDER BY id") == [("one",), ("two",)]
    assert path.with_name("moved").read_bytes() == content


def deleted(path: Path) -> None:
    path.unlink()


def moved(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def replaced(path: Path) -> None:
    moved(path)
    path.write_bytes(b"")


@pytest.mark.parametrize("end", ["-wal", "-shm"])
@pytest.mark.parametrize("harm", [deleted, moved, replaced])
async def test_nothing_is_lost_when_what_lies_beside_the_file_is_gone(
    path: Path, watch: Watch, reader: HistoryReader, end: str, harm: Callable[[Path], None]
) -> None:
    async with recorded(path, watch) as recorder:
        watch.polls("one", WAITS)
        await recorder.flush()
        reader.next_position()
        harm(Path(f"{path}{end}"))
        watch.polls("two", WAITS)
        await recorder.flush()
        assert "was moved or deleted" in watch.monitor.troubles[TROUBLE]
        await recorder.flush()

        assert watch.monitor.troubles == {}
        assert [recorded.event for recorded in reader.read_on()] == watch.events
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


async def test_a_wal_that_another_program_keeps_open_is_opened_again_once_that_ends(path: Path, watch: Watch) -> None:
    async with recorded(path, watch) as recorder:
        watch.polls("one", WAITS)
        await recorder.flush()
        with another_program_that_reads(path):
            overwritten_with_ones(wal(path))
            watch.polls("two", WAITS)
            await recorder.flush()
            await recorder.flush()
            assert f"{OVERWROTE}; it is opened again once no other program has it open (" in watch.monitor.troubles[TROUBLE]
        await recorder.flush()

        assert list(watch.monitor.troubles) == [DAMAGE]
        assert events_in(path) == watch.events[1:]


async def test_a_wal_that_was_overwritten_before_the_end_is_not_moved_into_the_file(path: Path, watch: Watch) -> None:
    async with recorded(path, watch) as recorder:
        await recorder.flush()
        rows(path, "PRAGMA wal_checkpoint(TRUNCATE)")
        content = path.read_bytes()  # noqa: ASYNC240 - nothing else runs
        watch.polls("one", WAITS)
        await recorder.flush()
        overwritten_with_ones(wal(path))

    assert OVERWROTE in watch.notices[-1]
    assert path.read_bytes() == content  # noqa: ASYNC240
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_what_other_programs_may_do_is_no_damage(path: Path) -> None:
    opened = open_to_write(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        for number in range(200):
            for statement in (
                f"INSERT INTO sessions VALUES ({number}, 'token {number}', hex(randomblob({number * 100})), 0, 0)",
                f"PRAGMA wal_checkpoint({('PASSIVE', 'FULL', 'RESTART', 'TRUNCATE')[number % 4]})",
                "VACUUM" if number % 10 == 3 else f"DELETE FROM sessions WHERE number < {number - 5}",
            ):
                other.execute(statement).fetchall()
                opened.begin()
                assert opened.is_in_place
                opened.connection.execute(f"UPDATE sessions SET alive = {number}")
                opened.connection.execute("COMMIT")
    opened.close()


@pytest.mark.parametrize("harm", [emptied, cut_in_half, cut_by_a_byte, overwritten_with_zeros, overwritten_with_ones])
async def test_nothing_is_lost_when_the_index_is_cut_off_or_overwritten(path: Path, watch: Watch, harm: Callable[[Path], None]) -> None:
    async with recorded(path, watch) as recorder:
        for chat in ("one", "two"):
            watch.polls(chat, WAITS)
            await recorder.flush()
            harm(Path(f"{path}-shm"))

    assert watch.monitor.troubles == {}
    assert events_in(path) == watch.events
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
