"""A killed recording, copied to where nothing can be written, is read with what lies beside it, or it is said that it is not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from chatmon.history import private_copy
from chatmon.history.errors import HistoryFailing, HistoryRefused
from chatmon.history.opening import open_to_read

from .test_other_programs import recording

READ = """
import os, pathlib, sys
from chatmon.history.errors import HistoryError
from chatmon.history.reader import HistoryReader
import msgspec, encodings.idna, urllib.parse  # nobody may read this user's Python later
if os.geteuid() == 0:  # whom permissions do not bind
    os.setgroups([])
    os.setuid(65534)
try:
    print(len(list(HistoryReader(pathlib.Path(sys.argv[1])).read_on())))
except HistoryError as error:
    print(error)
"""


@pytest.fixture
def medium() -> Iterator[Path]:
    """A folder that everyone may read and nobody write, with a killed recording of three events."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        path = Path(other) / "history"
        with recording(path) as record:
            for _ in range(3):
                record()
        for end in ("", "-wal"):
            shutil.copy(f"{path}{end}", folder)
            Path(folder, f"history{end}").chmod(0o644)
        Path(folder).chmod(0o555)
        yield Path(folder)
        Path(folder).chmod(0o755)


def read(path: Path, **environment: str) -> str:
    """What another user reads there."""
    program = [sys.executable, "-c", READ, str(path)]
    return subprocess.run(program, check=True, capture_output=True, text=True, env={**os.environ, **environment}).stdout.strip()


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_it_is_read_with_its_wal_and_nothing_is_changed(medium: Path) -> None:
    before = content(medium)
    with tempfile.TemporaryDirectory() as temporary:
        Path(temporary).chmod(0o777)
        assert read(medium / "history", TMPDIR=temporary) == "3"
        assert list(Path(temporary).iterdir()) == []

    assert content(medium) == before


def test_a_wal_that_may_not_be_read_is_said(medium: Path) -> None:
    (medium / "history-wal").chmod(0o000)

    assert "history-wal beside it may not be read" in read(medium / "history")


def test_a_temporary_folder_that_is_full_is_said(medium: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000))

    with pytest.raises(HistoryRefused, match="has no room for"):
        open_to_read(medium / "history")


def test_one_that_is_written_to_elsewhere_meanwhile_is_said(medium: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = private_copy._copy

    def writes(path: Path, source: Path, folder: Path) -> None:
        copy(path, source, folder)
        with source.open("ab") as file:
            file.write(b"more")

    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(private_copy, "_copy", writes)
    with pytest.raises(HistoryFailing, match="is being written to elsewhere"):
        open_to_read(medium / "history")


def test_one_that_ended_in_order_is_read_as_it_is(medium: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (medium / "history-wal").write_bytes(b"")
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(private_copy, "_copy", lambda *_: pytest.fail("there is nothing to copy it for"))

    with closing(open_to_read(medium / "history")) as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (0,)
