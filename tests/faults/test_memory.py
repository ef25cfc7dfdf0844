"""What is large takes little memory: the whole program at work over every large answer of the matrix at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.raw_server import Script
from tests.faults.matrix import LARGE, served
from tests.faults.monitors import PATIENCE, Healthy, new_id, until
from tests.terminal.terminal import CHATMON, Terminal

LIMIT = 150 * 10**6
"""Bytes that may be resident at the most."""
POLLS = 3
"""Polls of each chat, at the least, that are measured."""
CHATS = {new_id(number): fault for number, fault in enumerate(LARGE)}
POLITE = ("--interval", "0.2", "--timeout", "10")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads how much memory a process took as Linux tells it")


class LargeAnswers(Healthy):
    """Answers each chat as its row of the matrix has it."""

    def script_of(self, chat_id: str) -> Script:
        fault = CHATS[chat_id]
        is_second = self.polls[chat_id] % 2 == 0
        return served(fault.then if is_second and fault.then else fault.script, chat_id)

    @property
    def is_done(self) -> bool:
        """Whether every chat that was not refused rest was polled often enough."""
        return all(self.polls[chat_id] >= POLLS for chat_id, fault in CHATS.items() if fault.kind is None)


def peak(process: int) -> int:
    """The most bytes that a running process ever had resident. (What `wait4` tells counts whoever started it as well.)"""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


async def beside(work: Callable[[threading.Event], int], server: LargeAnswers) -> int:
    """Do something in a thread until the server has been asked enough, which the thread is then told."""
    enough = threading.Event()
    working = asyncio.create_task(asyncio.to_thread(work, enough))
    try:
        await until(lambda: server.is_done or working.done())
    finally:
        enough.set()
    return await working


async def test_a_recorder_stays_small_whatever_large_answers_come(tmp_path: Path) -> None:
    async with LargeAnswers() as server:

        def record(enough: threading.Event) -> int:
            command = [CHATMON, "poll", "--follow", "--format", "jsonl", "--url", server.origin, "--history", str(tmp_path / "history")]
            with (tmp_path / "events").open("wb") as events:
                running = subprocess.Popen([*command, *POLITE, *CHATS], stdin=subprocess.DEVNULL, stdout=events)
            enough.wait()
            most = peak(running.pid)
            running.terminate()
            assert running.wait(PATIENCE) == 143
            return most

        assert await beside(record, server) < LIMIT
    assert (tmp_path / "events").read_bytes().count(b'"kind": "first_seen"') == sum(fault.kind is None for fault in LARGE)


async def test_the_dashboard_stays_small_whatever_large_answers_come() -> None:
    crowded = next(chat_id for chat_id, fault in CHATS.items() if fault.then)

    async with LargeAnswers() as server:

        def watch(enough: threading.Event) -> int:
            command = [CHATMON, "watch", "--no-history", "--url", server.origin, *POLITE, crowded, *CHATS.keys() - {crowded}]
            with Terminal(*command, patience=PATIENCE) as terminal:
                terminal.expect("Chatting")
                terminal.type("\r")
                while not enough.is_set():
                    terminal.read(0.05)
                most = peak(terminal.process.pid)
                terminal.type("q")
                assert terminal.ends() == 0
            return most

        assert await beside(watch, server) < LIMIT
