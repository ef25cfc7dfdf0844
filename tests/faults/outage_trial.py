"""Tries what goes wrong with a whole server against a monitor of its own: seen well, out for a while, and back."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, nullcontext

from chatmon.api.endpoint import Endpoint, Tls
from chatmon.api.resource import CHATTING, ChatResource
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.chat import Chat
from chatmon.monitor.memory import KnownChat
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.observation import Health
from tests.api.raw_server import HOST, Script, answer
from tests.faults.endpoints import AUTHORITY, NAME, Outage, server_side
from tests.faults.limits import Limit
from tests.faults.matrix import PAGE, served
from tests.faults.monitors import PACE, Calm, Healthy, new_id, until, watching

CHATS = [new_id(number) for number in range(3)]
LONG = 6
"""Calm polls that an outage lasts for."""


class OutageTrial:
    """One outage. `resolved` holds the names that are resolved."""

    def __init__(self, outage: Outage, calm: Calm, resolved: set[str]) -> None:
        self._outage = outage
        self._calm = calm
        self._resolved = resolved
        self._outcomes: list[str | None] = []
        self._tls = server_side("loopback.pem") if outage.scheme == "https" else None
        self._monitor: Monitor

    async def run(self) -> list[str]:
        """Everything that was otherwise than the row has it."""
        with socket.socket() as held:  # bound, never listening: refused, and nobody else can take the port
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            held.bind((HOST, 0))
            port = int(held.getsockname()[1])
            async with self._watching(port):
                complaints = [*await self._while_it_lasts(port), *await self._afterwards(port)]
        return [f"{self._outage.name}: {complaint}" for complaint in complaints]

    @asynccontextmanager
    async def _watching(self, port: int) -> AsyncIterator[None]:
        """A monitor that has seen every chat, or knows them from before."""
        if self._outage.unnamed:
            endpoint = Endpoint(f"http://{NAME}:{port}/api/v2")
            async with watching(endpoint, (), self._take) as self._monitor:
                self._monitor.remember(KnownChat(Chat(id=chat_id, resource=ChatResource(CHATTING))) for chat_id in CHATS)
                self._monitor.watch((chat_id, None) for chat_id in CHATS)
                yield
            return
        endpoint = Endpoint(f"{self._outage.scheme}://{HOST}:{port}/api/v2", tls=Tls(ca_bundle=AUTHORITY))
        well = Healthy(tls=self._tls, port=port)
        async with well:
            watched = watching(endpoint, CHATS, self._take)
            self._monitor = await watched.__aenter__()
            await until(self._all_ok)
        try:
            yield
        finally:
            await watched.__aexit__(None, None, None)

    async def _while_it_lasts(self, port: int) -> list[str]:
        impostor = nullcontext() if self._outage.impostor is None else self._outage.impostor(port)
        async with impostor:
            await until(lambda: all(chat.error is not None and chat.error.kind == self._outage.kind for chat in self._monitor.board.chats))
            sent = len(self._outcomes)
            begun = self._calm.polls
            await self._calm.pass_by(LONG)
            sent, passed = len(self._outcomes) - sent, self._calm.polls - begun
            return [*self._looks(), *([] if sent <= len(CHATS) * (passed + 1) else [f"{sent} polls in {passed} intervals"])]

    def _looks(self) -> Iterator[str]:
        if self._monitor.circuit is not Circuit.OUTAGE:
            yield f"the circuit is {self._monitor.circuit}"
        for chat in self._monitor.board.chats:
            message = "" if chat.error is None else chat.error.message
            if (chat.health, chat.state, chat.http_status) != (Health.FAILING, CHATTING, None):
                yield f"{chat.health}, {chat.state}, HTTP {chat.http_status}"
            if chat.error is None or chat.error.kind != self._outage.kind or not message.isprintable() or chat.id in message:
                yield f"{chat.error}"

    async def _afterwards(self, port: int) -> list[str]:
        self._resolved.add(NAME)
        self._outcomes.clear()
        over = self._calm.polls
        async with Healthy(tls=self._tls, port=port):
            await until(lambda: None in self._outcomes)
            await until(self._all_ok)
            back = self._calm.polls - over
        failed_again = [kind for kind in self._outcomes[self._outcomes.index(None) :] if kind is not None]
        return [
            # One more than the interval, since it began between two calm polls, and another for a busy machine.
            *([] if back <= 3 else [f"back after {back} intervals"]),
            *([f"failed once more: {failed_again}"] if failed_again else []),
        ]

    def _take(self, _: str, kind: str | None) -> None:
        self._outcomes.append(kind)

    def _all_ok(self) -> bool:
        return all(chat.health is Health.OK and chat.state == CHATTING for chat in self._monitor.board.chats)


class _Limited(Healthy):
    """A server that asks for time at the next request for each of the first two chats, if it is to."""

    def __init__(self, limit: Limit) -> None:
        super().__init__()
        self.limited: set[str] = set()
        """The chats whose next request is told of the limit."""
        self._limit = limit

    def script_of(self, chat_id: str) -> Script:
        if chat_id not in self.limited:
            return super().script_of(chat_id)
        self.limited.remove(chat_id)
        value = self._limit.value
        headers = [] if value is None else [("Retry-After", value)]
        return served((answer(PAGE, status=f"{self._limit.status} Else", headers=headers),), chat_id)


class LimitTrial:
    """One server that asks for time, once."""

    def __init__(self, limit: Limit, calm: Calm) -> None:
        self._limit = limit
        self._calm = calm
        self._outcomes: list[str | None] = []
        self._monitor: Monitor

    async def run(self) -> list[str]:
        """Everything that was otherwise than the row has it."""
        server = _Limited(self._limit)
        async with server, watching(Endpoint(server.root), CHATS, lambda _, kind: self._outcomes.append(kind)) as self._monitor:
            await until(lambda: all(chat.health is Health.OK for chat in self._monitor.board.chats))
            self._outcomes.clear()
            server.limited.update(CHATS[:2])
            await until(lambda: len([kind for kind in self._outcomes if kind is not None]) == 2)
            self._outcomes.clear()
            limited_at = self._calm.polls
            complaints = list(self._looks())
            if self._limit.seconds:
                await self._calm.pass_by(1)  # a request of the other chat may have been on its way
            asked = len(server.requests)
            if self._limit.seconds is None or self._limit.seconds <= 1.0:
                await until(lambda: len(server.requests) > asked)
                waited = self._calm.polls - limited_at
                least = int((self._limit.seconds or 0.0) / PACE.interval)
                complaints += [] if least <= waited <= least + 3 else [f"asked again after {waited} intervals"]
                await until(lambda: self._monitor.circuit is Circuit.CLOSED and not any(chat.error for chat in self._monitor.board.chats))
            else:
                await self._calm.pass_by(LONG)
                complaints += [] if len(server.requests) == asked else ["was asked meanwhile"]
            return [f"{self._limit.name}: {complaint}" for complaint in complaints]

    def _looks(self) -> Iterator[str]:
        *limited, other = self._monitor.board.chats
        kind = "rate_limited" if self._limit.status == 429 else "unavailable"
        for chat in limited:
            if chat.error is None or (chat.health, chat.state, chat.error.kind) != (Health.FAILING, CHATTING, kind):
                yield f"{chat.health}, {chat.state}, {chat.error}"
        if other.health is not Health.OK:
            yield "the other was disturbed"
        if self._monitor.circuit is not Circuit.LIMITED:
            yield f"the circuit is {self._monitor.circuit}"
        seconds = self._limit.seconds or 0.0
        if not seconds - 2.0 <= self._monitor.seconds_to_next_poll <= seconds + 1.0:
            yield f"the next poll comes in {self._monitor.seconds_to_next_poll} s"
