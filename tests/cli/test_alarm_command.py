"""The command for alarms: run once for each, told everything, kept within its time; its failures are shown."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from chatmon.api.resource import WAITING, ChatResource
from chatmon.cli import alarm_command
from chatmon.cli.alarm_command import MAX_AT_ONCE, MAX_QUEUED, TROUBLE, AlarmCommand, with_alarm_command
from chatmon.monitor.clock import Moment, SystemClock
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.observation import Observation
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi
from tests.monitor.fake_chat_api import FakeChatApi, always

AT = Moment(0.0, 1_795_356_207.1239)
PATIENCE = 60.0
"""Seconds after which a test no longer waits for what must happen."""

SAVE = "import os, sys, tempfile; text = sys.stdin.read(); open(tempfile.mkstemp(dir=sys.argv[1])[1], 'w').write(text)"


def python(code: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", code, *map(str, arguments)]


def raised(chat: str | None = "652492d9", *, severity: str = "warn", agent: str | None = None) -> Event:
    return Event(at=AT.utc, kind=EventKind.ALARM_RAISED, chat=chat, agent=agent, rule="waiting", severity=severity, why="waiting 01:00")


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - what other processes did
            await asyncio.sleep(0.01)


@asynccontextmanager
async def watching(argv: Sequence[str], *, time_limit: float = PATIENCE) -> AsyncIterator[Monitor]:
    """A monitor with a chat, and the command at work."""

    async def never(_: Monitor) -> ChatApi:
        raise AssertionError("nothing is polled here")

    monitor = Monitor(never, pace=Pace(), clock=SystemClock(), random=Random(1))
    monitor.watch([("652492d9", "billing")])
    monitor.board.apply(Observation("652492d9", AT, AT, resource=ChatResource(WAITING)))
    command = AlarmCommand(argv, monitor, time_limit=time_limit)
    command.start()
    yield monitor
    await command.aclose()


def names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


def saved(folder: Path) -> list[dict[str, object]]:
    """What the commands that are over were told."""
    return [json.loads(text) for file in folder.iterdir() if (text := file.read_text()).endswith("\n")]


async def test_the_command_is_told_of_the_alarm_and_its_chat(tmp_path: Path) -> None:
    async with watching(python(SAVE, tmp_path)) as monitor:
        monitor.board.record(raised())
        await until(lambda: saved(tmp_path))

    assert saved(tmp_path) == [
        {
            "at": "2026-11-22T14:03:27.123Z",
            "chat": "652492d9",
            "kind": "alarm_raised",
            "rule": "waiting",
            "severity": "warn",
            "agent": None,
            "why": "waiting 01:00",
            "label": "billing",
            "state": "WaitingForAgent",
        }
    ]
    assert monitor.troubles == {}


async def test_an_alarm_of_an_agent_has_no_chat(tmp_path: Path) -> None:
    async with watching(python(SAVE, tmp_path)) as monitor:
        monitor.board.record(raised(None, agent="Kristi"))
        await until(lambda: saved(tmp_path))

    (told,) = saved(tmp_path)
    assert (told["agent"], told["chat"], told["label"], told["state"]) == ("Kristi", None, None, None)


async def test_only_what_is_raised_runs_it_and_what_becomes_critical_once_more(tmp_path: Path) -> None:
    async with watching(python(SAVE, tmp_path)) as monitor:
        for kind in EventKind:
            if kind is not EventKind.ALARM_RAISED:
                monitor.board.record(Event(at=AT.utc, kind=kind, chat="652492d9", rule="waiting", severity="warn"))
        monitor.board.record(raised())
        monitor.board.record(raised(severity="critical"))
        await until(lambda: len(saved(tmp_path)) == 2)

    assert sorted(str(told["severity"]) for told in saved(tmp_path)) == ["critical", "warn"]


@pytest.mark.parametrize(
    ("argv", "trouble"),
    [
        (python("raise SystemExit(3)"), "the alarm command failed with exit code 3"),
        (python("import os; os.kill(os.getpid(), 9)"), "the alarm command was ended by signal 9"),
        (["/nowhere/to/be/found"], "the alarm command cannot be run: No such file or directory"),
        (["no\0name"], "the alarm command cannot be run: it holds a null character"),
        ([os.fspath(Path(__file__).parent)], "the alarm command cannot be run: Permission denied"),
    ],
)
async def test_a_command_that_fails_is_a_trouble_that_is_shown(argv: list[str], trouble: str) -> None:
    async with watching(argv) as monitor:
        monitor.board.record(raised())
        await until(lambda: monitor.troubles)

        assert monitor.troubles == {TROUBLE: trouble}


async def test_a_trouble_is_over_when_the_command_works_again(tmp_path: Path) -> None:
    works = tmp_path / "works"
    async with watching(python("import os, sys; sys.exit(not os.path.exists(sys.argv[1]))", works)) as monitor:
        monitor.board.record(raised())
        await until(lambda: monitor.troubles)
        works.touch()
        monitor.board.record(raised())
        await until(lambda: not monitor.troubles)


async def test_a_command_that_does_not_read_is_no_trouble(tmp_path: Path) -> None:
    async with watching(python("import sys; open(sys.argv[1], 'w').close()", tmp_path / "ran")) as monitor:
        monitor.board.record(raised())
        await until((tmp_path / "ran").exists)

    assert monitor.troubles == {}


HANGS = "import os, subprocess, sys, time; open(sys.argv[1] + f'/{os.getpid()}', 'w').close(); time.sleep(600)"
STARTS_ANOTHER = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HANGS!r}, sys.argv[1]])"


def is_running(process: str) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="tells whether a process runs by /proc")
async def test_a_command_that_hangs_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    async with watching(python(STARTS_ANOTHER, tmp_path), time_limit=4.0) as monitor:
        monitor.board.record(raised())
        await until(lambda: monitor.troubles)
        assert monitor.troubles == {TROUBLE: "the alarm command was killed: it ran for longer than 4 s"}
        (process,) = names(tmp_path)
        await until(lambda: not is_running(process))


async def test_no_more_than_a_few_run_at_once_and_none_waits_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarm_command, "END_LIMIT", 0.1)
    async with watching(python(HANGS, tmp_path)) as monitor:
        for _ in range(MAX_QUEUED):
            monitor.board.record(raised())
        await until(lambda: len(names(tmp_path)) == MAX_AT_ONCE)
        assert monitor.troubles == {}
        for _ in range(MAX_AT_ONCE + 1):
            monitor.board.record(raised())
        assert monitor.troubles == {TROUBLE: "the alarm command is too slow: it is not run for every alarm"}

    processes = names(tmp_path)
    assert len(processes) == MAX_AT_ONCE
    await until(lambda: not any(map(is_running, processes)))
    monitor.board.record(raised())
    assert len(names(tmp_path)) == MAX_AT_ONCE


async def test_a_command_that_is_about_done_may_end(tmp_path: Path) -> None:
    async with watching(python(SAVE, tmp_path)) as monitor:
        monitor.board.record(raised())
        await until(lambda: names(tmp_path))

    assert len(saved(tmp_path)) == 1


async def test_it_runs_for_as_long_as_the_api_is_open(tmp_path: Path) -> None:
    api = FakeChatApi(always(ChatResource(WAITING)))

    async def open_api(_: Monitor) -> ChatApi:
        return api

    monitor = Monitor(with_alarm_command(open_api, python(SAVE, tmp_path)), pace=Pace(), clock=SystemClock(), random=Random(1))
    running = asyncio.create_task(monitor.run())
    await until(lambda: monitor.board.events.total)
    monitor.board.record(raised("not watched"))
    await until(lambda: saved(tmp_path))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert api.is_closed
