"""A file in which bits were turned is read as far as it makes sense, or refused: nothing else comes of it, and nothing hangs."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.resource import ChatResource
from chatmon.cli.event_lines import event_writer
from chatmon.cli.output import to_json
from chatmon.cli.report_formats.json_and_csv import csv_lines, report_json
from chatmon.cli.report_formats.page import page
from chatmon.cli.report_formats.text import text_lines
from chatmon.cli.report_formats.words import Times
from chatmon.history.errors import HistoryError, HistoryRefused
from chatmon.history.reader import HistoryReader
from chatmon.history.writer import Batch
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.snapshot import take_snapshot
from chatmon.report.compilation import compile_report
from chatmon.report.report import BY
from tests.examples import examples

from .recording import CHATS, ENDED, LATE, LOST, NOON, WAITS, HandClock, Watch, reading, recalled, recorded, writer

NAMES = [f"chat-{number}" for number in range(12)]
HEADER = 100
"""Bytes that say that it is a history: what is wrong with them is tested beside."""


async def _made(path: Path) -> None:
    watch = Watch(HandClock(), *NAMES)
    outcomes: itertools.cycle[ChatResource | Exception] = itertools.cycle([WAITS, CHATS, ENDED, LATE, LOST])
    async with recorded(path, watch) as recorder:
        for name, outcome in zip(NAMES * 3, outcomes, strict=False):
            watch.polls(name, outcome)
        watch.monitor.review()
        await recorder.flush()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history of an hour with everything in it."""
    path = tmp_path_factory.mktemp("history") / "history.sqlite3"
    asyncio.run(_made(path))
    return path


def read_all(path: Path) -> None:
    """What screens and exports read."""
    with reading(path) as reader:
        position = reader.next_position()
        while page := reader.read_before(position, 7):
            position = page[0].position
        reader.first_position_since(NOON)
        for _, line in map(event_writer, ("jsonl", "csv")):
            for one in reader.read_on():
                line(one.event)


def report_on(path: Path) -> None:
    """What a report reads, and says in every format."""
    with reading(path) as reader:
        found = compile_report(reader, since=NOON - 600, until=NOON + 600, now=NOON + 600, timezone=UTC, watched_in=UTC, service_level=60.0)
    times = Times(found, UTC)
    for by in BY:
        assert all(line.text.isprintable() for line in text_lines(found, times, by=by, width=80))
        csv_lines(found, UTC, by)
    to_json(report_json(found, UTC, BY))
    page(found, times, BY)


def go_on_from(path: Path) -> None:
    """What a restart does."""
    clock = HandClock(NOON + 60.0)
    watch = Watch(clock, *NAMES)
    recalled(path, clock.now(), *NAMES).hand_to(watch.monitor)
    watch.monitor.review()
    for name in NAMES:
        watch.polls(name, CHATS)
    take_snapshot(watch.monitor)


def record_more(path: Path) -> None:
    """What a monitor that records does."""
    one = writer(path, HandClock(NOON + 60.0), token="second")
    try:
        one.write(Batch(NOON + 60.0, ((1, Event(at=NOON + 60.0, kind=EventKind.POLL_FAILED, chat=NAMES[1])),)))
        one.forget(30.0, NOON + 60.0, 5.0)
    finally:
        one.close()


@examples(60)
@given(st.integers(1, 30), st.randoms(use_true_random=False), st.sampled_from([read_all, go_on_from, record_more, report_on]))
def test_turned_bits_are_passed_over_or_refused(
    sound: Path, tmp_path_factory: pytest.TempPathFactory, flips: int, random: Random, use: Callable[[Path], None]
) -> None:
    path = tmp_path_factory.mktemp("turned") / "history.sqlite3"
    content = bytearray(sound.read_bytes())
    for _ in range(flips):
        content[random.randrange(HEADER, len(content))] ^= 1 << random.randrange(8)
    path.write_bytes(content)

    said = ""
    try:
        use(path)
    except HistoryError as error:
        said = str(error)
    assert said.isprintable()


# What bits turned in columns were found to do.

TURNED = {
    "a time that is a text": "UPDATE events SET at = 'noon'",
    "a time that is a blob": "UPDATE events SET not_before = x'00'",
    "a time that is none": "UPDATE events SET at = 9e999",
    "a detail that is a number": "UPDATE events SET detail = 5",
    "an acknowledgement until never": """UPDATE events SET detail = '{"until": 1e300}'""",
    "a kind that is a blob": "UPDATE events SET kind = x'ff'",
    "a chat's id that is no UTF-8": "UPDATE chats SET id = CAST(x'ff' AS TEXT) WHERE number = 1",
    "a label that is no UTF-8": "UPDATE chats SET label = CAST(x'1bff' AS TEXT)",
    "a stretch that ends with a text": "UPDATE coverage SET until = 'late'",
    "a stretch of endless length": "UPDATE coverage SET lasted = 9e999",
    "a stretch from the future": "UPDATE coverage SET until = 1e15",
    "a chat that is a number": "UPDATE known SET body = 7",
    "a chat of another time": "UPDATE known SET body = replace(body, '\"utc\":1', '\"utc\":-1')",
    "a chat whose people came before time": "UPDATE known SET body = replace(body, '\"since\":1', '\"since\":1e300')",
    "trends that are a text": "UPDATE trends SET waiting = 'many'",
    "trends without end": "UPDATE trends SET longest_wait = 9e999, at = 9e999",
}


@pytest.mark.parametrize("statement", TURNED.values(), ids=TURNED.keys())
@pytest.mark.parametrize("use", [read_all, go_on_from, record_more, report_on])
def test_what_a_column_cannot_hold_is_passed_over(sound: Path, tmp_path: Path, statement: str, use: Callable[[Path], None]) -> None:
    path = tmp_path / "history.sqlite3"
    path.write_bytes(sound.read_bytes())
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(statement).rowcount > 0

    use(path)


@pytest.mark.parametrize("read", [lambda reader: list(reader.read_on()), lambda reader: _pages(reader)], ids=["on", "back"])
def test_a_file_in_which_the_same_page_comes_for_ever_is_refused(
    sound: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[[HistoryReader], object]
) -> None:
    """SQLite does so where a bit turned in the tree of pages leads back."""
    with reading(sound) as reader:
        page = reader._rows("SELECT position, at, not_before, kind, NULL, detail, '', '' FROM events ORDER BY position LIMIT 3")
        monkeypatch.setattr(reader, "_rows", lambda *_: page)
        with pytest.raises(HistoryRefused, match="is broken"):
            read(reader)


def _pages(reader: HistoryReader) -> None:
    position = None
    while page := reader.read_before(position, 3):
        position = page[0].position
