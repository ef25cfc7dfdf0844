"""Which day is read from a history, what is refused, and how a tape grows while someone still records."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from chatmon.api.resource import CHATTING, WAITING, ChatResource
from chatmon.history.errors import HistoryError, HistoryRefused
from chatmon.history.reader import HistoryReader
from chatmon.history.writer import Batch, HistoryWriter
from chatmon.monitor.alarms import Thresholds
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind
from chatmon.replay.film import Film
from chatmon.replay.player import Player
from chatmon.replay.reading import read_on, read_tape
from chatmon.replay.tape import Tape
from tests.history.recording import recalled
from tests.ui.watched import StandingClock

from .conftest import tape_of
from .recorded_day import MORNING, SOURCE, Day

MIDNIGHT = MORNING - 8 * 3600
HOUR, DAY = 3600.0, 86_400.0


def first_seen(at: float, chat: str, state: str = WAITING) -> Event:
    return Event(at=at, kind=EventKind.FIRST_SEEN, chat=chat, state_to=state, resource=ChatResource(state, id=chat))


def changed(at: float, chat: str, state: str) -> Event:
    return Event(at=at, kind=EventKind.STATE_CHANGED, chat=chat, not_before=at - 2, state_from=WAITING, state_to=state)


def write(path: Path, *events: Event, source: str = SOURCE, token: str = "one", alive: float | None = None) -> None:
    """One session that saw these events and ran from the first to the last of them, or until `alive`."""
    writer = HistoryWriter(path, source=source, token=token, started=events[0].at)
    writer.write(Batch(alive or events[-1].at, tuple(enumerate(events))))
    writer.close()


def seconds_of(tape: Tape) -> list[float]:
    return [tape.time(place) - MIDNIGHT for place in range(tape.first, len(tape.events))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite3"


def test_the_newest_day_is_read_and_another_one_where_it_is_asked_for(path: Path) -> None:
    write(path, first_seen(MIDNIGHT - 3 * HOUR, "a"), first_seen(MIDNIGHT + HOUR, "b"), changed(MIDNIGHT + 2 * HOUR, "b", CHATTING))
    assert seconds_of(tape_of(path)) == [HOUR, 2 * HOUR]
    assert seconds_of(tape_of(path, MIDNIGHT - 60)) == [-3 * HOUR]
    with pytest.raises(HistoryRefused, match="holds nothing of 2026-11-19; the newest it holds is of 2026-11-22"):
        tape_of(path, MIDNIGHT - 3 * DAY + HOUR)


def test_a_day_is_that_of_the_time_zone_also_where_clocks_change(path: Path) -> None:
    zone = ZoneInfo("Europe/Berlin")
    autumn = 1_792_879_200.0  # midnight of Sunday 25 October 2026 in Berlin, a day of 25 hours
    write(path, first_seen(autumn - 1, "a"), first_seen(autumn + 24.5 * HOUR, "b"), first_seen(autumn + 25 * HOUR, "c"))
    reader = HistoryReader(path)
    tape = read_tape(reader, timezone=zone, at=autumn + HOUR)
    assert (tape.day, tape.day_end) == (autumn, autumn + 25 * HOUR)
    assert [event.chat for event in tape.events[tape.first :]] == ["b"]
    reader.close()


def test_what_was_recorded_the_day_before_tells_how_the_chats_were_when_the_day_began(path: Path) -> None:
    write(path, first_seen(MIDNIGHT - HOUR, "a"), changed(MIDNIGHT + HOUR, "a", CHATTING), alive=MIDNIGHT + 2 * HOUR)
    tape = tape_of(path)
    film = Film(tape, Thresholds())

    assert tape.begin == MIDNIGHT  # chatmon ran then
    chat = film.look(MIDNIGHT + 60).chats["a"]
    assert (chat.state, film.look(MIDNIGHT + 60).events) == (WAITING, 0)
    assert chat.time_in_state(film.look(MIDNIGHT + 60).now) == HOUR + 60
    assert film.look(MIDNIGHT + HOUR).chats["a"].state == CHATTING
    assert film.look(MIDNIGHT + HOUR).shift.since == MIDNIGHT


def test_of_the_alarms_of_before_those_stand_that_the_monitor_of_the_day_knew_again(path: Path) -> None:
    def overload(at: float, agent: str, kind: EventKind = EventKind.ALARM_RAISED) -> Event:
        return Event(at=at, kind=kind, agent=agent, rule="overload", severity="warn", why="in 5 chats")

    write(path, overload(MIDNIGHT - DAY - 1, "Kristi"), overload(MIDNIGHT - DAY, "Max"), token="before")
    begin = MIDNIGHT + 9 * HOUR
    known = {alarm.agent: alarm.raised.utc for alarm in recalled(path, Moment(5.0, begin)).alarms}
    started = Event(at=begin, kind=EventKind.MONITOR_STARTED)
    write(path, started, overload(begin + 60, "Kristi"), overload(begin + 90, "Max", EventKind.ALARM_CLEARED), alive=begin + HOUR)

    def standing(second: float) -> dict[str | None, float]:
        return {alarm.agent: alarm.raised.utc for alarm in Film(tape_of(path), Thresholds()).look(second).alarms}

    assert standing(begin + 1) == known == {"Max": MIDNIGHT - DAY}
    assert standing(begin + 60) == {**known, "Kristi": begin + 60}
    assert standing(begin + 90) == {"Kristi": begin + 60}


def test_a_chat_whose_first_sight_was_recorded_too_long_ago_is_known_from_its_next_change(path: Path) -> None:
    write(path, Event(at=MIDNIGHT + HOUR, kind=EventKind.GAP, chat="a", lasted=9.0), changed(MIDNIGHT + 2 * HOUR, "a", CHATTING))
    film = Film(tape_of(path), Thresholds())
    chat = film.look(MIDNIGHT + HOUR).chats["a"]
    assert (chat.state, chat.time_in_state(film.look(MIDNIGHT + HOUR).now)) == (WAITING, None)


def test_a_wall_clock_that_was_set_back_does_not_turn_the_tape_back(path: Path) -> None:
    write(path, first_seen(MIDNIGHT + HOUR, "a"), first_seen(MIDNIGHT + 1_800, "b"), changed(MIDNIGHT + 2 * HOUR, "b", CHATTING))
    tape = tape_of(path)
    assert seconds_of(tape) == [HOUR, HOUR, 2 * HOUR]
    assert list(Film(tape, Thresholds()).look(MIDNIGHT + HOUR).chats) == ["a", "b"]


def test_only_what_is_of_the_deployment_is_read_where_one_is_meant(path: Path) -> None:
    write(path, first_seen(MIDNIGHT + HOUR, "a"), source="one", token="one")
    write(path, first_seen(MIDNIGHT + 2 * HOUR, "b"), source="other", token="two")
    reader = HistoryReader(path, "one")
    assert [event.chat for event in read_tape(reader, timezone=UTC).events] == ["a"]
    reader.close()
    with pytest.raises(HistoryRefused, match="holds no event that can be replayed"):
        read_tape(HistoryReader(path, "a third"), timezone=UTC)


def spoil(path: Path, statement: str) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()
    return path


def emptied(path: Path) -> Path:
    HistoryWriter(path, source=SOURCE, token="t", started=MORNING).open()
    return path


REFUSED = {
    "no file": (lambda path: path, "does not exist or is empty"),
    "a file of nothing": (lambda path: path.touch() or path, "does not exist or is empty"),
    "text": (lambda path: path.write_text("hello") and path, "is a file of another kind"),
    "a folder": (lambda path: path.mkdir() or path, "is no file"),
    "no events": (emptied, "holds no event that can be replayed"),
}


@pytest.mark.parametrize(("make", "says"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_history_is_refused_in_one_line(path: Path, make, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(HistoryRefused, match=says):
        tape_of(make(path))


def test_another_programs_and_a_later_version_of_a_file_are_refused(path: Path, day: Day) -> None:
    shutil.copy(day.path, path)
    with pytest.raises(HistoryRefused, match="is of a later chatmon"):
        tape_of(spoil(path, "PRAGMA user_version = 99"))
    with pytest.raises(HistoryRefused, match="is another program's SQLite file"):
        tape_of(spoil(path, "PRAGMA application_id = 7"))


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_file_is_played_as_far_as_it_can_be_read_or_refused(path: Path, day: Day, seed: int) -> None:
    damaged = bytearray(day.path.read_bytes())
    for place in range(4_096 + seed * 977, len(damaged), 8_191):
        damaged[place] ^= 0x55
    path.write_bytes(damaged)
    try:
        tape = tape_of(path)
    except HistoryError as error:
        told = str(error)
    else:
        told = ""
        for second in (tape.begin, (tape.begin + tape.end) // 2, tape.end):
            Film(tape, Thresholds()).look(second)
    assert told.isprintable()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET kind = 'of_tomorrow' WHERE position % 3 = 0",
        "UPDATE events SET detail = x'ff' WHERE position % 3 = 0",
        "UPDATE events SET at = at + 1e9 WHERE position % 5 = 0",
        "UPDATE events SET at = 'noon' WHERE position % 5 = 0",
        "UPDATE events SET detail = '{}' WHERE position % 2 = 0",
        "UPDATE sessions SET alive = 'then'",
        "UPDATE coverage SET until = 'then' WHERE number % 2 = 0",
        "UPDATE chats SET label = NULL WHERE 0",
        "DELETE FROM coverage",
        "DELETE FROM trends",
    ],
)
def test_rows_that_hold_something_else_than_they_should_are_passed_over(path: Path, day: Day, statement: str) -> None:
    shutil.copy(day.path, path)
    tape = tape_of(spoil(path, statement), MORNING)
    film = Film(tape, Thresholds())
    for second in range(int(tape.begin), int(tape.end) + 1, 31):
        assert film.look(second).now.utc == second


def test_a_tape_grows_while_someone_records_and_what_was_there_stays_as_it_was(path: Path) -> None:
    writer = HistoryWriter(path, source=SOURCE, token="one", started=MORNING)
    writer.write(Batch(MORNING + 5, ((0, first_seen(MORNING, "a")),)))
    reader = HistoryReader(path)
    tape = read_tape(reader, timezone=UTC)
    film = Film(tape, Thresholds())
    player = Player(film, StandingClock())
    assert (tape.end - MORNING, read_on(reader, tape)) == (5, None)
    before = film.look(MORNING + 5)

    writer.write(Batch(MORNING + 9, ((1, changed(MORNING + 7, "a", CHATTING)),)))
    portion = read_on(reader, tape)
    assert portion is not None
    player.take(portion)
    assert (tape.end - MORNING, len(tape.events)) == (9, 2)
    assert film.look(MORNING + 7).chats["a"].state == CHATTING
    assert film.look(MORNING + 5) == before
    assert read_on(reader, tape) is None

    writer.write(Batch(MORNING + 12, ((2, first_seen(MIDNIGHT + DAY + 5, "b")),)))
    portion = read_on(reader, tape)
    assert portion is not None
    player.take(portion)
    assert (tape.end - MORNING, len(tape.events)) == (12, 2)
    assert Film(read_tape(reader, timezone=UTC, at=MORNING), Thresholds()).look(MORNING + 9) == film.look(MORNING + 9)
    reader.close()
    writer.close()


def test_a_history_is_left_as_it_was(day: Day, path: Path) -> None:
    shutil.copy(day.path, path)
    before = path.read_bytes()
    Film(tape_of(path), Thresholds()).look(MORNING + 300)
    assert path.read_bytes() == before
    assert {file.name for file in path.parent.iterdir()} <= {path.name, f"{path.name}-shm", f"{path.name}-wal"}  # as readers have them
