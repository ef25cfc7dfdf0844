"""The figures of a shift, worked by hand in `shifts.toml`, and as laws over whatever polls may see."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.monitor import shift as shift_module
from chatmon.monitor import tally as tally_module
from chatmon.monitor.board import Board
from chatmon.monitor.chat import Chat
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.shift import COVERAGE_SECONDS, Shift, ShiftFigures, day_start

from .fake_clock import UTC_START, moment
from .looks import Look, events_of, looks_of, take_look
from .recorded_shift import counted_by_hand

Table = dict[str, Any]
SHIFTS: list[Table] = tomllib.loads((Path(__file__).parent / "shifts.toml").read_text(encoding="utf-8"))["shifts"]
NOTHING_IS_A_GAP = 100_000.0


def looks_and_starts(case: Table) -> list[Look | Event]:
    """Everything of a case in its order."""
    happenings: list[Look | Event] = [look for chat, text in sorted(case.get("chats", {}).items()) for look in looks_of(chat, text)]
    for part in case.get("monitor", "").split(";"):
        if part:
            at, what = part.split()
            happenings.append(Event(at=UTC_START + float(at), kind=EventKind(f"monitor_{what}")))
    return sorted(happenings, key=lambda one: one.at if isinstance(one, Look) else one.at - UTC_START)


def figures_of(case: Table, *, recorded: bool) -> ShiftFigures:
    """The figures of a case: of a shift that begins while the monitor runs, or of one that takes in what was recorded."""
    assert set(case) <= {"name", "level", "interval", "begins", "monitor", "chats", "figures", "share"}
    begins, level = UTC_START + case.get("begins", 0), case.get("level", 60)
    shift = Shift(since=begins if recorded else UTC_START, service_level=level)
    board = Board(interval=case.get("interval", NOTHING_IS_A_GAP), on_event=shift.take)
    last = 0.0
    for one in looks_and_starts(case):
        last = one.at if isinstance(one, Look) else one.at - UTC_START
        if not recorded and shift.since < begins <= UTC_START + last:
            shift.begin(begins)
        if not recorded:
            shift.figures(board.chats, moment(last - COVERAGE_SECONDS))
        if isinstance(one, Look):
            take_look(board, one)
        else:
            shift.take(one)
    return shift.figures(board.chats, moment(last))


@pytest.mark.parametrize("recorded", [False, True], ids=["live", "recorded"])
@pytest.mark.parametrize("case", SHIFTS, ids=lambda case: case["name"])
def test_a_shift_worked_by_hand(case: Table, *, recorded: bool) -> None:
    figures = figures_of(case, recorded=recorded)
    expected = ShiftFigures(
        **{"since": figures.since, "service_level": figures.service_level, "coverage": figures.coverage} | case["figures"]
    )
    assert figures == expected
    assert figures.since == UTC_START + case.get("begins", 0)
    if "share" in case:
        assert figures.in_time_share == case["share"]


def test_the_share_in_time_is_exact_where_of_every_answer_it_is_known_whether_it_was_in_time() -> None:
    known = ShiftFigures(since=0, service_level=60, answered=4, answered_in_time=1, answered_late=3)
    assert (known.in_time_share, known.in_time_share_exact) == (0.25, True)
    unknown = msgspec.structs.replace(known, answered=5)
    assert (unknown.in_time_share, unknown.in_time_share_exact) == (0.4, False)
    assert ShiftFigures(since=0, service_level=60).in_time_share is None


# What one poll after the other may see of three chats, two agents and a server that forgets and fails.
looks = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from([0.0, 1.0, 2.0, 5.0, 20.0]),
        st.sampled_from(["W", "W", "C", "C", "I", "N", "Completed", "gone", "fail"]),
        st.lists(st.sampled_from(["Kristi", "Max"]), max_size=2).map(tuple),
    ),
    max_size=40,
)


def one_after_the_other(steps: list[tuple[str, float, str, tuple[str, ...]]]) -> list[Look]:
    """The looks at their times; a chat is looked at once at a time."""
    now, told = 0.0, [Look(0.0, "a", "W")]
    for chat, pause, saw, agents in steps:
        now += pause or float(any(look.chat == chat for look in told if look.at == now))
        told.append(Look(now, chat, saw, agents))
    return told


@given(looks, st.integers(0, 40))
def test_a_shift_counts_what_a_count_by_hand_counts(steps: list[tuple[str, float, str, tuple[str, ...]]], level: int) -> None:
    events, board = events_of(one_after_the_other(steps), interval=2.0)
    shift = Shift(since=UTC_START, service_level=level)
    for event in events:
        shift.take(event)
    figures = msgspec.structs.asdict(shift.figures(board.chats, moment(0)))
    by_hand = counted_by_hand(events, service_level=level)
    assert {name: figures[name] for name in by_hand} == by_hand


@given(looks, st.data())
def test_a_restart_at_any_moment_changes_no_figure(steps: list[tuple[str, float, str, tuple[str, ...]]], data: st.DataObject) -> None:
    told = one_after_the_other(steps)
    begins = UTC_START + data.draw(st.sampled_from([0.0, *(look.at for look in told)]), "the shift begins")
    restarts = data.draw(st.sets(st.integers(0, len(told))), "restarts")
    board = Board(interval=2.0)
    recorded: list[Event] = []
    shift, uninterrupted = Shift(since=begins, service_level=10), Shift(since=begins, service_level=10)
    for number, look in enumerate(told):
        if number in restarts:
            shift = Shift(since=begins, service_level=10)
            for event in recorded:
                shift.take(event)
        for event in take_look(board, look):
            recorded.append(event)
            shift.take(event)
            uninterrupted.take(event)
        if UTC_START + look.at >= begins:
            now = moment(look.at + number * COVERAGE_SECONDS)
            assert shift.figures(board.chats, now) == uninterrupted.figures(board.chats, now)


@given(looks)
def test_figures_never_contradict_each_other(steps: list[tuple[str, float, str, tuple[str, ...]]]) -> None:
    board = Board(interval=2.0)
    shift = Shift(since=UTC_START, service_level=10)
    for look in one_after_the_other(steps):
        for event in take_look(board, look):
            shift.take(event)
        figures = shift.figures(board.chats, moment(look.at))
        assert figures.answered_in_time + figures.answered_late <= figures.answered
        assert figures.answered + figures.abandoned <= len(board)
        assert figures.handled + figures.abandoned <= len(board)
        assert all(0 < figures.most_at_once[name] <= number <= len(board) for name, number in figures.handled_by.items())
        assert figures.coverage is None or 0 <= figures.coverage <= 1


def fold(text: str, *, interval: float = NOTHING_IS_A_GAP, chat: str = "a") -> tuple[Shift, Board]:
    """A shift and a board that saw one chat."""
    events, board = events_of(looks_of(chat, text), interval=interval)
    shift = Shift(since=UTC_START, service_level=60)
    for event in events:
        shift.take(event)
    return shift, board


def test_a_chat_that_is_no_longer_watched_is_with_nobody_and_its_time_still_counts() -> None:
    shift, board = fold("0 C Max; 2 C Max; 42 C Max; 44 C Max", interval=2.0)
    known = board.unwatch("a", moment(44))
    assert known is not None
    shift.left(known.chat)
    # Of 44 s the 40 from 2 to 42 were not watched.
    assert shift.figures(board.chats, moment(44)).coverage == pytest.approx(4 / 44)
    for event in take_look(board, Look(50, "b", "C", ("Max",))):
        shift.take(event)
    figures = shift.figures(board.chats, moment(60))
    assert (figures.handled_by, figures.most_at_once) == ({"Max": 2}, {"Max": 1})


def test_a_chat_that_is_watched_again_counts_once() -> None:
    shift, board = fold("0 W; 2 W", interval=2.0)
    for look in (Look(4, "a", "C", ("Max",)), Look(8, "a", "I")):
        known = board.unwatch("a", moment(44))
        assert known is not None
        shift.left(known.chat)
        board.watch("a")
        assert board.resume(known)
        for event in take_look(board, look):
            shift.take(event)
    figures = shift.figures(board.chats, moment(8))
    assert (figures.answered, figures.handled, figures.handled_by, figures.coverage) == (1, 1, {"Max": 1}, 1.0)


def test_a_chat_that_is_watched_again_is_with_its_agent_again_unless_it_turns_out_to_have_been_over() -> None:
    for second, most in (("C", 2), ("I", 1)):
        shift, board = fold("0 C Max; 10 C Max")
        known = board.unwatch("a", moment(44))
        assert known is not None
        shift.left(known.chat)
        board.watch("a")
        assert board.resume(known)
        shift.came_back(known.chat)
        for look in (Look(20, "b", "C", ("Max",)), Look(21, "a", second, ("Max",)), Look(22, "a", "I")):
            for event in take_look(board, look):
                shift.take(event)
        assert shift.figures(board.chats, moment(22)).most_at_once == {"Max": most}


def test_a_chat_whose_first_sight_was_forgotten_is_no_answer_and_has_no_handling_time() -> None:
    events, board = events_of(looks_of("a", "0 W; 40 C Max; 100 I"), interval=NOTHING_IS_A_GAP)
    shift = Shift(since=UTC_START, service_level=60)
    for event in events[1:]:
        shift.take(event)
    figures = shift.figures(board.chats, moment(100))
    assert (figures.answered, figures.handled, figures.handling_time_mean, figures.handled_by) == (0, 1, None, {"Max": 1})


def test_a_chat_that_is_first_seen_twice_was_out_of_sight_in_between() -> None:
    # First the board forgot it, and then a restart.
    shift, _ = fold("0 W; 10 W")
    again, board = events_of(looks_of("a", "500 W; 510 C; 520 I"), interval=NOTHING_IS_A_GAP)
    for event in again:
        shift.take(event)
    figures = shift.figures(board.chats, moment(520))
    assert (figures.answered, figures.handled, figures.handling_time_mean) == (0, 1, None)


def test_what_is_counted_stays_counted_when_its_chats_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shift_module, "MAX_COURSES", 2)
    monkeypatch.setattr(shift_module, "MAX_ENDED", 1)
    told = [
        look
        for number in range(10)
        for look in looks_of(f"{number}", f"{10 * number} W; {10 * number + 5} C Max; {10 * number + 25} I; {10 * number + 60} gone")
    ]
    events, board = events_of(sorted(told, key=lambda look: look.at), interval=NOTHING_IS_A_GAP)
    shift = Shift(since=UTC_START, service_level=60)
    for event in events:
        shift.take(event)
    figures = shift.figures(board.chats, moment(200))
    assert (figures.answered, figures.time_to_answer_mean) == (10, 5)
    # Each but the last two was forgotten while it was Chatting, when the next but one came: of those the time is not known.
    assert (figures.handled, figures.handling_time_mean, figures.abandoned) == (10, 20, 0)
    assert (figures.handled_by["Max"], figures.most_at_once["Max"]) == (10, 2)


def test_the_newest_times_make_mean_and_p90(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally_module, "MAX_TIMES", 3)
    times = tally_module.AnswerTimes()
    for seconds, exact in ((90.0, False), (90.0, True), (4.0, True), (2.0, True), (3.0, True)):
        times.add(seconds, exact=exact)
    assert (times.mean, times.p90, times.exact) == (3.0, 4.0, True)


def test_agents_beyond_the_bound_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally_module, "MAX_AGENTS", 2)
    shift, board = fold("0 C Max Ada; 10 C Kim; 20 C Max Kim; 30 I")
    figures = shift.figures(board.chats, moment(30))
    assert (figures.handled_by, figures.most_at_once) == ({"Max": 1, "Ada": 1}, {"Max": 1, "Ada": 1})


def test_figures_are_the_same_value_until_something_is_counted_or_a_second_has_passed() -> None:
    shift, board = fold("0 W; 2 W", interval=2.0)
    first = shift.figures(board.chats, moment(2))
    assert shift.figures(board.chats, moment(2.9)) is first
    for event in take_look(board, Look(2.95, "a", "C")):
        shift.take(event)
    assert shift.figures(board.chats, moment(2.95)).answered == 1
    for second in (4, 6, 8):
        take_look(board, Look(second, "a", "fail"))
    assert shift.figures(board.chats, moment(8)).coverage == pytest.approx(2.95 / 8)


def test_nothing_watched_has_no_coverage() -> None:
    shift = Shift(since=UTC_START, service_level=60)
    assert shift.figures([Chat(id="a")], moment(0)) == ShiftFigures(since=UTC_START, service_level=60)


ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
]


@given(st.floats(0, 2_000_000_000), st.sampled_from(ZONES))
def test_a_day_begins_with_its_first_second(utc: float, name: str) -> None:
    zone = ZoneInfo(name)
    begin = day_start(utc, zone)
    day = datetime.fromtimestamp(utc, zone).date()
    assert begin <= utc
    assert datetime.fromtimestamp(begin, zone).date() == day
    assert datetime.fromtimestamp(begin - 1, zone).date() < day
    assert day_start(begin, zone) == begin


@pytest.mark.parametrize(
    ("name", "day", "begins", "hours"),
    [
        ("Europe/Berlin", (2026, 3, 29), (2026, 3, 28, 23), 23),
        ("Europe/Berlin", (2026, 10, 25), (2026, 10, 24, 22), 25),
        ("Asia/Beirut", (2026, 3, 29), (2026, 3, 28, 22), 23),  # midnight is left out
        ("America/Havana", (2025, 11, 2), (2025, 11, 2, 4), 25),  # midnight comes twice
    ],
)
def test_a_day_on_which_the_clocks_change(name: str, day: tuple[int, int, int], begins: tuple[int, int, int, int], hours: int) -> None:
    zone = ZoneInfo(name)
    begin = datetime(*begins, tzinfo=UTC)
    assert day_start(datetime(*day, 12, tzinfo=zone).timestamp(), zone) == begin.timestamp()
    following = datetime(*day, tzinfo=UTC) + timedelta(days=1)
    noon_after = datetime(following.year, following.month, following.day, 12, tzinfo=zone)
    assert day_start(noon_after.timestamp(), zone) - begin.timestamp() == hours * 3600


def test_without_a_time_zone_it_is_the_machines() -> None:
    utc = 1_700_000_000.0
    assert day_start(utc) == day_start(utc, datetime.fromtimestamp(utc).astimezone().tzinfo)


def test_a_recorded_shift_knows_from_when_on_a_chat_was_not_watched() -> None:
    shift, board = fold("0 C Max; 2 C Max", interval=2.0)
    shift.take(Event(at=moment(4).utc, kind=EventKind.UNWATCHED, chat="a", not_before=moment(2).utc))
    for event in take_look(board, Look(50, "b", "C", ("Max",))):
        shift.take(event)
    assert shift.figures(board.chats, moment(60)).most_at_once == {"Max": 1}
