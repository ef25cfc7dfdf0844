"""Hands what is typed to the app, no faster than the app can answer it: what waits meanwhile takes no memory of this process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from textual.app import ScreenStackError
from textual.message import Message

if TYPE_CHECKING:
    from textual.app import App

BATCH: Final = 256
"""Events after which the app is given time to handle them; nobody types so many at once."""
MAX_WAITING: Final = 64
"""Messages that may wait in the app when more events are handed to it."""
CHECK_SECONDS: Final = 0.02


class InputHandOver:
    """Runs in the thread that reads, beside the app's event loop."""

    def __init__(self, app: App[object], hand_over: Callable[[Message], None], is_over: threading.Event) -> None:
        self._app = app
        self._hand_over = hand_over
        self._is_over = is_over
        self._handed_over = 0

    def hand_over(self, messages: Iterable[Message]) -> None:
        """Hand over every message, in order, or leave out the rest once the input is over."""
        for message in messages:
            self._hand_over(message)
            self._handed_over += 1
            if self._handed_over >= BATCH:
                self._handed_over = 0
                self._wait_until_handled()
            if self._is_over.is_set():
                return

    def _wait_until_handled(self) -> None:
        loop = self._app._loop
        if loop is None or loop.is_closed():
            return
        while not self._is_over.is_set():
            counted = asyncio.run_coroutine_threadsafe(self._waiting(), loop)
            while not counted.done():
                if self._is_over.wait(CHECK_SECONDS):
                    counted.cancel()
                    return
            if counted.result() <= MAX_WAITING:
                return
            self._is_over.wait(CHECK_SECONDS)

    async def _waiting(self) -> int:
        """Messages that wait where a key goes: the app, the widget that has the focus, and all that it is in."""
        try:
            screen = self._app.screen
        except ScreenStackError:  # none yet, or none any more
            return 0
        way = (screen.focused or screen).ancestors_with_self
        return sum(node._message_queue.qsize() for node in dict.fromkeys((self._app, screen, *way)))
