"""ChatClient.get(id): one GET, one answer or one named error.

Each chat has one request, made once and handed straight to the transport.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import httpx

from chatmon.api import errors
from chatmon.api.endpoint import Endpoint
from chatmon.api.exchange import exchange, open_transport, refused, request_headers, status_code_error
from chatmon.api.resource import Answer, ChatResource, decode, parse_chat_id
from chatmon.api.transport import SendRight

MAX_REMEMBERED_BODY = 64 * 1024
"""Bytes of a body up to which it is kept, so that the next one need not be decoded when it is the same."""


@dataclass(slots=True)
class _Known:
    """What is kept of a chat between two GETs: the request and the last body, entity tag and resource."""

    request: httpx.Request
    etag: str | None = None
    body: bytes | None = None
    resource: ChatResource | None = None


class ChatClient:
    """Asks one Chat API for chats. Sends nothing but `GET {root}/chats/{id}`.

    `deadline` is the seconds one whole exchange may take, from the name's resolution to the last byte; `connections` the number of
    connections held at most. `may_resend` is asked before a request that met a closed connection is sent once more, `send_right`
    acquired when one goes out. Raises `InvalidEndpoint` where a TLS file cannot be used.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        deadline: float = 5.0,
        connections: int = 32,
        may_resend: Callable[[], bool] = lambda: True,
        send_right: SendRight | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._deadline = deadline
        self._transport = open_transport(endpoint, connections=connections, may_resend=may_resend, send_right=send_right)
        self._headers = request_headers(endpoint)
        """One value for all requests: what is made from it need not be made again."""
        self._known: dict[str, _Known] = {}
        self._closed = False

    async def get(self, chat_id: str) -> Answer:
        """Ask for one chat. Raises `InvalidChatId` or one of the tree of `ChatApiError`."""
        if self._closed:
            raise errors.ConnectionClosed("this client is closed")
        known = self._known.get(chat_id)
        if known is None:
            known = self._known[chat_id] = _Known(self._request(parse_chat_id(chat_id)))
        response, body = await exchange(self._transport, known.request, self._deadline)
        return self._understand(chat_id, known, response, body)

    def forget(self, chat_id: str) -> None:
        """Keep nothing more of a chat that is no longer watched."""
        self._known.pop(chat_id, None)

    async def aclose(self) -> None:
        """Close every connection; nothing is asked from then on."""
        self._closed = True
        await self._transport.aclose()

    def _request(self, chat_id: str, etag: str | None = None) -> httpx.Request:
        request = httpx.Request("GET", self._endpoint.chat_url(chat_id))
        request.headers = self._headers if etag is None else httpx.Headers([*self._headers.raw, (b"If-None-Match", etag.encode())])
        return request

    def _understand(self, chat_id: str, known: _Known, response: httpx.Response, body: bytes) -> Answer:
        status = response.status_code
        if status == 304 and known.etag is not None and known.resource is not None:
            return Answer(known.resource, status)
        if 200 <= status < 300:
            if known.resource is None or body != known.body:
                _remember(known, _resource(body, status, chat_id), body)
            etag = _sent_back(response.headers.get("etag"))
            if etag != known.etag:
                known.etag = etag
                known.request = self._request(chat_id, known.etag)
            return Answer(cast(ChatResource, known.resource), status)
        raise refused(response, body)


def _remember(known: _Known, resource: ChatResource, body: bytes) -> None:
    if resource != known.resource:
        known.resource = resource
    known.body = body if len(body) <= MAX_REMEMBERED_BODY else None


def _sent_back(etag: str | None) -> str | None:
    """The entity tag that is sent with the next request; None where there is none that could be."""
    return etag if etag is not None and 0 < len(etag) <= 256 and etag.isascii() and etag.isprintable() else None


def _resource(body: bytes, status: int, chat_id: str) -> ChatResource:
    """The chat in the body of a 2xx answer."""
    try:
        answer = decode(body)
    except errors.ChatApiError as error:
        error.http_status = status
        raise
    if answer.status_code:
        raise status_code_error(answer.status_code, status)
    if answer.chat is None:
        raise errors.NotAChat("the answer is JSON, but holds no chat", http_status=status)
    if answer.chat.id is not None and answer.chat.id != chat_id:
        raise errors.WrongChat("the answer is about another chat than the one asked for", http_status=status)
    return answer.chat
