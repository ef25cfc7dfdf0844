"""Chats and events as CSV for spreadsheets: cleaned, and no cell can become a formula.

Source for the characters that begin a formula: OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

from chatmon.api.resource import Participant
from chatmon.api.sanitise import clean
from chatmon.cli.output import milliseconds, timestamp
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event

CHAT_COLUMNS: Final = (
    "id", "label", "state", "health", "state_since", "state_since_exact", "customer", "agents", "capabilities",
    "observed_at", "latency_ms", "http_status", "error_kind", "error_message",
)  # fmt: skip
EVENT_COLUMNS: Final = (
    "at", "not_before", "chat", "kind", "from", "to", "participant_id", "participant_nickname", "participant_type",
    "capability", "error_kind", "error_message", "lasted_seconds", "lasted_exact", "rule", "severity", "agent", "why", "until",
)  # fmt: skip

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LATER_CELL: Final = re.compile(r';(?=[\s"]*[=+\-@＝＋－＠])')
"""Where a spreadsheet whose separator is a semicolon would begin another cell with a formula, quotes or not."""
_NOBODY: Final = Participant("", "", "")


def round_lines(chats: Iterable[Chat]) -> list[str]:
    """The titles and one line a chat."""
    return [csv_line(CHAT_COLUMNS), *(csv_line(chat_row(chat)) for chat in chats)]


def csv_line(cells: Iterable[str]) -> str:
    """One line of CSV, without its end."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([harmless(cell) for cell in cells])
    return line.getvalue()


def harmless(text: str) -> str:
    """A text that a spreadsheet takes for a text, cleaned."""
    cleaned = _LATER_CELL.sub(";'", clean(text))
    guard = "'" if text.startswith(_FORMULA_STARTS) or cleaned.startswith(_FORMULA_STARTS) else ""
    return guard + cleaned


def chat_row(chat: Chat) -> Sequence[str]:
    """The cells of one chat, in the order of `CHAT_COLUMNS`; empty where nothing is known."""
    return (
        chat.id,
        chat.label,
        chat.state or "",
        str(chat.health),
        _moment(chat.state_since),
        _truth(chat.state_since_exact),
        chat.customer,
        "; ".join(chat.agents),
        "; ".join(() if chat.resource is None else chat.resource.capabilities),
        _moment(chat.observed),
        _number(milliseconds(chat.latency)),
        _number(chat.http_status),
        "" if chat.error is None else chat.error.kind,
        "" if chat.error is None else chat.error.message,
    )


def event_row(event: Event) -> Sequence[str]:
    """The cells of one event, in the order of `EVENT_COLUMNS`; empty where the kind has none."""
    participant = event.participant or _NOBODY
    return (
        timestamp(event.at),
        "" if event.not_before is None else timestamp(event.not_before),
        event.chat or "",
        str(event.kind),
        event.state_from or "",
        event.state_to or "",
        participant.id,
        participant.nickname,
        participant.type,
        event.capability or "",
        "" if event.error is None else event.error.kind,
        "" if event.error is None else event.error.message,
        "" if event.lasted is None else str(round(event.lasted, 3)),
        "" if event.lasted_exact is None else _truth(event.lasted_exact),
        event.rule or "",
        event.severity or "",
        event.agent or "",
        event.why or "",
        "" if event.until is None else timestamp(event.until),
    )


def _moment(moment: Moment | None) -> str:
    return "" if moment is None else timestamp(moment.utc)


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _number(value: float | None) -> str:
    return "" if value is None else str(value)
