"""Pages of the history, as screens and exports read them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatmon.history.errors import HistoryRefused
from chatmon.history.reader import HistoryReader
from chatmon.history.writer import Batch
from chatmon.monitor.events import Event, EventKind

from .recording import CHATS, LATE, NOON, WAITS, HandClock, Watch, reading, recorded, rows, writer


def failure(number: int, chat: str | None = None) -> Event:
    return Event(at=NOON + number, kind=EventKind.POLL_FAILED, chat=chat or f"chat {number % 3}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Ten events of three chats."""
    path = tmp_path / "history.sqlite3"
    one = writer(path, HandClock())
    one.write(Batch(NOON, tuple((number, failure(number)) for number in range(10))))
    one.close()
    return path


@pytest.fixture
def reader(path: Path) -> Iterator[HistoryReader]:
    with reading(path) as reader:
        yield reader


def seconds(events: tuple) -> list[int]:  # type: ignore[type-arg]
    return [int(recorded.event.at - NOON) for recorded in events]


def test_pages_lead_back_to_the_beginning(reader: HistoryReader) -> None:
    pages, position = [], None
    while page := reader.read_before(position, 4):
        pages.append(seconds(page))
        position = page[0].position

    assert pages == [[6, 7, 8, 9], [2, 3, 4, 5], [0, 1]]


def test_the_events_of_one_chat_have_pages_of_their_own(reader: HistoryReader) -> None:
    newest = reader.read_before(None, 2, "chat 1")

    assert seconds(newest) == [4, 7]
    assert seconds(reader.read_before(newest[0].position, 9, "chat 1")) == [1]
    assert reader.read_before(None, 9, "chat nobody knows") == ()


def test_all_are_read_in_their_order_whatever_a_page_holds(reader: HistoryReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatmon.history.reader.PAGE", 3)
    assert seconds(tuple(reader.read_on())) == list(range(10))

    begin, end = reader.first_position_since(NOON + 4), reader.next_position()
    assert seconds(tuple(reader.read_on(begin, before=end))) == list(range(4, 10))
    assert seconds(tuple(reader.read_on(begin, before=begin + 2))) == [4, 5]
    assert reader.first_position_since(NOON + 100) == end


def test_an_event_of_a_later_version_is_left_out_and_does_not_look_like_the_beginning(path: Path, reader: HistoryReader) -> None:
    spoil(path, "UPDATE events SET kind = 'of a later version' WHERE at > 1000036802.0 AND at < 1000036808.0")

    newest = reader.read_before(None, 2)
    assert seconds(newest) == [8, 9]
    assert seconds(reader.read_before(newest[0].position, 2)) == [2]
    assert seconds(tuple(reader.read_on())) == [0, 1, 2, 8, 9]


def spoil(path: Path, statement: str) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


async def test_an_event_bears_the_names_its_chat_had_last(tmp_path: Path) -> None:
    watch = Watch(HandClock(), "one")
    async with recorded(tmp_path / "history.sqlite3", watch):
        watch.polls("one", WAITS)
        watch.monitor.watch([("one", "billing")])
        watch.monitor.board.record(Event(at=NOON, kind=EventKind.MONITOR_STOPPED))

    with reading(tmp_path / "history.sqlite3") as reader:
        assert [(one.label, one.customer) for one in reader.read_before(None, 9)] == [("billing", "Chris"), ("", "")]


async def test_a_reader_sees_what_is_recorded_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite3"
    watch = Watch(HandClock(), "one")
    async with recorded(path, watch) as recorder:
        await recorder.flush()
        with reading(path) as reader:
            for outcome in (WAITS, CHATS, LATE):
                watch.polls("one", outcome)
                await recorder.flush()
                assert [one.event for one in reader.read_before(None, 99)] == watch.events


def test_a_reader_may_be_used_in_any_thread(reader: HistoryReader) -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(len(reader.read_before(None, 99)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [10] * 4


def test_a_reader_of_a_file_that_comes_later_finds_it(tmp_path: Path, path: Path) -> None:
    with reading(tmp_path / "later") as reader:
        with pytest.raises(HistoryRefused, match="does not exist"):
            reader.read_before(None, 1)
        path.rename(tmp_path / "later")
        assert len(reader.read_before(None, 1)) == 1


def test_reading_leaves_every_row_as_it_was(path: Path, reader: HistoryReader) -> None:
    query = "SELECT * FROM events, chats, sessions ORDER BY 1, 2"
    before = rows(path, query)
    reader.read_before(None, 99)

    assert rows(path, query) == before


async def test_stretches_come_chat_by_chat_with_when_the_chat_was_seen_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatmon.history.reader.PAGE", 2)
    path = tmp_path / "watched.sqlite3"
    watch = Watch(HandClock(), "one", "two", "three")
    async with recorded(path, watch) as recorder:
        for gap in (1.0, 100.0, 100.0):
            for chat in ("one", "two"):
                watch.polls(chat, WAITS, gap)
                watch.polls(chat, WAITS)
                await recorder.flush()
        watch.polls("three", WAITS, 1_000.0)

    def told(since: float, before: float) -> list[tuple[str, float, float, float]]:
        return [
            (one.chat, one.since - NOON, one.until - NOON, one.seen_last - NOON) for one in reader.stretches(NOON + since, NOON + before)
        ]

    with reading(path) as reader:
        whole = told(0, 9_999)
        assert [chat for chat, *_ in whole] == ["one"] * 3 + ["two"] * 3 + ["three"]
        assert whole[0] == ("one", 1.0, 2.0, whole[2][2])
        assert told(0, 300) == [one for one in whole if one[1] < 300]
        assert told(1_000, 9_999) == [whole[-1]]
        assert [one.label for one in reader.stretches(0.0, 2e9)][-1] == "label of three"
    with reading(path, "https://elsewhere") as stranger:
        assert list(stranger.stretches(0.0, 2e9)) == []
        assert stranger.sessions() == ()


def test_monitors_ran_from_their_beginning_to_when_they_were_last_known_to_run(path: Path, reader: HistoryReader) -> None:
    later = writer(path, HandClock(NOON + 500.0), token="second")
    later.write(Batch(NOON + 600.0))
    later.close()

    assert [(ran.since - NOON, ran.until - NOON) for ran in reader.sessions()] == [(0.0, 0.0), (500.0, 600.0)]


def test_the_position_behind_a_time_lies_behind_every_event_before_it(reader: HistoryReader) -> None:
    assert seconds(tuple(reader.read_on(before=reader.position_before(NOON + 4)))) == [0, 1, 2, 3]
    assert reader.position_before(NOON - 1) == 1
    assert reader.position_before(NOON + 100) == reader.next_position()
