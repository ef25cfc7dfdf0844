"""One exchange with the server: a GET, and its whole answer within a deadline and a size, or one named error.

What is the same for every GET is here; what an answer is about is the affair of whoever asked.
"""

from __future__ import annotations

import asyncio
import datetime
import email.utils
import ssl
import time
from collections.abc import Callable
from typing import NamedTuple, cast

import httpx

from chatmon.api import errors
from chatmon.api.content_encoding import MAX_BODY, unpacked
from chatmon.api.endpoint import Endpoint, tls_context
from chatmon.api.resource import decode
from chatmon.api.transport import FAILURES, Body, SendRight, Transport, no_answer, running_deadline

MAX_RETRY_AFTER = 24 * 3600.0
"""Seconds; more than a day is no time that anybody meant."""

_DENIED_CODES = frozenset({3, 5, 8, 20})
_NEW_PASSWORD_CODE = 8
_NOT_FOUND_CODE = 6
_STATUS_CODE_MEANINGS = {  # Genesys Web Services reference, "Return Values"
    1: "a parameter is missing",
    2: "not valid in this state",
    4: "internal error",
    7: "only part of it worked",
    9: "incomplete",
    10: "invalid input",
    11: "a property is read-only",
    12: "unable to retrieve",
    13: "unable to create",
    14: "unable to delete",
    15: "unable to update",
    16: "unable to assign",
    17: "unable to unassign",
    18: "it exists already",
    19: "it is in use",
}


class Exchanged(NamedTuple):
    """An answer: its head, and its whole body, which is empty where it was of no use."""

    response: httpx.Response
    body: bytes


def open_transport(
    endpoint: Endpoint, *, connections: int, may_resend: Callable[[], bool], send_right: SendRight | None = None
) -> Transport:
    """The way to an endpoint, over at most so many connections. Raises `InvalidEndpoint` where a TLS file cannot be used.

    `may_resend` is asked before a request that met a closed connection is sent once more, `send_right` acquired when one goes out.
    """
    tls = tls_context(endpoint.tls) if endpoint.is_https else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return Transport(tls=tls, proxy=endpoint.proxy, connections=connections, may_resend=may_resend, send_right=send_right)


def request_headers(endpoint: Endpoint) -> httpx.Headers:
    """What is sent with every request to an endpoint: chatmon's own headers where the endpoint's do not say otherwise, and those."""
    # Bodies this small are not worth compressing.
    defaults = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "chatmon"}
    own = {name.lower() for name in endpoint.headers}
    return httpx.Headers({name: value for name, value in defaults.items() if name.lower() not in own} | dict(endpoint.headers))


async def exchange(transport: Transport, request: httpx.Request, deadline: float) -> Exchanged:
    """Send a request and take in the answer, all within `deadline` seconds. Raises `NoAnswer`, or `BadAnswer` for a body that is none.

    What it waits for the right to send is not part of that time. Of an answer that says no the status is enough: what fails behind it
    is left out.
    """
    response: httpx.Response | None = None
    try:
        async with asyncio.timeout(deadline) as running:
            running_deadline.set(running)
            response = await transport.handle_async_request(request)
            stream = cast(Body, response.stream)
            try:
                return Exchanged(response, await _read(stream, response))
            finally:
                stream.release()
    except errors.BadAnswer:
        if response is None or response.is_success:
            raise
    except FAILURES as error:
        response = transport.refusal() if response is None else response
        if response is None or response.is_success:
            raise no_answer(error, deadline) from None
    return Exchanged(response, b"")


def refused(response: httpx.Response, body: bytes) -> errors.ChatApiError:
    """The error for an answer outside 2xx."""
    return _refusal(response.status_code, body, _retry_after(response.headers.get("retry-after")))


async def _read(stream: Body, response: httpx.Response) -> bytes:
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in stream:
            size += len(chunk)
            if size > MAX_BODY:
                raise errors.TooLarge("the answer is larger than 1 MiB")
            chunks.append(chunk)
        body = b"".join(chunks)
        encoding = response.headers.get("content-encoding")
        return body if encoding is None else unpacked(body, encoding)
    except errors.BadAnswer as error:
        error.http_status = response.status_code
        raise


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
        return status_code_error(code, status, retry_after)
    if status in {404, 410} or (status == 400 and not code):
        return errors.NotFound(f"HTTP {status}: the server does not know the chat", http_status=status)
    if status in {502, 503, 504}:
        return errors.Unavailable(f"HTTP {status}: the server is not available", http_status=status, retry_after=retry_after)
    if code:
        return status_code_error(code, status, retry_after)
    return errors.UnexpectedStatus(f"HTTP {status}", http_status=status, retry_after=retry_after)


def _status_code(body: bytes) -> int | None:
    try:
        return decode(body).status_code
    except errors.BadAnswer:
        return None


def status_code_error(code: int, status: int, retry_after: float | None = None) -> errors.ChatApiError:
    """The error for a `statusCode` that is not 0."""
    if code in _DENIED_CODES:
        what = "the server demands a new password" if code == _NEW_PASSWORD_CODE else "the server denies access"
        return errors.Denied(f"statusCode {code}: {what}", http_status=status, retry_after=retry_after)
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
