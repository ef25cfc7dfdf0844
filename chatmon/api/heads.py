"""The head of an answer: how large it may be, and what its first line says where the rest cannot be read.

A server that asks for time or lets nobody in is heeded however odd its headers are: a status line counts by itself, as it does for curl.
"""

from __future__ import annotations

import re
from typing import Any

import httpx
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import RawResponseMessage
from aiohttp.http_exceptions import BadHttpMessage
from aiohttp.streams import StreamReader

MAX_FIELD = 64 * 1024
"""Bytes of one line of a head. aiohttp's own bound, 8190, is smaller than the cookies and policies that gateways send."""
MAX_FIELDS = 512
"""Headers of one answer."""
MAX_HEAD = 1024 * 1024
"""Bytes of a whole head, interim answers included."""

_STATUS_LINE = re.compile(rb"\s*HTTP/\d+(?:\.\d+)?[ \t]+([1-9]\d\d)[^\d]", re.IGNORECASE)
_END = re.compile(rb"\n\r?\n")
_RETRY_AFTER = re.compile(rb"^retry-after[ \t]*:([^\r\n]*)\r?\n", re.IGNORECASE | re.MULTILINE)


class HeadKeeper(ResponseHandler):
    """aiohttp's side of one connection; it keeps the head of an answer as it came until aiohttp has understood it.

    `exchanges` counts those over this connection, the one under way included; `has_waited` says that a request waited to be sent over it.
    """

    exchanges = 0
    has_waited = False
    _head: bytes | None = None

    @property
    def may_be_closed(self) -> bool:
        """Whether the connection was idle at some time, so that the server may have closed it before the request came."""
        return self.exchanges > 1 or self.has_waited

    def set_response_params(self, **params: Any) -> None:
        """Called by aiohttp before each exchange."""
        self.exchanges += 1
        self._head = b""
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        if self._head is not None:
            self._head += data
        super().data_received(data)
        if self._head is not None and len(self._head) > MAX_HEAD and self.exception() is None:
            self.set_exception(BadHttpMessage("the head is too large"))
            if self.transport is not None:
                self.transport.close()

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Called for each head that was understood."""
        status = data[0].code
        if status >= 200 or status == 101:  # the others are interim answers
            self._head = None
        super().feed_data(data, size)

    def refusal(self) -> httpx.Response | None:
        """What the first line of a head that was not understood says, if it says no: the status, with `Retry-After` where that was read."""
        return refusal_in(self._head) if self._head else None


def refusal_in(head: bytes) -> httpx.Response | None:
    """The answer that says no in the bytes of a head, perhaps cut short or damaged; None where there is none to be read."""
    start = 0
    while line := _STATUS_LINE.match(head, start):
        status = int(line[1])
        end = _END.search(head, line.end() - 1)
        if status >= 200 or status == 101:
            asked = _RETRY_AFTER.search(head, line.end(), len(head) if end is None else end.start() + 1)
            headers = [] if asked is None else [(b"Retry-After", asked[1].strip())]
            return None if 200 <= status < 300 else httpx.Response(status, headers=headers)
        if end is None:
            return None
        start = end.end()
    return None
