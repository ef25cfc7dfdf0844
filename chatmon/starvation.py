"""How long this process was kept waiting by a busy machine: what waits for it to do something gives it that time back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import Future

MAX_STARVED_SECONDS: Final = 20.0
"""No more than this is given back."""

Result = TypeVar("Result")


def starved_seconds() -> float:
    """For how long threads of this process could have run so far, and did not; 0 where the system does not tell.

    Source: the Linux kernel's documentation, "Scheduler Statistics", /proc/<pid>/schedstat: the second number, in nanoseconds.
    """
    return sum(map(_starved_nanoseconds, Path("/proc/self/task").glob("*/schedstat"))) / 1e9


def _starved_nanoseconds(schedstat: Path) -> int:
    try:
        return int(schedstat.read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):  # the thread is over, or the kernel counts nothing
        return 0


def given_back(before: float, now: float) -> float:
    """What is given back of the seconds for which it was starved between two looks. A thread that ended counts no more."""
    return min(MAX_STARVED_SECONDS, max(0.0, now - before))


async def result_within(seconds: float, future: Future[Result]) -> Result:
    """The result of what another thread does, within so many seconds in which it could run. Raises TimeoutError, or what it raised."""
    import asyncio  # slow to import: commands that wait for nothing do without

    loop, result = asyncio.get_running_loop(), asyncio.wrap_future(future)
    begun, starved = loop.time(), starved_seconds()
    left = seconds
    while left > 0:
        await asyncio.wait([result], timeout=left)
        if result.done():
            return result.result()
        left = seconds + given_back(starved, starved_seconds()) - (loop.time() - begun)
    result.add_done_callback(_retrieve)
    raise TimeoutError


def _retrieve(result: asyncio.Future[Result]) -> None:
    """What comes too late is nobody's any more; asyncio would complain of an error that nobody saw."""
    if not result.cancelled():
        result.exception()
