"""Times as users write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from chatmon.replay.time_words import InvalidTime, parse_time

DAY = date(2026, 11, 22)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14:05", datetime(2026, 11, 22, 13, 5, tzinfo=UTC)),
        (" 9:05:30 ", datetime(2026, 11, 22, 8, 5, 30, tzinfo=UTC)),
        ("2026-11-21T14:05", datetime(2026, 11, 21, 13, 5, tzinfo=UTC)),
        ("2026-11-21 14:05Z", datetime(2026, 11, 21, 14, 5, tzinfo=UTC)),
        ("2026-11-21", datetime(2026, 11, 20, 23, 0, tzinfo=UTC)),
    ],
)
def test_a_time_of_the_day_or_of_another(text: str, expected: datetime) -> None:
    assert parse_time(text, DAY, BERLIN) == expected.timestamp()


@pytest.mark.parametrize("text", ["", "24:00", "14:60", "14", "noon", "14:05:61", "9999-99-99", "0001-01-01T00:00+14:00:01", "٤:٠٥x"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(InvalidTime, match="needs a time such as 14:05"):
        parse_time(text, DAY, BERLIN)


def test_an_hour_that_comes_twice_is_meant_the_first_time() -> None:
    assert parse_time("02:30", date(2026, 10, 25), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()
