"""One recorded shift for all tests that only read it: chatmon was started again in it, and the server gave no answer for a while."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest

from chatmon.history.reader import HistoryReader
from chatmon.replay.reading import read_tape
from chatmon.replay.tape import Tape

from .recorded_day import Breaks, Day, record_day

LOOKS = (60.0, 200.0, 298.0, 340.0, 344.0, 400.0, 470.0, 520.0, 598.0)
BREAKS = Breaks(restarts=((300, 40),), outages=((430, 480),))


@pytest.fixture(scope="package")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    return record_day(tmp_path_factory.mktemp("day") / "history.sqlite3", seconds=600, chats=14, looks=LOOKS, breaks=BREAKS)


@pytest.fixture
def new_tape(day: Day) -> Callable[[], Tape]:
    """Reads the tape of the shift anew."""

    def read() -> Tape:
        return tape_of(day.path)

    return read


@pytest.fixture
def tape(new_tape: Callable[[], Tape]) -> Tape:
    return new_tape()


def tape_of(path: Path, at: float | None = None) -> Tape:
    """The tape of a file, days being those of UTC."""
    reader = HistoryReader(path)
    try:
        return read_tape(reader, timezone=UTC, at=at)
    finally:
        reader.close()
