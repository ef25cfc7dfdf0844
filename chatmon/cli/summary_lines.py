"""Summaries of chats as JSON lines or CSV. The keys and columns are a contract: later versions only add some."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import fsum
from typing import TYPE_CHECKING, Final

from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.cli.output import Json, timestamp, to_json

if TYPE_CHECKING:
    from chatmon.monitor.chat_summary import ChatSummary, Time

SUMMARY_COLUMNS: Final = (
    "id", "label", "outcome", "state", "customers", "agents", "first_seen", "last_seen", "last_event", "ended", "gone",
    "answered", "waited_seconds", "waited_exact", "waiting_seconds", "waiting_exact", "chatting_seconds", "chatting_exact",
    "idle_seconds", "idle_exact", "other_seconds", "other_exact", "requeues", "alarms", "poll_failures", "gaps", "unseen_seconds", "events",
)  # fmt: skip
"""The times in states are all of them: `other` is of the states that the API does not document."""
_DOCUMENTED: Final = (WAITING, CHATTING, IDLE)


def summary_writer(style: str) -> tuple[list[str], Callable[[ChatSummary], str]]:
    """For `jsonl` or `csv`: the lines that come first, and what makes a line of a summary."""
    if style == "csv":
        from chatmon.cli.spreadsheet import csv_line

        return [csv_line(SUMMARY_COLUMNS)], lambda summary: csv_line(summary_row(summary))
    return [], lambda summary: to_json(summary_json(summary))


def summary_json(summary: ChatSummary) -> Json:
    """One chat. Seconds that are not exact are at least so many."""
    return {
        "id": summary.chat,
        "label": summary.label,
        "outcome": str(summary.outcome),
        "state": summary.state,
        "customers": list(summary.customers),
        "agents": list(summary.agents),
        **{name: _moment(getattr(summary, name)) for name in ("first_seen", "last_seen", "last_event", "ended", "gone")},
        "answered": summary.answered,
        **_seconds("waited", summary.waited),
        **_seconds("chatting", summary.chatting),
        "states": {state: {"seconds": _rounded(time.seconds), "exact": time.exact} for state, time in summary.states.items()},
        "requeues": summary.requeues,
        "alarms": dict(summary.alarms),
        "poll_failures": summary.poll_failures,
        "gaps": summary.gaps,
        "unseen_seconds": _rounded(summary.unseen),
        "events": summary.events,
    }


def summary_row(summary: ChatSummary) -> Sequence[str]:
    """The cells of one chat, in the order of `SUMMARY_COLUMNS`; empty where nothing is known."""
    cells: Json = {
        **summary_json(summary),
        "customers": "; ".join(summary.customers),
        "agents": "; ".join(summary.agents),
        "alarms": "; ".join(f"{rule} {number}" for rule, number in summary.alarms.items()),
        **_seconds("waiting", summary.states.get(WAITING)),
        **_seconds("idle", summary.states.get(IDLE)),
        **_seconds("other", _other(summary)),
    }
    return [_cell(cells[column]) for column in SUMMARY_COLUMNS]


def _other(summary: ChatSummary) -> Time | None:
    from chatmon.monitor.chat_summary import Time

    others = [time for state, time in summary.states.items() if state not in _DOCUMENTED]
    return Time(fsum(time.seconds for time in others), all(time.exact for time in others)) if others else None


def _seconds(name: str, time: Time | None) -> Json:
    seconds, exact = (None, None) if time is None else (_rounded(time.seconds), time.exact)
    return {f"{name}_seconds": seconds, f"{name}_exact": exact}


def _rounded(seconds: float) -> float:
    return round(seconds, 3)


def _moment(utc: float | None) -> str | None:
    return None if utc is None else timestamp(utc)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
