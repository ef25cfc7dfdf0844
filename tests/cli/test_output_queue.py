"""What waits while nobody reads: all of it is written in its order, or the number of what was dropped is told."""

from __future__ import annotations

import asyncio
import os

import pytest

from chatmon.cli import output_queue
from chatmon.cli.output_queue import LOOK_SECONDS, OutputQueue
from chatmon.cli.running import is_ready
from tests.monitor.fake_clock import in_virtual_time


class Reader:
    """Reads, or does not."""

    def __init__(self) -> None:
        self.reads = True
        self.got: list[int | str] = []
        self.queue: OutputQueue[int] = OutputQueue(self.got.append, lambda: self.reads, lambda number: self.got.append(f"{number} dropped"))

    async def is_written_to(self) -> None:
        """Let the time pass in which all is written to whoever reads."""
        await asyncio.sleep(2 * LOOK_SECONDS)


def test_everything_is_written_in_its_order_when_somebody_reads_again() -> None:
    async def scenario() -> list[int | str]:
        reader = Reader()
        writing = asyncio.create_task(reader.queue.write_all())
        reader.queue.put(1)
        await reader.is_written_to()
        assert reader.got == [1]
        reader.reads = False
        reader.queue.put(2)
        await reader.is_written_to()
        reader.queue.put(3)
        reader.queue.complete()
        await reader.is_written_to()
        assert reader.got == [1]
        reader.reads = True
        await writing
        return reader.got

    assert in_virtual_time(scenario()) == [1, 2, 3]


def test_the_oldest_make_room_and_their_number_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output_queue, "MAX_WAITING", 2)

    async def scenario() -> list[int | str]:
        reader = Reader()
        reader.reads = False
        writing = asyncio.create_task(reader.queue.write_all())
        for number in range(5):
            reader.queue.put(number)
            await reader.is_written_to()
        reader.reads = True
        reader.queue.complete()
        await writing
        return reader.got

    assert in_virtual_time(scenario()) == ["3 dropped", 3, 4]


def test_who_is_interrupted_goes_on_where_it_was() -> None:
    async def scenario() -> list[int | str]:
        reader = Reader()
        for number in range(3):
            reader.queue.put(number)
        writing = asyncio.create_task(reader.queue.write_all())
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.wait([writing])
        assert reader.got == [0]
        reader.queue.complete()
        await reader.queue.write_all()
        return reader.got

    assert in_virtual_time(scenario()) == [0, 1, 2]


@pytest.mark.skipif(os.name == "nt", reason="no such terminals there")
def test_a_terminal_that_is_stopped_is_not_ready() -> None:
    import pty
    import termios

    keyboard, terminal = pty.openpty()
    with os.fdopen(keyboard, "wb"), os.fdopen(terminal, "w") as stream:
        found = [is_ready(stream)]
        for action in (termios.TCOOFF, termios.TCOON):
            termios.tcflow(terminal, action)
            found.append(is_ready(stream))

    assert found == [True, False, True]
