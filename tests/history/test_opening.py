"""Which files are recorded to, and what is left as it is."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chatmon.history import opening
from chatmon.history.errors import HistoryError, HistoryFailing, HistoryRefused
from chatmon.history.opening import OpenedHistory, open_to_read, open_to_write
from chatmon.history.schema import MIGRATIONS, migrate, version_of

from .recording import rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "history.sqlite3"


@pytest.fixture
def opened(path: Path) -> Iterator[OpenedHistory]:
    opened = open_to_write(path)
    yield opened
    opened.close()


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def a_history(path: Path) -> Path:
    open_to_write(path).close()
    return path


def test_folder_and_files_are_the_users_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        opened = open_to_write(path)
    finally:
        os.umask(before)
    opened.connection.execute("INSERT INTO sessions VALUES (1, 'token', 'source', 0, 0)")

    assert mode(path.parent) == "0o700"
    assert {file.name: mode(file) for file in path.parent.iterdir()} == {
        f"history.sqlite3{end}": "0o600" for end in ("", "-wal", "-shm", ".lock")
    }
    opened.close()


def test_a_history_that_others_could_read_is_closed_to_them(path: Path) -> None:
    a_history(path).chmod(0o644)
    open_to_write(path).close()

    assert mode(path) == "0o600"


def test_a_folder_that_is_there_keeps_its_permissions(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    open_to_write(tmp_path / "history.sqlite3").close()

    assert mode(tmp_path) == "0o755"


def test_a_new_file_bears_chatmons_mark_from_the_first_moment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ends_in_the_middle(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(opening, "migrate", ends_in_the_middle)
        with pytest.raises(KeyboardInterrupt):
            open_to_write(path)
    assert not path.exists()

    a_history(path)
    assert path.read_bytes()[68:72] == b"chmn"
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_what_a_killed_chatmon_left_beside_is_no_hindrance(path: Path) -> None:
    path.parent.mkdir()
    for end in (".new", ".lock", "-wal", "-shm"):
        Path(f"{path}{end}").write_bytes(b"left over")

    assert rows(a_history(path), "SELECT count(*) FROM events") == [(0,)]


def another_programs(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE events (what TEXT)")


def of_a_later_version(path: Path) -> None:
    open_to_write(path, (*MIGRATIONS, ("CREATE TABLE more (what TEXT)",))).close()


def broken(path: Path) -> None:
    a_history(path)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096)


def cut_off(path: Path) -> None:
    a_history(path)
    os.truncate(path, 5000)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda path: path.write_text("chats\n"), "is a file of another kind and stays as it is"),
        (lambda path: path.write_bytes(b"SQLite"), "is a file of another kind and stays as it is"),
        (another_programs, "is another program's SQLite file and stays as it is"),
        (of_a_later_version, "is of a later chatmon"),
        (broken, "is broken"),
        (cut_off, "is broken"),
        (Path.mkdir, "is no file"),
        (lambda path: path.symlink_to(path), "its path leads nowhere"),
    ],
)
def test_what_is_not_understood_is_refused_and_stays_as_it_is(path: Path, made, reason: str) -> None:  # type: ignore[no-untyped-def]
    path.parent.mkdir()
    made(path)
    before = files(path.parent) if path.is_file() else None

    with pytest.raises(HistoryRefused, match=reason) as refused:
        open_to_write(path)

    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)
    if before is not None:
        assert {name: content for name, content in files(path.parent).items() if not name.endswith(".lock")} == {
            name: content for name, content in before.items() if not name.endswith(".lock")
        }


@pytest.mark.parametrize("made", [lambda path: path.write_text("chats\n"), another_programs])
def test_nothing_is_left_beside_a_file_of_others(path: Path, made) -> None:  # type: ignore[no-untyped-def]
    path.parent.mkdir()
    made(path)
    before = files(path.parent)
    for open_it in (open_to_write, open_to_read):
        with pytest.raises(HistoryRefused):
            open_it(path)

    assert files(path.parent) == before


def test_a_path_in_a_message_cannot_move_the_cursor(tmp_path: Path) -> None:
    path = tmp_path / "his\x1b[2Jtory"
    path.write_text("no history")

    with pytest.raises(HistoryRefused) as refused:
        open_to_write(path)
    assert "\x1b" not in str(refused.value)


def test_an_empty_file_becomes_a_history(path: Path) -> None:
    path.parent.mkdir()
    path.touch()

    assert rows(a_history(path), "SELECT count(*) FROM events") == [(0,)]


def test_one_program_at_a_time_records_and_others_read(path: Path, opened: OpenedHistory) -> None:
    opened.connection.execute("INSERT INTO sessions VALUES (1, 'token', 'source', 0, 0)")
    link = path.with_name("link")
    link.symlink_to(path)

    for name in (path, link):
        with pytest.raises(HistoryRefused, match="is recorded to by another chatmon"):
            open_to_write(name)
        with closing(open_to_read(name)) as reading:
            assert reading.execute("SELECT token FROM sessions").fetchall() == [("token",)]


HOLDS = """
import pathlib, sys
from chatmon.history.opening import open_to_write
opened = open_to_write(pathlib.Path(sys.argv[1]))
print(flush=True)
input()
"""


def test_the_lock_of_a_killed_program_is_gone_with_it(path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", HOLDS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    other.stdout.readline()
    with pytest.raises(HistoryRefused):
        open_to_write(path)
    other.kill()
    other.communicate()

    open_to_write(path).close()


def test_a_reader_writes_nothing(path: Path) -> None:
    a_history(path)
    with closing(open_to_read(path)) as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM events")


def test_what_is_not_there_is_not_read(path: Path) -> None:
    with pytest.raises(HistoryRefused, match="does not exist or is empty"):
        open_to_read(path)
    assert not path.parent.exists()


def test_a_folder_that_cannot_be_made_or_written_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.write_text("a file in the way")
    with pytest.raises(HistoryError):
        open_to_write(path)
    path.parent.unlink()
    path.parent.mkdir()

    def denied(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("chatmon.history.locks.os.open", denied)  # permissions do not bind the superuser, who may run the tests
    with pytest.raises(HistoryRefused, match="its folder may not be written: Permission denied"):
        open_to_write(path)


def leads_in_a_circle(path: Path) -> Path:
    path.symlink_to(path)
    return path


def lies_in_a_circle(path: Path) -> Path:
    path.symlink_to(path)
    return path / "history"


@pytest.mark.parametrize(
    "named", [leads_in_a_circle, lies_in_a_circle, lambda path: path.with_name("x" * 300), lambda path: path.with_name("\0")]
)
@pytest.mark.parametrize("open_it", [open_to_write, open_to_read])
@pytest.mark.parametrize("resolves", ["as it does here", "as Python 3.13 does"])
def test_a_path_that_leads_nowhere_is_refused_in_every_python(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    named: Callable[[Path], Path],
    open_it: Callable[[Path], object],
    resolves: str,
) -> None:
    path = named(tmp_path / "link")
    if resolves == "as Python 3.13 does":  # which gives a circle back as it is
        monkeypatch.setattr(Path, "resolve", lambda path: path)

    with pytest.raises(HistoryRefused, match="cannot be found: its path leads nowhere"):
        open_it(path)


NOBODY = 65_534


@pytest.mark.parametrize(
    ("code", "owner", "said"),
    [
        (errno.EPERM, NOBODY, "is marked as immutable or append-only and cannot be recorded to"),
        (errno.EACCES, NOBODY, "may not be written: Permission denied; check its permissions"),
        (errno.EROFS, NOBODY, "lies on a medium that cannot be written"),
        (errno.EPERM, NOBODY + 1, "belongs to another user"),
        (errno.EACCES, NOBODY + 1, "belongs to another user"),
    ],
)
@pytest.mark.parametrize("place", ["pathlib.Path.chmod", "chatmon.history.opening.lock_file"])
def test_why_a_file_may_not_be_written_is_said(
    path: Path, monkeypatch: pytest.MonkeyPatch, code: int, owner: int, said: str, place: str
) -> None:
    a_history(path).chmod(0o644)
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    status = Path.stat

    def of_owner(file: Path, **options: bool) -> os.stat_result:
        found = list(status(file, **options))
        found[stat.ST_UID] = owner
        return os.stat_result(found)

    def refuses(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "stat", of_owner)
    monkeypatch.setattr(place, refuses)
    with pytest.raises(HistoryRefused) as refused:
        open_to_write(path)
    assert str(refused.value) == f"the history {path} {said}; give another with --history FILE"


def test_a_file_that_is_locked_when_it_is_opened_may_be_free_later(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0.01)
    a_history(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HistoryFailing, match="is locked by another program"):
            open_to_write(path)

    open_to_write(path).close()


SECOND = ("ALTER TABLE sessions ADD COLUMN host TEXT", "UPDATE sessions SET host = 'unknown'")


def test_a_file_of_an_earlier_version_is_brought_to_the_newest(path: Path) -> None:
    first = open_to_write(path, MIGRATIONS[:1])
    first.connection.execute("INSERT INTO sessions (number, token, source, started, alive) VALUES (1, 'token', 'source', 0, 0)")
    first.close()
    newest = (*MIGRATIONS, SECOND)

    with pytest.raises(HistoryRefused, match="is of an earlier version"):
        open_to_read(path, newest)
    second = open_to_write(path, newest)

    assert version_of(second.connection) == len(newest)
    assert second.connection.execute("SELECT token, host FROM sessions").fetchall() == [("token", "unknown")]
    second.close()
    open_to_read(path, newest).close()


def test_every_version_since_the_first_leads_to_the_same_tables(tmp_path: Path) -> None:
    tables = "SELECT name, sql FROM sqlite_master ORDER BY name"
    newest = rows(a_history(tmp_path / "newest"), tables)
    for version in range(1, len(MIGRATIONS) + 1):
        path = tmp_path / f"version-{version}"
        open_to_write(path, MIGRATIONS[:version]).close()
        assert rows(a_history(path), tables) == newest


def test_a_step_that_fails_leaves_the_version_before(path: Path) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    with closing(connection), pytest.raises(sqlite3.OperationalError):
        migrate(connection, (*MIGRATIONS, (SECOND[0], "UPDATE nothing SET x = 1")))

    a_history(path)
    with pytest.raises(HistoryFailing):
        open_to_write(path, (*MIGRATIONS, (SECOND[0], "UPDATE nothing SET x = 1")))
    assert rows(path, "PRAGMA user_version") == [(len(MIGRATIONS),)]
    assert rows(path, "SELECT count(*) FROM pragma_table_info('sessions') WHERE name = 'host'") == [(0,)]
