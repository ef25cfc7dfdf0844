"""However a command ends, it gives the terminal back, leaves its history whole and no process behind."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.emulator import Emulator, chat
from tests.terminal.terminal import CHATMON, Terminal

ADA = "40316223-6b4b-48d3-bc78-d3102119a477"
HANG_UP = "the terminal goes away"
ENDINGS: tuple[signal.Signals | str, ...] = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, HANG_UP)


@dataclass(frozen=True)
class Case:
    """A command, what and how many lines it shows once it is at work, and whether it is configured to run a command for each alarm."""

    arguments: tuple[str, ...]
    shows: str
    lines: int = 1
    runs_hook: bool = False
    records: bool = True
    at_sigterm: int = 128 + signal.SIGTERM


CASES = {
    "watch": Case(("watch", ADA), "q quit", runs_hook=True),
    "demo": Case(("demo", "--seed", "7", "--chats", "5"), "live"),
    "poll": Case(("poll", ADA, "--follow"), "first seen", runs_hook=True),
    "simulate": Case(("simulate", "--seed", "7", "--chats", "5"), "http://127.0.0.1", lines=6, records=False, at_sigterm=0),
}


@pytest.fixture
def server() -> Iterator[Emulator]:
    with Emulator({ADA: chat("WaitingForAgent", (1, "Ada", "Customer"))}) as running:
        yield running


def recorded(history: Path) -> list[str]:
    """The kinds of a history's events, once its file is known to be sound, but for the gaps that a busy machine makes."""
    with sqlite3.connect(history) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    printed = subprocess.run([CHATMON, "export", "--history", str(history)], capture_output=True, text=True, check=True).stdout
    return [kind for line in printed.splitlines() if (kind := json.loads(line)["kind"]) != "gap"]


def hooked(folder: Path, url: str) -> tuple[Path, Path]:
    """A configuration with a command for each alarm that does not end by itself, and the file that tells its process."""
    running, command, configuration = folder / "running", folder / "hook", folder / "config.toml"
    command.write_text(f"#!/bin/sh\necho $$ > {running}.new\nmv {running}.new {running}\nexec sleep 600\n")
    command.chmod(0o755)
    configuration.write_text(f'[alarms]\nwaiting = {{ warn = 1 }}\non_alarm = ["{command}"]\n[profiles.x]\nurl = "{url}"\n')
    return configuration, running


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", CASES)
def test_it_ends_in_order(server: Emulator, tmp_path: Path, name: str, ending: signal.Signals | str) -> None:
    case = CASES[name]
    history, state = tmp_path / "history.sqlite3", tmp_path / "state"
    arguments = [*case.arguments, *(("--history", str(history)) if case.records else ())]
    running = tmp_path / "none"
    if case.runs_hook:
        configuration, running = hooked(tmp_path, server.url)
        arguments += ["--config", str(configuration), "--profile", "x"]
    variables = {"CHATMON_INTERVAL": "0.1"} if case.records else {}

    with Terminal(CHATMON, *arguments, environment={**variables, "XDG_STATE_HOME": str(state)}) as terminal:
        terminal.expect(case.shows)
        terminal.until(lambda: sum(map(bool, map(str.strip, terminal.lines))) >= case.lines, "all that it prints at first")
        if case.runs_hook:
            terminal.until(running.exists, "the command for the alarm")
        if isinstance(ending, signal.Signals):
            terminal.process.send_signal(ending)
            assert terminal.ends() == (case.at_sigterm if ending is signal.SIGTERM else 128 + ending)
            assert terminal.modes() == terminal.modes_before
            assert terminal.is_restored or name in {"poll", "simulate"}
        else:
            terminal.hang_up()
            assert terminal.process.wait(60) == 128 + signal.SIGHUP
        assert b"Traceback" not in terminal.output
        with pytest.raises(ProcessLookupError):
            os.killpg(terminal.process.pid, 0)

    assert not list(state.rglob("crash*"))
    if case.runs_hook:
        assert not is_running(int(running.read_text()))
        assert recorded(history) == ["monitor_started", "first_seen", "alarm_raised", "monitor_stopped"]
    elif case.records:
        kinds = recorded(history)
        assert (kinds[0], kinds[-1], kinds.count("monitor_stopped")) == ("monitor_started", "monitor_stopped", 1)


def test_a_hang_up_that_is_ignored_leaves_a_recorder_at_work(server: Emulator, tmp_path: Path) -> None:
    history = tmp_path / "history.sqlite3"
    arguments = ("poll", ADA, "--follow", "--url", server.url, "--interval", "0.1", "--history", str(history))
    with Terminal("sh", "-c", 'trap "" HUP; exec "$@"', "sh", CHATMON, *arguments) as terminal:
        terminal.expect("first seen")
        terminal.hang_up()
        server.chats[ADA] = chat("Idle", (1, "Ada", "Customer"))
        for _ in range(2):  # the next poll may have begun before
            before = len(server.requests)
            terminal.until_elsewhere(lambda before=before: len(server.requests) > before, "another poll")  # type: ignore[misc]
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(60) == 128 + signal.SIGTERM
    assert recorded(history) == ["monitor_started", "first_seen", "state_changed", "monitor_stopped"]
