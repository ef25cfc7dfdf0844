"""How events are printed: the same line whether an event is just seen or was recorded long ago."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatmon.monitor.events import Event


def event_writer(style: str) -> tuple[list[str], Callable[[Event], str]]:
    """For `jsonl` or `csv`: the lines that come first, and what makes a line of an event."""
    if style == "csv":
        from chatmon.cli.spreadsheet import EVENT_COLUMNS, csv_line, event_row

        return [csv_line(EVENT_COLUMNS)], lambda event: csv_line(event_row(event))
    from chatmon.cli.output import event_json, to_json

    return [], lambda event: to_json(event_json(event))
