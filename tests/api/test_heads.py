"""Heads of answers: how large they may be, and that a status is heeded wherever there is one to be read."""

from __future__ import annotations

import pytest

from chatmon.api import errors
from chatmon.api.endpoint import Endpoint
from chatmon.api.heads import MAX_FIELD, MAX_FIELDS, refusal_in

from .conftest import OpenClient
from .documents import CHAT_ID, chat_body
from .raw_server import Close, RawServer, Reset, Script, Send, Silence, answer

BODY = chat_body().encode()
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
HUGE = b"X: " + b"x" * 2 * MAX_FIELD + b"\r\n"
MANY = b"".join(b"X-%d: y\r\n" % number for number in range(2 * MAX_FIELDS))


def fields(number: int, size: int = 1) -> bytes:
    """So many headers, each with a value of so many bytes."""
    return b"".join(b"X-%03d: %s\r\n" % (count, b"x" * size) for count in range(number))


@pytest.mark.parametrize(
    "headers",
    [
        b"X: " + b"x" * 8_191 + b"\r\n",
        b"X: " + b"x" * (MAX_FIELD - 1) + b"\r\n",
        b"x" * 20_000 + b": y\r\n",
        b"Set-Cookie: a=" + b"x" * 60_000 + b"; Path=/\r\n",
        fields(129),
        fields(MAX_FIELDS - 1),
        fields(MAX_FIELDS - 1, size=1_000),
        fields(10, size=60_000),
    ],
    ids=["8191 bytes", "64 KiB", "a long name", "a cookie", "129", "512", "half a mebibyte", "ten of 60,000 bytes"],
)
async def test_large_heads_are_read(headers: bytes, open_client: OpenClient) -> None:
    async with RawServer((Send(b"HTTP/1.1 200 OK\r\n" + headers + LENGTH + b"\r\n" + BODY),)) as server:
        client = open_client(server.root)
        for _ in range(2):
            assert (await client.get(CHAT_ID)).resource.state == "Chatting"
        assert server.connections == 1


async def test_a_long_reason_is_read(open_client: OpenClient) -> None:
    async with RawServer((answer(BODY, status="200 " + "O" * 20_000),)) as server:
        assert (await open_client(server.root).get(CHAT_ID)).resource.state == "Chatting"


ODD_HEADS: dict[str, bytes] = {
    "a line of 128 KiB": HUGE + b"\r\n",
    "too many headers": MANY + b"\r\n",
    "a line without a colon": b"nonsense\r\n\r\n",
    "a line without a name": b": x\r\n\r\n",
    "white space before the colon": b"X : y\r\n\r\n",
    "a lone carriage return": b"X: a\rb\r\n\r\n",
    "a NUL": b"X: a\0b\r\n\r\n",
    "Latin-1 in a name": b"X\xe9: y\r\n\r\n",
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
    "one length twice": b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
    "a list of lengths": b"Content-Length: 0, 0\r\n\r\n",
    "a length below nothing": b"Content-Length: -5\r\n\r\n",
    "a length that is text": b"Content-Length: x\r\n\r\n",
    "a length beyond all numbers": b"Content-Length: 99999999999999999999999\r\n\r\n",
    "a length and chunks": b"Content-Length: 5\r\n" + CHUNKED + b"\r\n0\r\n\r\n",
    "an unknown transfer coding": b"Transfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n",
    "a chunk that is none": CHUNKED + b"\r\nzz\r\n",
    "trailers of 128 KiB": CHUNKED + b"\r\n0\r\n" + HUGE + b"\r\n",
    "an old WebSocket header": b"Sec-WebSocket-Key1: x\r\nContent-Length: 0\r\n\r\n",
    "cut short": b"X: y",
    "nothing but the status line": b"",
    "a body cut short": b"Content-Length: 500\r\n\r\nabc",
    "chunks cut short": CHUNKED + b"\r\nff\r\nabc",
    "compressed, and not": b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    "bare line feeds": b"X: y\n\n",
    "folded": b"X: a\r\n b\r\n\tc\r\nContent-Length: 0\r\n\r\n",
    "sound": b"Content-Length: 0\r\n\r\n",
}
"""What follows `Retry-After: 120` below a status."""
REFUSALS: dict[str, tuple[type[errors.ChatApiError], float | None]] = {
    "429 Slow": (errors.RateLimited, 120.0),
    "503 Busy": (errors.Unavailable, 120.0),
    "401 Who": (errors.Denied, 120.0),
    "403 No": (errors.Denied, 120.0),
    "404 No": (errors.NotFound, None),
    "302 Else": (errors.Redirected, None),
    "500 Oops": (errors.UnexpectedStatus, 120.0),
}


@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize("rest", ODD_HEADS)
async def test_a_status_is_heeded_whatever_follows_it(rest: str, status: str, open_client: OpenClient) -> None:
    wire = b"HTTP/1.1 " + status.encode() + b"\r\nRetry-After: 120\r\n" + ODD_HEADS[rest]
    async with RawServer((Send(wire), Close())) as server:
        with pytest.raises(errors.Refused) as raised:
            await open_client(server.root).get(CHAT_ID)
        assert len(server.requests) == 1
    kind, seconds = REFUSALS[status]
    assert (type(raised.value), raised.value.http_status, raised.value.retry_after) == (kind, int(status[:3]), seconds)


@pytest.mark.parametrize(
    "script",
    [
        (Send(b"HTTP/1.1 429 Slow\r\nX: y"), Silence()),
        (Send(b"HTTP/1.1 429 Slow\r\nContent-Length: 9\r\n\r\n"), Silence()),
        (Send(b"HTTP/1.1 429 Slow\r\nX: y"), Reset()),
        (Send(b"HTTP/1.1 429 Slow\r\nContent-Length: 9\r\n\r\nabc"), Reset()),
        (Send(b"HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 429 Slow\r\n" + HUGE), Close()),
    ],
    ids=["silent head", "silent body", "reset head", "reset body", "after interim answers"],
)
async def test_a_status_is_heeded_however_its_answer_ends(script: Script, open_client: OpenClient) -> None:
    async with RawServer(script) as server:
        with pytest.raises(errors.RateLimited):
            await open_client(server.root, deadline=1.0).get(CHAT_ID)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "first_line",
    ["HTTP/1.0 429 x", "HTTP/2 429 x", "HTTP/1.1 429", "HTTP/1.1  429  x", "HTTP/1.1 429-x", "HTTP/1.1 429 " + "x" * 2 * MAX_FIELD],
    ids=lambda line: line[:20],
)
async def test_a_status_is_heeded_in_an_odd_first_line(first_line: str, open_client: OpenClient) -> None:
    async with RawServer((Send(f"{first_line}\r\n\r\n".encode()), Close())) as server:
        with pytest.raises(errors.RateLimited):
            await open_client(server.root).get(CHAT_ID)


@pytest.mark.parametrize("rest", ["a line of 128 KiB", "too many headers", "a line without a colon", "two lengths"])
async def test_a_success_whose_head_cannot_be_read_gives_no_chat(rest: str, open_client: OpenClient) -> None:
    async with RawServer((Send(b"HTTP/1.1 200 OK\r\n" + ODD_HEADS[rest]), Close())) as server:
        with pytest.raises(errors.UnexpectedStatus, match="headers"):
            await open_client(server.root).get(CHAT_ID)


async def test_headers_without_end_are_cut_off(open_client: OpenClient) -> None:
    interim = b"HTTP/1.1 103 Hints\r\nX: " + b"x" * 60_000 + b"\r\n\r\n"
    async with RawServer((Send(interim, times=600), Silence())) as server:
        with pytest.raises(errors.UnexpectedStatus):
            await open_client(server.root, deadline=60.0).get(CHAT_ID)
        assert server.sent < 600 * len(interim)


async def test_a_status_of_the_exchange_before_is_not_taken_for_this_one(open_client: OpenClient) -> None:
    async with RawServer((answer("", status="429 Slow"),), (Close(),)) as server:
        client = open_client(server.root)
        with pytest.raises(errors.RateLimited):
            await client.get(CHAT_ID)
        with pytest.raises(errors.ConnectionClosed):
            await client.get(CHAT_ID)


async def test_what_a_proxy_says_in_place_of_a_tunnel_is_not_taken_for_the_server(open_client: OpenClient) -> None:
    async with RawServer((Send(b"HTTP/1.1 429 Slow\r\n" + HUGE + b"\r\n"), Close())) as proxy:
        with pytest.raises(errors.ConnectFailed, match="proxy"):
            await open_client(Endpoint("https://gws.invalid/api/v2", proxy=proxy.origin)).get(CHAT_ID)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"", None),
        (b"HTTP/1.1 429", None),
        (b"HTTP/1.1 429\n", 429),
        (b"HTTP/1.1 4290 x\r\n", None),
        (b"HTTP/1.1 042 x\r\n", None),
        (b"HTTP/1.1 200 OK\r\n", None),
        (b"HTTP/1.1 101 Switch\r\n", 101),
        (b"HTTP/1.1 100 x\r\n\r\nHTTP/1.1 503 x\r\n", 503),
        (b"HTTP/1.1 100 x\r\nHTTP/1.1 503 x\r\n", None),
        (b"X: HTTP/1.1 503 x\r\n", None),
        (b"SSH-2.0-x 503\r\n", None),
    ],
)
def test_a_status_line_is_read_whole_or_not_at_all(head: bytes, status: int | None) -> None:
    response = refusal_in(head)
    assert (None if response is None else response.status_code) == status


def test_retry_after_is_looked_for_in_the_head_alone() -> None:
    refusal = refusal_in(b"HTTP/1.1 503 x\r\nX: y\r\n\r\nRetry-After: 9\r\n")
    assert refusal is not None
    assert "retry-after" not in refusal.headers
