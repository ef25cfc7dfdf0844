"""What waits to be written while nobody reads: a write that waits for a reader would stop the event loop, and all polling with it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Generic, TypeVar

Item = TypeVar("Item")

LOOK_SECONDS: Final = 0.05
"""Between two looks whether somebody reads again."""
MAX_WAITING: Final = 100_000
"""Items that wait for a reader; the oldest make room."""


class OutputQueue(Generic[Item]):
    """Items on their way to one stream, written in their order whenever it `is_ready`, by whoever awaits `write_all`.

    `on_dropped` is told how many were dropped for want of a reader, as soon as writing goes on.
    """

    def __init__(self, write: Callable[[Item], None], is_ready: Callable[[], bool], on_dropped: Callable[[int], None]) -> None:
        self._write = write
        self._is_ready = is_ready
        self._on_dropped = on_dropped
        self._items: deque[Item] = deque()
        self._dropped = 0
        self._has_news = asyncio.Event()
        self._is_complete = False

    def put(self, item: Item) -> None:
        """Have an item written."""
        if len(self._items) == MAX_WAITING:
            self._items.popleft()
            self._dropped += 1
        self._items.append(item)
        self._has_news.set()

    def complete(self) -> None:
        """Nothing more comes."""
        self._is_complete = True
        self._has_news.set()

    async def write_all(self) -> None:
        """Write what there is and what comes, until the queue is complete and empty. Raises what writing raises.

        It may be cancelled and awaited again: nothing is left out and nothing written twice.
        """
        while self._items or not self._is_complete:
            if not self._items:
                self._has_news.clear()
                await self._has_news.wait()
            elif not self._is_ready():
                await asyncio.sleep(LOOK_SECONDS)
            else:
                self._tell_dropped()
                self._write(self._items.popleft())
                await asyncio.sleep(0)  # polling goes on while much is written

    def _tell_dropped(self) -> None:
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            self._on_dropped(dropped)
