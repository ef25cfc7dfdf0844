"""The words and times of a report."""

from __future__ import annotations

from datetime import datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from chatmon.cli.report_formats.charts import hours_chart, waiting_chart
from chatmon.cli.report_formats.text import text_lines
from chatmon.cli.report_formats.words import Times, band_words, definitions
from chatmon.history.reader import HistoryReader
from chatmon.history.writer import Batch, HistoryWriter
from chatmon.report.compilation import compile_report
from chatmon.report.report import Report, WaitBand

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: tzinfo = BERLIN) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def quiet(folder: Path, since: float, until: float) -> Report:
    """The report of a time in which a monitor ran and nothing happened."""
    writer = HistoryWriter(folder / "history", source="source", token="token", started=since)
    writer.write(Batch(until))
    writer.close()
    reader = HistoryReader(folder / "history")
    report = compile_report(reader, since=since, until=until, now=until, timezone=BERLIN, watched_in=BERLIN, service_level=60.0)
    reader.close()
    return report


DAYS = {
    ("2026-11-22T00:00", "2026-11-23T00:00"): "Sunday 22 November 2026, 00:00–24:00 CET",
    ("2026-11-22T22:00", "2026-11-23T06:00"): "Sunday 22 November, 22:00 – Monday 23 November 2026, 06:00 CET",
    ("2026-12-31T22:00", "2027-01-01T06:00"): "Thursday 31 December 2026, 22:00 – Friday 1 January 2027, 06:00 CET",
    ("2026-10-25T00:00", "2026-10-26T00:00"): "Sunday 25 October 2026, 00:00–24:00 CEST/CET",
}


@pytest.mark.parametrize(("period", "said"), DAYS.items())
def test_a_report_is_headed_by_its_days_its_times_and_its_time_zone(tmp_path: Path, period: tuple[str, str], said: str) -> None:
    report = quiet(tmp_path, *map(at, period))
    assert Times(report, BERLIN).whole() == said


HOWE = ZoneInfo("Australia/Lord_Howe")
CHANGES = {
    # Autumn in Berlin: from 03:00 CEST (01:00 UTC) the clocks are set back to 02:00 CET.
    (BERLIN, "2026-10-25T00:00+00:00", "2026-10-25T00:45+00:00"): "Sunday 25 October 2026, 02:00–02:45 CEST",
    (BERLIN, "2026-10-25T01:00+00:00", "2026-10-25T01:45+00:00"): "Sunday 25 October 2026, 02:00–02:45 CET",
    (BERLIN, "2026-10-25T00:30+00:00", "2026-10-25T01:30+00:00"): "Sunday 25 October 2026, 02:30 CEST–02:30 CET",
    (BERLIN, "2026-10-24T22:00+00:00", "2026-10-25T00:30+00:00"): "Sunday 25 October 2026, 00:00–02:30 CEST",
    (BERLIN, "2026-10-24T22:00+00:00", "2026-10-25T01:00+00:00"): "Sunday 25 October 2026, 00:00 CEST–02:00 CET",
    (BERLIN, "2026-10-25T00:30+00:00", "2026-10-25T03:00+00:00"): "Sunday 25 October 2026, 02:30 CEST–04:00 CET",
    (BERLIN, "2026-10-25T01:30+00:00", "2026-10-25T03:00+00:00"): "Sunday 25 October 2026, 02:30–04:00 CET",
    (BERLIN, "2026-10-24T22:00+00:00", "2026-10-25T03:00+00:00"): "Sunday 25 October 2026, 00:00–04:00 CEST/CET",
    (BERLIN, "2026-10-25T00:30+00:00", "2026-10-25T23:00+00:00"): "Sunday 25 October 2026, 02:30 CEST–24:00 CET",
    (BERLIN, "2026-10-24T10:00+00:00", "2026-10-25T00:30+00:00"): "Saturday 24 October, 12:00 – Sunday 25 October 2026, 02:30 CEST",
    (BERLIN, "2026-10-24T10:00+00:00", "2026-10-25T01:30+00:00"): "Saturday 24 October, 12:00 CEST – Sunday 25 October 2026, 02:30 CET",
    # Spring in Berlin: from 02:00 CET (01:00 UTC) they are set to 03:00 CEST.
    (BERLIN, "2026-03-28T23:00+00:00", "2026-03-29T00:45+00:00"): "Sunday 29 March 2026, 00:00–01:45 CET",
    (BERLIN, "2026-03-28T23:00+00:00", "2026-03-29T01:15+00:00"): "Sunday 29 March 2026, 00:00–03:15 CET/CEST",
    (BERLIN, "2026-03-29T01:00+00:00", "2026-03-29T01:15+00:00"): "Sunday 29 March 2026, 03:00–03:15 CEST",
    # Autumn on Lord Howe Island: from 02:00 (15:00 UTC) the clocks are set back by half an hour.
    (HOWE, "2026-04-04T14:35+00:00", "2026-04-04T14:50+00:00"): "Sunday 5 April 2026, 01:35–01:50 +11",
    (HOWE, "2026-04-04T14:45+00:00", "2026-04-04T15:15+00:00"): "Sunday 5 April 2026, 01:45 +11–01:45 +1030",
    (HOWE, "2026-04-04T14:00+00:00", "2026-04-04T16:00+00:00"): "Sunday 5 April 2026, 01:00–02:30 +11/+1030",
}


@pytest.mark.parametrize(("period", "said"), CHANGES.items())
def test_where_clocks_are_changed_each_zone_is_named_once(tmp_path: Path, period: tuple[ZoneInfo, str, str], said: str) -> None:
    zone, *ends = period
    report = quiet(tmp_path, *(datetime.fromisoformat(end).timestamp() for end in ends))
    times = Times(report, zone)
    assert times.whole() == said
    head = " ".join(" ".join(line.text.split()) for line in list(text_lines(report, times, by="hour", width=120))[:2])
    assert said in head


SPANS = {
    ("2026-10-25T00:00+00:00", "2026-10-25T00:45+00:00"): "02:00–02:45 CEST",
    ("2026-10-25T01:00+00:00", "2026-10-25T01:45+00:00"): "02:00–02:45 CET",
    ("2026-10-25T00:30+00:00", "2026-10-25T01:15+00:00"): "02:30 CEST–02:15 CET",
    ("2026-10-24T23:30+00:00", "2026-10-25T00:30+00:00"): "01:30–02:30 CEST",
    ("2026-10-25T01:30+00:00", "2026-10-25T02:30+00:00"): "02:30 CET–03:30",
}


@pytest.mark.parametrize(("period", "said"), SPANS.items())
def test_a_stretch_that_was_not_watched_names_a_zone_where_it_must_and_once(tmp_path: Path, period: tuple[str, str], said: str) -> None:
    since, until = (datetime.fromisoformat(end).timestamp() for end in period)
    report = quiet(tmp_path, at("2026-10-25T00:00"), at("2026-10-26T00:00"))
    assert Times(report, BERLIN).span(since, until) == said


def test_the_hour_that_is_struck_twice_has_two_rows_and_two_bars(tmp_path: Path) -> None:
    report = quiet(tmp_path, at("2026-10-25T00:00"), at("2026-10-26T00:00"))
    times = Times(report, BERLIN)
    rows = [line.text[:10].strip() for line in text_lines(report, times, by="hour", width=120) if line.text[2:3] == ":"]
    assert (len(rows), rows[:5]) == (25, ["00:00", "01:00", "02:00 CEST", "02:00 CET", "03:00"])
    assert hours_chart(report, times).count("<title>") == 25


def test_times_bear_their_day_where_there_are_several(tmp_path: Path) -> None:
    report = quiet(tmp_path, at("2026-11-22T22:00"), at("2026-11-23T06:00"))
    times = Times(report, BERLIN)
    assert times.span(at("2026-11-22T23:10"), at("2026-11-22T23:20")) == "22 Nov 23:10–23:20"
    assert times.span(at("2026-11-22T23:50"), at("2026-11-23T00:10")) == "22 Nov 23:50–23 Nov 00:10"
    assert [name for _, name in times.ticks(4)] == ["22:00", "23 Nov", "02:00", "04:00"]


def test_of_weeks_the_axes_name_the_days(tmp_path: Path) -> None:
    report = quiet(tmp_path, at("2026-10-20T21:00"), at("2026-10-30T00:00"))
    times = Times(report, BERLIN)
    for chart in (waiting_chart(report, times), hours_chart(report, times)):
        assert [f"{day} Oct" for day in range(21, 30) if f">{day} Oct<" in chart] == [f"{day} Oct" for day in range(21, 30)]
        assert ">20 Oct<" not in chart
        assert "22:00" not in chart.replace("22:00–", "").replace("–22:00", "")


@pytest.mark.parametrize(
    ("over", "up_to", "said"),
    [
        (None, 15.0, "≤15 s"),
        (15.0, 30.0, "15–30 s"),
        (60.0, 120.0, "60–120 s"),
        (120.0, 180.0, "2–3 min"),
        (100.0, 200.0, "100–200 s"),
        (600.0, None, ">10 min"),
    ],
)
def test_a_band_of_waits_is_said_by_its_ends(over: float | None, up_to: float | None, said: str) -> None:
    assert band_words(WaitBand(over, up_to, 1)) == said


def test_where_waits_are_those_of_the_newest_answers_alone_that_is_said(tmp_path: Path) -> None:
    report = quiet(tmp_path, at("2026-11-22T00:00"), at("2026-11-22T01:00"))
    many = msgspec.structs.replace(report, figures=msgspec.structs.replace(report.figures, answered=10_001))
    assert "newest" not in dict(definitions(report))["To answer"]
    assert dict(definitions(many))["To answer"].endswith("Of the newest 10000 answers.")


def test_a_time_in_which_nothing_happened_is_told_without_figures(tmp_path: Path) -> None:
    report = quiet(tmp_path, at("2026-11-22T00:00"), at("2026-11-22T02:00"))
    lines = [line.text for line in text_lines(report, Times(report, BERLIN), by="hour", width=120)]
    assert "In ≤60 s      none answered" in lines
    assert "Alarms        none" in lines
    assert [line.split()[1:] for line in lines if line.startswith("01:00")] == [["0", "–", "–", "–", "0", "0", "–", "–", "–"]]
    assert "There is no agent to tell of." in [line.text for line in text_lines(report, Times(report, BERLIN), by="agent", width=120)]
