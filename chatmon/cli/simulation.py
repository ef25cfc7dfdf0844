"""A simulated contact centre to talk to: its server, and the Chat API over real HTTP that the demo polls.

`chatmon demo` and whatever draws pictures of the dashboard open it the same way: `Monitor(simulated_api(Simulation(seed=7)), …)`.
"""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Final

from chatmon.cli.opened_api import OpenedApi, open_client
from chatmon.cli.options import DEFAULT_CHATS

if TYPE_CHECKING:
    from chatmon.api.endpoint import Endpoint
    from chatmon.monitor.monitor import Monitor, OpenChatApi
    from chatmon.monitor.poller import ChatApi
    from chatmon.simulator.chats import CentreEvent
    from chatmon.simulator.contact_centre import ContactCentre
    from chatmon.simulator.server import EventListener, SimulatorServer

GONE_SECONDS: Final = 20.0
"""For so long a chat stays on the board after it vanished; less at a higher speed, or the gone ones would crowd out the others."""
MIN_GONE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a simulated contact centre is like. `speed`: simulated seconds per second; `fault`: a name in `FAULTS`; `port` 0: any free."""

    seed: int
    chats: int = DEFAULT_CHATS
    speed: float = 1.0
    fault: str = "none"
    host: str = "127.0.0.1"
    port: int = 0

    @property
    def gone_seconds(self) -> float:
        """Seconds that a chat stays on the board after it vanished."""
        return max(MIN_GONE_SECONDS, min(GONE_SECONDS, GONE_SECONDS / self.speed))


def any_seed() -> int:
    """A seed nobody chose, short enough to type again."""
    return SystemRandom().randrange(1_000_000)


async def open_centre(simulation: Simulation) -> ContactCentre:
    """A contact centre after its warm-up. Imports and warm-up take a while and run beside the event loop."""

    def build() -> ContactCentre:
        from chatmon.simulator.contact_centre import ContactCentre

        importlib.import_module("chatmon.simulator.server")
        return ContactCentre(chats=simulation.chats, seed=simulation.seed)

    return await asyncio.to_thread(build)


def server_of(centre: ContactCentre, simulation: Simulation, on_events: EventListener) -> SimulatorServer:
    """The centre's server, not started yet."""
    from chatmon.simulator.faults import FAULTS
    from chatmon.simulator.server import SimulatorServer

    return SimulatorServer(
        centre,
        monotonic=time.monotonic,
        chance=Random(simulation.seed),
        fault=FAULTS[simulation.fault],
        speed=simulation.speed,
        host=simulation.host,
        port=simulation.port,
        on_events=on_events,
    )


def labelled_chats(centre: ContactCentre) -> list[tuple[str, str]]:
    """The ids and labels of the chats alive."""
    return [(chat.id, chat.label) for chat_id in centre.chat_ids() if (chat := centre.chat(chat_id)) is not None]


def simulated_api(
    simulation: Simulation,
    *,
    connections: int = 32,
    gone_seconds: float | None = None,
    on_open: Callable[[Endpoint], None] = lambda _: None,
) -> OpenChatApi:
    """What opens the Chat API of a contact centre of its own: the monitor then watches whichever chats there are.

    `gone_seconds`: how long a chat stays on the board after it vanished, where not as long as the simulation says. `on_open` is told where
    the centre is once it is open.
    """

    async def open_api(monitor: Monitor) -> ChatApi:
        from chatmon.api.endpoint import Endpoint

        centre = await open_centre(simulation)
        attendance = _Attendance(monitor, simulation.gone_seconds if gone_seconds is None else gone_seconds)
        async with AsyncExitStack() as stack:
            stack.callback(attendance.end)
            server = await stack.enter_async_context(server_of(centre, simulation, attendance.take))
            endpoint = Endpoint(server.url)
            client = await open_client(endpoint, monitor, connections=connections)
            stack.push_async_callback(client.aclose)
            on_open(endpoint)
            monitor.watch(labelled_chats(centre))
            return OpenedApi(client, stack.pop_all())

    return open_api


class _Attendance:
    """Has the monitor watch the chats that arrive, and stop watching those that vanished some seconds ago."""

    def __init__(self, monitor: Monitor, gone_seconds: float) -> None:
        self._monitor = monitor
        self._gone_seconds = gone_seconds
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def take(self, events: tuple[CentreEvent, ...]) -> None:
        """Take in what happened in the centre."""
        arrived = {event.chat_id: event.label for event in events if event.kind == "arrived"}
        if arrived:
            self._monitor.watch(arrived.items())
        for event in events:
            if event.kind == "vanished":
                self._timers[event.chat_id] = asyncio.get_running_loop().call_later(self._gone_seconds, self._drop, event.chat_id)

    def end(self) -> None:
        """Leave the board as it is from now on."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _drop(self, chat_id: str) -> None:
        del self._timers[chat_id]
        self._monitor.unwatch(chat_id)
