"""Monitors that watch the simulated contact centre in virtual time, one of which is killed and started again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from random import Random

import msgspec

from chatmon.api.errors import NotFound
from chatmon.api.resource import Answer, ChatResource, Participant
from chatmon.monitor.chat import Chat
from chatmon.monitor.events import Event
from chatmon.monitor.memory import KnownChat
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi
from chatmon.monitor.shift import Shift, ShiftFigures
from chatmon.simulator.chats import Agent, CentreEvent, SimulatedChat
from chatmon.simulator.contact_centre import ContactCentre

from .fake_clock import UTC_START, FakeClock, in_virtual_time

INTERVAL = 5.0
"""Seconds between two polls of a chat."""
ROUND = 1.0
"""Seconds between two looks at who arrived."""
ON_BOARD_WHEN_GONE = 20.0
LATENCY = 0.02
SERVICE_LEVEL = 60.0


class Centre:
    """The contact centre, its Chat API, and its own log of what happened since it opened."""

    def __init__(self, *, chats: int, seed: int) -> None:
        self._centre = ContactCentre(chats=chats, seed=seed)
        self._resources: dict[str, tuple[SimulatedChat, ChatResource]] = {}
        self.log: list[CentreEvent] = []

    def advance(self) -> None:
        self.log += self._centre.advance(asyncio.get_running_loop().time())

    @property
    def agents(self) -> tuple[Agent, ...]:
        return self._centre.agents

    @property
    def chat_ids(self) -> tuple[str, ...]:
        self.advance()
        return self._centre.chat_ids()

    async def get(self, chat_id: str) -> Answer:
        await asyncio.sleep(LATENCY)
        self.advance()
        chat = self._centre.chat(chat_id)
        if chat is None:
            raise NotFound("HTTP 404", http_status=404)
        known = self._resources.get(chat_id)
        if known is None or known[0] is not chat:
            known = self._resources[chat_id] = (chat, resource_of(chat))
        return Answer(known[1], 200)

    def forget(self, chat_id: str) -> None:
        self._resources.pop(chat_id, None)

    async def aclose(self) -> None:
        return


def resource_of(chat: SimulatedChat) -> ChatResource:
    participants = sorted(
        (Participant(one.participant_id, one.nickname, one.type) for one in chat.participants), key=lambda one: int(one.id)
    )
    return ChatResource(chat.state, tuple(participants), chat.capabilities, chat.id)


class Restart(msgspec.Struct, frozen=True):
    """The figures before the monitor was killed, and after it was started again from its events."""

    killed: float
    started: float
    before: ShiftFigures
    after: ShiftFigures


class Watcher:
    """A monitor of all chats of the centre, and its events. Killed, it is started again from them and from what it knew of the chats."""

    def __init__(self, centre: Centre, clock: FakeClock, seed: int) -> None:
        self.events: list[Event] = []
        self.restarts: list[Restart] = []
        self._centre = centre
        self._clock = clock
        self._seed = seed
        self._departed: dict[str, Chat] = {}
        self._gone: dict[str, float] = {}
        self.monitor = self._new_monitor()

    def _new_monitor(self) -> Monitor:
        async def open_api(_: Monitor) -> ChatApi:
            return self._centre

        self._seed += 1
        monitor = Monitor(open_api, pace=Pace(interval=INTERVAL), clock=self._clock, random=Random(self._seed))
        monitor.listen(self.events.append)
        return monitor

    def figures(self) -> ShiftFigures:
        return self.monitor.shift.figures(self.monitor.board.chats, self._clock.now())

    def shift_from_events(self) -> Shift:
        """A shift made from nothing but what was recorded."""
        shift = Shift(since=UTC_START, service_level=SERVICE_LEVEL)
        for event in self.events:
            shift.take(event)
        for chat_id, chat in self._departed.items():
            if chat_id not in self.monitor.board:
                shift.left(chat)
        return shift

    async def run(self, until: float, kills: Iterable[tuple[float, float]] = ()) -> None:
        """Watch until then; each kill has its time and the seconds for which nobody watches."""
        for killed, pause in (*kills, (until, 0.0)):
            await self._watch(killed)
            if killed < until:
                await self._restart(pause)

    async def _watch(self, until: float) -> None:
        running = asyncio.create_task(self.monitor.run())
        # What a killed monitor would still tell is not recorded.
        while self._clock.now().monotonic < until:
            self._attend()
            await asyncio.sleep(min(ROUND, until - self._clock.now().monotonic))
        told = len(self.events)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        del self.events[told:]

    async def _restart(self, pause: float) -> None:
        killed, before = self._clock.now(), self.figures()
        board = self.monitor.board
        known = [KnownChat(chat, board.timeline(chat.id)) for chat in board.chats]
        await asyncio.sleep(pause)
        self.monitor = self._new_monitor()
        self.monitor.watch((one.chat.id, None) for one in known)
        self.monitor.remember(known)
        self.monitor.resume_shift(self.shift_from_events(), ())
        self.restarts.append(Restart(killed.monotonic, self._clock.now().monotonic, before, self.figures()))

    def _attend(self) -> None:
        now = self._clock.now().monotonic
        alive = set(self._centre.chat_ids)
        self.monitor.watch((chat_id, None) for chat_id in self._centre.chat_ids)
        for chat in list(self.monitor.board.chats):
            if chat.id in alive:
                self._gone.pop(chat.id, None)
            elif now - self._gone.setdefault(chat.id, now) >= ON_BOARD_WHEN_GONE:
                self._departed[chat.id] = chat
                self.monitor.unwatch(chat.id)


class RecordedShift(msgspec.Struct, frozen=True):
    """A shift that one monitor watched from beginning to end, and another one with interruptions."""

    centre: Centre
    watched: Watcher
    interrupted: Watcher


def record_shift(*, hours: float, chats: int, seed: int, restarts: int) -> RecordedShift:
    """A shift of so many hours."""

    async def main() -> RecordedShift:
        centre, clock, chance = Centre(chats=chats, seed=seed), FakeClock(), Random(seed)
        until = hours * 3600
        kills = [(at, chance.choice([0.3, 2.0, 8.0, 40.0])) for at in sorted(chance.uniform(60, until - 60) for _ in range(restarts))]
        watched, interrupted = Watcher(centre, clock, seed), Watcher(centre, clock, seed + 1000)
        await asyncio.gather(watched.run(until), interrupted.run(until, kills))
        return RecordedShift(centre, watched, interrupted)

    return in_virtual_time(main())
