"""Hours as the clocks of a time zone strike them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.report.hours import clock_time, hours, ticks

BERLIN, KOLKATA, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Australia/Lord_Howe")


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, zone: tzinfo = UTC) -> float:
    return datetime(year, month, day, hour, minute, tzinfo=zone).timestamp()


def day(year: int, month: int, number: int, zone: tzinfo) -> tuple[float, float]:
    begin = datetime(year, month, number, tzinfo=zone)
    return begin.timestamp(), (begin + timedelta(days=1)).timestamp()


def names(since: float, until: float, zone: tzinfo) -> list[str]:
    return [clock_time(hour.since, zone) for hour in hours([(since, until)], since, until, zone)]


def test_the_day_on_which_clocks_go_forward_has_23_hours() -> None:
    struck = names(*day(2026, 3, 29, BERLIN), BERLIN)
    assert len(struck) == 23
    assert struck[:4] == ["00:00", "01:00", "03:00", "04:00"]


def test_the_day_on_which_clocks_go_back_has_25_hours_and_the_two_of_one_time_are_told_apart() -> None:
    struck = names(*day(2026, 10, 25, BERLIN), BERLIN)
    assert len(struck) == 25
    assert struck[:5] == ["00:00", "01:00", "02:00 CEST", "02:00 CET", "03:00"]


def test_each_of_the_two_is_told_apart_also_where_the_other_one_is_not_asked_for() -> None:
    second = utc(2026, 10, 25, 1)
    assert names(second, second + 7200, BERLIN) == ["02:00 CET", "03:00"]
    assert names(second - 3600, second, BERLIN) == ["02:00 CEST"]


def test_hours_of_a_zone_that_is_half_an_hour_off_begin_at_its_own_full_hours() -> None:
    since, until = utc(2026, 11, 22, 3, 10), utc(2026, 11, 22, 5, 0)
    assert [(hour.since, hour.until) for hour in hours([(since, until)], since, until, KOLKATA)] == [
        (since, utc(2026, 11, 22, 3, 30)),
        (utc(2026, 11, 22, 3, 30), utc(2026, 11, 22, 4, 30)),
        (utc(2026, 11, 22, 4, 30), until),
    ]
    assert names(since, until, KOLKATA) == ["08:40", "09:00", "10:00"]


def test_where_clocks_move_by_half_an_hour_an_hour_is_half_as_long() -> None:
    since, until = day(2026, 4, 5, LORD_HOWE)
    struck = list(hours([(since, until)], since, until, LORD_HOWE))
    assert until - since == 24.5 * 3600
    assert {hour.until - hour.since for hour in struck} == {3600.0, 1800.0}
    assert [clock_time(hour.since, LORD_HOWE) for hour in struck][:4] == ["00:00", "01:00", "01:30 +1030", "02:00"]


def test_hours_in_which_nothing_lies_are_left_out() -> None:
    since, until = utc(2026, 11, 22), utc(2026, 11, 23)
    spans = [(since + 1800, since + 2000), (since + 2100, since + 4000), (since + 50_000, since + 50_001)]
    assert [clock_time(hour.since, UTC) for hour in hours(spans, since, until, UTC)] == ["00:00", "01:00", "13:00"]


@pytest.mark.parametrize("zone", [BERLIN, KOLKATA, LORD_HOWE, UTC, ZoneInfo("America/St_Johns")], ids=str)
@given(begin=st.floats(0, 2e9), length=st.floats(1, 400_000))
def test_hours_follow_one_another_without_a_gap_and_none_is_longer_than_one(zone: tzinfo, begin: float, length: float) -> None:
    until = begin + length
    found = list(hours([(begin, until)], begin, until, zone))
    assert (found[0].since, found[-1].until) == (begin, until)
    assert all(one.until == other.since for one, other in pairwise(found))
    assert all(0 < hour.until - hour.since <= 3601 for hour in found)
    inner = [datetime.fromtimestamp(hour.since, zone) for hour in found[1:]]
    assert all((local.minute == 0 or zone is LORD_HOWE) and local.second == 0 for local in inner)


@given(begin=st.floats(0, 2e9), length=st.floats(60, 40 * 86_400), most=st.integers(2, 20))
def test_an_axis_has_few_ticks_all_at_full_hours_of_the_clock(begin: float, length: float, most: int) -> None:
    found = ticks(begin, begin + length, BERLIN, most=most)
    assert len(found) <= 2 * most + 2
    assert all(begin <= at < begin + length for at in found)
    assert all(datetime.fromtimestamp(at, BERLIN).minute == 0 for at in found)


def test_an_axis_of_many_days_has_midnights() -> None:
    found = ticks(utc(2026, 10, 20, zone=BERLIN), utc(2026, 10, 30, zone=BERLIN), BERLIN, most=12)
    assert len(found) == 10
    assert {datetime.fromtimestamp(at, BERLIN).hour for at in found} == {0}
