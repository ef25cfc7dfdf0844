"""Time as it is handed to everything that needs it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:  # whoever reads times alone, as what prints a history does, needs no event loop
    import asyncio


class Moment(msgspec.Struct, frozen=True, gc=False):
    """One instant read from two clocks: `monotonic` seconds for durations, `utc` seconds since 1970 for times of day.

    The wall clock may jump; the monotonic one never does.
    """

    monotonic: float
    utc: float

    def since(self, earlier: Moment) -> float:
        """Seconds from `earlier` to this moment."""
        return self.monotonic - earlier.monotonic


class Clock(Protocol):
    """A clock that can be read and waited on."""

    def now(self) -> Moment:
        """This instant."""

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Return when `event` is set or `seconds` have passed, whichever comes first."""


class SystemClock:
    """The machine's clocks. Where the system has it, the monotonic one goes on while a laptop sleeps."""

    _source = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

    def now(self) -> Moment:
        """This instant."""
        return Moment(time.clock_gettime(self._source), time.time())

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Return when `event` is set or `seconds` have passed, whichever comes first."""
        import asyncio

        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await event.wait()
        except TimeoutError:
            return
