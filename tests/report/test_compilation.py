"""A report says of a time what the board said of it, and what was not seen it does not claim."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chatmon.history.reader import HistoryReader
from chatmon.history.rows import Stretch
from chatmon.history.writer import Batch, HistoryWriter
from chatmon.monitor.course import TELLING
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.shift import ShiftFigures
from chatmon.monitor.snapshot import take_snapshot
from chatmon.report import by_label
from chatmon.report.compilation import compile_report
from chatmon.report.report import Report
from chatmon.report.watching import GapKind
from chatmon.ui.shares import in_time, watched
from chatmon.ui.tiles import TILES, look_at
from tests.history.recording import SOURCE
from tests.monitor.recorded_shift import Sight, sights
from tests.report.recorded_night import Night

DUSK = datetime(2026, 11, 22, 21, 20, tzinfo=UTC).timestamp()
KILLED = (1_800.0, 2_400.0)
OUTAGE = (4_000.0, 4_300.0)
LASTS = 5_400.0


class Recorded(msgspec.Struct, frozen=True):
    """A night on which a monitor was killed and one outage happened, the last monitor, and when it ended (UTC seconds)."""

    path: Path
    monitor: Monitor
    end: float

    def report(self, since: float = DUSK - 3_600, until: float | None = None, source: str | None = SOURCE) -> Report:
        until = self.end + 1 if until is None else until
        reader = HistoryReader(self.path, source)
        try:
            return compile_report(reader, since=since, until=until, now=self.end + 1, timezone=UTC, watched_in=UTC, service_level=60.0)
        finally:
            reader.close()

    @property
    def events(self) -> list[Event]:
        with closing_reader(self.path) as reader:
            return [recorded.event for recorded in reader.read_on()]


class closing_reader(closing[HistoryReader]):  # noqa: N801 - as `closing` is called
    def __init__(self, path: Path) -> None:
        super().__init__(HistoryReader(path, SOURCE))


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    path = tmp_path_factory.mktemp("night") / "history.sqlite3"
    night = Night(path, DUSK, chats=14, seed=11, step=6.0)
    monitor = night.record(LASTS, killed=[KILLED], outages=[OUTAGE])
    return Recorded(path, monitor, night.clock.now().utc)


@pytest.fixture(scope="module")
def report(night: Recorded) -> Report:
    return night.report()


@pytest.fixture
def copy(night: Recorded, tmp_path: Path) -> Recorded:
    """The same in a file that may be spoiled."""
    (tmp_path / "copy").write_bytes(night.path.read_bytes())
    return msgspec.structs.replace(night, path=tmp_path / "copy")


def board_figures(night: Recorded) -> ShiftFigures:
    return night.monitor.shift.figures(night.monitor.board.chats, night.monitor.clock.now())


def test_the_figures_are_those_of_the_board(night: Recorded, report: Report) -> None:
    board = board_figures(night)
    assert board.answered > 100
    assert board.abandoned > 5
    assert 0.5 < (board.coverage or 0.0) < 0.999
    assert msgspec.structs.replace(report.figures, coverage=None) == msgspec.structs.replace(board, coverage=None)
    assert report.figures.coverage == pytest.approx(board.coverage)


def test_they_are_written_as_on_the_boards_tiles(night: Recorded, report: Report) -> None:
    look = look_at(take_snapshot(night.monitor))
    shown = next(tile for tile in TILES if tile.name.startswith("Answered")).show(look)
    assert (shown.value, shown.below[0]) == (in_time(report.figures), f"of {report.figures.answered}, {watched(report.figures)}")


def test_chats_whose_polls_fail_at_the_end_count_as_not_watched_on_the_board_and_in_the_report(tmp_path: Path) -> None:
    night = Night(tmp_path / "history", DUSK, chats=8, seed=5, step=6.0)
    monitor = night.record(1_200.0, outages=[(900.0, 1e9)])
    recorded = Recorded(night.path, monitor, night.clock.now().utc)
    board, found = board_figures(recorded), recorded.report().figures
    assert (board.coverage or 1.0) < 0.97
    assert found.coverage == pytest.approx(board.coverage, abs=0.005)


def test_an_hour_has_the_figures_of_a_report_of_that_hour_alone(night: Recorded, report: Report) -> None:
    assert [datetime.fromtimestamp(one.hour.since, UTC).strftime("%H:%M") for one in report.hours] == ["21:20", "22:00"]
    for one in report.hours:
        alone = night.report(one.hour.since, one.hour.until).figures
        assert one.figures == msgspec.structs.replace(alone, handled_by={}, most_at_once={})


def test_hours_and_labels_add_up(report: Report) -> None:
    for name in ("answered", "answered_in_time", "answered_late"):
        whole = getattr(report.figures, name)
        assert sum(getattr(one.figures, name) for one in report.hours) == whole
        assert sum(getattr(one.figures, name) for one in report.labels) == whole
    for name in ("abandoned", "handled"):
        assert sum(getattr(one.figures, name) for one in report.labels) == getattr(report.figures, name)
    assert {one.label for one in report.labels} > {"billing", "sales"}
    assert sum(band.answered for band in report.waits) == report.figures.answered


def test_waits_are_counted_in_bands_about_the_service_level(report: Report) -> None:
    late = sum(band.answered for band in report.waits if band.over is not None and band.over >= 60.0)
    assert late == report.figures.answered_late
    assert [band.up_to for band in report.waits][:4] == [15.0, 30.0, 60.0, 120.0]


def talked(life: list[Sight], last_seen: float) -> Iterator[tuple[str, float]]:
    """For how long each agent was seen to talk in a chat, counted from one sight of it to the next."""
    for before, after in pairwise(life):
        until = after.seen_before if after.after_gap and after.seen_before is not None else after.at
        yield from ((name, max(0.0, until - before.at)) for name in before.engaged)
    yield from ((name, last_seen - life[-1].at) for name in life[-1].engaged)


def test_agents_talked_for_as_long_as_they_were_seen_to(night: Recorded, report: Report) -> None:
    with closing_reader(night.path) as reader:
        last_seen = {stretch.chat: stretch.seen_last for stretch in reader.stretches(0.0, 2e9)}
    seconds: defaultdict[str, float] = defaultdict(float)
    for chat, life in sights(event for event in night.events if event.kind in TELLING).items():
        for name, time in talked(life, last_seen[chat]):
            seconds[name] += time
    assert {one.nickname: one.talk_time for one in report.agents} == pytest.approx(dict(seconds))
    assert {one.nickname: one.handled for one in report.agents} == report.figures.handled_by
    assert {one.nickname: one.most_at_once for one in report.agents} == report.figures.most_at_once


def test_an_agent_is_overloaded_as_often_as_the_alarm_said(night: Recorded, report: Report) -> None:
    raised = Counter(event.agent for event in night.events if event.kind is EventKind.ALARM_RAISED and event.rule == "overload")
    assert {one.nickname: one.overloads for one in report.agents if one.overloads} == dict(raised)
    assert all((one.overload_time > 0) is (one.overloads > 0) for one in report.agents)


def test_when_nobody_watched_and_when_no_chat_answered_is_told(report: Report) -> None:
    unwatched, unanswered = report.gaps
    assert (unwatched.kind, unanswered.kind) == (GapKind.UNWATCHED, GapKind.UNANSWERED)
    assert (unwatched.since - DUSK, unwatched.until - DUSK) == pytest.approx(KILLED, abs=10.0)
    assert (unanswered.since - DUSK, unanswered.until - DUSK) == pytest.approx(OUTAGE, abs=45.0)


def test_the_course_of_waiting_has_its_gaps_and_its_peak(report: Report) -> None:
    waiting = {round(point.at - DUSK): point.waiting for point in report.course}
    assert report.step == 60.0
    assert [at for at, chats in waiting.items() if chats is None] == [*range(1_800, 2_400, 60), *range(4_020, 4_260, 60)]
    assert report.most_waiting is not None
    assert report.most_waiting.value == max(chats for chats in waiting.values() if chats is not None)
    assert report.most_waiting.value == max(one.most_waiting or 0 for one in report.hours)


def test_alarms_are_counted_by_rule_and_placed_in_the_course(night: Recorded, report: Report) -> None:
    rules = Counter(event.rule for event in night.events if event.kind is EventKind.ALARM_RAISED and event.severity == "warn")
    counts = {one.rule: one.raised for one in report.alarms}
    assert counts["waiting"] == rules["waiting"]
    assert sum(point.critical for point in report.course) == sum(one.critical for one in report.alarms)


def test_of_the_time_before_anything_was_recorded_nothing_is_claimed(report: Report) -> None:
    assert (report.asked_since, report.since) == (DUSK - 3_600, DUSK)


@pytest.mark.parametrize("since", [DUSK - 9_000, DUSK + 100_000])
def test_a_time_of_which_nothing_is_recorded_has_no_figures(night: Recorded, since: float) -> None:
    empty = night.report(since, since + 3_600)
    assert (empty.is_recorded, empty.hours, empty.agents, empty.labels, empty.gaps) == (False, (), (), (), ())
    assert (empty.figures.answered, empty.figures.coverage, empty.chats) == (0, None, 0)


def test_of_another_deployment_nothing_is_told(night: Recorded) -> None:
    assert night.report(source="https://elsewhere").is_recorded is False
    assert night.report(source=None).figures == night.report().figures


def test_a_history_that_grows_meanwhile_is_read_as_of_the_start(copy: Recorded) -> None:
    class Growing(HistoryReader):
        def sessions(self) -> tuple[Stretch, ...]:
            writer = HistoryWriter(self.path, source=SOURCE, token="later", started=copy.end + 5)
            late = [event for event in copy.events if event.kind in {EventKind.FIRST_SEEN, EventKind.STATE_CHANGED}]
            renamed = [msgspec.structs.replace(event, chat=f"late {event.chat}") for event in late]
            writer.write(Batch(copy.end + 5, tuple(enumerate(renamed))))
            writer.close()
            return super().sessions()

    before = copy.report().figures
    reader = Growing(copy.path, SOURCE)
    grown = compile_report(reader, since=DUSK, until=copy.end + 1, now=copy.end + 1, timezone=UTC, watched_in=UTC, service_level=60.0)
    reader.close()
    assert grown.figures == before
    assert copy.report().figures.answered > before.answered


def test_labels_beyond_those_that_are_told_apart_are_counted_together(night: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_label, "MAX_LABELS", 2)
    found = night.report()
    assert [one.label is None for one in found.labels].count(True) == 1
    assert len(found.labels) == 3
    assert sum(one.figures.answered for one in found.labels) == found.figures.answered


SPOILED = (
    "UPDATE coverage SET since = 'x' WHERE number % 3 = 0",
    "UPDATE coverage SET until = -1e300 WHERE number % 3 = 0",
    "UPDATE chats SET label = x'ff00' WHERE number % 2 = 0",
    "UPDATE chats SET stretch = NULL WHERE number % 2 = 0",
    "UPDATE sessions SET alive = 'x'",
    "UPDATE sessions SET started = 9e99 WHERE number = 1",
    "UPDATE trends SET waiting = 'many' WHERE number % 2 = 0",
    "UPDATE events SET detail = '{' WHERE position % 5 = 0",
    "UPDATE events SET at = -1e308 WHERE position % 7 = 0",
)


@pytest.mark.parametrize("statement", SPOILED)
def test_rows_that_hold_something_else_are_left_out(copy: Recorded, statement: str) -> None:
    with closing(sqlite3.connect(copy.path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(statement)
    found: Any = copy.report()
    assert 0.0 <= (found.figures.coverage or 0.0) <= 1.0
