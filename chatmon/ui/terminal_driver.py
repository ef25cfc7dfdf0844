"""Textual's driver for a terminal that may be shared with a shell, be taken away, or speak another encoding.

Textual 8.2's own takes a stopped process that goes on for one that was suspended, even where it was not, and then forgets how the
terminal was before; it stops the event loop for as long as a terminal takes nothing, be it gone or at the end of a bad line; and it
ends its input with a traceback at the first byte that is no UTF-8.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import queue
import select
import signal
import sys
import termios
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TextIO, cast

from rich.cells import cell_len
from textual.drivers._writer_thread import MAX_QUEUED_WRITES
from textual.drivers.linux_driver import LinuxDriver

from chatmon.ui.anchored_cells import anchored
from chatmon.ui.input_hand_over import InputHandOver
from chatmon.ui.terminal_input import TerminalInput

if TYPE_CHECKING:
    from io import TextIOWrapper

    from textual.app import App

LOOK_SECONDS: Final = 0.1
"""Between two looks whether there is something to read, or, once stopped, whether the terminal is chatmon's again."""
READ_BYTES: Final = 4096
RESET_MODES: Final = (1000, 1003, 1015, 1006, 1004, 2004, 2048, 1049)
"""Reports of mouse, focus and size, bracketed paste, the alternate screen (source: xterm, ctlseqs; 2048: in-band resize)."""
GIVES_BACK: Final = b"\x1b[<u" + b"".join(b"\x1b[?%dl" % mode for mode in RESET_MODES) + b"\x1b[?7h\x1b[?25h"
"""The same as Textual writes when it gives a terminal back: the keyboard's own protocol off, those modes off, lines wrapped, a cursor."""
MAX_COLUMNS: Final = 2_000
MAX_LINES: Final = 1_000
"""What is drawn of a terminal that says it is larger: memory goes by the cells."""
CELLS: Final = "chatmon-cells"
"""The name of the error handler that writes what an encoding does not have as so many question marks as it has cells."""


def _as_wide(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "?" * cell_len(error.object[error.start : error.end]), error.end


codecs.register_error(CELLS, _as_wide)


def is_unicode(file: TextIO) -> bool:
    """Whether a text file can hold every sign."""
    return codecs.lookup(file.encoding or "ascii").name.startswith("utf")


class TerminalFile:
    """What the screen is written to. What can no longer be written is dropped, once `on_gone` was told."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.is_gone = False
        if not is_unicode(file):
            cast("TextIOWrapper", file).reconfigure(errors=CELLS)

    def write(self, text: str) -> None:
        """Write; only the first failure is told, by a hang-up signal to this process."""
        if not self.is_gone:
            try:
                self._file.write(text)
            except OSError:
                self.lose()

    def flush(self) -> None:
        """Send what was written."""
        if not self.is_gone:
            try:
                self._file.flush()
            except OSError:
                self.lose()

    def fileno(self) -> int:
        """The number of the file."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Whether it is a terminal, still."""
        return self._file.isatty()

    def lose(self) -> None:
        """End as if the kernel had told of the hang-up: it tells the leader of the session alone."""
        if not self.is_gone:
            self.is_gone = True
            os.kill(os.getpid(), signal.SIGHUP)


class TerminalDriver(LinuxDriver):
    """Draws while the terminal is chatmon's and takes what is drawn; stops and goes on as the shell's job control wants."""

    def __init__(self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        # Textual would draw on standard error.
        self._terminal = TerminalFile(cast("TextIO", sys.__stdout__))
        self._file = cast("TextIOWrapper", self._terminal)
        self._is_drawing = False
        self._is_behind = False
        """Whether the terminal took too little, and something was not drawn for it."""

    def start_application_mode(self) -> None:
        """Take the terminal, and job control with it."""
        self._is_drawing = True
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTSTP, self._stop)
        loop.add_signal_handler(signal.SIGCONT, self._go_on)
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        """Give the terminal back, once."""
        if self._is_drawing:
            self._forget_what_waits()
            super().stop_application_mode()
            self._is_drawing = False

    def give_back_at_once(self) -> None:
        """Give the terminal back from another thread, where this process ends and the event loop does not come to it."""
        if not self._is_drawing or self.attrs_before is None:
            return
        with suppress(termios.error):
            termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
            termios.tcflow(self.fileno, termios.TCOON)
        os.write(self._terminal.fileno(), GIVES_BACK)

    def disable_input(self) -> None:
        """Read no more keys. Whoever touches the terminal from the background is stopped by it."""
        if self._is_drawing:
            super().disable_input()

    def write(self, data: str) -> None:
        """Write where the terminal is chatmon's, and never wait for it: polling would wait too. What is left out is drawn later."""
        if not self._is_drawing or self._is_behind:
            return
        if self._writer_thread is not None and self._writer_thread._queue.full():
            self._is_behind = True
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._catch_up)
        else:
            super().write(anchored(data))

    def _catch_up(self) -> None:
        if not self._is_behind or self._writer_thread is None:
            return
        if self._writer_thread._queue.empty():
            self._is_behind = False
            self._app.refresh(layout=True)
        else:
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._catch_up)

    def _forget_what_waits(self) -> None:
        """Make room for what gives the terminal back."""
        if self._writer_thread is not None and self._writer_thread._queue.qsize() > MAX_QUEUED_WRITES // 2:
            with suppress(queue.Empty):
                while True:
                    self._writer_thread._queue.get_nowait()
        self._is_behind = False

    def _stop(self) -> None:
        """Stop, as any program does on Ctrl-Z. Where no shell could let it go on, the kernel leaves it running."""
        if self._is_drawing:
            self.suspend_application_mode()
        loop = asyncio.get_running_loop()
        loop.remove_signal_handler(signal.SIGTSTP)
        signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)  # this very thread stops before it does anything more
        loop.add_signal_handler(signal.SIGTSTP, self._stop)
        loop.call_later(LOOK_SECONDS, self._take_back)

    def _go_on(self) -> None:
        """Take the terminal again, also after a stop that nobody announced: the shell has had it since."""
        if self._is_drawing and self._is_in_foreground():
            self.suspend_application_mode()
        self._take_back()

    def _take_back(self) -> None:
        if self._is_drawing or self._terminal.is_gone or not self._app.is_running:
            return
        if self._is_in_foreground():
            self.resume_application_mode()
            self._app.call_later(self._app.refresh, layout=True)
        else:
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._take_back)

    def _is_in_foreground(self) -> bool:
        try:
            return os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:
            return False

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except Exception as error:  # noqa: BLE001 - without keys it cannot go on; Textual would print every variable
            self._app.call_later(self._app._handle_exception, error)

    def run_input_thread(self) -> None:
        """Hand on what is typed until the terminal is given back, or gone. Bytes that are no UTF-8 are keys without a meaning."""
        terminal_input = TerminalInput(size=lambda: self._app.size)
        hand_over = InputHandOver(self._app, self.process_message, self.exit_event).hand_over
        while not self.exit_event.is_set():
            if self._waits_to_be_read(LOOK_SECONDS):
                try:
                    read = os.read(self.fileno, READ_BYTES)
                except OSError:
                    read = b""
                if not read:
                    self._terminal.lose()
                    return
                hand_over(terminal_input.feed(read))
            if not self._waits_to_be_read(0):
                hand_over(terminal_input.tick())

    def _waits_to_be_read(self, seconds: float) -> bool:
        return bool(select.select([self.fileno], [], [], seconds)[0])

    def _query_in_band_window_resize(self) -> None:
        """The kernel knows the size; what comes with the keys could be anything."""

    def _get_terminal_size(self) -> tuple[int, int]:
        width, height = super()._get_terminal_size()
        return min(width, MAX_COLUMNS), min(height, MAX_LINES)
