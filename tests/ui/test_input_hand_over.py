"""However much is typed at once, the app is handed no more than it can handle soon."""

from __future__ import annotations

import asyncio
import threading

from textual import events
from textual.app import App

from chatmon.ui.input_hand_over import BATCH, MAX_WAITING, InputHandOver

KEYS = 5_000
OTHERS = 64
"""Messages of Textual's own that may wait besides."""


class Counting(App[object]):
    """Counts the keys that it is handed, and how many messages wait meanwhile."""

    handled = 0
    waiting = 0

    def on_key(self) -> None:
        self.handled += 1
        self.waiting = max(self.waiting, self._message_queue.qsize(), self.screen._message_queue.qsize())


async def test_a_flood_of_keys_is_handled_to_the_last_and_waits_outside() -> None:
    app = Counting()
    async with app.run_test() as pilot:
        loop = asyncio.get_running_loop()

        def post(message: object) -> None:
            assert isinstance(message, events.Key)
            asyncio.run_coroutine_threadsafe(app._post_message(message), loop)

        hand_over = InputHandOver(app, post, threading.Event()).hand_over
        await asyncio.to_thread(hand_over, (events.Key("j", "j") for _ in range(KEYS)))
        while app.handled < KEYS:
            await pilot.pause()
        assert app.waiting <= BATCH + MAX_WAITING + OTHERS


async def test_an_app_that_handles_nothing_any_more_holds_up_no_end() -> None:
    app = Counting()
    async with app.run_test():
        is_over = threading.Event()
        handed_over: list[object] = []

        def post(message: object) -> None:
            handed_over.append(message)
            if len(handed_over) == BATCH:
                is_over.set()

        reading = threading.Thread(target=InputHandOver(app, post, is_over).hand_over, args=([events.Key("j", "j")] * KEYS,))
        reading.start()
        reading.join()  # the event loop stands still meanwhile
        assert len(handed_over) == BATCH
