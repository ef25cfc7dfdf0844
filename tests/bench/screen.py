"""A program in a pseudo-terminal whose output is timed and counted, and otherwise thrown away."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import tempfile
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.bench.machine import on_first_core

ROWS, COLUMNS = 45, 160
PATIENCE = 60.0
"""Seconds after which a measurement is given up."""


class Screen:
    """Runs a command on the first core, with a home folder of its own, until the end of the `with` block."""

    def __init__(self, command: Sequence[str]) -> None:
        self._home = tempfile.TemporaryDirectory()
        self.output = 0
        self.began = time.perf_counter()
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            on_first_core()
            variables = {"HOME": self._home.name, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
            os.execve(command[0], list(command), {**variables, "PATH": os.environ["PATH"]})
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._terminal)
        self._home.cleanup()

    @property
    def home(self) -> Path:
        """The program's home folder."""
        return Path(self._home.name)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._terminal, keys.encode())

    def read_for(self, seconds: float) -> None:
        """Take in whatever comes for so many seconds."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)

    def seconds_until(self, wanted: str) -> float:
        """Seconds until a text comes. Raises `TimeoutError`."""
        begun, seen = time.perf_counter(), b""
        while time.perf_counter() - begun < PATIENCE:
            seen = (seen + self._read(PATIENCE))[-65536:]
            if wanted.encode() in seen:
                return time.perf_counter() - begun
        raise TimeoutError(f"{wanted!r} did not come")

    def _read(self, seconds: float) -> bytes:
        if not select.select([self._terminal], [], [], seconds)[0]:
            return b""
        data = os.read(self._terminal, 65536)
        self.output += len(data)
        return data
