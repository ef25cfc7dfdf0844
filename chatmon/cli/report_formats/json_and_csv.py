"""A report for other programs: one JSON object, or CSV with one row for each hour, agent or label.

The keys are a contract: later versions only add some. Times are UTC, ISO 8601 with milliseconds and `Z`; lengths of time are in seconds,
shares from 0 to 1. What there was nothing to count of is null, or an empty cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import Final

from chatmon.cli.output import SCHEMA, Json, timestamp
from chatmon.cli.report_formats.words import OTHER_LABELS
from chatmon.cli.spreadsheet import csv_line
from chatmon.monitor.shift import ShiftFigures
from chatmon.report.hours import clock_time
from chatmon.report.report import AgentFigures, HourFigures, LabelFigures, Peak, Report


def report_json(report: Report, timezone: tzinfo | None, by: Iterable[str]) -> Json:
    """The whole report; of hours, agents and labels what `by` names."""
    rows = _rows(report, timezone)
    return {
        "schema": SCHEMA,
        "since": timestamp(report.since),
        "until": timestamp(report.until),
        "asked_since": timestamp(report.asked_since),
        "made_at": timestamp(report.made_at),
        "recorded": [{"since": timestamp(since), "until": timestamp(until)} for since, until in report.recorded],
        "gaps": [{"since": timestamp(gap.since), "until": timestamp(gap.until), "kind": str(gap.kind)} for gap in report.gaps],
        "service_level_seconds": report.figures.service_level,
        "chats": report.chats,
        "figures": figures_json(report.figures),
        "most_waiting": _peak(report.most_waiting, "chats"),
        "longest_wait": _peak(report.longest_wait, "seconds"),
        "waits": [{"over_seconds": one.over, "up_to_seconds": one.up_to, "answered": one.answered} for one in report.waits],
        "alarms": [{"rule": one.rule, "raised": one.raised, "critical": one.critical} for one in report.alarms],
        "course": {
            "step_seconds": report.step,
            "points": [
                {
                    "at": timestamp(point.at),
                    "waiting": point.waiting,
                    "failing": point.failing,
                    "alarms": point.alarms,
                    "critical": point.critical,
                }
                for point in report.course
            ],
        },
        **{f"{name}s": rows[name] for name in by},
    }


def csv_lines(report: Report, timezone: tzinfo | None, by: str) -> list[str]:
    """Titles and one line for each hour, agent or label."""
    rows = _rows(report, timezone)[by]
    return [csv_line(COLUMNS[by]), *(csv_line(_cell(title, row[title]) for title in COLUMNS[by]) for row in rows)]


def figures_json(figures: ShiftFigures) -> Json:
    """The figures, under the names that the shift gives them."""
    return {
        "answered": figures.answered,
        "answered_in_time": figures.answered_in_time,
        "answered_late": figures.answered_late,
        "in_time_share": _rounded(figures.in_time_share, 4),
        "in_time_share_exact": figures.in_time_share_exact if figures.answered else None,
        "time_to_answer_mean_seconds": _rounded(figures.time_to_answer_mean),
        "time_to_answer_p90_seconds": _rounded(figures.time_to_answer_p90),
        "time_to_answer_exact": figures.time_to_answer_exact,
        "abandoned": figures.abandoned,
        "handled": figures.handled,
        "handling_time_mean_seconds": _rounded(figures.handling_time_mean),
        "coverage": _rounded(figures.coverage, 4),
    }


def _rows(report: Report, timezone: tzinfo | None) -> dict[str, list[Json]]:
    return {
        "hour": [_hour(one, timezone) for one in report.hours],
        "agent": [_agent(one, report.figures.coverage) for one in report.agents],
        "label": [_label(one) for one in report.labels],
    }


def _hour(one: HourFigures, timezone: tzinfo | None) -> Json:
    return {
        "since": timestamp(one.hour.since),
        "until": timestamp(one.hour.until),
        "local": clock_time(one.hour.since, timezone),
        **figures_json(one.figures),
        "most_waiting": one.most_waiting,
    }


def _agent(one: AgentFigures, coverage: float | None) -> Json:
    return {
        "agent": one.nickname,
        "handled": one.handled,
        "talk_time_seconds": _rounded(one.talk_time),
        "most_at_once": one.most_at_once,
        "overloads": one.overloads,
        "overload_seconds": _rounded(one.overload_time),
        "coverage": _rounded(coverage, 4),
    }


def _label(one: LabelFigures) -> Json:
    return {"label": one.label, **figures_json(one.figures)}


def _peak(peak: Peak | None, unit: str) -> Json | None:
    return None if peak is None else {unit: peak.value, "at": timestamp(peak.at)}


def _rounded(value: float | None, places: int = 3) -> float | None:
    return None if value is None else round(value, places)


def _cell(title: str, value: object) -> str:
    if value is None:
        return OTHER_LABELS if title == "label" else ""
    return str(value).lower() if isinstance(value, bool) else str(value)


_FIGURES: Final = tuple(figures_json(ShiftFigures(since=0.0, service_level=0.0)))
_AGENT: Final = ("agent", "handled", "talk_time_seconds", "most_at_once", "overloads", "overload_seconds", "coverage")
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "hour": ("since", "until", "local", *_FIGURES, "most_waiting"),
    "agent": _AGENT,
    "label": ("label", *_FIGURES),
}
"""The titles of CSV, which are the keys of JSON."""
