"""What the dashboard costs in a terminal of 160×45, how soon a key is seen, and what it sends to the terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.bench.machine import chat_api, chat_ids, cpu_seconds, resident_megabytes
from tests.bench.result import Result
from tests.bench.screen import Screen

CHATMON = str(Path(sys.executable).with_name("chatmon"))
WARM_UP = 12.0
KEYS_PER_SECOND = 8.0
CURSOR = "▌"
QUIET = 1000.0
"""Seconds between two polls of a chat, for a screen that nothing but its clocks moves."""


@contextmanager
def dashboard(url: str, chats: int, interval: float = 1.0) -> Iterator[Screen]:
    """The dashboard over so many chats, after the first rounds."""
    with TemporaryDirectory() as folder:
        ids = Path(folder, "chats.ids")
        ids.write_text("\n".join(chat_ids(chats)) + "\n", encoding="utf-8")
        pace = ["--interval", str(interval), "--max-rate", "10000", "--idle-every", "1"]
        with Screen([CHATMON, "watch", "--url", url, "--ids-file", str(ids), *pace]) as screen:
            screen.seconds_until(CURSOR)
            screen.read_for(WARM_UP)
            yield screen


def _share_of_a_core(screen: Screen, seconds: float) -> float:
    cpu, begun = cpu_seconds(screen.pid), time.perf_counter()
    screen.read_for(seconds)
    return 100 * (cpu_seconds(screen.pid) - cpu) / (time.perf_counter() - begun)


def _key_to_paint(screen: Screen, keys: int) -> list[float]:
    chance, times = Random(1), []
    for number in range(keys):
        screen.read_for(chance.uniform(0.5, 1.5) / KEYS_PER_SECOND)
        screen.type("j" if number % 40 < 20 else "k")
        times.append(screen.seconds_until(CURSOR))
    return sorted(times)


def run(seconds: float) -> Iterator[Result]:
    """The results, as they come."""
    with chat_api(changes_every=60.0) as url:
        with dashboard(url, 50) as screen:
            yield Result("dashboard, 50 chats a second", _share_of_a_core(screen, seconds), "% of core", most=5)
        with dashboard(url, 1000) as screen:
            yield Result("dashboard, 1000 chats a second", _share_of_a_core(screen, seconds), "% of core", most=30)
            before = screen.output
            screen.read_for(seconds)
            yield Result("… output to the terminal", (screen.output - before) / seconds / 1024, "KiB/s")
            times = _key_to_paint(screen, int(seconds * KEYS_PER_SECOND))
            yield Result("… key to paint, median", 1000 * times[len(times) // 2], "ms")
            yield Result("… key to paint, p99", 1000 * times[99 * len(times) // 100], "ms", most=33)
            yield Result("… memory", resident_megabytes(screen.pid), "MB", most=80)
        with dashboard(url, 50, interval=QUIET) as screen:
            peer = _share_of_a_core(screen, seconds)
        with dashboard(url, 5000, interval=QUIET) as screen:
            yield Result("screen over 5000 quiet chats", _share_of_a_core(screen, seconds), "% of core", "50 chats", peer, 1.5)
