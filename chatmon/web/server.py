"""The server: the page, and for each page that is open a dashboard, for whoever is let in."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

import msgspec
import textual_serve
from aiohttp import WSMsgType, web

from chatmon.few_connections import FewConnections, tell_once_when_none_can_be_accepted
from chatmon.monitor.own_fault import tell_own_fault
from chatmon.web.admission import Admission, Asked
from chatmon.web.viewer import Program, Viewer, cells

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEARTBEAT_SECONDS: Final = 15.0
"""A page that does not answer for about so long is gone."""
CLOSE_SECONDS: Final = 1.0
"""So long a page may take to agree that it is closed."""
WAIT_SECONDS: Final = 3.0
"""So long a page waits for another one to close: one that is loaded anew is two for a moment."""
SHUTDOWN_SECONDS: Final = 10.0
MAX_STRANGERS: Final = 64
"""Connections at a time that have not shown the token, so that files are left for those that have, and for their dashboards."""
MAX_MESSAGE: Final = 64 * 1024
"""Bytes that a page says at once; what is pasted into a filter is less."""
GOING_AWAY, TRY_AGAIN_LATER = 1001, 1013
"""Why a websocket is closed (source: IANA, WebSocket Close Code Number Registry)."""
NO_PLACE: Final = b"as many pages as may be are open already: close one of them"
FONT_SIZES: Final = range(6, 97)
OWN_FILES: Final = ("page.css", "page.js")
HEADERS: Final = {
    # Nothing is loaded from elsewhere, nobody else shows the page in a frame or is told its address; xterm.js writes styles of its own.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Look(msgspec.Struct, frozen=True):
    """What the page is like before the dashboard draws: `font_size` in pixels; a page of a wall tries again where it lost its dashboard."""

    font_size: int
    is_dark: bool
    is_wall: bool


class BoardServer:
    """Serves dashboards to at most `max_viewers` open pages at a time."""

    def __init__(self, admission: Admission, program: Program, look: Look, *, max_viewers: int, cookie: str) -> None:
        self._admission = admission
        self._program = program
        self._look = look
        self._cookie = cookie
        self._places = asyncio.Semaphore(max_viewers)
        self._pages: set[web.WebSocketResponse] = set()
        app = web.Application(middlewares=[self._let_in])
        own = Path(str(files("chatmon.web")))
        app.router.add_get("/", self._page)
        app.router.add_get("/ws", self._keys_and_screen)
        app.router.add_static("/static", Path(textual_serve.__file__).parent / "static")
        for name in OWN_FILES:
            app.router.add_get(f"/{name}", _file(own / name))
        self._template = Template((own / "page.html").read_text(encoding="utf-8"))
        self._app = web.AppRunner(app)
        self._connections: FewConnections | None = None

    async def serve(self, listening: socket.socket, on_ready: Callable[[], None], tell: Callable[[str], None]) -> None:
        """Serve until cancelled; then every page is closed, and every dashboard ended. `tell` takes a line on what strangers cause."""
        tell_once_when_none_can_be_accepted(tell)
        await self._app.setup()
        answering = self._app.server
        assert answering is not None
        # Addresses hold the token: it logs nothing.
        self._connections = server = FewConnections(
            answering.request_handler, most=MAX_STRANGERS, request_factory=answering.request_factory
        )
        runner = await server.serve(listening, shutdown_seconds=SHUTDOWN_SECONDS)
        try:
            on_ready()
            await asyncio.Future()
        finally:
            for site in runner.sites:
                await site.stop()
            await self._close_pages()
            await runner.cleanup()
            await self._app.cleanup()

    @web.middleware
    async def _let_in(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        tokens = (*request.query.getall("token", ()), request.cookies.get(self._cookie, ""))
        asked = Asked(request.headers.get("Host", ""), tokens, request.headers.get("Origin"))
        refusal = self._admission.refusal_of_keys(asked) if request.path == "/ws" else self._admission.refusal(asked)
        if refusal is not None:
            return web.Response(status=403, text=refusal, headers=HEADERS)
        if self._connections is not None:
            self._connections.spare(request.protocol)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers.update(HEADERS)
            raise
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    async def _page(self, request: web.Request) -> web.Response:
        wanted = request.query.get("fontsize", "")
        font_size = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 4 else 0
        text = self._template.substitute(
            font_size=font_size if font_size in FONT_SIZES else self._look.font_size,
            ground="dark" if self._look.is_dark else "light",
            kind="wall" if self._look.is_wall else "desk",
        )
        response = web.Response(text=text, content_type="text/html")
        # No page of another site gets in with it, and no script reads it.
        response.set_cookie(
            self._cookie, self._admission.token, httponly=True, samesite="Strict", secure=self._admission.public_url.startswith("https:")
        )
        return response

    async def _keys_and_screen(self, request: web.Request) -> web.WebSocketResponse:
        page = web.WebSocketResponse(timeout=CLOSE_SECONDS, heartbeat=HEARTBEAT_SECONDS, max_msg_size=MAX_MESSAGE)
        await page.prepare(request)
        self._pages.add(page)
        try:
            if await self._has_place():
                try:
                    await self._run(page, _cells(request, "width", 80), _cells(request, "height", 24))
                finally:
                    self._places.release()
            else:
                await page.close(code=TRY_AGAIN_LATER, message=NO_PLACE)
        except Exception as error:  # noqa: BLE001 - whatever one page meets, the others are shown theirs
            tell_own_fault("a page's dashboard ended unexpectedly", error)
        finally:
            self._pages.discard(page)
        return page

    async def _has_place(self) -> bool:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await self._places.acquire()
        except TimeoutError:
            return False

    async def _run(self, page: web.WebSocketResponse, width: int, height: int) -> None:
        viewer = Viewer(self._program, page)
        try:
            await viewer.start(width, height)
            async for message in page:
                if message.type is WSMsgType.TEXT:
                    await viewer.take(message.data)
        except ConnectionResetError:
            pass  # the page is gone, and what it asked for last goes nowhere
        finally:
            await viewer.stop()

    async def _close_pages(self) -> None:
        await asyncio.gather(*(page.close(code=GOING_AWAY, message=b"chatmon serve was ended") for page in set(self._pages)))


def _file(path: Path) -> Handler:
    async def serve(_: web.Request) -> web.StreamResponse:
        return web.FileResponse(path)

    return serve


def _cells(request: web.Request, name: str, default: int) -> int:
    wanted = request.query.get(name, "")
    return cells(int(wanted)) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 6 else default
