"""The way to the server: an httpx transport over aiohttp, for GETs without a body that are sent over and over.

aiohttp's own client costs a quarter of httpx's. What does not change between two polls of a chat, its URL and headers as aiohttp wants
them, is made once for a request. Redirects are not followed, no cookie is kept, no body is unpacked. A GET that met a kept-alive
connection which the server had already closed is sent on another one (RFC 9110, section 9.2.2: a GET may be), if the rate allows it.
Nothing else is retried. The right to send is acquired when a request goes out, over a connection that is ready.
"""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from typing import Protocol, cast

import aiohttp
import httpx
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from multidict import CIMultiDict
from yarl import URL

from chatmon.api import errors
from chatmon.api.heads import MAX_FIELD, MAX_FIELDS, HeadKeeper

KEEPALIVE = 4.0
"""Seconds after which an idle connection is closed: servers were seen to close theirs after 5."""
FAILURES = (TimeoutError, aiohttp.ClientError, OSError)
"""What keeps an answer from arriving; `no_answer` names it."""

_PREPARED = "chatmon.prepared"
"""Where a request holds its URL and headers as aiohttp wants them."""
_NO_TIMEOUT = aiohttp.ClientTimeout()

_under_way: ContextVar[HeadKeeper | None] = ContextVar("under way", default=None)
"""The connection that the exchange under way goes over; None while there is none."""


running_deadline: ContextVar[asyncio.Timeout | None] = ContextVar("running_deadline", default=None)
"""The deadline of the exchange under way. It does not run while the request waits for the right to be sent."""


class SendRight(Protocol):
    """The right to send one request now."""

    def acquire_now(self) -> bool:
        """Acquire the right if it is to be had at once; whether it was."""

    async def acquire(self) -> None:
        """Acquire the right as soon as it is to be had."""


class _Connector(aiohttp.TCPConnector):
    """Has a request wait for the right to be sent once its connection is ready, and notes the connection of each exchange.

    aiohttp tells that to traces alone, which cost more than the rest of the pool.
    """

    def __init__(self, *, limit: int, tls: ssl.SSLContext, send_right: SendRight | None) -> None:
        super().__init__(limit=limit, keepalive_timeout=KEEPALIVE, ssl=tls)
        self._send_right = send_right
        self._factory = cast("functools.partial[ResponseHandler]", functools.partial(HeadKeeper, loop=self._loop))

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout) -> Connection:
        connection = await super().connect(req, traces, timeout)
        protocol = cast(HeadKeeper, connection.protocol)
        _under_way.set(protocol)
        if self._send_right is not None and not self._send_right.acquire_now():
            await self._wait_to_send(self._send_right, connection)
            protocol.has_waited = True  # the server may have closed it meanwhile, as one that was kept alive
        return connection

    async def _wait_to_send(self, send_right: SendRight, connection: Connection) -> None:
        """Acquire the right to send, with the deadline suspended; a connection that is not used for that is closed."""
        deadline, loop = running_deadline.get(), asyncio.get_running_loop()
        ends = None if deadline is None or deadline.expired() else deadline.when()
        begun = loop.time()
        try:
            if deadline is not None and ends is not None:
                deadline.reschedule(None)
            await send_right.acquire()
        except BaseException:
            connection.close()
            raise
        if deadline is not None and ends is not None:
            deadline.reschedule(ends + loop.time() - begun)


class Body(httpx.AsyncByteStream):
    """The bytes of an answer as they come; raises `FAILURES` where they do not come whole."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._response.content.iter_any()

    def release(self) -> None:
        """Give the connection back; one with bytes still to come is closed."""
        self._response.release()

    async def aclose(self) -> None:
        """The same, as httpx has it."""
        self.release()


class Transport(httpx.AsyncBaseTransport):
    """Sends requests over at most so many kept-alive `connections`, through a `proxy`'s URL where there is one.

    `may_resend` is asked before a request is sent once more: a server may read it and then close the connection, so it counts.
    `send_right` is acquired each time that one goes out; None where nothing limits that.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext,
        proxy: str | None,
        connections: int,
        may_resend: Callable[[], bool],
        send_right: SendRight | None = None,
    ) -> None:
        self._tls = tls
        self._proxy, self._proxy_headers = _proxy_and_headers(proxy)
        self._connections = connections
        self._may_resend = may_resend
        self._send_right = send_right
        self._session: aiohttp.ClientSession | None = None
        self._headers: tuple[httpx.Headers | None, CIMultiDict[str]] = None, CIMultiDict()
        """Those of the request that was prepared last, as httpx and as aiohttp has them: many requests share theirs."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The head of the answer, its `stream` a `Body`. Raises one of `FAILURES`."""
        if self._session is None:
            self._session = self._open_session(self._tls)
        prepared = request.extensions.get(_PREPARED)
        if prepared is None:
            prepared = request.extensions[_PREPARED] = self._prepare(request)
        url, headers = prepared
        while True:
            _under_way.set(None)
            try:
                response = await self._session.request(
                    request.method,
                    url,
                    headers=headers,
                    allow_redirects=False,
                    timeout=_NO_TIMEOUT,
                    proxy=self._proxy,
                    proxy_headers=self._proxy_headers,
                )
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                # Once more for each kept-alive connection that turns out to be closed.
                used = _under_way.get()
                if used is None or not used.may_be_closed or used.refusal() is not None or not self._may_resend():
                    raise
            else:
                return httpx.Response(response.status, headers=response.raw_headers, stream=Body(response), request=request)

    @staticmethod
    def refusal() -> httpx.Response | None:
        """What the status line says where the newest exchange of this task failed on the way, if it had come and says no."""
        connection = _under_way.get()
        return None if connection is None else connection.refusal()

    async def aclose(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    def _prepare(self, request: httpx.Request) -> tuple[URL, CIMultiDict[str]]:
        url = URL(str(request.url), encoded=True)  # the server is to see the very id
        if request.headers is not self._headers[0]:
            headers = CIMultiDict(request.headers.multi_items())
            if url.scheme == "http":
                # The proxy reads the request itself; under TLS it sees its own headers alone.
                headers.update(self._proxy_headers or {})
            self._headers = request.headers, headers
        return url, self._headers[1]

    def _open_session(self, tls: ssl.SSLContext) -> aiohttp.ClientSession:
        session = aiohttp.ClientSession(
            connector=_Connector(limit=self._connections, tls=tls, send_right=self._send_right),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_line_size=MAX_FIELD,
            max_field_size=MAX_FIELD,
            max_headers=MAX_FIELDS,
        )
        # aiohttp would send a GET again whenever a connection ends early, a fresh one too: a server in trouble would get twice the rate.
        # There is no public way to say so; a test counts the requests.
        session._retry_connection = False
        return session


def _proxy_and_headers(proxy: str | None) -> tuple[URL | None, dict[str, str] | None]:
    """A proxy without the login in its URL, and the header that says the login (RFC 7617)."""
    if proxy is None:
        return None, None
    url = URL(proxy)
    login = {} if url.user is None else {"Proxy-Authorization": aiohttp.encode_basic_auth(url.user, url.password or "", "latin-1")}
    return url.with_user(None), login


def no_answer(error: Exception, deadline: float) -> errors.NoAnswer | errors.UnexpectedStatus:
    """The named error for one of `FAILURES`; `deadline` is in seconds."""
    match error:
        case TimeoutError():  # aiohttp.ServerTimeoutError is one
            return errors.Timeout(f"no whole answer within {deadline:g} s")
        case aiohttp.ClientConnectorCertificateError() as untrusted:
            return errors.TlsFailed(f"the server's certificate is not trusted: {_certificate_reason(untrusted)}")
        case aiohttp.ClientSSLError():
            return errors.TlsFailed("the TLS handshake failed")
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return errors.ConnectFailed("the proxy cannot be reached or refuses the connection")
        case aiohttp.ClientConnectorDNSError():
            return errors.ConnectFailed("the server's name cannot be resolved")
        case aiohttp.ClientConnectorError():
            return errors.ConnectFailed(_connect_reason(error))
        case aiohttp.ClientResponseError() if error.request_info.method == "CONNECT":
            return errors.ConnectFailed("the proxy's answer is not HTTP")
        case aiohttp.ClientResponseError():
            return errors.UnexpectedStatus("the answer is not HTTP, or its headers are damaged, over 64 KiB or more than 512")
        case _:
            return errors.ConnectionClosed("the connection was closed before the answer was whole")


def _connect_reason(error: aiohttp.ClientConnectorError) -> str:
    if isinstance(error.os_error, ConnectionRefusedError):
        return "the server refuses the connection"
    if isinstance(error.os_error, ConnectionResetError):
        return "the server hung up while the connection was made"
    return "the server cannot be reached"


def _certificate_reason(error: aiohttp.ClientConnectorCertificateError) -> str:
    reason = error.certificate_error
    return reason.verify_message if isinstance(reason, ssl.SSLCertVerificationError) else "it cannot be checked"
