"""The contact centre's HTTP face: the reading requests of the Chat API, on loopback, with ETags and, if wanted, with faults.

Answers have the shape of the samples of the Customer Chat API's pages; a chat's ETags are weak and stable while nothing changes, as an
emulator of the API sends them. An unknown id gets HTTP 404 with ``statusCode`` 6 and never its own id back.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from random import Random
from types import TracebackType
from typing import Final, Self

import msgspec
from aiohttp import web

from chatmon.simulator.chats import CentreEvent, SimulatedChat
from chatmon.simulator.contact_centre import ContactCentre
from chatmon.simulator.faults import FAULTS, Decision, Fault, Treatment, decide
from chatmon.simulator.messages import MessageCursors
from chatmon.simulator.talk import talk_of

API_PATH: Final = "/api/v2"
TICK_SECONDS: Final = 0.05
SILENCE_SECONDS: Final = 60.0
"""When a silent connection is reset, in case the client has no deadline of its own."""
IDLE_CONNECTION_SECONDS: Final = 75.0

EventListener = Callable[[tuple[CentreEvent, ...]], None]

_SHUTDOWN_SECONDS: Final = 1.0
_JSON: Final = "application/json"
_NOT_FOUND: Final = msgspec.json.encode({"statusCode": 6, "statusMessage": "The requested resource could not be found."})
_NOT_AUTHENTICATED: Final = msgspec.json.encode({"statusCode": 20, "statusMessage": "Not authenticated."})
_INTERNAL_ERROR: Final = msgspec.json.encode({"statusCode": 4, "statusMessage": "An internal error occurred."})
_RATE_LIMITED: Final = "Too many requests\n"
_ERROR_PAGE: Final = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr></body></html>\n"
_LOGIN_PAGE: Final = (
    "<!doctype html><html><head><title>Sign in</title></head><body><form method=post><input name=user></form></body></html>\n"
)
_REASONS: Final = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Time-out"}
# No lingering: close() then sends RST. Winsock's structure has shorts.
_RESET_ON_CLOSE: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Representation:
    """A chat as the API sends it: ``body`` is JSON, ``etag`` the ETag header's value. Good for as long as ``chat`` is the current one."""

    chat: SimulatedChat
    body: bytes
    etag: str


def represent(chat: SimulatedChat) -> Representation:
    """The chat in the documented shape and order of keys, compact; equal contents have equal ETags."""
    body = msgspec.json.encode(
        {
            "chat": {
                "capabilities": chat.capabilities,
                "id": chat.id,
                "participants": [
                    {"nickname": one.nickname, "participantId": one.participant_id, "type": one.type} for one in chat.participants
                ],
                "state": chat.state,
            },
            "statusCode": 0,
        }
    )
    digest = b64encode(blake2b(body, digest_size=16).digest()).rstrip(b"=").decode("ascii")
    return Representation(chat, body, f'W/"{len(body):x}-{digest}"')


class SimulatorServer:
    """Serves a contact centre over HTTP, from ``start`` to ``stop``; also as an asynchronous context manager.

    ``speed``: simulated seconds per real second. ``monotonic``: the real time, in seconds from wherever. ``chance``: for the fault alone.
    ``on_events`` is called, in the event loop, with what has happened in the centre, soon after it has; it must not raise. ``fault`` may be
    changed while it serves: the next request meets the new one.
    """

    def __init__(
        self,
        centre: ContactCentre,
        *,
        monotonic: Callable[[], float],
        chance: Random,
        fault: Fault = FAULTS["none"],
        speed: float = 1.0,
        host: str = "127.0.0.1",
        port: int = 0,
        on_events: EventListener | None = None,
    ) -> None:
        if not speed > 0:
            raise ValueError(f"speed must be more than 0, not {speed}")
        self._centre = centre
        self._monotonic = monotonic
        self._chance = chance
        self.fault = fault
        self._speed = speed
        self._host = host
        self._port = port
        self._on_events = on_events
        self._representations: dict[str, Representation] = {}
        self._cursors = MessageCursors()
        self._second = (0, 0)  # which second, and the requests seen in it
        self._started_at = 0.0
        self._opened_at = 0.0
        self._runner: web.AppRunner | None = None
        self._ticker: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    @property
    def url(self) -> str:
        """The API root, such as ``http://127.0.0.1:8080/api/v2``; once started, with the port that was really taken."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}{API_PATH}"

    async def start(self) -> None:
        """Listen, and let the centre's time go on from where it stands. OSError if the address cannot be had."""
        app = web.Application()
        app.router.add_get(f"{API_PATH}/chats/{{id}}", partial(self._serve, self._answer), allow_head=False)
        app.router.add_get(f"{API_PATH}/chats/{{id}}/messages", partial(self._serve, self._answer_messages), allow_head=False)
        runner = web.AppRunner(
            app,
            access_log=None,
            handler_cancellation=True,  # else whoever hangs up on a silent answer leaves it pending
            keepalive_timeout=IDLE_CONNECTION_SECONDS,
            shutdown_timeout=_SHUTDOWN_SECONDS,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self._port = int(runner.addresses[0][1])
        self._started_at = self._monotonic()
        self._opened_at = self._centre.now
        self._stopping.clear()
        self._ticker = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """Close everything, at once: answers that are still held back are given up. Harmless when not started."""
        self._stopping.set()
        ticker, self._ticker = self._ticker, None
        runner, self._runner = self._runner, None
        if ticker is not None:
            ticker.cancel()
        if runner is not None:
            await runner.cleanup()
        if ticker is not None:
            with suppress(asyncio.CancelledError):
                await ticker

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        await self.stop()

    async def _tick(self) -> None:
        while True:
            self._catch_up()
            await asyncio.sleep(TICK_SECONDS)

    def _catch_up(self) -> None:
        """Bring the centre up to now and tell of what happened."""
        elapsed = self._monotonic() - self._started_at
        events = self._centre.advance(self._opened_at + elapsed * self._speed)
        for event in events:
            if event.kind == "vanished":
                self._representations.pop(event.chat_id, None)
                self._cursors.forget(event.chat_id)
        if events and self._on_events is not None:
            self._on_events(events)

    async def _serve(self, answer: Callable[[web.Request], web.Response], request: web.Request) -> web.StreamResponse:
        at = self._monotonic() - self._started_at
        decision = decide(self.fault, at, self._chance, self._count_request(int(at)))
        if decision.delay and await self._stopped_within(decision.delay):
            return _reset(request)
        match decision.treatment:
            case Treatment.ANSWER:
                return answer(request)
            case Treatment.CUT_SHORT:
                return await _cut_short(request, answer(request))
            case Treatment.SILENCE:
                await self._stopped_within(SILENCE_SECONDS)
                return _reset(request)
            case Treatment.RESET:
                return _reset(request)
            case _:
                return _refusal(decision)

    def _count_request(self, second: int) -> int:
        """How many requests came in this second, this one counted."""
        current, seen = self._second
        self._second = (second, seen + 1 if second == current else 1)
        return self._second[1]

    def _answer(self, request: web.Request) -> web.Response:
        self._catch_up()
        chat = self._centre.chat(request.match_info["id"])
        if chat is None:
            return web.Response(status=404, body=_NOT_FOUND, content_type=_JSON)
        kept = self._representations.get(chat.id)
        if kept is None or kept.chat is not chat:
            kept = self._representations[chat.id] = represent(chat)
        headers = {"ETag": kept.etag}
        if _names_etag(request, kept.etag):
            return web.Response(status=304, headers=headers)
        return web.Response(body=kept.body, content_type=_JSON, headers=headers)

    def _answer_messages(self, request: web.Request) -> web.Response:
        self._catch_up()
        chat = self._centre.chat(request.match_info["id"])
        if chat is None:
            return web.Response(status=404, body=_NOT_FOUND, content_type=_JSON)
        body = self._cursors.read(chat.id, talk_of(chat, self._centre.now), request.query.get("index"))
        return web.Response(body=body, content_type=_JSON)

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return False
        return True


def _names_etag(request: web.Request, etag: str) -> bool:
    """Whether If-None-Match names this ETag: by weak comparison, so that ``W/`` makes no difference (RFC 9110, 13.1.2)."""
    header = request.headers.get("If-None-Match")
    if header is None or header == etag:
        return header is not None
    opaque = etag.removeprefix("W/").strip('"')
    return any(named.value in (opaque, "*") for named in request.if_none_match or ())


def _refusal(decision: Decision) -> web.Response:
    match decision.treatment:
        case Treatment.DENIED:
            return web.Response(status=401, body=_NOT_AUTHENTICATED, content_type=_JSON)
        case Treatment.RATE_LIMITED:
            return web.Response(status=429, text=_RATE_LIMITED, headers={"Retry-After": str(decision.retry_after)})
        case Treatment.LOGIN_PAGE:
            return web.Response(text=_LOGIN_PAGE, content_type="text/html")
        case Treatment.INTERNAL_ERROR:
            return web.Response(body=_INTERNAL_ERROR, content_type=_JSON)
        case Treatment.EMPTY:
            return web.Response(body=b"", content_type=_JSON)
    status = decision.status or 503
    return web.Response(status=status, text=_ERROR_PAGE.format(f"{status} {_REASONS[status]}"), content_type="text/html")


def _reset(request: web.Request) -> web.Response:
    """Reset the connection; the response that aiohttp asks for reaches nobody."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        request.transport.abort()
    return web.Response()


async def _cut_short(request: web.Request, whole: web.Response) -> web.StreamResponse:
    """Announce the whole answer, send half of it and close."""
    body = whole.body if isinstance(whole.body, bytes) else b""
    cut = web.StreamResponse(status=whole.status, headers=whole.headers)
    cut.content_length = len(body)
    cut.force_close()
    await cut.prepare(request)
    await cut.write(body[: len(body) // 2])
    return cut
