"""The headless recorder as a user runs it: killed, restarted, with a full disk, beside another one."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from random import Random
from typing import IO, Any

import pytest

from chatmon.cli.history import history_at, recorded_api
from chatmon.history.opening import open_to_write
from chatmon.history.reader import HistoryReader
from chatmon.monitor.clock import SystemClock
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi

from .conftest import Invoke, Start
from .emulator import Emulator, chat

Line = dict[str, Any]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite3"


@pytest.fixture
def centre(emulator: Emulator) -> Emulator:
    emulator.chats = {"one": chat("WaitingForAgent", (1, "Chris", "Customer")), "two": chat("Idle")}
    return emulator


@pytest.fixture
def simulated(process: Start, tmp_path: Path) -> tuple[str, str]:
    """The API root of a busy contact centre, and the file with the ids of its chats."""
    running = process("simulate", "--seed", "7", "--chats", "60", "--speed", "10")
    assert running.stdout is not None
    url = running.stdout.readline().strip()
    ids = tmp_path / "chats.ids"
    ids.write_text("".join(running.stdout.readline() for _ in range(60)))
    return url, str(ids)


def integrity(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def lines(stream: IO[str] | None) -> Iterator[Line]:
    assert stream is not None
    return (json.loads(line) for line in stream if line.endswith("\n"))


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def wait_until(condition: Callable[[], bool], patience: float = 30.0) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_was_seen_a_second_before_a_kill_is_there_and_nothing_twice(
    process: Start, chatmon: Invoke, simulated: tuple[str, str], path: Path
) -> None:
    url, ids = simulated
    moments = Random(3)
    printed: list[Line] = []
    recorded = 0
    for _ in range(4):
        running = process(
            *("poll", "--url", url, "--ids-file", ids, "--follow", "--format", "jsonl", "--interval", "0.1", "--history", str(path))
        )
        wanted = moments.randrange(1, 100)
        at_the_latest = threading.Timer(10.0, running.kill)
        at_the_latest.start()
        session = []
        for line in lines(running.stdout):
            session.append(line)
            if len(session) == wanted:
                break
        running.kill()
        killed = time.time()
        at_the_latest.cancel()
        session += lines(running.stdout)  # not `communicate`, which would not see what is buffered here
        assert running.stderr is not None
        stderr = running.stderr.read()
        running.wait()

        assert stderr == ""
        exported = [json.loads(line) for line in chatmon("export", "--history", str(path)).stdout.splitlines()]
        assert integrity(path) == "ok"
        assert exported[:recorded] == printed[:recorded]
        of_session = exported[recorded:]
        # What is printed may be cut off by the kill as well as what is recorded.
        common = min(len(of_session), len(session))
        assert of_session[:common] == session[:common]
        assert len(of_session) >= sum(seconds(line["at"]) < killed - 1.0 for line in session)
        printed, recorded = exported, len(exported)

    assert recorded > 4


def test_a_restart_goes_on_with_the_clocks_and_records_the_gap(chatmon: Invoke, centre: Emulator, path: Path) -> None:
    asked = ("poll", "--url", centre.url, "--interval", "0.05", "--history", str(path), "--format", "json", "one", "two")
    rounds = []
    for state in ("WaitingForAgent", "WaitingForAgent", "Chatting"):
        centre.chats["one"] = chat(state, (1, "Chris", "Customer"))
        rounds.append(json.loads(chatmon(*asked).stdout)["chats"])
        wait_until(lambda: time.time() > max(seconds(one["observed_at"]) for one in rounds[-1]) + 1.0)

    first, second, third = ([one["state_since"] for one in chats] for chats in rounds)
    assert first == second == [first[0], third[1]]
    assert third[0] > first[0]
    exported = [json.loads(line) for line in chatmon("export", "--history", str(path)).stdout.splitlines()]
    told = [line["kind"] for line in exported if line["chat"] == "one" and not line["kind"].startswith("capability")]
    assert told == ["first_seen", "gap", "gap", "state_changed"]


def test_live_and_exported_lines_are_the_same_also_while_they_are_recorded(
    process: Start, chatmon: Invoke, centre: Emulator, path: Path
) -> None:
    running = process("poll", "--url", centre.url, "--follow", "--format", "jsonl", "--history", str(path), "--interval", "0.1", "one")
    assert running.stdout is not None
    live = [running.stdout.readline() for _ in range(2)]
    centre.status = 500
    live.append(running.stdout.readline())
    wait_until(lambda: chatmon("export", "--history", str(path)).stdout.splitlines(keepends=True) == live)
    running.terminate()
    rest, _ = running.communicate()

    assert chatmon("export", "--history", str(path)).stdout == "".join(live) + rest
    assert rest.count("monitor_stopped") == 1


def test_a_second_recorder_is_refused_in_one_line(process: Start, chatmon: Invoke, centre: Emulator, path: Path) -> None:
    running = process("poll", "--url", centre.url, "--follow", "--format", "jsonl", "--history", str(path), "one")
    assert running.stdout is not None
    running.stdout.readline()

    for more in ((), ("--follow", "--format", "csv")):
        second = chatmon("poll", "--url", centre.url, "--history", str(path), *more, "one")
        assert (second.exit_code, second.stdout) == (2, "")
        assert second.stderr == (
            f"chatmon: the history {path} is recorded to by another chatmon; give this one another file with --history FILE\n"
        )
    running.terminate()
    running.communicate()
    assert chatmon("poll", "--url", centre.url, "--history", str(path), "one").exit_code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="limits are set by the shell")
def test_a_full_disk_is_said_once_and_harms_neither_the_polls_nor_the_file(
    process: Start, chatmon: Invoke, simulated: tuple[str, str], path: Path
) -> None:
    url, ids = simulated
    asked = ("poll", "--url", url, "--ids-file", ids, "--follow", "--format", "jsonl", "--interval", "0.1", "--history", str(path))
    live = path.with_name("live")
    with live.open("w") as output:
        running = process(*asked, stdout=output, through=("bash", "-c", 'ulimit -f 400; exec "$@"', "limited"))
        assert running.stderr is not None
        trouble = running.stderr.readline()
        before = live.stat().st_size
        wait_until(lambda: live.stat().st_size > before)
        running.kill()
        running.wait()
        stderr = running.stderr.read()
    printed = [json.loads(line) for line in live.read_text().splitlines(keepends=True) if line.endswith("\n")]

    assert trouble.startswith("chatmon: nothing is recorded since ")
    assert str(path) in trouble
    assert stderr == ""
    assert integrity(path) == "ok"
    exported = [json.loads(line) for line in chatmon("export", "--history", str(path)).stdout.splitlines()]
    assert 0 < len(exported) < len(printed)
    assert exported == printed[: len(exported)]

    again = process(*asked)
    assert next(lines(again.stdout))["kind"] == "monitor_started"
    again.terminate()
    again.communicate()
    assert len(chatmon("export", "--history", str(path)).stdout.splitlines()) > len(exported)


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\x00" + bytes(200)])
def test_a_file_of_others_is_refused_and_stays(chatmon: Invoke, centre: Emulator, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for command in (("poll", "--url", centre.url, "one"), ("export",)):
        refused = chatmon(*command, "--history", str(path))
        assert (refused.exit_code, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
        assert "stays as it is" in refused.stderr
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_poll_records_nothing_unless_it_is_told_where(
    chatmon: Invoke, centre: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    config = tmp_path / "config.toml"
    config.write_text(f'[profiles.prod]\nurl = "{centre.url}"\nhistory = "from-the-profile.sqlite3"\n')
    chatmon("poll", "--url", centre.url, "one")
    chatmon("poll", "--config", str(config), "--profile", "prod", "one")
    assert list(tmp_path.iterdir()) == [config]

    monkeypatch.setenv("CHATMON_HISTORY", str(tmp_path / "by-variable"))
    chatmon("poll", "--url", centre.url, "--no-history", "one")
    assert list(tmp_path.iterdir()) == [config]
    chatmon("poll", "--url", centre.url, "one")
    assert (tmp_path / "by-variable").exists()
    chatmon("poll", "--url", centre.url, "--history", str(tmp_path / "by-option"), "one")
    assert (tmp_path / "by-option").exists()
    both = chatmon("poll", "--url", centre.url, "--history", "x", "--no-history", "one")
    assert (both.exit_code, both.stderr) == (2, "chatmon: --history and --no-history contradict each other; give one of them\n")


class SilentApi:
    """A Chat API that nobody asks."""

    async def get(self, chat_id: str) -> Any:
        raise AssertionError(chat_id)

    def forget(self, chat_id: str) -> None:
        pass

    async def aclose(self) -> None:
        pass


async def open_silent_api(_: Monitor) -> ChatApi:
    return SilentApi()


async def troubles_with(path: Path) -> dict[str, str]:
    """What is wrong for a dashboard that goes on all the same."""
    history = history_at(path, "source")
    monitor = Monitor(recorded_api(open_silent_api, history), pace=Pace(), clock=SystemClock(), random=Random())
    running = asyncio.create_task(monitor.run())
    async with asyncio.timeout(60):
        while not monitor.board.events.total:  # noqa: ASYNC110 - it tells the dashboard alone
            await asyncio.sleep(0)
    found = dict(monitor.troubles)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return found


async def test_a_dashboard_goes_on_without_the_history_that_it_cannot_have(path: Path) -> None:
    assert await troubles_with(path) == {}
    opened = open_to_write(path)
    try:
        [trouble] = (await troubles_with(path)).values()
    finally:
        opened.close()
    path.write_bytes(b"something else")  # noqa: ASYNC240 - before anything runs
    [other] = (await troubles_with(path)).values()

    assert trouble.startswith(f"nothing is recorded: the history {path} is recorded to by another chatmon; ")
    assert other.startswith(f"nothing is recorded: the history {path} is a file of another kind and stays as it is; ")


async def test_the_history_ends_with_the_monitors_end(path: Path) -> None:
    await troubles_with(path)
    reader = HistoryReader(path)

    assert [str(recorded.event.kind) for recorded in reader.read_on()] == ["monitor_started", "monitor_stopped"]
    reader.close()


async def test_screens_are_told_where_the_events_of_before_end(path: Path) -> None:
    await troubles_with(path)
    history = history_at(path, "source")
    monitor = Monitor(open_silent_api, pace=Pace(), clock=SystemClock(), random=Random())
    api = await recorded_api(open_silent_api, history)(monitor)

    assert history.reader.first_position_of_session == 3
    assert len(history.reader.read_before(history.reader.first_position_of_session, 9)) == 2
    await api.aclose()


@pytest.mark.parametrize("place", ["chatmon.cli.history.recall", "chatmon.history.recall.Recalled.hand_to"])
async def test_whatever_the_memory_of_before_meets_what_comes_is_recorded(path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    await troubles_with(path)
    monkeypatch.setattr(place, lambda *_: {}["canary"])
    monitor = Monitor(open_silent_api, pace=Pace(), clock=SystemClock(), random=Random())
    api = await recorded_api(open_silent_api, history_at(path, "source"))(monitor)
    monitor.board.record(Event(at=time.time(), kind=EventKind.MONITOR_STARTED))
    await api.aclose()

    assert monitor.troubles["recall"].startswith("not all is known from before: chatmon's own fault: KeyError in <lambda> (")
    assert "canary" not in monitor.troubles["recall"]
    assert len(list(HistoryReader(path).read_on())) == 3


def test_the_demo_records_where_it_is_told(chatmon: Invoke, path: Path) -> None:
    chatmon("demo", "--seed", "1", "--chats", "3", "--history", str(path))

    kinds = {json.loads(line)["kind"] for line in chatmon("export", "--history", str(path)).stdout.splitlines()}
    assert "first_seen" in kinds


async def test_after_an_end_in_order_the_one_file_holds_it_all_and_may_be_taken_elsewhere(path: Path, tmp_path: Path) -> None:
    history = history_at(path, "source")
    monitor = Monitor(recorded_api(open_silent_api, history), pace=Pace(), clock=SystemClock(), random=Random())
    running = asyncio.create_task(monitor.run())
    async with asyncio.timeout(60):
        while not monitor.board.events.total:  # noqa: ASYNC110 - it tells the dashboard alone
            await asyncio.sleep(0)
    assert list(history.reader.read_on()) == []  # as the screens do
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    elsewhere = tmp_path / "elsewhere.sqlite3"
    await asyncio.to_thread(shutil.copy, path, elsewhere)
    kinds = [str(recorded.event.kind) for recorded in HistoryReader(elsewhere).read_on()]
    assert kinds == ["monitor_started", "monitor_stopped"]


def test_two_rounds_at_once_do_not_wait_for_each_other(centre: Emulator, path: Path) -> None:
    command = [sys.executable, "-m", "chatmon", "poll", "--url", centre.url, "--history", str(path), "one"]
    both = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    ends = [(one.communicate()[1].count("\n"), one.returncode) for one in both]

    assert set(ends) <= {(0, 0), (1, 2)}
    assert (0, 0) in ends
    assert integrity(path) == "ok"
