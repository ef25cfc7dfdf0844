"""The one request beside `GET {root}/chats/{id}` that chatmon can send, and only when its user asks for it and the profile allows it.

It moves the server's cursor of the chat, see `transcript`: the customer's own client may never get what it had not read yet. So it is
kept apart from everything that polls: it has a connection of its own, is sent once, and is never repeated, not even where the connection
was closed before the answer came. Only `chatmon.cli.transcripts` may import this module; an import contract says so.
"""

from __future__ import annotations

import asyncio

import httpx

from chatmon.api import errors
from chatmon.api.endpoint import Endpoint
from chatmon.api.exchange import exchange, open_transport, refused, request_headers, status_code_error
from chatmon.api.resource import parse_chat_id
from chatmon.api.transcript import Message, decode_messages
from chatmon.api.transport import SendRight


async def request_transcript(
    endpoint: Endpoint, chat_id: str, first: int, *, deadline: float, send_right: SendRight | None = None
) -> tuple[Message, ...]:
    """The messages of a chat from the index `first` on; empty where there are none.

    `deadline` is the seconds the exchange may take; `send_right` is acquired when the request goes out. Raises `InvalidChatId`, or one of
    the tree of `ChatApiError`.
    """
    request = httpx.Request("GET", f"{endpoint.chat_url(parse_chat_id(chat_id))}/messages?index={first:d}")
    request.headers = request_headers(endpoint)
    # Certificates are read from files: keys and polls do not wait for that.
    transport = await asyncio.to_thread(open_transport, endpoint, connections=1, may_resend=_never, send_right=send_right)
    try:
        response, body = await exchange(transport, request, deadline)
    finally:
        await transport.aclose()
    if not response.is_success:
        raise refused(response, body)
    return _messages(body, response.status_code, first)


def _never() -> bool:
    return False


def _messages(body: bytes, status: int, first: int) -> tuple[Message, ...]:
    """The messages in the body of a 2xx answer."""
    try:
        answer = decode_messages(body, first)
    except errors.ChatApiError as error:
        error.http_status = status
        raise
    if answer.status_code:
        raise status_code_error(answer.status_code, status)
    if answer.messages is None:
        raise errors.NotATranscript("the answer is JSON, but holds no messages", http_status=status)
    return answer.messages
