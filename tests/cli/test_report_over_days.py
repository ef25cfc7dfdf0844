"""`chatmon report` over several days, between which chatmon was quit."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chatmon.history.writer import Batch, HistoryWriter
from chatmon.monitor.events import Event, EventKind

from .conftest import Invoke

HOUR, DAY = 3_600.0, 86_400.0
MONDAY = datetime(2026, 11, 23, tzinfo=UTC).timestamp()
WEEK = ("--from", "2026-11-20T00:00Z", "--to", "2026-11-24T00:00Z", "--format", "json")


def write(path: Path, begin: float, raised: float) -> None:
    """One session that raised an alarm, and was quit with it up."""
    writer = HistoryWriter(path, source="source", token=f"token of {begin}", started=begin)
    started = Event(at=begin, kind=EventKind.MONITOR_STARTED)
    alarm = Event(at=raised, kind=EventKind.ALARM_RAISED, agent="Kristi", rule="overload", severity="warn")
    writer.write(Batch(raised + HOUR, ((1, started), (2, alarm))))
    writer.close()


def alarms(chatmon: Invoke, path: Path, *more: str) -> Any:
    result = chatmon("report", "--history", str(path), *WEEK, *more)
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)["alarms"]


def test_alarms_are_as_many_in_whatever_time_zone_they_are_shown(chatmon: Invoke, tmp_path: Path) -> None:
    path, config = tmp_path / "history.sqlite3", tmp_path / "config.toml"
    write(path, MONDAY - DAY - 10 * HOUR, MONDAY - DAY - HOUR)
    write(path, MONDAY + 8 * HOUR, MONDAY + 9 * HOUR)
    for zone, raised in (("utc", 2), ("Europe/Helsinki", 1)):  # there, Monday began two hours before
        config.write_text(f'[ui]\ntimezone = "{zone}"\n')
        for shown in ("utc", "Europe/Helsinki", "America/New_York"):
            found = alarms(chatmon, path, "--config", str(config), "--timezone", shown)
            assert found == [{"rule": "overload", "raised": raised, "critical": 0}]
