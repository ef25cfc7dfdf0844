"""The contact centre of the run: its server on loopback, the faults that are switched on and off, the ids file, and the truth."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from chatmon.simulator.chats import CentreEvent
from chatmon.simulator.contact_centre import ContactCentre
from chatmon.simulator.faults import FAULTS, Fault
from chatmon.simulator.server import SimulatorServer

from .truth import Truth

TROUBLES = (
    FAULTS["slow"],
    FAULTS["flaky"],
    FAULTS["garbled"],
    FAULTS["limited"],
    Fault("outage", "connections reset, or HTTP 503", up_seconds=0.0, down_seconds=7.0),
    Fault("denied", "HTTP 401 for all requests", denied_after=0.0),
)
"""What is switched on, each as often as the others. Those that last from some time on are there from the beginning here."""
WELL = (10.0, 22.0)
"""From, to: seconds of good service between two troubles."""
ILL = (5.0, 14.0)
"""The same for a trouble."""
FEED_SECONDS = 1.0
"""Between two writings of the ids file."""
LISTED_WHEN_GONE = 45.0
"""Seconds for which a chat stays in the ids file after it vanished: longer than any monitor needs to see that."""


class Centre:
    """A contact centre of so many chats, whose ids file is `ids_file`. Everything happens between `start` and `stop`."""

    def __init__(self, chats: int, seed: int, ids_file: Path) -> None:
        self.truth = Truth()
        self.ids_file = ids_file
        self.troubles = 0
        """How many there have been."""
        self.broke = False
        """Whether a task of the centre's own ended before it was stopped: then the run says nothing."""
        self._chance = Random(seed)
        self._centre = ContactCentre(chats=chats, seed=seed)
        self._server = SimulatorServer(self._centre, monotonic=time.monotonic, chance=Random(seed), on_events=self._take)
        self._gone: dict[str, tuple[float, str]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        """The API root."""
        return self._server.url

    async def start(self) -> None:
        """Open, and write the ids file."""
        for chat_id in self._centre.chat_ids():
            chat = self._centre.chat(chat_id)
            assert chat is not None
            self.truth.found(chat, 0.0)
        await self._server.start()
        self._write_ids()
        self._tasks = [asyncio.create_task(self._feed()), asyncio.create_task(self._trouble())]

    async def stop(self) -> None:
        """Close."""
        self.broke = any(task.done() for task in self._tasks)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.stop()

    def _take(self, events: tuple[CentreEvent, ...]) -> None:
        ahead = time.time() - self._centre.now
        for event in events:
            self.truth.happened(event, ahead + event.at, self._centre.chat(event.chat_id))
            if event.kind == "vanished":
                self._gone[event.chat_id] = (self._centre.now + LISTED_WHEN_GONE, event.label)

    async def _trouble(self) -> None:
        for trouble in self._troubles():
            await asyncio.sleep(self._chance.uniform(*WELL))
            self._server.fault = trouble
            self.troubles += 1
            await asyncio.sleep(self._chance.uniform(*ILL))
            self._server.fault = FAULTS["none"]

    def _troubles(self) -> Iterator[Fault]:
        while True:
            yield from self._chance.sample(TROUBLES, len(TROUBLES))

    async def _feed(self) -> None:
        while True:
            await asyncio.sleep(FEED_SECONDS)
            self._write_ids()

    def _write_ids(self) -> None:
        now = self._centre.now
        self._gone = {chat_id: kept for chat_id, kept in self._gone.items() if kept[0] > now}
        alive = [(chat_id, chat.label) for chat_id in self._centre.chat_ids() if (chat := self._centre.chat(chat_id)) is not None]
        gone = [(chat_id, label) for chat_id, (_, label) in self._gone.items()]
        beside = self.ids_file.with_suffix(".new")
        beside.write_text("".join(f"{chat_id} {label}\n" for chat_id, label in (*alive, *gone)), encoding="utf-8")
        beside.replace(self.ids_file)
