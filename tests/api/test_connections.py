"""Connections are kept, renewed and closed quietly; nothing but GETs of chats goes over them."""

from __future__ import annotations

import asyncio
import socket
from unittest import mock

import pytest

from chatmon.api import errors, transport
from chatmon.api.endpoint import Endpoint
from chatmon.api.errors import ChatApiError
from chatmon.api.resource import decode
from chatmon.api.transport import KEEPALIVE

from .conftest import OpenClient
from .documents import CHAT_ID, OTHER_ID, chat_body
from .raw_server import HOST, Close, RawServer, Reset, Send, Silence, answer

CHAT = answer(chat_body())


async def test_many_polls_use_one_connection(open_client: OpenClient) -> None:
    async with RawServer((CHAT,)) as server:
        client = open_client(server.root)
        for _ in range(20):
            await client.get(CHAT_ID)
        assert (server.connections, len(server.requests)) == (1, 20)


async def test_an_unread_answer_is_never_taken_for_the_next_one(open_client: OpenClient) -> None:
    stray = answer(chat_body(state="Idle"))
    async with RawServer((CHAT, stray), (CHAT,)) as server:
        client = open_client(server.root)
        states = [(await client.get(CHAT_ID)).resource.state for _ in range(3)]
    assert states == ["Chatting"] * 3


async def test_no_more_connections_than_allowed_are_held(open_client: OpenClient) -> None:
    async with RawServer((answer(chat_body(None)),)) as server:
        client = open_client(server.root, connections=3)
        await asyncio.gather(*(client.get(f"chat-{number}") for number in range(30)))
        assert (server.connections, len(server.requests)) == (3, 30)


@pytest.mark.parametrize("end", [Close(), Reset()])
async def test_a_server_that_hangs_up_after_each_answer_does_no_harm(end: Close | Reset, open_client: OpenClient) -> None:
    async with RawServer((CHAT, end)) as server:
        client = open_client(server.root)
        for _ in range(5):
            assert (await client.get(CHAT_ID)).resource.state == "Chatting"


@pytest.mark.parametrize("end", [Close(), Reset()])
async def test_a_kept_connection_that_turns_out_dead_costs_no_poll(end: Close | Reset, open_client: OpenClient) -> None:
    """The server hangs up on the second request instead of answering, as one does whose idle time has just run out."""
    async with RawServer((CHAT,), (end,), (CHAT,)) as server:
        client = open_client(server.root)
        await client.get(CHAT_ID)
        assert (await client.get(CHAT_ID)).resource.state == "Chatting"
        assert (server.connections, len(server.requests)) == (2, 3)


@pytest.mark.parametrize("end", [Close(), Reset()])
async def test_what_is_sent_once_more_counts_for_the_rate(end: Close | Reset, open_client: OpenClient) -> None:
    """The server reads the second request of each connection, and hangs up: it has seen it."""
    rights = [True, False]
    async with RawServer((CHAT,), (end,), (CHAT,), (end,), (CHAT,)) as server:
        client = open_client(server.root, may_resend=lambda: rights.pop(0))
        await client.get(CHAT_ID)
        assert (await client.get(CHAT_ID)).resource.state == "Chatting"
        with pytest.raises(errors.ConnectionClosed):
            await client.get(CHAT_ID)
        assert (len(server.requests), rights) == (4, [])


async def test_a_thousand_polls_go_over_32_connections_and_each_chat_is_decoded_once(open_client: OpenClient) -> None:
    async with RawServer((answer(chat_body(None)),)) as server:
        client = open_client(server.root)
        with mock.patch("chatmon.api.client.decode", wraps=decode) as decoded:
            for _ in range(10):
                await asyncio.gather(*(client.get(f"chat-{number}") for number in range(100)))
        assert (server.connections, len(server.requests), decoded.call_count) == (32, 1000, 100)


async def test_the_same_where_the_server_closes_idle_connections_and_none_is_found_closed(
    open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's five seconds and the client's four, ten times as fast."""
    monkeypatch.setattr(transport, "KEEPALIVE", KEEPALIVE / 10)
    async with RawServer((answer(chat_body(None)),), idle=0.5) as server:
        client = open_client(server.root, may_resend=lambda: False)
        for second_half in (False, True):
            for _ in range(5):
                await asyncio.gather(*(client.get(f"chat-{number}") for number in range(100)))
            if not second_half:
                async with asyncio.timeout(60):
                    while server.open_connections:  # noqa: ASYNC110 - the server closes them by its own clock
                        await asyncio.sleep(0.01)
        assert (server.connections, len(server.requests)) == (2 * 32, 1000)


async def test_a_server_that_hangs_up_is_asked_once(open_client: OpenClient) -> None:
    async with RawServer((Close(),)) as server:
        with pytest.raises(errors.ConnectionClosed):
            await open_client(server.root).get(CHAT_ID)
        assert len(server.requests) == 1


async def test_an_answer_that_was_begun_is_not_asked_for_again(open_client: OpenClient) -> None:
    async with RawServer((Send(CHAT.wire[:-5]), Close())) as server:
        with pytest.raises(errors.ConnectionClosed):
            await open_client(server.root).get(CHAT_ID)
        assert len(server.requests) == 1


async def test_a_refused_connection_is_named(open_client: OpenClient) -> None:
    with socket.socket() as bound:  # bound, not listening: refused, and nobody else can take the port
        bound.bind((HOST, 0))
        with pytest.raises(errors.ConnectFailed) as raised:
            await open_client(f"http://{HOST}:{bound.getsockname()[1]}/api/v2").get(CHAT_ID)
    assert raised.value.kind == "connect"
    assert raised.value.message == "the server refuses the connection"


async def test_a_name_that_cannot_be_resolved_is_named(open_client: OpenClient) -> None:
    with pytest.raises(errors.ConnectFailed) as raised:
        await open_client("http://gws.invalid/api/v2").get(CHAT_ID)
    assert raised.value.kind == "connect"
    assert raised.value.message == "the server's name cannot be resolved"


async def test_cookies_are_never_sent_back(open_client: OpenClient) -> None:
    greedy = answer(chat_body(), headers=[("Set-Cookie", "session=abc; Path=/"), ("Set-Cookie", "b=c; Max-Age=9999")])
    async with RawServer((greedy,)) as server:
        # By name, through a proxy: a cookie jar would not take cookies from a bare address anyway.
        client = open_client(Endpoint("http://gws.example.com/api/v2", proxy=server.origin))
        for _ in range(3):
            await client.get(CHAT_ID)
        assert [server.header("Cookie", number) for number in range(3)] == [None] * 3


async def test_configured_headers_go_with_every_request_and_once_only(open_client: OpenClient) -> None:
    headers = {"ContactCenterId": "1234", "apikey": "s3cret", "accept": "application/vnd.gws+json", "USER-AGENT": "mine"}
    async with RawServer((CHAT,)) as server:
        client = open_client(Endpoint(server.root, headers=headers))
        await client.get(CHAT_ID)
        await client.get(CHAT_ID)
        for name, value in headers.items():
            assert [server.header(name, 0), server.header(name, 1)] == [value, value]
            assert server.requests[0].lower().count(b"\r\n" + name.lower().encode() + b":") == 1


async def test_the_ledger_holds_nothing_but_gets_of_chats(open_client: OpenClient) -> None:
    async with RawServer((CHAT,)) as server:
        client = open_client(f"{server.origin}/gateway/v2")
        await client.get(CHAT_ID)
        with pytest.raises(errors.WrongChat):
            await client.get(OTHER_ID)
        await client.aclose()
        assert server.request_lines == [f"GET /gateway/v2/chats/{chat_id} HTTP/1.1" for chat_id in (CHAT_ID, OTHER_ID)]
        names = {line.split(b":")[0].lower() for head in server.requests for line in head.split(b"\r\n")[1:] if line}
        assert server.header("Accept-Encoding") == "identity"
    assert names == {b"host", b"accept", b"accept-encoding", b"user-agent"}


async def test_one_silent_chat_does_not_hold_up_the_rest(open_client: OpenClient) -> None:
    async with RawServer((Silence(),), (CHAT,)) as server:
        client = open_client(server.root, deadline=0.4)
        silent = asyncio.create_task(client.get(OTHER_ID))
        await server.asked.wait()
        assert (await client.get(CHAT_ID)).resource.state == "Chatting"
        assert not silent.done()
        with pytest.raises(errors.Timeout):
            await silent


async def test_waiting_for_a_free_connection_counts_towards_the_deadline(open_client: OpenClient) -> None:
    async with RawServer((Silence(),)) as server:
        client = open_client(server.root, deadline=0.2, connections=1)
        outcomes = await asyncio.gather(client.get(CHAT_ID), client.get(OTHER_ID), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [errors.Timeout] * 2


async def test_a_poll_that_is_cancelled_is_cancelled(open_client: OpenClient) -> None:
    async with RawServer((Silence(),), (CHAT,)) as server:
        client = open_client(server.root)
        polling = asyncio.create_task(client.get(CHAT_ID))
        await server.asked.wait()
        polling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await polling
        assert (await client.get(CHAT_ID)).resource.state == "Chatting"


async def test_a_client_can_be_closed_while_it_waits(open_client: OpenClient) -> None:
    async with RawServer((Silence(),)) as server:
        client = open_client(server.root, deadline=0.4)
        polling = asyncio.create_task(client.get(CHAT_ID))
        await server.asked.wait()
        await client.aclose()
        with pytest.raises(ChatApiError):
            await polling


async def test_a_client_closed_before_its_first_poll_opens_nothing(open_client: OpenClient) -> None:
    async with RawServer((CHAT,)) as server:
        client = open_client(server.root)
        await client.aclose()
        with pytest.raises(errors.ConnectionClosed):
            await client.get(CHAT_ID)
        assert server.connections == 0


async def test_a_closed_client_asks_no_more(open_client: OpenClient) -> None:
    async with RawServer((CHAT,)) as server:
        client = open_client(server.root)
        await client.get(CHAT_ID)
        await client.aclose()
        with pytest.raises(errors.ConnectionClosed):
            await client.get(CHAT_ID)
        assert len(server.requests) == 1
