"""A body is read as it was before it was compressed, whatever the header says of it, and never becomes large."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.content_encoding import MAX_BODY, unpacked
from chatmon.api.errors import BadAnswer, NotJson, TooLarge

from .conftest import OpenClient
from .documents import CHAT_ID, chat_body
from .raw_server import RawServer, answer

BODY = chat_body().encode()
HALF = len(BODY) // 2


def bare_deflate(body: bytes) -> bytes:
    """A deflate stream without a frame."""
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(body) + stream.flush()


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [
        ("", BODY),
        ("identity", BODY),
        ("none", BODY),
        ("utf-8", BODY),
        ("UTF-8", BODY),
        ("binary", BODY),
        ("text/plain", BODY),
        ("aws-chunked", BODY),
        ("gzip", gzip.compress(BODY)),
        ("X-GZIP", gzip.compress(BODY)),
        (" gzip ,", gzip.compress(BODY)),
        ("gzip, identity", gzip.compress(BODY)),
        ("utf-8, gzip", gzip.compress(BODY)),
        ("gzip, gzip", gzip.compress(gzip.compress(BODY))),
        ("deflate, gzip", gzip.compress(zlib.compress(BODY))),
        ("deflate", zlib.compress(BODY)),
        ("deflate", bare_deflate(BODY)),
        ("gzip", gzip.compress(BODY[:HALF]) + gzip.compress(BODY[HALF:])),
        ("gzip", gzip.compress(b"") + gzip.compress(BODY)),
        ("gzip", gzip.compress(BODY) + bytes(512)),
        ("gzip", gzip.compress(BODY) + b"padding"),
        ("deflate", gzip.compress(BODY)),
        ("gzip", zlib.compress(BODY)),
        ("gzip", BODY),
        ("deflate", BODY),
        ("gzip", b"\xef\xbb\xbf" + BODY),
    ],
)
async def test_whatever_can_be_read_is_read(encoding: str, sent: bytes, open_client: OpenClient) -> None:
    async with RawServer((answer(sent, headers=[("Content-Encoding", encoding)]),)) as server:
        assert (await open_client(server.root).get(CHAT_ID)).resource.state == "Chatting"


@pytest.mark.parametrize(
    ("encoding", "sent", "says"),
    [
        ("br", b"\x0b\x02\x80{}\x03", "not asked for"),
        ("zstd", b"\x28\xb5\x2f\xfd", "not asked for"),
        ("compress", b"\x1f\x9d", "not asked for"),
        ("gzip, br", gzip.compress(BODY), "not asked for"),
        ("gzip, " * 5, gzip.compress(BODY), "not asked for"),
        ("gzip", b"neither", "is not"),
        ("deflate", b"neither", "is not"),
        ("gzip", gzip.compress(BODY)[:-12], "breaks off"),
        ("gzip", gzip.compress(BODY) * 101, "pieces"),
    ],
)
def test_what_cannot_be_read_is_named(encoding: str, sent: bytes, says: str) -> None:
    with pytest.raises(NotJson, match=says):
        unpacked(sent, encoding)


BOMB = gzip.compress(bytes(MAX_BODY + 1))


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [
        ("gzip", BOMB),
        ("gzip, gzip", gzip.compress(BOMB)),
        ("deflate", zlib.compress(bytes(MAX_BODY + 1))),
        ("gzip", gzip.compress(bytes(MAX_BODY // 2)) * 3),
    ],
)
def test_what_would_become_large_is_given_up(encoding: str, sent: bytes) -> None:
    with pytest.raises(TooLarge):
        unpacked(sent, encoding)


def test_nothing_unpacks_to_nothing() -> None:
    assert unpacked(b"", "gzip") == b""


def outcome(body: bytes, encoding: str) -> bytes | BadAnswer:
    try:
        return unpacked(body, encoding)
    except BadAnswer as error:
        return error


@given(st.binary(max_size=200), st.text("gzipdeflat,x- br", max_size=20))
def test_whatever_comes_is_read_or_named(sent: bytes, encoding: str) -> None:
    for body in (sent, gzip.compress(BODY)[:100] + sent):
        found = outcome(body, encoding)
        assert found.message.isprintable() if isinstance(found, BadAnswer) else len(found) <= MAX_BODY
