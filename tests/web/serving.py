"""`chatmon serve` as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import yarl

PATIENCE = 60.0
"""Seconds after which something that has not come is missing; nothing is measured by it."""


class Serving:
    """Serves on a free port until it is left. `address` is what it printed."""

    def __init__(
        self,
        *arguments: str,
        environment: dict[str, str] | None = None,
        program: Sequence[str] = (sys.executable, "-m", "chatmon"),
        folder: Path | None = None,
    ) -> None:
        self._home = tempfile.TemporaryDirectory()
        self.folder = Path(self._home.name)
        self._arguments = arguments
        self._program = program
        self._working_folder = folder
        self._environment = {"PATH": os.environ["PATH"], "HOME": self._home.name, "LANG": "C.UTF-8", **(environment or {})}
        self.errors = ""

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [*self._program, "serve", "--port", "0", *self._arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self._environment,
            cwd=self._working_folder,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        if not self.address:
            self.ends()
            raise AssertionError(self.errors)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.ends()
        self._home.cleanup()

    @property
    def port(self) -> int:
        """Where it listens (Linux)."""
        sockets = {str(one.readlink()) for one in Path(f"/proc/{self.process.pid}/fd").iterdir()}
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == "0A" and f"socket:[{columns[9]}]" in sockets:
                return int(columns[1].partition(":")[2], 16)
        raise AssertionError("it listens nowhere")

    @property
    def last_file(self) -> int:
        """The highest number of a file that it has open (Linux)."""
        return max(int(one.name) for one in Path(f"/proc/{self.process.pid}/fd").iterdir())

    def log_line(self, words: str) -> str:
        """The next line on standard error, which holds these words."""
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        assert words in line
        return line

    @property
    def local(self) -> yarl.URL:
        """The address on this machine, whichever name was printed."""
        return yarl.URL(self.address).with_host("127.0.0.1")

    @property
    def dashboards(self) -> list[int]:
        """The processes that run for pages."""
        return children(self.process.pid)

    def signal(self, number: int) -> int:
        """Send a signal, and give the exit code."""
        self.process.send_signal(number)
        return self.ends()

    def ends(self) -> int:
        """Wait for the end, and give the exit code."""
        if self.process.stderr is not None and not self.process.stderr.closed:
            self.errors += self.process.communicate(timeout=PATIENCE)[1]
        return self.process.returncode

    @property
    def written(self) -> str:
        """Everything in the user's folders."""
        return "".join(path.read_text("utf-8", "replace") for path in self.folder.rglob("*") if path.is_file())


def children(process: int) -> list[int]:
    """The processes that a process started (Linux)."""
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def command_line(process: int) -> str:
    """What others see of a process (Linux)."""
    return Path(f"/proc/{process}/cmdline").read_text()


def is_there(process: int) -> bool:
    """Whether a process runs still."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(processes: list[int]) -> None:
    """Wait for the end of processes that are nobody's."""
    end = time.monotonic() + PATIENCE
    while any(map(is_there, processes)):
        assert time.monotonic() < end, "a dashboard outlives what it was for"
        time.sleep(0.02)
