"""What is too large is not read to its end, and what is bad is not remembered. Everything else that can be wrong is in tests/faults."""

from __future__ import annotations

import json
import zlib

import pytest

from chatmon.api import errors
from chatmon.api.errors import ChatApiError
from tests.faults.matrix import LARGE, MEBIBYTE, Fault, gzip_bomb

from .conftest import OpenClient
from .documents import CHAT_ID, chat_body
from .raw_server import RawServer, answer


async def test_a_body_of_just_1_mib_is_read(open_client: OpenClient) -> None:
    body = chat_body().encode()
    async with RawServer((answer(body + MEBIBYTE[len(body) :]),)) as server:
        assert (await open_client(server.root).get(CHAT_ID)).resource.state == "Chatting"


@pytest.mark.parametrize("fault", LARGE[:3], ids=lambda fault: fault.name)
async def test_a_body_of_40_mb_is_cut_off_while_it_is_read(fault: Fault, open_client: OpenClient) -> None:
    async with RawServer(fault.script) as server:
        with pytest.raises(errors.TooLarge):
            await open_client(server.root).get(CHAT_ID)
    assert server.sent < 20 * len(MEBIBYTE)  # what the sockets' buffers took in beyond the 1 MiB that was read


@pytest.mark.parametrize("status", ["200 OK", "500 Oops"])
async def test_a_small_body_that_unpacks_to_100_mib_is_cut_off(
    status: str, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = gzip_bomb()
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
