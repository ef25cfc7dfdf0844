"""The figures of a command that runs: where they are, and what they are."""

from __future__ import annotations

import re
import threading
import time
import urllib.request
from queue import Empty, Queue
from typing import IO

from tests.metrics.exposed import Samples, samples, value

PATIENCE = 60.0
"""Seconds after which what has not come is missing; nothing is measured by it."""
PLACE = re.compile(r"metrics are at (http://\S+/metrics)")


def lines_of(stream: IO[str] | None) -> Queue[str]:
    """The lines of a stream, as they come."""
    assert stream is not None
    queue: Queue[str] = Queue()
    threading.Thread(target=lambda: [queue.put(line) for line in stream], daemon=True).start()
    return queue


def place_in(lines: Queue[str]) -> str:
    """Where the figures are, as the lines say it."""
    while True:
        try:
            found = PLACE.search(lines.get(timeout=PATIENCE))
        except Empty:
            raise AssertionError("nobody said where the metrics are") from None
        if found is not None:
            return found[1]


def read(place: str, accept: str = "application/openmetrics-text; version=1.0.0") -> str:
    with urllib.request.urlopen(urllib.request.Request(place, headers={"Accept": accept}), timeout=PATIENCE) as answer:
        return str(answer.read().decode())


def read_until(place: str, name: str, **labels: str) -> Samples:
    """The figures once this one is not 0."""
    end = time.monotonic() + PATIENCE
    while not value(figures := samples(read(place)), name, **labels):
        assert time.monotonic() < end, f"{name} is still 0"
        time.sleep(0.05)
    return figures
