"""Textual's driver for a browser, over the pipes to the server that relays keys and screen.

Textual 8.2's own stops the event loop for as long as nobody reads, goes on for ever once its server is gone, has keys go to nothing
until something is clicked, and ends its input at the first byte that is no UTF-8.
"""

from __future__ import annotations

import asyncio
import os
import queue
import select
import signal
import threading
from typing import TYPE_CHECKING, Final

import msgspec
from textual import events
from textual.drivers._byte_stream import ByteStream
from textual.drivers._writer_thread import MAX_QUEUED_WRITES
from textual.drivers.web_driver import WebDriver
from textual.geometry import Size

from chatmon.ui.anchored_cells import anchored
from chatmon.ui.input_hand_over import InputHandOver
from chatmon.ui.terminal_input import TerminalInput

if TYPE_CHECKING:
    from textual.app import App

LOOK_SECONDS: Final = 0.1
"""Between two looks whether there is something to read, or whether what was written has been taken."""
READ_BYTES: Final = 4096
MAX_CELLS: Final = 1_000
"""Columns and lines of a page, at the most: more than the server ever asks for."""
END_SECONDS: Final = 1.0
"""For so long the last words may take to be read."""
LAST_SECONDS: Final = 5.0
"""For so long the app may take to end once its server is gone: longer than it gives itself."""
STANDARD_INPUT: Final = 0
DEFAULT_SIZE: Final = (80, 24)
PRELUDE: Final = b"__GANGLION__\n"
"""With this line the packets begin (source: textual-serve 1.1, `app_service`)."""
ALTERNATE_SCREEN, HIDE_CURSOR, NO_LINE_WRAP = "\x1b[?1049h", "\x1b[?25l", "\x1b[?7l"


class BrowserDriver(WebDriver):
    """Writes packets beside the event loop, leaves out what nobody takes and draws it later, and ends the app with its server."""

    def __init__(self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._packets: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._write = self._packets.put  # type: ignore[assignment]  # whatever Textual makes of it goes through here
        self._writer = threading.Thread(target=self._write_packets, name="textual-output", daemon=True)
        self._is_behind = False
        """Whether the server took too little, and something was not drawn for it."""

    def start_application_mode(self) -> None:
        """Begin to write and to read. Textual's own would begin without the focus, and then give it to nothing."""
        self._writer.start()
        self._packets.put(PRELUDE)
        self.write(ALTERNATE_SCREEN)
        self._enable_mouse_support()
        self.write(HIDE_CURSOR)
        self.write(NO_LINE_WRAP)
        size = Size(*(self._size or DEFAULT_SIZE))
        asyncio.run_coroutine_threadsafe(self._app._post_message(events.Resize(size, size)), loop=asyncio.get_running_loop())
        self._request_terminal_sync_mode_support()
        self._enable_bracketed_paste()
        self._key_thread.start()

    def stop_application_mode(self) -> None:
        """Say that this was all."""
        super().stop_application_mode()
        self._packets.put(None)
        self._writer.join(END_SECONDS)

    def write(self, data: str) -> None:
        """Write, and never wait for it: polling would wait too. What is left out is drawn later."""
        if self._is_behind:
            return
        if self._packets.qsize() > MAX_QUEUED_WRITES:
            self._is_behind = True
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._catch_up)
        else:
            super().write(anchored(data))

    def _catch_up(self) -> None:
        if self._packets.empty():
            self._is_behind = False
            self._app.refresh(layout=True)
        elif self._app.is_running:
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._catch_up)

    def _write_packets(self) -> None:
        while (packet := self._packets.get()) is not None:
            left = memoryview(packet)
            try:
                while left:
                    left = left[os.write(self.fileno, left) :]
            except OSError:
                self._lose()
                return

    def run_input_thread(self) -> None:
        """Hand on what is typed until the app ends, or the server does. Bytes that are no UTF-8 are keys without a meaning."""
        try:
            self._read_packets()
        except Exception as error:  # noqa: BLE001 - without keys it cannot go on; Textual would say nothing, and read no more
            self._app.call_later(self._app._handle_exception, error)

    def _read_packets(self) -> None:
        terminal_input = TerminalInput(size=lambda: self._app.size)
        hand_over = InputHandOver(self._app, self.process_message, self.exit_event).hand_over
        packets = ByteStream()
        while not self.exit_event.is_set():
            if _waits_to_be_read(LOOK_SECONDS):
                read = os.read(STANDARD_INPUT, READ_BYTES)
                if not read:
                    self._lose()
                    return
                for kind, payload in packets.feed(read):
                    if kind == "D":
                        hand_over(terminal_input.feed(payload))
                    else:
                        self._take_in(payload)
            if not _waits_to_be_read(0):
                hand_over(terminal_input.tick())

    def _take_in(self, payload: bytes) -> None:
        """Do what the server says of its page. What is not understood is ignored."""
        try:
            said = msgspec.json.decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        match said:
            case {"type": "resize", "width": width, "height": height} if _can_be_drawn(width) and _can_be_drawn(height):
                self.on_meta("resize", {"width": width, "height": height})
            case {"type": "focus" | "blur" | "quit" as kind}:
                self.on_meta(kind, {})

    def _lose(self) -> None:
        """End as a hang-up ends it, unless it is ending already; at once where the event loop never comes to hear of it."""
        if not self.exit_event.is_set():
            last_resort = threading.Timer(LAST_SECONDS, os._exit, (128 + signal.SIGHUP,))
            last_resort.daemon = True
            last_resort.start()
            os.kill(os.getpid(), signal.SIGHUP)


def _can_be_drawn(cells: object) -> bool:
    return type(cells) is int and 1 <= cells <= MAX_CELLS


def _waits_to_be_read(seconds: float) -> bool:
    return bool(select.select([STANDARD_INPUT], [], [], seconds)[0])
