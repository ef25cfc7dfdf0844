"""What is flat, and what is missed, in an endurance run."""

from __future__ import annotations

from pathlib import Path

import pytest

from .comparison import Verdict
from .figure import FULL, MOST_FILLING, MOST_GROWTH, WARM_UP, Figure, growth, of_history, of_process, since
from .program import Look, Program


def life(*megabytes: float, files: int = 12, sockets: int = 20) -> list[Look]:
    return [Look(10.0 * number, value, sockets, files) for number, value in enumerate(megabytes)]


def missed(program: Program) -> list[str]:
    return [figure.name.partition(": ")[2] for figure in of_process(program) if not figure.reached]


def program(*lives: list[Look], code: int | None = 143) -> Program:
    return Program("poll", (), Path("nowhere"), lives=list(lives), kills=len(lives), last_code=code)


def test_memory_that_grows_while_everything_is_imported_is_no_growth() -> None:
    assert growth(since(life(20, 60, *[70] * 6), WARM_UP)) == 0


def test_memory_that_climbs_through_a_life_grows() -> None:
    assert growth(since(life(20, 60, 70, 71, 72, 73, 74, 75), WARM_UP)) == pytest.approx(4)


def test_one_peak_is_no_growth() -> None:
    assert growth(since(life(20, 60, 70, 70, 70, 70, 70, 90, 70, 70, 70), WARM_UP)) == 0


def test_a_flat_life_misses_nothing() -> None:
    assert missed(program(life(20, 60, *[70] * 6))) == []


def test_what_grows_leaks_or_is_too_short_is_missed() -> None:
    assert missed(program(life(20, 60, *(40 + MOST_FILLING * number for number in range(6))))) == ["memory, growth while a life fills"]
    leaking = [Look(one.at, one.megabytes, one.sockets + 4 * number, 12 + number) for number, one in enumerate(life(20, *[70] * 7))]
    assert missed(program(leaking)) == ["sockets, most", "other descriptors, spread in a life"]
    assert missed(program(life(20, 60))) == ["lives long enough to be judged"]


def test_a_life_that_is_full_must_not_grow_as_one_that_fills_may() -> None:
    fills = [60 + 10 * min(1.0, number / 50) for number in range(120)]
    assert missed(program(life(*fills))) == []
    grows_on = [value + max(0.0, 10 * number - FULL) / 600 * 2 * MOST_GROWTH for number, value in enumerate(fills)]
    assert missed(program(life(*grows_on))) == ["memory, growth in a life from then on"]


@pytest.mark.parametrize("code", [None, 1, -9])
def test_a_program_that_does_not_end_as_it_is_asked_to_is_missed(code: int | None) -> None:
    assert missed(program(life(20, 60, *[70] * 6), code=code)) == ["did not end when it was asked to"]


@pytest.mark.parametrize(
    ("verdict", "wanting"),
    [
        (Verdict(watched=80, alone=80), 0),
        (Verdict(watched=80, alone=79, missing=1), 1),
        (Verdict(watched=80, alone=80, unexplained=1), 1),
        (Verdict(watched=3, alone=3), 1),
    ],
)
def test_one_change_missing_or_told_twice_is_missed_and_so_is_a_run_that_watched_nothing(verdict: Verdict, wanting: int) -> None:
    assert sum(not figure.reached for figure in of_history("poll", verdict, 100)) == wanting


def test_a_line_says_what_is_wanted_and_whether_it_is_so() -> None:
    assert Figure("missing", 1, most=0).line().endswith("MISSED, target ≤ 0")
    assert Figure("watched", 0.5, least=0.3).line().endswith("ok, target ≥ 0.3")
    assert "target" not in Figure("chats", 500).line()
