"""Times as they are typed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.cli.points_in_time import parse_point

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 14, 5, tzinfo=BERLIN).timestamp()

TYPED = {
    "14:05": "2026-11-22T13:05",
    "14:06": "2026-11-21T13:06",
    "9:30:30": "2026-11-22T08:30:30",
    "2026-11-22T14:05": "2026-11-22T13:05",
    "2026-11-22T14:05Z": "2026-11-22T14:05",
    "2026-11-22T14:05:30+09:00": "2026-11-22T05:05:30",
    "2026-11-22": "2026-11-21T23:00",
    "today": "2026-11-21T23:00",
    " Yesterday ": "2026-11-20T23:00",
    "8h": "2026-11-22T05:05",
    "8 h": "2026-11-22T05:05",
    "1.5h": "2026-11-22T11:35",
    "90m": "2026-11-22T11:35",
    "2d": "2026-11-20T13:05",
}


@pytest.mark.parametrize(("typed", "meant"), TYPED.items())
def test_a_time_is_meant_by_the_calendar_as_a_day_or_as_so_long_ago(typed: str, meant: str) -> None:
    assert datetime.fromtimestamp(parse_point(typed).utc(NOW, BERLIN), UTC) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


def test_days_begin_at_midnight_also_where_one_of_them_has_25_hours() -> None:
    after_the_change = datetime(2026, 10, 26, 12, 0, tzinfo=BERLIN).timestamp()
    today, yesterday = (parse_point(day).utc(after_the_change, BERLIN) for day in ("today", "yesterday"))
    assert today - yesterday == 25 * 3600


@pytest.mark.parametrize(
    "typed", ["", "8", "h", "-8h", "tomorrow", "8 hours", "24:61", "14:5", "2026-13-01", "99999999999h", "0001-01-01T00:00+23:00x", "nan"]
)
def test_what_is_no_time_is_refused_without_being_repeated(typed: str) -> None:
    with pytest.raises(ValueError, match="needs a time such as 2026") as refusal:
        parse_point(typed)
    assert str(refusal.value).startswith("needs a time such as 2026-11-22T14:05, ")


@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_what_iso_8601_writes_is_read_back(moment: datetime) -> None:
    assert parse_point(moment.isoformat()).utc(NOW, BERLIN) == moment.timestamp()
