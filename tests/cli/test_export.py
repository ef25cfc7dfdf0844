"""`chatmon export`: what was recorded, as it was printed."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatmon.history.writer import Batch, HistoryWriter
from chatmon.monitor.events import Event, EventKind

from .conftest import Invoke

DAWN = datetime(2026, 11, 22, 6, 0, tzinfo=UTC).timestamp()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An event an hour from six o'clock UTC on, seven in all."""
    return record(tmp_path / "history.sqlite3", 7)


def record(path: Path, events: int, source: str = "source") -> Path:
    writer = HistoryWriter(path, source=source, token=f"token of {source}", started=DAWN)
    failures = [Event(at=DAWN + 3_600 * number, kind=EventKind.POLL_FAILED, chat=f"=chat{number}") for number in range(events)]
    writer.write(Batch(DAWN, tuple(enumerate(failures))))
    writer.close()
    return path


def hours(printed: str) -> list[str]:
    return [json.loads(line)["at"][11:13] for line in printed.splitlines()]


def test_json_lines_in_the_order_of_events(chatmon: Invoke, path: Path) -> None:
    result = chatmon("export", "--history", str(path), "--format", "jsonl")

    assert (result.exit_code, result.stderr) == (0, "")
    assert hours(result.stdout) == ["06", "07", "08", "09", "10", "11", "12"]
    assert json.loads(result.stdout.splitlines()[0]) == {
        "at": "2026-11-22T06:00:00.000Z",
        "chat": "=chat0",
        "kind": "poll_failed",
        "error": None,
    }


def test_csv_has_titles_and_no_formulas(chatmon: Invoke, path: Path) -> None:
    first, *_ = csv.DictReader(chatmon("export", "--history", str(path), "--format", "csv").stdout.splitlines())

    assert (first["at"], first["chat"], first["kind"]) == ("2026-11-22T06:00:00.000Z", "'=chat0", "poll_failed")


@pytest.mark.parametrize(
    ("limits", "left"),
    [
        (("--since", "2026-11-22T08:00Z"), ["08", "09", "10", "11", "12"]),
        (("--until", "2026-11-22T08:00Z"), ["06", "07"]),
        (("--since", "2026-11-22T10:00:00+01:00", "--until", "2026-11-22T12:30:00+02:00"), ["09", "10"]),
        (("--since", "2027-01-01"), []),
        (("--until", "2020-01-01"), []),
    ],
)
def test_a_stretch_of_time_can_be_asked_for(chatmon: Invoke, path: Path, limits: tuple[str, ...], left: list[str]) -> None:
    result = chatmon("export", "--history", str(path), *limits)

    assert (result.exit_code, hours(result.stdout)) == (0, left)


def test_a_time_without_an_offset_is_of_the_machines_time_zone(chatmon: Invoke, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Etc/GMT-3")
        time.tzset()
        result = chatmon("export", "--history", str(path), "--since", "2026-11-22T14:00")
    time.tzset()

    assert hours(result.stdout) == ["11", "12"]


def test_a_time_without_an_offset_is_of_the_time_zone_that_the_screens_are_set_to(chatmon: Invoke, path: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[ui]\ntimezone = "Asia/Tokyo"\n')
    limits = ("--since", "2026-11-22T20:00", "--until", "2026-11-22T11:00Z")

    result = chatmon("export", "--history", str(path), "--config", str(config), *limits)
    assert result.exit_code == 2  # 20:00 in Tokyo is 11:00 in UTC
    result = chatmon("export", "--history", str(path), "--config", str(config), *limits[:2])
    assert hours(result.stdout) == ["11", "12"]


def test_the_file_is_named_by_option_variable_or_profile_else_the_dashboards_own(
    chatmon: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    record(tmp_path / "state" / "chatmon" / "history.sqlite3", 1)
    config = tmp_path / "config.toml"
    config.write_text('profile = "prod"\n[profiles.prod]\nhistory = "of-the-profile"\n')
    record(tmp_path / "of-the-profile", 2)
    record(tmp_path / "by-variable", 3)
    record(tmp_path / "by-option", 4)
    found = [len(chatmon("export").stdout.splitlines()), len(chatmon("export", "--config", str(config)).stdout.splitlines())]
    monkeypatch.setenv("CHATMON_HISTORY", str(tmp_path / "by-variable"))
    found.append(len(chatmon("export", "--config", str(config)).stdout.splitlines()))
    found.append(len(chatmon("export", "--history", str(tmp_path / "by-option")).stdout.splitlines()))

    assert found == [1, 2, 3, 4]


DEPLOYMENTS = """\
history = "shared.sqlite3"
url = "https://gws.example.com"
headers = { apikey = "env:NOT_SET", ContactCenterId = "env:CENTRE" }
"""


def test_a_profile_exports_its_own_deployment_alone_and_none_exports_all(
    chatmon: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for events, source in enumerate(("https://gws.example.com/api/v2", "https://gws.example.com/api/v2 1234", "http://test/api/v2"), 1):
        record(tmp_path / "shared.sqlite3", events, source)
    config = tmp_path / "config.toml"
    test = 'history = "shared.sqlite3"\nurl = "http://test"\n'
    nowhere = 'history = "shared.sqlite3"\n'
    config.write_text(f"[profiles.prod]\n{DEPLOYMENTS}\n[profiles.test]\n{test}\n[profiles.nowhere]\n{nowhere}")
    monkeypatch.setenv("CENTRE", "1234")

    def exported(*arguments: str) -> int:
        result = chatmon("export", "--config", str(config), "--history", str(tmp_path / "shared.sqlite3"), *arguments)
        assert (result.exit_code, result.stderr) == (0, "")
        return len(result.stdout.splitlines())

    assert (exported("--profile", "prod"), exported("--profile", "test")) == (2, 3)
    assert (exported("--profile", "nowhere"), exported()) == (6, 6)
    monkeypatch.setenv("CHATMON_URL", "http://test")
    assert exported() == 6
    config.write_text(f'profile = "test"\n{config.read_text()}')
    assert exported() == 3


def test_a_contact_centre_that_is_not_known_is_refused(chatmon: Invoke, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f"[profiles.prod]\n{DEPLOYMENTS}")
    result = chatmon("export", "--config", str(config), "--profile", "prod")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "the environment variable CENTRE, which the header ContactCenterId names, is not set" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--history", "no-such-file"), "does not exist or is empty; chatmon watch records one"),
        (("--since", "2026-11-22T12:00", "--until", "2026-11-22T11:00"), "--until is not after --since"),
        (("--since", "tomorrow"), "--since needs a time such as 2026-11-22T14:05"),
        (("--format", "json"), "did you mean jsonl?"),
        (("event",), "takes options only"),
    ],
)
def test_mistakes_are_one_line(
    chatmon: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = chatmon("export", *arguments)

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert says in result.stderr
    assert list(tmp_path.iterdir()) == []
