"""Signs, durations and short ids: what stands in the narrow columns."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from chatmon.ui import glyphs
from chatmon.ui.short_ids import MIN_LETTERS, ShortIds
from chatmon.ui.times import age, clock, duration, time_of_day
from tests.ui.watched import NOON

SIGNS = sorted({letter for name, value in vars(glyphs).items() if name.isupper() and isinstance(value, str) for letter in value})


@pytest.mark.parametrize("sign", SIGNS)
def test_every_sign_takes_one_cell_and_has_an_ascii_stand_in_of_one(sign: str) -> None:
    stand_in = glyphs.to_ascii(sign)

    assert cell_len(sign) == 1
    assert stand_in.isascii()
    assert stand_in.isprintable()
    assert len(stand_in) == 1


def test_what_others_wrote_is_no_sign_and_stays() -> None:
    assert glyphs.to_ascii("Zoë ▲") == "Zoë !"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "00:00"), (59.9, "00:59"), (192, "03:12"), (3599, "59:59"), (3600, "1:00:00"), (360_000, "100:00:00"), (-5, "00:00")],
)
def test_durations(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_a_clock_says_how_it_is_known() -> None:
    assert (clock(192, exact=True), clock(192, exact=False), clock(None, exact=True)) == ("03:12", "≥03:12", glyphs.NOTHING)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0s"), (99, "99s"), (100, "1m"), (5999, "99m"), (6000, "1h"), (-1, "0s"), (3_000_000, "833h")]
)
def test_ages_have_one_unit(seconds: float, shown: str) -> None:
    assert age(seconds) == shown


@given(st.floats(0, 3_590_000))
def test_an_age_fits_its_column(seconds: float) -> None:
    assert len(age(seconds)) <= 4


def test_the_time_of_day_is_that_of_the_zone() -> None:
    assert time_of_day(NOON + 7, UTC) == "12:00:07"
    assert time_of_day(NOON, timezone(timedelta(hours=9))) == "21:00:00"


@given(st.sets(st.text("ab-0", min_size=1, max_size=14), max_size=20))
def test_short_ids_can_be_told_apart(chat_ids: set[str]) -> None:
    short = ShortIds(chat_ids)

    assert set(short) == chat_ids
    assert len(set(short.values())) == len(chat_ids)
    assert all(chat_id.startswith(shown) and len(shown) >= min(MIN_LETTERS, len(chat_id)) for chat_id, shown in short.items())


def test_an_id_is_no_longer_than_it_takes() -> None:
    assert list(ShortIds(["652492d9-aaaa-1", "652492d9-aaab-2", "77aa0000-cccc-3"]).values()) == [
        "652492d9-aaaa",
        "652492d9-aaab",
        "77aa0000",
    ]
