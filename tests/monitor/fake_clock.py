"""Virtual time: an event loop whose clock jumps to the next timer as soon as nothing else is left to do, and a clock that reads it.

Hours pass in milliseconds and in the same order each time: tasks run as asyncio runs them, only the waiting is left out.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from chatmon.monitor.clock import Moment

Result = TypeVar("Result")

UTC_START = 1_000_000_000.0
"""The time of day, in seconds since 1970, at which virtual time 0 lies."""


class _JumpingSelector(selectors.SelectSelector):
    """Instead of waiting for files, moves the time on."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everyone waits, and for nothing that has a time")
        self.now += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time, which begins at 0."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


class FakeClock:
    """A clock that reads the running loop's virtual time; `set_utc` moves its time of day alone, as an administrator would."""

    def __init__(self) -> None:
        self._utc_start = UTC_START

    def now(self) -> Moment:
        monotonic = asyncio.get_running_loop().time()
        return Moment(monotonic, self._utc_start + monotonic)

    def set_utc(self, by: float) -> None:
        self._utc_start += by

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await event.wait()
        except TimeoutError:
            return


def in_virtual_time(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coroutine)


def moment(seconds: float) -> Moment:
    """The instant that lies `seconds` after the start."""
    return Moment(seconds, UTC_START + seconds)
