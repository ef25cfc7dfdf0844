"""What a monitor saw is in the file: in order, nothing twice, nothing left out while the disk sulks."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chatmon.history import opening
from chatmon.history import recorder as recorder_module
from chatmon.history.errors import HistoryFailing
from chatmon.history.writer import DAY, Batch
from chatmon.monitor.events import Event, EventKind

from .recording import CHATS, ENDED, LATE, LOST, NOON, WAITS, HandClock, Watch, events_in, reading, recalled, recorded, rows, writer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite3"


@pytest.fixture
def watch() -> Watch:
    return Watch(HandClock(), "one", "two")


def is_recorded(path: Path, watch: Watch) -> bool:
    return path.exists() and events_in(path) == watch.events


def move_away(path: Path, *, put_another_in_place: bool) -> None:
    path.rename(path.with_name("moved"))
    if put_another_in_place:
        other = writer(path.with_name("other"), HandClock())
        other.open()
        other.close()
        path.with_name("other").rename(path)


def overwrite(path: Path) -> bytes:
    rows(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    broken = b"\xff" * path.stat().st_size
    with path.open("r+b") as file:
        file.write(broken)
    return broken


def content(path: Path) -> bytes:
    return path.read_bytes()


async def test_every_event_is_recorded_once_and_reads_as_it_was(path: Path, watch: Watch) -> None:
    async with recorded(path, watch) as recorder:
        watch.monitor.board.record(Event(at=NOON, kind=EventKind.MONITOR_STARTED))
        for outcome in (WAITS, CHATS, LATE, CHATS, ENDED, LOST):
            watch.polls("one", outcome)
            await recorder.flush()
        watch.polls("two", LOST)
        watch.polls("two", WAITS)
        for event in (
            Event(at=NOON, kind=EventKind.ALARM_RAISED, chat="two", rule="waiting", severity="warn", why="waiting"),
            Event(at=NOON, kind=EventKind.ALARM_ACKNOWLEDGED, agent="Kristi", rule="overload", severity="warn", until=NOON + 60),
        ):
            watch.monitor.board.record(event)

    assert events_in(path) == watch.events
    assert {event.kind for event in watch.events} >= {EventKind.GONE, EventKind.POLL_FAILED, EventKind.CAPABILITY_GAINED}


async def test_what_was_flushed_is_there_though_nothing_is_closed(path: Path, watch: Watch) -> None:
    async with recorded(path, watch) as recorder:
        watch.polls("one", WAITS)
        await recorder.flush()
        assert events_in(path) == watch.events


async def test_a_flush_happens_by_itself(path: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HandClock, "wait", lambda *_: asyncio.sleep(0))
    async with recorded(path, watch), asyncio.timeout(60):
        watch.polls("one", WAITS)
        while not is_recorded(path, watch):  # noqa: ASYNC110 - the recorder tells nobody
            await asyncio.sleep(0)


async def test_a_batch_that_is_written_again_is_not_there_twice(path: Path, watch: Watch) -> None:
    watch.polls("one", WAITS)
    batch = Batch(NOON, tuple(enumerate(watch.events, 1)), tuple(chat for chat in watch.monitor.board.chats if chat.observed))
    for _ in range(2):
        again = writer(path, watch.clock)
        again.write(batch)
        again.write(batch)
        again.close()

    assert events_in(path) == watch.events
    assert rows(path, "SELECT (SELECT count(*) FROM chats), (SELECT count(*) FROM coverage), (SELECT count(*) FROM sessions)") == [
        (1, 1, 1)
    ]


async def test_however_much_waits_to_be_written_no_chat_is_known_further_than_its_events(path: Path) -> None:
    watch = Watch(HandClock(), *(f"chat {number}" for number in range(1_500)))
    async with recorded(path, watch) as recorder:
        for seen in (WAITS, CHATS):
            for chat in watch.monitor.board.copy():
                watch.polls(chat, seen, after=0.001)
        await recorder.flush()
        # Killed here, the next process goes on from what is known, and never tells again what led there.
        known = recalled(path, watch.clock.now(), "chat 1499").chats[0]
        assert known.chat.state == CHATS.state
        assert known.timeline == watch.monitor.board.timeline("chat 1499")


async def test_coverage_is_one_row_a_stretch_without_gaps(path: Path, watch: Watch) -> None:
    async with recorded(path, watch) as recorder:
        for after in (1.0, 2.0, 3.0):
            watch.polls("one", WAITS, after)
            await recorder.flush()
        watch.polls("one", WAITS, 100.0)
        await recorder.flush()
        watch.polls("one", WAITS, 5.0)

    coverage = rows(path, "SELECT chats.id, since, until, lasted FROM coverage JOIN chats ON chats.number = chat ORDER BY since")
    assert coverage == [("one", NOON + 1, NOON + 6, 5.0), ("one", NOON + 106, NOON + 111, 5.0)]
    assert [event.kind for event in events_in(path)] == [EventKind.FIRST_SEEN, EventKind.GAP]


async def test_a_wall_clock_that_jumps_does_not_change_how_long_a_chat_was_watched(path: Path, watch: Watch) -> None:
    async with recorded(path, watch) as recorder:
        watch.polls("one", WAITS)
        await recorder.flush()
        watch.clock.set_utc(-3_600)
        watch.polls("one", WAITS, 3.0)

    assert rows(path, "SELECT lasted FROM coverage") == [(3.0,)]


async def test_a_chat_that_left_the_board_at_once_is_recorded_as_it_was_last(path: Path, watch: Watch) -> None:
    async with recorded(path, watch) as recorder:
        watch.polls("one", WAITS)
        await recorder.flush()
        watch.polls("one", CHATS)
        watch.monitor.unwatch("one")

    [(known,)] = rows(path, "SELECT body FROM known")
    assert '"state":"Chatting"' in known.decode()


async def test_a_locked_file_is_said_and_what_waited_for_it_is_written_when_it_is_free(
    path: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0.01)
    async with recorded(path, watch) as recorder:
        await recorder.flush()
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            watch.polls("one", WAITS)
            await recorder.flush()
            watch.polls("one", CHATS)
            await recorder.flush()
            [trouble] = watch.monitor.troubles.values()
            other.execute("ROLLBACK")
        await recorder.flush()

        assert trouble.startswith("nothing is recorded since ")
        assert trouble.endswith(f"the history {path} is locked by another program; end that program")
        assert watch.notices == [trouble, "the history is written again"]
        assert watch.monitor.troubles == {}
        assert events_in(path) == watch.events


async def test_what_waits_for_too_long_makes_room_and_its_number_is_told(path: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0.01)
    monkeypatch.setattr(recorder_module, "MAX_QUEUED", 3)
    async with recorded(path, watch) as recorder:
        await recorder.flush()
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for outcome in (WAITS, LATE, WAITS, LATE, WAITS):
                watch.polls("one", outcome)
                await recorder.flush()
            [trouble] = watch.monitor.troubles.values()
            other.execute("ROLLBACK")
        await recorder.flush()

    assert "the oldest events are lost" in trouble
    assert watch.notices[-1] == "the history is written again; 2 events are lost"
    assert events_in(path) == watch.events[2:]


@pytest.mark.parametrize("becomes", ["nothing", "another history"])
async def test_a_file_that_is_moved_away_is_begun_anew_with_all_that_is_known(path: Path, watch: Watch, becomes: str) -> None:
    async with recorded(path, watch) as recorder:
        watch.polls("one", WAITS)
        await recorder.flush()
        move_away(path, put_another_in_place=becomes == "another history")
        watch.polls("two", WAITS)
        await recorder.flush()
        [trouble] = watch.monitor.troubles.values()
        await recorder.flush()

        assert "was moved or deleted" in trouble
        assert watch.monitor.troubles == {}
        assert events_in(path) == watch.events[1:]
        assert rows(path, "SELECT id FROM chats JOIN known ON chat = number ORDER BY id") == [("one",), ("two",)]


async def test_a_file_that_breaks_is_left_alone(path: Path, watch: Watch) -> None:
    async with recorded(path, watch) as recorder:
        watch.polls("one", WAITS)
        await recorder.flush()
        broken = overwrite(path)
        for chat in ("one", "two"):
            watch.polls(chat, CHATS)
            await recorder.flush()

    [trouble] = watch.monitor.troubles.values()
    assert trouble.endswith(f"the history {path} is broken; move it away, or give another file with --history FILE")
    assert watch.notices == [trouble]
    assert content(path) == broken


async def test_what_cannot_be_written_at_the_end_is_told(path: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0.01)
    async with recorded(path, watch):
        pass
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with recorded(path, watch):
            watch.polls("one", WAITS)

    assert watch.notices[-1].startswith("the history was not written to its end, 1 events are lost: the history ")


async def test_an_own_fault_costs_one_batch_and_not_the_rest(path: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    async with recorded(path, watch) as recorder:
        with monkeypatch.context() as patched:
            patched.setattr("chatmon.history.writer.detail_of", lambda event: event.no_such_field)
            watch.polls("one", WAITS)
            await recorder.flush()
            assert "chatmon's own fault: AttributeError" in watch.monitor.troubles["history"]
        watch.polls("one", CHATS)
        await recorder.flush()

    assert watch.notices[-1] == "the history is written again; 1 events are lost"
    assert events_in(path) == watch.events[1:]


async def test_old_events_are_forgotten_in_portions(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatmon.history.writer.PORTION", 2)
    clock = HandClock()
    old = Watch(clock, "one", "two", "three")
    async with recorded(path, old, token="old"):
        for chat in ("one", "two", "three"):
            old.polls(chat, WAITS)
    new = Watch(clock, "one", "four")
    new.monitor.remember(recalled(path, clock.now(), "one").chats)
    async with recorded(path, new, token="new", days=5) as recorder:
        await recorder.flush()
        clock.pass_by(10 * DAY)
        for chat in ("one", "four"):
            new.polls(chat, WAITS)
        for _ in range(4):
            await recorder.flush()

    assert events_in(path) == new.events
    assert rows(path, "SELECT id FROM chats ORDER BY id") == [("four",), ("one",)]
    assert rows(path, "SELECT count(*) FROM coverage") == [(2,)]
    assert rows(path, "SELECT count(*) FROM known") == [(2,)]
    assert rows(path, "SELECT token FROM sessions") == [("new",)]


async def poll_and_flush(path: Path, watch: Watch, token: str, jumps: tuple[float, ...] = ()) -> None:
    """A session that keeps five days, and polls and flushes once, and again after each jump of the wall clock and a minute more."""
    async with recorded(path, watch, token=token, days=5) as recorder:
        watch.polls("one", WAITS)
        await recorder.flush()
        for jump in jumps:
            watch.clock.set_utc(jump)
            watch.polls("one", LATE if watch.chat("one").error is None else WAITS, 2 * DAY)
            await recorder.flush()


async def test_a_wall_clock_that_jumps_forward_deletes_nothing_that_is_not_old(path: Path, watch: Watch) -> None:
    await poll_and_flush(path, watch, "only", jumps=(5_000 * DAY, 0.0))

    assert events_in(path) == watch.events
    assert watch.events[0].kind is EventKind.FIRST_SEEN


async def test_a_wall_clock_that_was_wrong_from_the_start_deletes_nothing(path: Path) -> None:
    first, wrong, right = (Watch(HandClock(NOON + days * DAY), "one") for days in (0, 5_000, 1))
    for token, session in (("first", first), ("wrong", wrong), ("right", right)):
        await poll_and_flush(path, session, token)

    assert events_in(path) == [*first.events, *wrong.events, *right.events]


async def test_a_wall_clock_that_was_set_back_does_not_put_off_forgetting(path: Path) -> None:
    before, since = Watch(HandClock(), "one"), Watch(HandClock(NOON + 60), "one")
    await poll_and_flush(path, before, "before")
    await poll_and_flush(path, since, "since", jumps=(100 * DAY, -100 * DAY, 0.0, 0.0))

    assert not set(map(str, before.events)) & set(map(str, events_in(path)))


async def test_what_grew_old_while_nothing_was_recorded_goes_in_the_session_after_the_next(path: Path) -> None:
    sessions = [Watch(HandClock(NOON + days * DAY), "one") for days in (0, 40, 40.1)]
    left = []
    for number, session in enumerate(sessions):
        await poll_and_flush(path, session, str(number))
        left.append(len(events_in(path)))

    assert left == [1, 2, 2]


async def test_a_second_recorder_of_another_source_has_chats_of_its_own(path: Path) -> None:
    clock = HandClock()
    for source in ("a", "b"):
        one = writer(path, clock, token=source, source=source)
        one.write(Batch(NOON, ((1, Event(at=NOON, kind=EventKind.POLL_FAILED, chat="one")),)))
        one.close()

    with reading(path, "b") as reader:
        assert len(reader.read_before(None, 10)) == len(reader.read_before(None, 10, "one")) == 1
    assert len(events_in(path)) == 2


def test_a_disk_error_is_named_without_what_was_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = writer(path, HandClock())
    one.open()
    error = sqlite3.OperationalError("secret")
    error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_IOERR_WRITE, "SQLITE_IOERR_WRITE"

    def fails(_: Event) -> bytes:
        raise error

    monkeypatch.setattr("chatmon.history.writer.detail_of", fails)
    with pytest.raises(HistoryFailing, match="the disk fails, is full or has a limit"):
        one.write(Batch(NOON, ((1, Event(at=NOON, kind=EventKind.DENIED)),)))
    one.close()
