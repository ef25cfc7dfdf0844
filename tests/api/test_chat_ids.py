"""No id can leave its place in the path: what the server receives is one segment that decodes back to the id."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatmon.api.client import ChatClient
from chatmon.api.endpoint import Endpoint
from chatmon.api.errors import InvalidChatId, NotFound
from chatmon.api.resource import MAX_ID_LENGTH, parse_chat_id
from tests.examples import examples

from .conftest import OpenClient
from .raw_server import RawServer, answer

ONE_SEGMENT = re.compile(r"GET /key/api/v2/chats/((?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+) HTTP/1\.1\Z")  # RFC 3986: pchar
HOSTILE = [
    "a/b",
    "../../admin",
    "..%2fadmin",
    "%2e%2e",
    "%2E%2E%2F",
    "%252e%252e",
    "...",
    "..;",
    ".%2e",
    "a?x=1",
    "a#b",
    "a;b=c",
    "a\\..\\b",
    "//evil.example",
    "http://evil.example/",
    "@evil.example",
    ":80",
    "a%00b",
    "a%0d%0aHost:evil",
    "%",
    "%zz",
    "a+b",
    "a&b=c",
    "caf\u00e9",
    "cafe\u0301",
    "\uff0e\uff0e",
    "\u2215",
    "\U0001f600",
    "652492d9-c2d9-44c9-b9ad-0ab7984114bb",
    "0000Na9B26EF002X",
    "A" * MAX_ID_LENGTH,
    "\u4e2d" * MAX_ID_LENGTH,
]
REFUSED = ["", ".", "..", " ", "a b", "a\tb", "a\nb", "a\x00", "\x7f", "\ud800", "\u2028", "\u202e", "\u00a0", "A" * (MAX_ID_LENGTH + 1)]


async def _sent(client: ChatClient, server: RawServer, chat_id: str) -> str:
    """The one request line with which the server was asked for the id."""
    server.requests.clear()
    with pytest.raises(NotFound) as raised:
        await client.get(chat_id)
    assert raised.value.message == "statusCode 6: the server does not know the chat"
    (line,) = server.request_lines
    return line


class _Live:
    """One server and one client for all examples of a property."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._server = RawServer((answer('{"statusCode": 6}', status="404 No"),))
        self._client = self._runner.run(self._open())

    async def _open(self) -> ChatClient:
        await self._server.__aenter__()
        return ChatClient(Endpoint(f"{self._server.origin}/key/api/v2"))

    def request_line(self, chat_id: str) -> str:
        """The request line that asking for an id puts on the wire."""
        return self._runner.run(_sent(self._client, self._server, chat_id))

    def close(self) -> None:
        """Close client, server and loop."""
        self._runner.run(self._client.aclose())
        self._runner.run(self._server.__aexit__(None, None, None))
        self._runner.close()


@pytest.fixture(scope="module")
def live() -> Iterator[_Live]:
    opened = _Live()
    yield opened
    opened.close()


def _assert_in_its_place(line: str, chat_id: str) -> None:
    found = ONE_SEGMENT.match(line)
    assert found is not None, line
    assert found[1] not in {".", ".."}
    assert unquote(found[1], errors="strict") == chat_id


@given(st.one_of(st.text(max_size=30), st.text("./\\%25eEfF?#;:@&+~a", max_size=12)))
@example("%2e%2e")
@example("..%2f..")
@examples(100)
def test_an_id_is_refused_or_stays_in_its_segment(live: _Live, text: str) -> None:
    try:
        chat_id = parse_chat_id(text)
    except InvalidChatId:
        return
    _assert_in_its_place(live.request_line(chat_id), chat_id)


@pytest.mark.parametrize("chat_id", HOSTILE, ids=[ascii(chat_id)[:30] for chat_id in HOSTILE])
def test_a_hostile_id_is_asked_for_in_its_segment(live: _Live, chat_id: str) -> None:
    assert parse_chat_id(chat_id) == chat_id
    _assert_in_its_place(live.request_line(chat_id), chat_id)


@pytest.mark.parametrize("text", REFUSED, ids=[ascii(text)[:30] for text in REFUSED])
async def test_what_can_be_no_id_is_refused_before_anything_is_sent(text: str, open_client: OpenClient) -> None:
    async with RawServer((answer("{}"),)) as server:
        with pytest.raises(InvalidChatId) as raised:
            await open_client(server.root).get(text)
        assert server.connections == 0
    assert raised.value.reason
    assert len(text) < 3 or text not in raised.value.reason
