"""The request for a transcript, over real sockets: exactly one GET with an index, whatever comes of it."""

from __future__ import annotations

import json

import pytest

from chatmon.api import errors
from chatmon.api.endpoint import Endpoint
from chatmon.api.transcript import Message
from chatmon.api.transcript_request import request_transcript

from .documents import CHAT_ID, code_body
from .raw_server import Close, Drip, RawServer, Reset, Script, Send, Silence, answer
from .test_transcript import DOCUMENTED

DEADLINE = 5.0
TRANSCRIPT = answer(json.dumps(DOCUMENTED), headers=[("ETag", 'W/"1"')])


async def ask(
    server: RawServer, first: int = 1, *, deadline: float = DEADLINE, headers: dict[str, str] | None = None
) -> tuple[Message, ...]:
    return await request_transcript(Endpoint(server.root, headers or {}), CHAT_ID, first, deadline=deadline)


async def test_one_get_with_an_explicit_index_is_sent_and_the_connection_is_not_kept() -> None:
    async with RawServer((TRANSCRIPT,)) as server:
        found = await ask(server, 3, headers={"ContactCenterId": "1234"})

    assert server.request_lines == [f"GET /api/v2/chats/{CHAT_ID}/messages?index=3 HTTP/1.1"]
    assert server.header("ContactCenterId") == "1234"
    assert server.header("User-Agent") == "chatmon"
    assert [one.text for one in found if one.type == "Text"] == ["Hello?", "How can I help you?"]


async def test_nothing_is_remembered_from_one_request_to_the_next() -> None:
    async with RawServer((TRANSCRIPT,)) as server:
        assert await ask(server) == await ask(server)

    assert [server.header("If-None-Match", request) for request in (0, 1)] == [None, None]
    assert server.connections == 2


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("end", [Close(), Reset()])
async def test_a_connection_that_ends_early_is_not_tried_again(end: Close | Reset, number: int) -> None:
    async with RawServer((end,)) as server:
        for _ in range(number):
            with pytest.raises(errors.ConnectionClosed):
                await ask(server)

    assert len(server.requests) == number


ANSWERS: dict[str, tuple[Script, type[errors.ChatApiError]]] = {
    "401": ((answer("<h1>no</h1>", status="401 Unauthorized"),), errors.Denied),
    "404": ((answer(code_body(6), status="404 Not Found"),), errors.NotFound),
    "400 that echoes the id": ((answer(f"Chat not found {CHAT_ID}", status="400 Bad Request"),), errors.NotFound),
    "429": ((answer(status="429 Too Many", headers=[("Retry-After", "7")]),), errors.RateLimited),
    "503": ((answer(status="503 Unavailable"),), errors.Unavailable),
    "304, though nothing is known": ((answer(status="304 Not Modified"),), errors.UnexpectedStatus),
    "a redirect": ((answer(status="302 Found", headers=[("Location", "http://127.0.0.1:1/")]),), errors.Redirected),
    "a status code under 200": ((answer(code_body(5)),), errors.Denied),
    "another status code under 200": ((answer(code_body(4)),), errors.NonZeroStatusCode),
    "a page": ((answer("<html>log in</html>", content_type="text/html"),), errors.NotJson),
    "a chat": ((answer('{"chat": {}, "statusCode": 0}'),), errors.NotATranscript),
    "messages of another shape": ((answer('{"messages": 4}'),), errors.NotATranscript),
    "a body without end": ((answer(b"[" * 2_000_000),), errors.TooLarge),
    "no HTTP": ((Send(b"SMTP ready\r\n\r\n"), Close()), errors.UnexpectedStatus),
}


@pytest.mark.parametrize("case", ANSWERS)
async def test_what_goes_wrong_is_named_and_asked_once(case: str) -> None:
    script, expected = ANSWERS[case]
    async with RawServer(script) as server:
        with pytest.raises(expected) as raised:
            await ask(server)

    assert len(server.requests) == 1
    assert CHAT_ID not in raised.value.message
    assert raised.value.message.isprintable()


async def test_how_long_the_server_asks_to_wait_is_told() -> None:
    async with RawServer(ANSWERS["429"][0]) as server:
        with pytest.raises(errors.RateLimited) as raised:
            await ask(server)

    assert raised.value.retry_after == 7


@pytest.mark.parametrize("script", [(Silence(),), (Drip(b"HTTP/1.1 200 OK\r\n" * 100, every=0.01),)], ids=["silence", "a drip"])
async def test_the_deadline_holds_for_the_whole_exchange(script: Script) -> None:
    async with RawServer(script) as server:
        with pytest.raises(errors.Timeout):
            await ask(server, deadline=0.2)

    assert len(server.requests) == 1


async def test_the_id_keeps_its_place_in_the_path() -> None:
    async with RawServer((TRANSCRIPT,)) as server:
        await request_transcript(Endpoint(server.root), "a/../b?index=9#c", 1, deadline=DEADLINE)

    assert server.request_lines == ["GET /api/v2/chats/a%2F..%2Fb%3Findex%3D9%23c/messages?index=1 HTTP/1.1"]
    with pytest.raises(errors.InvalidChatId):
        await request_transcript(Endpoint("http://127.0.0.1:1/api/v2"), "..", 1, deadline=DEADLINE)
