"""What the dashboard costs in a terminal of 160×45, how soon a key is seen, and what it sends to the terminal."""

from __future__ import annotations

import json
import sys
import time
import urllib.request
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
HANDWRITTEN = "httpx, gather and rich.Live"
QUIET = 1000.0
"""Seconds between two polls of a chat, for a screen that nothing but its clocks moves."""


@contextmanager
def watching(url: str, ids: Path, interval: float = 1.0) -> Iterator[Screen]:
    """The dashboard over the chats of a list, after the first rounds, every chat polled alike."""
    pace = ["--interval", str(interval), "--max-rate", "10000", "--idle-every", "1"]
    with Screen([CHATMON, "watch", "--url", url, "--ids-file", str(ids), *pace]) as screen:
        screen.seconds_until(CURSOR)
        screen.read_for(WARM_UP)
        yield screen


@contextmanager
def dashboard(url: str, chats: int, interval: float = 1.0) -> Iterator[Screen]:
    """The same over so many chats."""
    with TemporaryDirectory() as folder:
        ids = Path(folder, "chats.ids")
        ids.write_text("\n".join(chat_ids(chats)) + "\n", encoding="utf-8")
        with watching(url, ids, interval) as screen:
            yield screen


@contextmanager
def handwritten(url: str, chats: int) -> Iterator[Screen]:
    """What one would write instead, after the first rounds."""
    with Screen([sys.executable, "-m", "tests.bench.handwritten", url, str(chats)]) as screen:
        screen.read_for(WARM_UP)
        yield screen


def punctuality(url: str) -> float:
    """Of the gaps between two polls of a chat since this was asked last, in seconds, the one that 99 of 100 do not exceed."""
    with urllib.request.urlopen(f"{url}/punctuality") as answer:
        return float(json.load(answer)["p99_gap"] or 0.0)


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
        for chats, most in ((50, 5), (200, None)):
            with handwritten(url, chats) as screen:
                peer = _share_of_a_core(screen, seconds)
            with dashboard(url, chats) as screen:
                ours = _share_of_a_core(screen, seconds)
            yield Result(f"dashboard, {chats} chats a second", ours, "% of core", HANDWRITTEN, peer, most_value=most)
        with dashboard(url, 1000) as screen:
            yield Result("dashboard, 1000 chats a second", _share_of_a_core(screen, seconds), "% of core", most=30)
            punctuality(url)
            before = screen.output
            screen.read_for(seconds)
            yield Result("… output to the terminal", (screen.output - before) / seconds / 1024, "KiB/s")
            yield Result("… gap between two polls of a chat, p99", punctuality(url), "s", most=1.25)
            times = _key_to_paint(screen, int(seconds * KEYS_PER_SECOND))
            yield Result("… key to paint, median", 1000 * times[len(times) // 2], "ms")
            yield Result("… key to paint, p99", 1000 * times[99 * len(times) // 100], "ms", most=33)
            yield Result("… memory", resident_megabytes(screen.pid), "MB", most=80)
        with dashboard(url, 50, interval=QUIET) as screen:
            peer = _share_of_a_core(screen, seconds)
        with dashboard(url, 5000, interval=QUIET) as screen:
            yield Result("screen over 5000 quiet chats", _share_of_a_core(screen, seconds), "% of core", "50 chats", peer, 1.5)
