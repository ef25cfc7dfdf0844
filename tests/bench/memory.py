"""What the dashboard holds in memory while chats come and go: each is followed in the list of ids, asked, recorded, and gone again."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from itertools import count, islice, pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.dashboard import watching
from tests.bench.machine import chat_api, chat_id, resident_megabytes
from tests.bench.result import Result
from tests.bench.screen import Screen

CHATS = 1000
STEP_SECONDS = 3.0
STEP_CHATS = 10
"""So many chats go in a step, and as many others come: 2000 in ten minutes."""
WARM_UP_SECONDS = 300.0
"""Until what is bounded by number, such as the events in memory, is full."""
CHURN_SECONDS = 600.0
STRETCHES = 10
"""The growth is that of the median of so many stretches of the churn: one reading tells of the moment's garbage."""


class ChurningList:
    """A file of ids that follows the chats of a contact centre."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._numbers = count()
        self._chats = list(islice(self._numbers, CHATS))
        self._write()

    def step(self) -> None:
        """Some chats go, as many come."""
        self._chats = self._chats[STEP_CHATS:] + list(islice(self._numbers, STEP_CHATS))
        self._write()

    def _write(self) -> None:
        beside = self._path.with_suffix(".new")
        beside.write_text("".join(f"{chat_id(number)}\n" for number in self._chats), encoding="utf-8")
        beside.replace(self._path)


def _readings(screen: Screen, ids: ChurningList, seconds: float) -> list[float]:
    readings, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        screen.read_for(STEP_SECONDS)
        ids.step()
        readings.append(resident_megabytes(screen.pid))
    return readings


def spread(readings: Sequence[float]) -> float:
    """The difference between the highest and the lowest of the medians of `STRETCHES` stretches."""
    edges = [len(readings) * number // STRETCHES for number in range(STRETCHES + 1)]
    medians = [median(readings[first:last]) for first, last in pairwise(edges)]
    return max(medians) - min(medians)


def run(seconds: float) -> Iterator[Result]:  # noqa: ARG001 - the churn takes the time it takes
    """The results, as they come."""
    with chat_api(changes_every=60.0) as url, TemporaryDirectory() as folder:
        with Screen([sys.executable, "-m", "tests.bench.handwritten", url, str(CHATS)]) as screen:
            screen.read_for(30.0)
            peer = resident_megabytes(screen.pid)
        ids = ChurningList(Path(folder, "chats.ids"))
        with watching(url, Path(folder, "chats.ids")) as screen:
            _readings(screen, ids, WARM_UP_SECONDS)
            readings = _readings(screen, ids, CHURN_SECONDS)
    yield Result("memory, 1000 chats, 2000 come and go", max(readings), "MB", "httpx, gather and rich.Live", peer, most_value=80)
    yield Result("… growth over those ten minutes", spread(readings), "MB", most=4)
