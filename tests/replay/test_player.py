"""The player: at any speed it is where its clock says, and it never leaves the tape."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatmon.monitor.alarms import Thresholds
from chatmon.replay.film import Film
from chatmon.replay.player import SPEEDS, Player
from chatmon.replay.tape import Tape
from tests.ui.watched import StandingClock

from .recorded_day import MORNING


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def player(new_tape: Callable[[], Tape], clock: StandingClock) -> Player:
    return Player(Film(new_tape(), Thresholds()), clock)


def after(player: Player, clock: StandingClock, seconds: float) -> float:
    """Where it stands after some seconds, from the beginning of the shift on."""
    clock.seconds += seconds
    player.move_on()
    return player.second - MORNING


def test_it_stands_at_the_beginning_until_it_is_played(player: Player, clock: StandingClock) -> None:
    assert after(player, clock, 100) == 0
    player.toggle()
    assert after(player, clock, 2.5) == 2
    assert after(player, clock, 0.5) == 3
    player.toggle()
    assert after(player, clock, 100) == 3


def test_it_goes_as_fast_as_it_is_told_and_keeps_its_place_when_that_changes(player: Player, clock: StandingClock) -> None:
    player.toggle()
    expected = 0.0
    for speed in SPEEDS[1:6]:
        clock.seconds += 1.0
        assert player.change_speed(1)
        expected += SPEEDS[SPEEDS.index(speed) - 1]
        assert (player.speed, player.second - MORNING) == (speed, expected)
    while player.change_speed(1):
        continue
    assert player.speed == SPEEDS[-1]
    while player.change_speed(-1):
        continue
    assert player.speed == SPEEDS[0]


def test_many_small_moves_come_as_far_as_a_large_one(player: Player, clock: StandingClock) -> None:
    player.toggle()
    for _ in range(95):
        after(player, clock, 0.125)
    assert after(player, clock, 0.125) == 12


def test_it_stops_at_the_end_and_is_sought_no_farther(player: Player, clock: StandingClock) -> None:
    player.toggle()
    last = player.tape.end - MORNING
    assert after(player, clock, 10_000) == last
    assert not player.is_playing
    assert not player.seek(player.tape.end + 1)
    assert player.second == player.tape.end
    assert not player.seek(player.tape.begin - 1)
    assert player.second == player.tape.begin
    assert player.seek(MORNING + 100.9)
    assert player.second == MORNING + 100


def test_steps_go_through_every_second_in_which_something_happened_and_back_through_the_same(player: Player) -> None:
    forward = [player.second]
    while player.step_event(1):
        forward.append(player.second)
    backward = [player.second]
    while player.step_event(-1):
        backward.append(player.second)
    assert backward == forward[::-1]
    tape = player.tape
    assert {tape.count(second) for second in forward} == {tape.count(tape.time(place)) for place in range(tape.first, len(tape.events))}


def test_a_clock_that_goes_back_takes_nothing_back(player: Player, clock: StandingClock) -> None:
    player.toggle()
    assert after(player, clock, 5) == 5
    assert after(player, clock, -3) == 5
