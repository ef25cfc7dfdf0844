"""The figures above the board: what they count, what they say of it, and which are left out where there is little room."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.errors import Denied, NotFound, Timeout
from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.memory import KnownChat
from chatmon.monitor.shift import ShiftFigures
from chatmon.monitor.snapshot import Snapshot, take_snapshot
from chatmon.monitor.trends import BUCKET_SECONDS
from chatmon.ui import glyphs
from chatmon.ui.placing import allot
from chatmon.ui.tiles import LOW_TILES, TILES, Shown, Tile, look_at, trend_text
from tests.ui.watched import Watched, chat_id, dashboard


def shown(snapshot: Snapshot) -> dict[str, Shown]:
    look = look_at(snapshot)
    return {tile.name.split()[0]: tile.show(look) for tile in TILES}


def some_of_everything() -> Watched:
    watched = Watched()
    watched.answer("waiting", WAITING)
    watched.clock.seconds = 100
    watched.answer("waiting too", WAITING)
    watched.clock.seconds = 192
    for state in (CHATTING, IDLE, "Transferring"):
        watched.answer(state, state)
    for name, error in (("slow", Timeout("")), ("denied", Denied("")), ("wrong", NotFound(""))):
        watched.fail(name, error)
    watched.monitor.watch([("new", "")])
    return watched


def test_each_chat_is_counted_once() -> None:
    found = shown(take_snapshot(some_of_everything().monitor))

    assert {name: found[name].value for name in ("Waiting", "Chatting", "Idle", "Failing", "Gone")} == {
        "Waiting": "2", "Chatting": "1", "Idle": "1", "Failing": "3", "Gone": "0",
    }  # fmt: skip
    assert found["Waiting"].below == ("longest ≥03:12  mean ≥02:22", "longest ≥03:12")
    assert found["Failing"].below[0] == "1 denied, 1 not found, 1 not asked"
    assert found["Idle"].below[0] == "1 in other states"


def outage() -> Watched:
    watched = Watched()
    for number, state in enumerate((WAITING, WAITING, CHATTING, CHATTING, CHATTING, IDLE)):
        watched.answer(chat_id(number), state)
    watched.clock.seconds = 20
    for number in range(6):
        watched.fail(chat_id(number), Timeout("no whole answer within 5 s"))
    watched.clock.seconds = 90
    return watched


def test_in_an_outage_the_last_known_states_are_counted_and_marked() -> None:
    found = shown(take_snapshot(outage().monitor))

    assert [(found[name].value, found[name].style) for name in ("Waiting", "Chatting", "Idle")] == [
        ("2?", "failing"), ("3?", "failing"), ("1?", "failing"),
    ]  # fmt: skip
    assert found["Waiting"].below == ("longest ≥00:00",)
    assert found["Waiting"].filter == "state:waiting"
    assert found["Failing"].value == "6"


def test_one_chat_that_fails_among_many_makes_nothing_uncertain() -> None:
    watched = outage()
    for number in range(1, 6):
        watched.answer(chat_id(number), CHATTING)
    snapshot = take_snapshot(watched.monitor)

    assert shown(snapshot)["Waiting"].value == "0"
    assert shown(msgspec.structs.replace(snapshot, circuit=Circuit.OUTAGE))["Waiting"].value == "1?"


def test_after_a_restart_what_was_known_before_is_counted_until_it_is_asked() -> None:
    before = Watched()
    before.answer("a", WAITING)
    known = before.monitor.board.chat("a")
    assert known is not None
    after = Watched()
    after.monitor.watch([("a", "")])
    after.monitor.remember([KnownChat(known)])
    assert shown(take_snapshot(after.monitor))["Waiting"].value == "1?"

    after.answer("a", WAITING)
    assert shown(take_snapshot(after.monitor))["Waiting"].value == "1"


@pytest.mark.parametrize(
    ("figures", "value", "below"),
    [
        ({}, "–", ("",)),
        ({"coverage": 0.9999}, "–", ("watched 99 %",)),
        ({"answered": 25, "answered_in_time": 21, "answered_late": 4, "coverage": 0.98}, "84 %", ("of 25, watched 98 %", "watched 98 %")),
        ({"answered": 25, "answered_in_time": 20, "answered_late": 4, "coverage": 1.0}, "≤84 %", ("of 25, watched 100 %", "watched 100 %")),
    ],
)
def test_what_was_answered_in_time_is_said_with_how_much_was_watched(figures: dict[str, float], value: str, below: tuple[str, ...]) -> None:
    shift = ShiftFigures(since=0.0, service_level=60.0, **figures)  # type: ignore[arg-type]
    found = shown(msgspec.structs.replace(take_snapshot(Watched().monitor), shift=shift))["Answered"]

    assert (found.value, found.below) == (value, below)


def test_the_other_figures_of_the_shift_are_there() -> None:
    shift = ShiftFigures(
        since=0.0, service_level=60.0, abandoned=3, handled=31, handling_time_mean=372.0, time_to_answer_mean=41.0,
        time_to_answer_p90=90.0, time_to_answer_exact=False,
    )  # fmt: skip
    found = shown(msgspec.structs.replace(take_snapshot(Watched().monitor), shift=shift))

    assert found["Abandoned"].value == "3"
    assert (found["To"].value, found["To"].below) == ("≥00:41", ("p90 ≥01:30",))
    assert (found["Handling"].value, found["Handling"].below) == ("06:12", ("of 31",))


async def test_the_name_says_the_service_level() -> None:
    async with dashboard(some_of_everything()) as board:
        assert "Answered ≤60 s" in board.text


def test_a_trend_is_as_high_as_its_figure_and_blank_where_nobody_watched() -> None:
    assert trend_text((None, 0.0, 3.5, 7.0), 4) == " ▁▅█"
    assert trend_text((0.0, 0.0, 0.0, 0.0), 4) == "▁▁▁▁"
    assert trend_text((1.0, 2.0, 3.0, 4.0), 3) == ""


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e6)), max_size=60), st.integers(0, 40))
def test_a_trend_keeps_to_its_room_and_to_its_signs(values: list[float | None], cells: int) -> None:
    text = trend_text(tuple(values), cells)

    assert len(text) <= cells
    assert set(text) <= {" ", *glyphs.STEPS}


async def test_the_trend_of_what_waits_stands_beside_the_number() -> None:
    watched = Watched()
    for number in range(8):
        watched.answer(chat_id(number), WAITING)
        watched.monitor.review()
        watched.clock.seconds += BUCKET_SECONDS * 6
    async with dashboard(watched, (160, 45)) as board:
        value, *bars = next(line for line in board.lines if "█" in line).split(glyphs.BAR)[1].split()

        assert value == "8"
        assert list("".join(bars)) == sorted("".join(bars))
        assert len(set("".join(bars))) > 3


@given(st.integers(1, 300), st.sampled_from((TILES, LOW_TILES)))
def test_tiles_keep_to_the_screen_and_those_that_matter_least_go_first(width: int, tiles: tuple[Tile, ...]) -> None:
    placed = allot(tiles, width, gap=0)
    kept = [tile for tile, _ in placed]
    dropped = [tile.drop for tile in tiles if tile not in kept]

    assert sum(room for _, room in placed) <= width or len(placed) == 1
    assert all(tile.drop < min(dropped, default=99) for tile in kept)
    assert all(room >= tile.width for tile, room in placed)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ((160, 45), ("Waiting", "Chatting", "Idle", "Failing", "Alarms", "Answered", "Abandoned", "To answer", "Handling", "Gone")),
        ((80, 24), ("Waiting", "Chatting", "Failing", "Alarms", "Answered")),
        ((40, 24), ("Waiting", "Alarms")),
        ((80, 16), ("Waiting 2", "Chatting 1", "Failing 3", "Alarms 0")),
    ],
)
async def test_what_matters_most_is_there_at_every_size(size: tuple[int, int], words: tuple[str, ...]) -> None:
    async with dashboard(some_of_everything(), size) as board:
        head = "\n".join(board.lines[1:6])

        assert [word for word in words if word not in head] == []


async def test_values_keep_their_places_when_they_change() -> None:
    watched = some_of_everything()
    async with dashboard(watched, (160, 45)) as board:
        names = next(line for line in board.lines if "Abandoned" in line)
        for number in range(120):
            watched.answer(chat_id(number), WAITING)
        await board.refresh(3600)

        assert next(line for line in board.lines if "Abandoned" in line) == names


async def test_a_click_on_the_alarms_lists_them() -> None:
    async with dashboard(some_of_everything(), (160, 45)) as board:
        y = next(y for y, line in enumerate(board.lines) if "Alarms" in line)
        await board.pilot.click(offset=(board.lines[y].index("Alarms"), y))
        await board.settle()

        assert board.place == "alarms"
