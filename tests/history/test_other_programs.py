"""Whatever other programs do with a history while it is recorded to, nothing is lost of it: it is as safe as any file of SQLite's."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import pytest

from chatmon.history.errors import HistoryRefused
from chatmon.history.opening import open_to_write
from chatmon.history.reader import HistoryReader

from .recording import rows

RECORDER = """
import pathlib, sys, time
from chatmon.history.errors import HistoryFailing
from chatmon.history.reader import HistoryReader
from chatmon.history.writer import Batch, HistoryWriter
from chatmon.monitor.events import Event, EventKind

path = pathlib.Path(sys.argv[1])
reader, writer = HistoryReader(path), HistoryWriter(path, source="source", token="token", started=1e9)
writer.open()
reader.next_position()  # as the dashboard does
for number, _ in enumerate(sys.stdin, 1):
    reader.close()
    batch = Batch(1e9 + number, ((number, Event(at=1e9 + number, kind=EventKind.POLL_FAILED, chat=f"chat {number}", why="x" * 200)),))
    while True:
        try:
            writer.write(batch)
            break
        except HistoryFailing:
            time.sleep(0.05)
    reader.next_position()
    print(number, flush=True)
"""


@contextmanager
def recording(path: Path) -> Iterator[Callable[[], int]]:
    """Another process that records one event more at each call, which says how many there are. It is killed in the end."""
    process = subprocess.Popen([sys.executable, "-c", RECORDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    to_it: IO[str] = process.stdin
    from_it: IO[str] = process.stdout

    def record() -> int:
        to_it.write("\n")
        to_it.flush()
        return int(from_it.readline())

    try:
        yield record
    finally:
        process.kill()
        process.wait()
        to_it.close()
        from_it.close()


def selects(path: Path) -> None:
    rows(path, "SELECT count(*) FROM events")


def vacuums(path: Path) -> None:
    rows(path, "VACUUM")


def moves_the_journal_into_the_file(path: Path) -> None:
    rows(path, "PRAGMA wal_checkpoint(TRUNCATE)")


def wants_another_journal(path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        rows(path, "PRAGMA journal_mode = DELETE")


def backs_up(path: Path) -> None:
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(path.with_name("backup"))) as backup:
        source.backup(backup)
    assert rows(path.with_name("backup"), "PRAGMA integrity_check") == [("ok",)]


def copies(path: Path) -> None:
    shutil.copy(path, path.with_name("copy"))


def reads_as_chatmon_does(path: Path) -> None:
    with closing(HistoryReader(path)) as reader:
        assert list(reader.read_on())


def would_record_too(path: Path) -> None:
    with pytest.raises(HistoryRefused):
        open_to_write(path)


OTHERS = [
    selects,
    vacuums,
    moves_the_journal_into_the_file,
    wants_another_journal,
    backs_up,
    copies,
    reads_as_chatmon_does,
    would_record_too,
]


@pytest.mark.parametrize("uses", OTHERS)
def test_a_killed_recorder_loses_nothing_beside_a_program_that(tmp_path: Path, uses: Callable[[Path], None]) -> None:
    path = tmp_path / "history"
    with recording(path) as record:
        for _ in range(10):
            recorded = record()
            uses(path)
        recorded = record()

    assert [ordinal for (ordinal,) in rows(path, "SELECT ordinal FROM events ORDER BY position")] == list(range(1, recorded + 1))
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


def by_a_hard_link(path: Path) -> Path:
    link = path.with_name("link")
    link.hardlink_to(path)
    return link


def by_a_symbolic_link(path: Path) -> Path:
    link = path.with_name("link")
    link.symlink_to(path)
    return link


def after_its_lock_file_was_deleted(path: Path) -> Path:
    Path(f"{path}.lock").unlink()
    return path


@pytest.mark.parametrize("named", [by_a_hard_link, by_a_symbolic_link, after_its_lock_file_was_deleted])
def test_a_second_recorder_is_refused(tmp_path: Path, named: Callable[[Path], Path]) -> None:
    path = tmp_path / "history"
    with recording(path) as record:
        record()
        another_name = named(path)
        for _ in range(2):
            with pytest.raises(HistoryRefused, match="is recorded to by another chatmon"):
                open_to_write(another_name)
        selects(path)
        recorded = record()

    assert rows(path, "SELECT count(*) FROM events") == [(recorded,)]


def test_a_reader_by_a_hard_link_is_told_so_and_not_that_nothing_was_recorded(tmp_path: Path) -> None:
    path = tmp_path / "history"
    with recording(path) as record:
        record()
        link = by_a_hard_link(path)
        with pytest.raises(HistoryRefused, match="is recorded to by another name"), closing(HistoryReader(link)) as reader:
            reader.next_position()
        reads_as_chatmon_does(path)
    with closing(HistoryReader(path)) as reader:
        assert len(list(reader.read_on())) == 1
    open_to_write(path).close()
    reads_as_chatmon_does(link)


@pytest.mark.parametrize("named", [by_a_hard_link, by_a_symbolic_link, after_its_lock_file_was_deleted])
def test_a_second_recorder_of_the_same_process_is_refused_and_the_first_one_keeps_its_locks(
    tmp_path: Path, named: Callable[[Path], Path]
) -> None:
    path = tmp_path / "history"
    opened = open_to_write(path)
    opened.connection.execute("INSERT INTO sessions VALUES (1, 'token', 'source', 0, 0)")
    with pytest.raises(HistoryRefused, match="is recorded to by another chatmon"):
        open_to_write(named(path))

    in_another_process("import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM events').fetchall()", path)
    assert Path(f"{path}-wal").exists()
    opened.close()


def test_a_reader_of_the_same_process_keeps_its_locks_when_the_recorder_ends(tmp_path: Path) -> None:
    path = tmp_path / "history"
    opened = open_to_write(path)
    with closing(HistoryReader(path)) as reader:
        reader.next_position()
        opened.close()
        assert "locked" in in_another_process(
            """
import sqlite3, sys
try:
    sqlite3.connect(sys.argv[1]).execute("PRAGMA journal_mode = DELETE")
except sqlite3.OperationalError as error:
    print(error)
""",
            path,
        )
    open_to_write(path).close()


def in_another_process(program: str, path: Path) -> str:
    return subprocess.run([sys.executable, "-c", program, str(path)], check=True, capture_output=True, text=True).stdout


def a_link_to_a_file(path: Path) -> None:
    path.with_name("precious").write_text("precious")
    path.symlink_to(path.with_name("precious"))


def a_link_to_nothing(path: Path) -> None:
    path.symlink_to(path.with_name("nothing"))


@pytest.mark.parametrize("made", [a_link_to_a_file, a_link_to_nothing, Path.mkdir, os.mkfifo])
def test_what_is_no_lock_file_is_refused_and_stays_as_it_is(tmp_path: Path, made: Callable[[Path], None]) -> None:
    path = tmp_path / "history"
    lock = tmp_path / "history.lock"
    made(lock)
    before = sorted(tmp_path.iterdir())

    with pytest.raises(HistoryRefused, match=r"history\.lock is no lock file of chatmon's and stays as it is"):
        open_to_write(path)
    assert sorted(tmp_path.iterdir()) == before
    if lock.is_file():
        assert lock.read_text() == "precious"


def test_a_lock_file_that_is_the_history_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "history"
    open_to_write(path).close()
    Path(f"{path}.lock").unlink()
    Path(f"{path}.lock").hardlink_to(path)
    content = path.read_bytes()

    with pytest.raises(HistoryRefused, match="is no lock file"):
        open_to_write(path)
    assert path.read_bytes() == content


def test_what_is_in_a_lock_file_stays_in_it(tmp_path: Path) -> None:
    (tmp_path / "history.lock").write_text("precious")
    open_to_write(tmp_path / "history").close()

    assert (tmp_path / "history.lock").read_text() == "precious"


def test_files_beside_a_history_are_nobodys_but_the_users(tmp_path: Path) -> None:
    (tmp_path / "history.new").write_text("precious")
    open_to_write(tmp_path / "history").close()

    assert (tmp_path / "history.new").read_text() == "precious"
