"""What is cut short, endless, mangled or no chat becomes one named error, in time and without reading it all."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable

import pytest

from chatmon.api import errors
from chatmon.api.errors import ChatApiError

from .conftest import OpenClient
from .documents import CHAT_ID, OTHER_ID, chat_body
from .raw_server import Close, Drip, RawServer, Reset, Script, Send, Silence, answer

WHOLE = answer(chat_body()).wire
HEAD = WHOLE[: WHOLE.index(b"\r\n\r\n") + 4]
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
MEBIBYTE = b" " * 1024 * 1024


def _gzip_bomb(mebibytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([*(packer.compress(MEBIBYTE) for _ in range(mebibytes)), packer.flush()])


def _packed(body: bytes, encoding: str) -> Send:
    return answer(body, headers=[("Content-Encoding", encoding)])


BROKEN_OFF: list[tuple[str, Script, type[ChatApiError]]] = [
    ("reset before the headers", (Reset(),), errors.ConnectionClosed),
    ("closed before the headers", (Close(),), errors.ConnectionClosed),
    ("reset inside the headers", (Send(HEAD[:20]), Reset()), errors.ConnectionClosed),
    ("closed inside the headers", (Send(HEAD[:20]), Close()), errors.ConnectionClosed),
    ("reset inside the body", (Send(WHOLE[:-20]), Reset()), errors.ConnectionClosed),
    ("closed inside the body", (Send(WHOLE[:-20]), Close()), errors.ConnectionClosed),
    ("longer Content-Length than body", (answer(chat_body(), length=9_999), Close()), errors.ConnectionClosed),
    ("closed inside a chunk", (Send(CHUNKED + b"ff\r\n{"), Close()), errors.ConnectionClosed),
    ("a chunk that is none", (Send(CHUNKED + b"zz\r\n{"), Close()), errors.UnexpectedStatus),
    ("silent", (Silence(),), errors.Timeout),
    ("silent inside the headers", (Send(HEAD[:20]), Silence()), errors.Timeout),
    ("silent inside the body", (Send(WHOLE[:-20]), Silence()), errors.Timeout),
    ("a byte now and then, headers", (Drip(HEAD, 0.02),), errors.Timeout),
    ("a byte now and then, body", (Send(HEAD), Drip(chat_body().encode(), 0.02)), errors.Timeout),
    ("interim answers for ever", (Send(b"HTTP/1.1 103 Early Hints\r\n\r\n"), Silence()), errors.Timeout),
    ("no HTTP", (Send(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), Close()), errors.UnexpectedStatus),
    ("a header line of 1 MB", (Send(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n"), Close()), errors.UnexpectedStatus),
    ("a mebibyte of headers", (Send(b"HTTP/1.1 200 OK\r\n"), Send(b"X: y\r\n" * 170_000), Close()), errors.UnexpectedStatus),
    ("two lengths", (Send(HEAD[:-2] + b"Content-Length: 5\r\n\r\n{}"), Close()), errors.UnexpectedStatus),
]


@pytest.mark.parametrize(("script", "expected"), [row[1:] for row in BROKEN_OFF], ids=[row[0] for row in BROKEN_OFF])
async def test_what_does_not_arrive_whole_is_named(script: Script, expected: type[ChatApiError], open_client: OpenClient) -> None:
    patience = 0.2 if expected is errors.Timeout else 5.0
    async with RawServer(script) as server:
        with pytest.raises(ChatApiError) as raised:
            await open_client(server.root, deadline=patience).get(CHAT_ID)
    assert type(raised.value) is expected
    assert raised.value.http_status is None
    assert CHAT_ID not in raised.value.message
    assert raised.value.message.isprintable()


RECOVERED = [row for row in BROKEN_OFF if row[2] is not errors.Timeout or row[0] == "silent inside the body"]


@pytest.mark.parametrize(("script", "expected"), [row[1:] for row in RECOVERED], ids=[row[0] for row in RECOVERED])
async def test_the_poll_after_a_broken_answer_succeeds(script: Script, expected: type[ChatApiError], open_client: OpenClient) -> None:
    async with RawServer(script) as server:
        client = open_client(server.root, deadline=0.4 if expected is errors.Timeout else 5.0)
        with pytest.raises(expected):
            await client.get(CHAT_ID)
        server.scripts = [(answer(chat_body()),)]
        assert (await client.get(CHAT_ID)).resource.state == "Chatting"


BAD_BODIES: list[tuple[str, Send, type[ChatApiError]]] = [
    ("nested 200,000 deep", answer("[" * 200_000), errors.NotAChat),
    ("nested deep where it is ignored", answer('{"x": ' + "[" * 200_000 + "]" * 200_000 + "}"), errors.NotAChat),
    ("UTF-16", answer(chat_body().encode("utf-16")), errors.NotJson),
    ("a list", answer("[]"), errors.NotAChat),
    ("a number", answer("5"), errors.NotAChat),
    ("null", answer("null"), errors.NotAChat),
    ("no chat", answer('{"statusCode": 0}'), errors.NotAChat),
    ("chat: null", answer('{"chat": null, "statusCode": 0}'), errors.NotAChat),
    ("chat: text", answer('{"chat": "Chatting"}'), errors.NotAChat),
    ("state: 5", answer(chat_body(state=5)), errors.NotAChat),
    ("participants: text", answer(chat_body(participants="Ada")), errors.NotAChat),
    ("two documents", answer(chat_body() + chat_body()), errors.NotJson),
    ("white space", answer(" \n"), errors.NotJson),
    ("NaN", answer('{"chat": NaN}'), errors.NotJson),
    ("another chat", answer(chat_body(OTHER_ID)), errors.WrongChat),
    ("the id in capitals", answer(chat_body(CHAT_ID.upper())), errors.WrongChat),
    ("brotli", _packed(b"\x0b\x02\x80{}\x03", "br"), errors.NotJson),
    ("zstd", _packed(b"\x28\xb5\x2f\xfd", "zstd"), errors.NotJson),
    ("packed twice", _packed(gzip.compress(gzip.compress(b"{}")), "gzip, gzip"), errors.NotJson),
    ("said to be packed", _packed(chat_body().encode(), "gzip"), errors.NotJson),
    ("packed and cut short", _packed(gzip.compress(chat_body().encode())[:-30], "gzip"), errors.NotJson),
    ("just over 1 MiB", answer(chat_body().encode() + MEBIBYTE), errors.TooLarge),
]


@pytest.mark.parametrize(("sent", "expected"), [row[1:] for row in BAD_BODIES], ids=[row[0] for row in BAD_BODIES])
async def test_a_body_that_is_no_chat_is_named(sent: Send, expected: type[ChatApiError], open_client: OpenClient) -> None:
    async with RawServer((sent,)) as server:
        with pytest.raises(ChatApiError) as raised:
            await open_client(server.root).get(CHAT_ID)
    assert type(raised.value) is expected
    assert raised.value.http_status == 200
    assert OTHER_ID not in raised.value.message


async def test_a_body_of_just_1_mib_is_read(open_client: OpenClient) -> None:
    body = chat_body().encode()
    async with RawServer((answer(body + MEBIBYTE[len(body) :]),)) as server:
        assert (await open_client(server.root).get(CHAT_ID)).resource.state == "Chatting"


def _endless() -> Iterable[tuple[str, Script]]:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    yield "by length", (Send(head + b"Content-Length: 41943040\r\n\r\n"), Send(MEBIBYTE, times=40))
    yield "in chunks", (Send(CHUNKED), Send(b"100000\r\n" + MEBIBYTE + b"\r\n", times=40))
    yield "until closed", (Send(head + b"\r\n"), Send(MEBIBYTE, times=40), Close())


@pytest.mark.parametrize("script", [script for _, script in _endless()], ids=[name for name, _ in _endless()])
async def test_a_body_of_40_mb_is_cut_off_while_it_is_read(script: Script, open_client: OpenClient) -> None:
    async with RawServer(script) as server:
        with pytest.raises(errors.TooLarge):
            await open_client(server.root).get(CHAT_ID)
    assert server.sent < 20 * len(MEBIBYTE)  # what the sockets' buffers took in beyond the 1 MiB that was read


@pytest.mark.parametrize("status", ["200 OK", "500 Oops"])
async def test_a_small_body_that_unpacks_to_100_mib_is_cut_off(
    status: str, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = _gzip_bomb(100)
    assert len(bomb) < 150_000
    unpacked: list[int] = []
    make = zlib.decompressobj

    class Counting:
        def __init__(self, wbits: int) -> None:
            self._inner = make(wbits=wbits)

        def decompress(self, raw: bytes, most: int) -> bytes:
            out = self._inner.decompress(raw, most)
            unpacked.append(len(out))
            return out

    monkeypatch.setattr(zlib, "decompressobj", Counting)
    async with RawServer((answer(bomb, status=status, headers=[("Content-Encoding", "gzip")]),)) as server:
        with pytest.raises(ChatApiError) as raised:
            await open_client(server.root).get(CHAT_ID)
    assert raised.value.kind == ("too_large" if status.startswith("200") else "http")
    assert sum(unpacked) <= len(MEBIBYTE) + 1


async def test_a_bad_answer_does_not_become_what_is_known(open_client: OpenClient) -> None:
    async with RawServer(
        (answer(chat_body(), headers=[("ETag", '"good"')]),),
        (answer(json.dumps([]), headers=[("ETag", '"bad"')]),),
        (answer(status="304 Not Modified", content_type=None),),
    ) as server:
        client = open_client(server.root)
        first = await client.get(CHAT_ID)
        with pytest.raises(errors.NotAChat):
            await client.get(CHAT_ID)
        assert (await client.get(CHAT_ID)).resource is first.resource
        assert server.header("If-None-Match") == '"good"'
