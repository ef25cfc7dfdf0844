"""A program under test: started, killed and started again, and looked at meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.bench.machine import resident_megabytes

CHATMON = str(Path(sys.executable).with_name("chatmon"))
LOOK_SECONDS = 2.0
"""Between two looks at a process."""
SHORT = (4.0, 20.0)
"""From, to: seconds of a short life. Every other one is short."""
LONG = (0.2, 0.4)
"""The same for a long one, as a share of the run, of an hour at the most."""
HOUR = 3600.0
PAUSE = (0.2, 6.0)
"""From, to: seconds from a kill to the next start."""
ENDING_SECONDS = 10.0
"""For so long a program that was asked to end is waited for."""


@dataclass(frozen=True, slots=True)
class Look:
    """A process `at` so many seconds of its life: its megabytes, its sockets, and its other file descriptors."""

    at: float
    megabytes: float
    sockets: int
    files: int


@dataclass(slots=True)
class Program:
    """A chatmon command, its history and its home folder; `in_terminal`: it is run in a pseudo-terminal of 160×45."""

    name: str
    arguments: Sequence[str]
    folder: Path
    in_terminal: bool = False
    lives: list[list[Look]] = field(default_factory=list)
    kills: int = 0
    ended_by_itself: int = 0
    last_code: int | None = None
    """The exit code of its last end; None where it did not end."""

    @property
    def history(self) -> Path:
        """Its history file."""
        return self.folder / "chatmon.db"

    @property
    def crash_reports(self) -> int:
        """How many it wrote."""
        return len(list(self.folder.rglob("crash-*.txt")))

    def write_looks(self) -> None:
        """Put every look at it into its folder, a line each, behind the number of the life."""
        lines = (
            f"{number} {one.at:.1f} s {one.megabytes:.2f} MB {one.sockets} sockets {one.files} files\n"
            for number, looks in enumerate(self.lives)
            for one in looks
        )
        (self.folder / "looks.txt").write_text("".join(lines), encoding="utf-8")

    async def run(self, seconds: float, chance: Random) -> None:
        """Let it live and die for so long; at the end it is asked to end (SIGTERM)."""
        self.folder.mkdir()
        end = time.monotonic() + seconds
        while True:
            length = chance.uniform(*SHORT) if len(self.lives) % 2 else chance.uniform(*LONG) * min(seconds, HOUR)
            left = end - time.monotonic()
            is_last = length + SHORT[1] > left
            await self._live(left if is_last else length, signal.SIGTERM if is_last else signal.SIGKILL)
            if is_last:
                return
            self.kills += 1
            await asyncio.sleep(chance.uniform(*PAUSE))

    async def _live(self, seconds: float, end: signal.Signals) -> None:
        master, slave = pty.openpty() if self.in_terminal else (None, None)
        if master is not None:
            size(master, rows=45, columns=160)
            asyncio.get_running_loop().add_reader(master, throw_away_output, master)
        process = await self._start(slave)
        begun = time.monotonic()
        looks: list[Look] = []
        self.lives.append(looks)
        try:
            while (age := time.monotonic() - begun) < seconds and process.returncode is None:
                with contextlib.suppress(FileNotFoundError, ProcessLookupError, StopIteration):  # it has just ended
                    looks.append(look(process.pid, age))
                await asyncio.sleep(min(LOOK_SECONDS, seconds - age))
            if process.returncode is not None:
                self.ended_by_itself += 1
                return
            process.send_signal(end)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ENDING_SECONDS):
                    self.last_code = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            if master is not None and slave is not None:
                asyncio.get_running_loop().remove_reader(master)
                os.close(master)
                os.close(slave)

    async def _start(self, slave: int | None) -> asyncio.subprocess.Process:
        variables = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        command = (CHATMON, *self.arguments, "--history", str(self.history))
        if slave is None:
            with (self.folder / "errors.txt").open("ab") as errors:
                return await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL, stderr=errors, env=variables)
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=variables,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )


def look(pid: int, age: float) -> Look:
    """What Linux says of a process."""
    targets = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed between listing and reading
            targets.append(str(descriptor.readlink()))
    sockets = sum(target.startswith("socket:") for target in targets)
    return Look(age, resident_megabytes(pid), sockets, len(targets) - sockets)


def throw_away_output(terminal: int) -> None:
    """Read what a program prints to its terminal, and throw it away."""
    with contextlib.suppress(OSError):
        os.read(terminal, 65536)


def size(terminal: int, *, rows: int, columns: int) -> None:
    """Tell a terminal how large it is."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
