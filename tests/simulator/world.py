"""A contact centre, its server on a loopback socket and a client, with the time in the test's hand."""

from __future__ import annotations

import asyncio
from random import Random

import aiohttp

from chatmon.simulator.chats import CentreEvent
from chatmon.simulator.contact_centre import ContactCentre
from chatmon.simulator.faults import FAULTS, Fault
from chatmon.simulator.server import SimulatorServer

UNKNOWN = "00000000-0000-0000-0000-000000000000"


class FakeTime:
    """Real time, in the test's hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Chance(Random):
    """Chance that tells when it was asked for the fifth time: then five requests are being dealt with."""

    def __init__(self) -> None:
        super().__init__(1)
        self.asked = 0
        self.fifth_asked = asyncio.Event()

    def random(self) -> float:
        self.asked += 1
        if self.asked == 5:
            self.fifth_asked.set()
        return super().random()


class World:
    """A contact centre, its server and a client."""

    def __init__(self, fault: Fault = FAULTS["none"], speed: float = 1.0) -> None:
        self.time = FakeTime()
        self.centre = ContactCentre(chats=20, seed=7)
        self.chance = Chance()
        self.events: list[CentreEvent] = []
        self.server = SimulatorServer(
            self.centre,
            monotonic=self.time,
            chance=self.chance,
            fault=fault,
            speed=speed,
            on_events=lambda events: self.events.extend(events),
        )
        self.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))

    async def __aenter__(self) -> World:
        await self.server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()
        await self.server.stop()

    @property
    def port(self) -> int:
        return int(self.server.url.rsplit(":", 1)[1].split("/")[0])

    async def ask(self, chat_id: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Send the request for a chat on a connection of its own and do not wait for the answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET /api/v2/chats/{chat_id} HTTP/1.1\r\nHost: simulator\r\n\r\n".encode())
        return reader, writer

    def address(self, chat_id: str) -> str:
        return f"{self.server.url}/chats/{chat_id}"

    async def get(self, chat_id: str | None = None, etag: str | None = None) -> tuple[aiohttp.ClientResponse, bytes]:
        headers = {"If-None-Match": etag} if etag else {}
        async with self.session.get(self.address(chat_id or self.centre.chat_ids()[0]), headers=headers) as response:
            return response, await response.read()
