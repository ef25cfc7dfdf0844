"""`chatmon replay`: which file, which day and which alarms are played, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chatmon.api.resource import ChatResource
from chatmon.cli import replay as command
from chatmon.history.reader import HistoryReader, RecordedEvent
from chatmon.history.writer import Batch, HistoryWriter
from chatmon.monitor.alarm_book import AlarmBook
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.pseudonyms import REAL_NAMES, Naming
from chatmon.replay.player import SPEEDS, Player
from chatmon.replay.tape import Portion, Tape
from tests.replay.recorded_day import MORNING, SOURCE, record_day

from .conftest import Invoke

STRICT = "[alarms]\nwaiting = { warn = 5, critical = 20 }\n"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record_day(tmp_path_factory.mktemp("replay") / "night.sqlite3", seconds=120, chats=8).path


class Shown:
    """What the dashboard would have been opened with."""

    player: Player
    options: dict[str, Any]

    def __call__(self, player: Player, screen: object, **options: Any) -> int:
        self.player, self.options = player, {"screen": screen, **options}
        return 0

    @property
    def at(self) -> str:
        return datetime.fromtimestamp(self.player.second, UTC).isoformat()

    @property
    def naming(self) -> Naming:
        naming: Naming = self.options["naming"]
        return naming

    def read_on(self) -> Portion | None:
        portion: Portion | None = self.options["read_on"]()
        return portion


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """A terminal, with the dashboard itself left out."""
    shown = Shown()
    monkeypatch.setattr(command, "can_draw", lambda: True)
    monkeypatch.setattr(command, "show_replay", shown)
    monkeypatch.setenv("TZ", "UTC")
    return shown


def test_it_begins_at_the_beginning_stopped_and_at_its_own_speed(chatmon: Invoke, shown: Shown, path: Path) -> None:
    result = chatmon("replay", str(path))
    assert (result.exit_code, result.output) == (0, "")
    assert (shown.at, shown.player.speed, shown.player.is_playing) == ("2026-11-22T08:00:00+00:00", 1, False)
    assert (shown.options["source"], shown.naming) == ("night.sqlite3", REAL_NAMES)


@pytest.mark.parametrize(
    ("at", "second"),
    [("08:01", 60), ("08:01:30", 90), ("2026-11-22T08:01", 60), ("2026-11-22 09:01:00+01:00", 60), ("2026-11-22", 0)],
)
def test_it_begins_where_it_is_told(chatmon: Invoke, shown: Shown, path: Path, at: str, second: float) -> None:
    assert chatmon("replay", str(path), "--at", at, "--speed", "60").exit_code == 0
    assert (shown.player.second - MORNING, shown.player.speed) == (second, 60)


@pytest.mark.parametrize(("at", "second"), [("today", 0), ("Yesterday", -86_400)])
def test_today_and_yesterday_are_those_of_the_calendar(
    chatmon: Invoke, shown: Shown, path: Path, monkeypatch: pytest.MonkeyPatch, at: str, second: float
) -> None:
    monkeypatch.setattr(command.time, "time", lambda: MORNING + 7_200 - second)
    assert chatmon("replay", str(path), "--at", at).exit_code == 0
    assert shown.at == "2026-11-22T08:00:00+00:00"


def test_only_the_day_that_is_wanted_is_read(chatmon: Invoke, shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = [MORNING, MORNING + 3 * 86_400]
    for number, at in enumerate(days):
        writer = HistoryWriter(tmp_path / "h", source=SOURCE, token=f"session {number}", started=at)
        event = Event(at=at, kind=EventKind.FIRST_SEEN, chat=f"chat-{number}", resource=ChatResource("Chatting", id=f"chat-{number}"))
        writer.write(Batch(at + 60, ((0, event),)))
        writer.close()
    read: list[str | None] = []
    read_on = HistoryReader.read_on

    def noted(reader: HistoryReader, *places: Any, **more: Any) -> Iterator[RecordedEvent]:
        for recorded in read_on(reader, *places, **more):
            read.append(recorded.event.chat)
            yield recorded

    monkeypatch.setattr(HistoryReader, "read_on", noted)
    assert chatmon("replay", str(tmp_path / "h"), "--at", "2026-11-22").exit_code == 0
    assert (shown.at[:10], read) == ("2026-11-22", ["chat-0"])


def test_the_tape_is_wound_to_where_it_begins_before_there_is_a_screen(chatmon: Invoke, shown: Shown, path: Path) -> None:
    assert chatmon("replay", str(path), "--at", "08:01:30").exit_code == 0
    assert shown.player.film.left(MORNING + 90) == 0


def test_ctrl_c_ends_what_takes_long_before_there_is_a_screen(
    chatmon: Invoke, shown: Shown, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "alarms.toml").write_text(STRICT)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for method, arguments in (("review", ("--alarms", str(tmp_path / "alarms.toml"))), ("take", ())):
        monkeypatch.setattr(AlarmBook if method == "review" else Tape, method, interrupted)
        result = chatmon("replay", str(path), *arguments)
        assert result.exit_code == 130
        assert "Traceback" not in result.output
    assert not hasattr(shown, "player")


def test_beyond_the_end_it_begins_at_the_end(chatmon: Invoke, shown: Shown, path: Path) -> None:
    assert chatmon("replay", str(path), "--at", "23:59").exit_code == 0
    assert shown.player.is_at_end


def test_every_speed_of_the_player_can_be_asked_for() -> None:
    assert tuple(map(int, command.SPEEDS)) == SPEEDS


def test_the_file_is_that_of_the_argument_the_option_the_variable_or_the_dashboards_own(
    chatmon: Invoke, shown: Shown, path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert chatmon("replay", "--history", str(path)).exit_code == 0
    twice = chatmon("replay", str(path), "--history", str(path))
    assert (twice.exit_code, "is named twice" in twice.stderr) == (2, True)
    nothing = chatmon("replay")
    assert (nothing.exit_code, "does not exist or is empty" in nothing.stderr) == (2, True)
    monkeypatch.setenv("CHATMON_HISTORY", str(path))
    assert chatmon("replay").exit_code == 0
    config = tmp_path / "config.toml"
    config.write_text(f'[profiles.p]\nurl = "{SOURCE}"\n[profiles.other]\nurl = "https://elsewhere.example.com"\n')
    assert chatmon("replay", "--config", str(config), "--profile", "p").exit_code == 0
    assert shown.options["source"] == "p"
    other = chatmon("replay", "--config", str(config), "--profile", "other")
    assert (other.exit_code, "holds no event that can be replayed" in other.stderr) == (2, True)


def test_names_are_pseudonyms_where_that_is_asked_for(chatmon: Invoke, shown: Shown, path: Path) -> None:
    assert chatmon("replay", str(path), "--privacy").exit_code == 0
    assert shown.naming.hides


def test_more_is_read_while_someone_records(chatmon: Invoke, shown: Shown, path: Path) -> None:
    assert chatmon("replay", str(path)).exit_code == 0
    assert shown.read_on() is None


@pytest.mark.parametrize("content", [STRICT, f'profile = "p"\n[profiles.p]\nurl = "https://x"\n[ui]\nascii = true\n{STRICT}'])
def test_alarms_are_those_of_another_configuration(chatmon: Invoke, shown: Shown, path: Path, tmp_path: Path, content: str) -> None:
    chatmon("replay", str(path))
    recorded = [event for event in shown.player.tape.events if event.kind is EventKind.ALARM_RAISED]
    (tmp_path / "alarms.toml").write_text(content)
    result = chatmon("replay", str(path), "--alarms", str(tmp_path / "alarms.toml"))

    assert (result.exit_code, result.stdout) == (0, "")
    assert "alarms that would have been raised" in result.stderr
    raised = [event for event in shown.player.tape.events if event.kind is EventKind.ALARM_RAISED]
    assert sum(event.rule == "waiting" for event in raised) > sum(event.rule == "waiting" for event in recorded)
    assert not shown.options["screen"].ascii
    assert shown.options["read_on"] is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[alarms]\nwaitng = 5\n", ':2: no key "waitng" in [alarms]; did you mean waiting?'),
        ("[alarms]\nidle = 'long'\n", ":2: idle needs"),
        ("[alarms\n", ":1: no TOML"),
        ("[alarms]\nwaiting = { warn = 50, critical = 20 }\n", "waiting is critical before it warns"),
    ],
)
def test_mistakes_of_the_alarms_are_refused_as_those_of_the_configuration(
    chatmon: Invoke, shown: Shown, path: Path, tmp_path: Path, content: str, says: str
) -> None:
    (tmp_path / "alarms.toml").write_text(content)
    result = chatmon("replay", str(path), "--alarms", str(tmp_path / "alarms.toml"))
    assert result.exit_code == 2
    assert f"{tmp_path / 'alarms.toml'}{says}" in result.stderr or says in result.stderr
    assert not hasattr(shown, "player")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--at", "noon"), "--at needs a time such as 14:05"),
        (("--at", "2026-11-20T08:00"), "holds nothing of 2026-11-20; the newest it holds is of 2026-11-22"),
        (("--speed", "7"), "--speed is one of 1, 2, 5"),
        (("--alarms", "not-there.toml"), "--alarms: there is no such file"),
        (("another", "file"), "no further words"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(chatmon: Invoke, shown: Shown, path: Path, arguments: tuple[str, ...], says: str) -> None:
    result = chatmon("replay", str(path), *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not hasattr(shown, "player")


def test_a_file_that_is_no_history_is_refused(chatmon: Invoke, shown: Shown, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear all")
    result = chatmon("replay", str(tmp_path / "letter.txt"))
    assert (result.exit_code, "is a file of another kind" in result.stderr) == (2, True)
    assert not hasattr(shown, "player")


def test_without_a_terminal_it_says_that_it_needs_one(chatmon: Invoke, path: Path) -> None:
    result = chatmon("replay", str(path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("chatmon: standard output is no terminal: a replay needs a terminal; chatmon export prints")
