"""A real pseudo-terminal with a program in it, read as a person reads the screen."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

MODES = ("?1049", "?1000", "?1003", "?1015", "?1006", "?2004", "?1004")
"""The alternate screen, reports of the mouse, bracketed paste, reports of the focus: set by `h`, reset by `l`."""
PATIENCE = 60.0
"""Seconds after which something that has not come is missing; nothing is measured by it."""
CHATMON = str(Path(sys.executable).with_name("chatmon"))
"""The installed command."""
PIECE = 512
"""Bytes that a terminal takes at once, whenever it takes any."""
SLOW_CLOCK = """
import itertools
import chatmon.cli.progress as progress
seconds = itertools.count(0, 0.3)
progress.progress.__wrapped__.__kwdefaults__["clock"] = lambda: next(seconds)
from chatmon.cli.main import main
main()
"""
"""For `python -c`: the same, but everything seems to take long that tells how far it is."""


def _before_it_starts() -> None:
    """The terminal is the program's own, and a hang-up means what it does there, whatever the tests were started with."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Terminal:
    """Runs a command in a terminal of its own until it ends or the terminal is closed.

    `environment` is added to a few variables that every session has, with a home folder of its own; the rest of this process's
    environment is not handed on.
    Without `told_size` the program is not told how large the terminal is.
    """

    def __init__(
        self,
        *command: str,
        columns: int = 160,
        rows: int = 45,
        environment: dict[str, str] | None = None,
        patience: float = PATIENCE,
        told_size: bool = True,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.output = bytearray()
        self._master, slave = pty.openpty()
        self._is_open = True
        if told_size:
            self._size(columns, rows)
        self.modes_before = termios.tcgetattr(slave)
        self._slave = slave
        self._patience = patience
        self._home = tempfile.TemporaryDirectory()
        variables = {"PATH": os.environ["PATH"], "HOME": self._home.name, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=variables | (environment or {}),
            start_new_session=True,
            preexec_fn=_before_it_starts,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.hang_up()
        self._home.cleanup()

    def hang_up(self) -> None:
        """Take the terminal away, as the end of an ssh connection does."""
        if self._is_open:
            self._is_open = False
            os.close(self._master)
            os.close(self._slave)

    @property
    def lines(self) -> list[str]:
        """The lines of the screen. (pyte's own `display` stumbles over half of an overwritten wide character.)"""
        buffer = self.screen.buffer
        return ["".join(buffer[y][x].data for x in range(self.screen.columns)) for y in range(self.screen.lines)]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.lines)

    @property
    def is_restored(self) -> bool:
        """Whether the terminal is as it was: how it treats its keys, the first screen back, the cursor shown, no reports of any kind."""
        written = bytes(self.output).decode("utf-8", "replace")
        is_reset = all(written.rfind(f"\x1b[{mode}l") > written.rfind(f"\x1b[{mode}h") for mode in MODES)
        return is_reset and written.rfind("\x1b[?25h") > written.rfind("\x1b[?25l") and self.modes() == self.modes_before

    def type(self, keys: str | bytes) -> None:
        """Press keys."""
        os.write(self._master, keys if isinstance(keys, bytes) else keys.encode())

    def type_slowly(self, data: bytes) -> None:
        """Send what is more than a terminal holds at once; the screen is read meanwhile."""
        for start in range(0, len(data), PIECE):
            while not select.select([], [self._master], [], 0)[1]:
                self.read(0.05)
            self.type(data[start : start + PIECE])

    def resize(self, columns: int, rows: int) -> None:
        """Make the window another size."""
        self._size(columns, rows)
        self.screen.resize(rows, columns)
        os.killpg(self.process.pid, signal.SIGWINCH)

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Read the screen until something is so."""
        end = time.monotonic() + self._patience
        while not condition():
            assert time.monotonic() < end, f"still missing: {what}\n{self.text}"
            self.read(0.05)

    def until_elsewhere(self, condition: Callable[[], bool], what: str) -> None:
        """Leave the screen alone until something is so that does not show there."""
        end = time.monotonic() + self._patience
        while not condition():
            assert time.monotonic() < end, f"still missing: {what}"
            time.sleep(0.01)

    def expect(self, *texts: str) -> None:
        """Read the screen until it shows all of these."""
        self.until(lambda: all(text in self.text for text in texts), " and ".join(texts))

    def expect_end_of(self, text: str) -> None:
        """Read the screen until it shows this no longer."""
        self.until(lambda: text not in self.text, f"the end of {text!r}")

    def ends(self) -> int:
        """Wait for the program's end, and give its exit code; everything it wrote is then read."""
        self.until(lambda: self.process.poll() is not None, "the program's end")
        while self.read(0.05):
            continue
        return self.process.returncode

    def modes(self) -> Sequence[object]:
        """How the terminal treats its keys, as `termios` tells it."""
        return termios.tcgetattr(self._slave)

    def read(self, seconds: float) -> bool:
        """Take in what the program writes, for so long at the most; whether it wrote anything."""
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False
        self.output += data
        self._stream.feed(data)
        return bool(data)

    def _size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
