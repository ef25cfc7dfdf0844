"""ChatClient.get(id): one GET, one answer or one named error.

Each chat has one request, made once and handed straight to the transport.
"""

from __future__ import annotations

import asyncio
import datetime
import email.utils
import ssl
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import httpx

from chatmon.api import errors
from chatmon.api.endpoint import Endpoint, tls_context
from chatmon.api.resource import Answer, ChatResource, decode, parse_chat_id
from chatmon.api.transport import FAILURES, Body, Transport, no_answer

MAX_BODY = 1024 * 1024
"""Bytes of a body, before or after decompression, beyond which reading stops."""
MAX_REMEMBERED_BODY = 64 * 1024
"""Bytes of a body up to which it is kept, so that the next one need not be decoded when it is the same."""
MAX_RETRY_AFTER = 24 * 3600.0
"""Seconds; more than a day is no time that anybody meant."""

_DENIED_CODES = frozenset({3, 5, 20})
_NOT_FOUND_CODE = 6
_STATUS_CODE_MEANINGS = {  # Genesys Web Services reference, "Return Values"
    1: "a parameter is missing",
    2: "not valid in this state",
    4: "internal error",
    7: "only part of it worked",
    9: "incomplete",
    12: "unable to retrieve",
}


@dataclass(slots=True)
class _Exchange:
    """What is kept of a chat between two GETs: the request and the last body, entity tag and resource."""

    request: httpx.Request
    etag: str | None = None
    body: bytes | None = None
    resource: ChatResource | None = None


class ChatClient:
    """Asks one Chat API for chats. Sends nothing but `GET {root}/chats/{id}`.

    `deadline` is the seconds one whole exchange may take, from the name's resolution to the last byte; `connections` the number of
    connections held at most. `may_resend` is asked before a request that met a closed connection is sent once more. Raises
    `InvalidEndpoint` where a TLS file cannot be used.
    """

    def __init__(
        self, endpoint: Endpoint, *, deadline: float = 5.0, connections: int = 32, may_resend: Callable[[], bool] = lambda: True
    ) -> None:
        self._endpoint = endpoint
        self._deadline = deadline
        tls = tls_context(endpoint.tls) if endpoint.is_https else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._transport = Transport(tls=tls, proxy=endpoint.proxy, connections=connections, may_resend=may_resend)
        # Bodies this small are not worth compressing.
        defaults = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "chatmon"}
        own = {name.lower() for name in endpoint.headers}
        self._headers = httpx.Headers({name: value for name, value in defaults.items() if name.lower() not in own} | dict(endpoint.headers))
        """One value for all requests: what is made from it need not be made again."""
        self._exchanges: dict[str, _Exchange] = {}
        self._closed = False

    async def get(self, chat_id: str) -> Answer:
        """Ask for one chat. Raises `InvalidChatId` or one of the tree of `ChatApiError`."""
        if self._closed:
            raise errors.ConnectionClosed("this client is closed")
        exchange = self._exchanges.get(chat_id)
        if exchange is None:
            exchange = self._exchanges[chat_id] = _Exchange(self._request(parse_chat_id(chat_id)))
        try:
            async with asyncio.timeout(self._deadline):
                response = await self._transport.handle_async_request(exchange.request)
                stream = cast(Body, response.stream)
                try:
                    body = await _read(stream, response)
                except errors.BadAnswer:
                    if response.is_success:
                        raise
                    body = b""  # of a refusal the HTTP status says enough
                finally:
                    stream.release()
        except FAILURES as error:
            raise no_answer(error, self._deadline) from None
        return self._understand(chat_id, exchange, response, body)

    def forget(self, chat_id: str) -> None:
        """Keep nothing more of a chat that is no longer watched."""
        self._exchanges.pop(chat_id, None)

    async def aclose(self) -> None:
        """Close every connection; nothing is asked from then on."""
        self._closed = True
        await self._transport.aclose()

    def _request(self, chat_id: str, etag: str | None = None) -> httpx.Request:
        request = httpx.Request("GET", self._endpoint.chat_url(chat_id))
        request.headers = self._headers if etag is None else httpx.Headers([*self._headers.raw, (b"If-None-Match", etag.encode())])
        return request

    def _understand(self, chat_id: str, exchange: _Exchange, response: httpx.Response, body: bytes) -> Answer:
        status = response.status_code
        if status == 304 and exchange.etag is not None and exchange.resource is not None:
            return Answer(exchange.resource, status)
        if 200 <= status < 300:
            if exchange.resource is None or body != exchange.body:
                _remember(exchange, _resource(body, status, chat_id), body)
            etag = _sent_back(response.headers.get("etag"))
            if etag != exchange.etag:
                exchange.etag = etag
                exchange.request = self._request(chat_id, exchange.etag)
            return Answer(cast(ChatResource, exchange.resource), status)
        raise _refusal(status, body, _retry_after(response.headers.get("retry-after")))


def _remember(exchange: _Exchange, resource: ChatResource, body: bytes) -> None:
    if resource != exchange.resource:
        exchange.resource = resource
    exchange.body = body if len(body) <= MAX_REMEMBERED_BODY else None


def _sent_back(etag: str | None) -> str | None:
    """The entity tag that is sent with the next request; None where there is none that could be."""
    return etag if etag is not None and 0 < len(etag) <= 256 and etag.isascii() and etag.isprintable() else None


async def _read(stream: Body, response: httpx.Response) -> bytes:
    chunks: list[bytes] = []
    size = 0
    inflate = _inflater(response.headers.get("content-encoding"), response.status_code)
    async for raw in stream:
        chunk = raw if inflate is None else inflate(raw, MAX_BODY + 1 - size)
        size += len(chunk)
        if size > MAX_BODY:
            raise errors.TooLarge("the answer is larger than 1 MiB", http_status=response.status_code)
        chunks.append(chunk)
    return b"".join(chunks)


def _inflater(encoding: str | None, status: int) -> Callable[[bytes, int], bytes] | None:
    """What takes compressed bytes and the most bytes to give for them; None where nothing is compressed."""
    if encoding is None or encoding.strip().lower() in {"", "identity"}:
        return None
    if encoding.strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        raise errors.NotJson("the answer is compressed in a way that was not asked for", http_status=status)
    decompressor = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)

    def inflate(raw: bytes, most: int) -> bytes:
        try:
            return decompressor.decompress(raw, most)
        except zlib.error:
            raise errors.NotJson("the answer says that it is compressed, and is not", http_status=status) from None

    return inflate


def _resource(body: bytes, status: int, chat_id: str) -> ChatResource:
    """The chat in the body of a 2xx answer."""
    try:
        answer = decode(body)
    except errors.ChatApiError as error:
        error.http_status = status
        raise
    if answer.status_code:
        raise _status_code_error(answer.status_code, status, None)
    if answer.chat is None:
        raise errors.NotAChat("the answer is JSON, but holds no chat", http_status=status)
    if answer.chat.id is not None and answer.chat.id != chat_id:
        raise errors.WrongChat("the answer is about another chat than the one asked for", http_status=status)
    return answer.chat


def _refusal(status: int, body: bytes, retry_after: float | None) -> errors.ChatApiError:
    """The error for an answer outside 2xx. `statusCode` says more than the HTTP status where it means denied or not found."""
    if 300 <= status < 400:
        if status == 304:
            return errors.UnexpectedStatus("HTTP 304 (not modified), though nothing was known", http_status=status)
        return errors.Redirected(f"HTTP {status}: the server redirects, chatmon does not follow", http_status=status)
    if status == 429:
        return errors.RateLimited("HTTP 429: too many requests", http_status=status, retry_after=retry_after)
    if status in {401, 403}:
        return errors.Denied(f"HTTP {status}: the server denies access", http_status=status, retry_after=retry_after)
    code = _status_code(body)
    if code in _DENIED_CODES or code == _NOT_FOUND_CODE:
        return _status_code_error(code, status, retry_after)
    if status in {404, 410} or (status == 400 and not code):
        return errors.NotFound(f"HTTP {status}: the server does not know the chat", http_status=status)
    if status in {502, 503, 504}:
        return errors.Unavailable(f"HTTP {status}: the server is not available", http_status=status, retry_after=retry_after)
    if code:
        return _status_code_error(code, status, retry_after)
    return errors.UnexpectedStatus(f"HTTP {status}", http_status=status, retry_after=retry_after)


def _status_code(body: bytes) -> int | None:
    try:
        return decode(body).status_code
    except errors.BadAnswer:
        return None


def _status_code_error(code: int, status: int, retry_after: float | None) -> errors.ChatApiError:
    if code in _DENIED_CODES:
        return errors.Denied(f"statusCode {code}: the server denies access", http_status=status, retry_after=retry_after)
    if code == _NOT_FOUND_CODE:
        return errors.NotFound("statusCode 6: the server does not know the chat", http_status=status)
    meaning = _STATUS_CODE_MEANINGS.get(code, "not documented")
    return errors.NonZeroStatusCode(f"statusCode {code}: {meaning}", http_status=status, retry_after=retry_after)


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait, from a number of seconds or a date (RFC 9110, section 10.2.3); None for what is neither."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return min(float(value), MAX_RETRY_AFTER)
    try:
        date = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if date.tzinfo is None:  # "-0000": UTC, of which nothing more is known
        date = date.replace(tzinfo=datetime.UTC)
    return min(max(date.timestamp() - time.time(), 0.0), MAX_RETRY_AFTER)
