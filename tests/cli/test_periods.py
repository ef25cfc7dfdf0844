"""Stretches of the past as they are typed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from chatmon.cli.periods import parse_period, period
from chatmon.cli.points_in_time import parse_point

BERLIN = ZoneInfo("Europe/Berlin")
MORNING = datetime(2026, 11, 22, 7, 0, tzinfo=BERLIN).timestamp()


def local(utc: float) -> str:
    return datetime.fromtimestamp(utc, BERLIN).strftime("%d %H:%M")


def meant(word: str | None = None, begins: str | None = None, ends: str | None = None, now: float = MORNING) -> tuple[str, str]:
    typed = None if word is None else parse_period(word)
    begin, end = (None if text is None else parse_point(text) for text in (begins, ends))
    found = period(typed, begin, end, now, BERLIN)
    return local(found.since), local(found.until)


@pytest.mark.parametrize(
    ("word", "found"),
    {
        None: ("22 00:00", "22 07:00"),
        "today": ("22 00:00", "22 07:00"),
        " Yesterday": ("21 00:00", "22 00:00"),
        "2026-11-20": ("20 00:00", "21 00:00"),
        "2026-11-22": ("22 00:00", "22 07:00"),
        "8h": ("21 23:00", "22 07:00"),
        "90m": ("22 05:30", "22 07:00"),
        "2d": ("20 07:00", "22 07:00"),
    }.items(),
)
def test_a_word_is_a_day_or_the_last_hours(word: str | None, found: tuple[str, str]) -> None:
    assert meant(word) == found


@pytest.mark.parametrize(
    ("begins", "ends", "found"),
    [
        ("22:00", "06:00", ("21 22:00", "22 06:00")),
        ("22:00", None, ("21 22:00", "22 07:00")),
        ("06:30", None, ("22 06:30", "22 07:00")),
        ("06:30", "17:00", ("22 06:30", "22 07:00")),
        ("yesterday", "14:05", ("21 00:00", "21 14:05")),
        ("yesterday", "today", ("21 00:00", "22 00:00")),
        ("2026-11-20T08:00", "9:30", ("20 08:00", "20 09:30")),
        ("2026-11-20T08:00", "7:30", ("20 08:00", "21 07:30")),
        (None, "02:00:30", ("22 00:00", "22 02:00")),
        ("8h", "2h", ("21 23:00", "22 05:00")),
    ],
)
def test_from_is_the_last_time_that_it_was_so_late_and_to_the_first_one_after_that(
    begins: str | None, ends: str | None, found: tuple[str, str]
) -> None:
    assert meant(None, begins, ends) == found


def test_a_day_on_which_clocks_change_is_whole() -> None:
    typed = parse_period("2026-10-25").period(MORNING, BERLIN)
    assert typed.until - typed.since == 25 * 3600
    typed = parse_period("2026-03-29").period(MORNING, BERLIN)
    assert typed.until - typed.since == 23 * 3600


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("today", "8h", None), "not both"),
        ((None, "2h", "8h"), "--to is not after --from"),
        ((None, "today", "yesterday"), "--to is not after --from"),
        ((None, "2026-11-23", None), "yet to come"),
        (("2026-11-23", None, None), "yet to come"),
    ],
)
def test_what_contradicts_itself_is_refused(given: tuple[str | None, str | None, str | None], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        meant(*given)


@pytest.mark.parametrize("word", ["14:05", "tomorrow", "", "2026-11-22T10:00", "8 hours"])
def test_what_is_no_period_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_period(word)


def test_what_began_before_times_are_told_begins_in_1970() -> None:
    assert period(None, parse_point("999999d"), None, MORNING, UTC).since == 0.0
