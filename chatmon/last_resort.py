"""Ends the process for certain: an orderly end has its time, and then it is over, whatever hangs.

A disk that does not answer, a terminal that takes nothing and a thread that waits for either cannot be told to stop.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Final

from chatmon.starvation import given_back, starved_seconds

ENDING_SECONDS: Final = 1.8
"""So long an orderly end may take."""
LAST_WORDS_SECONDS: Final = 0.15
"""So long what is done before the process ends may take."""
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Those that end the process."""


def _nothing() -> None:
    """What is done before the end where nothing is to be."""


class LastResort:
    """Once armed, it ends the process after `ENDING_SECONDS` unless it is disarmed; `last_words` is called then, and not waited for.

    The time in which a busy machine runs other programs instead does not count, up to `starvation.MAX_STARVED_SECONDS`: nothing hangs then.
    `starved_seconds` says how long that was so far, by default as Linux tells it; `end` ends the process with an exit code.
    """

    def __init__(self, starved_seconds: Callable[[], float] = starved_seconds, end: Callable[[int], object] = os._exit) -> None:
        self._starved_seconds = starved_seconds
        self._exit = end
        self._disarmed: threading.Event | None = None
        self._lock = threading.Lock()
        self.last_words: Callable[[], None] = _nothing
        self.succeeds_at_sigterm = False
        """Whether SIGTERM is how the command is asked to end, as a server is: its exit code is 0 then."""

    def arm(self, code: int) -> None:
        """The process is to end with this exit code. The first one counts."""
        with self._lock:
            if self._disarmed is None:
                self._disarmed = threading.Event()
                threading.Thread(target=self._wait, args=(self._disarmed, code), name="last resort", daemon=True).start()

    def disarm(self) -> None:
        """The end was orderly so far, and what is left cannot hang."""
        with self._lock:
            if self._disarmed is not None:
                self._disarmed.set()
                self._disarmed = None
            self.last_words = _nothing
            self.succeeds_at_sigterm = False

    def _wait(self, disarmed: threading.Event, code: int) -> None:
        begun, starved_before = time.monotonic(), self._starved_seconds()
        left = ENDING_SECONDS
        while left > 0:
            if disarmed.wait(left):
                return
            starved = given_back(starved_before, self._starved_seconds())
            left = ENDING_SECONDS + starved - (time.monotonic() - begun)
        self._end(code)

    def _end(self, code: int) -> None:
        speaking = threading.Thread(target=self.last_words, daemon=True)
        speaking.start()
        speaking.join(LAST_WORDS_SECONDS)
        self._exit(0 if self.succeeds_at_sigterm and code == 128 + signal.SIGTERM else code)


last_resort: Final = LastResort()
"""That of this process."""


def heed_signals() -> None:
    """Arm the last resort at a signal that ends the process, even where the main thread waits for a disk and hears of none.

    It lasts until an event loop takes the signals over. What is ignored or has no handler of Python's is left to the system.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    threading.Thread(target=_heed, args=(reading,), name="signals", daemon=True).start()


def _heed(reading: int) -> None:
    while received := os.read(reading, 64):
        for number in received:
            if number in SIGNALS:
                last_resort.arm(128 + number)
