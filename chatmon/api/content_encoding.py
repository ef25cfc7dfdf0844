"""The body of an answer as it was before it was compressed, whatever its Content-Encoding says (RFC 9110, section 8.4).

Servers and gateways also name there what compresses nothing, compress twice, write deflate without its frame, or do not do what they say:
what a body turns out to be counts, as it does for curl.
"""

from __future__ import annotations

import zlib
from typing import Final

from chatmon.api.errors import NotJson, TooLarge

MAX_BODY: Final = 1024 * 1024
"""Bytes of a body, before or after decompression, beyond which it is not read."""
MAX_LAYERS: Final = 4
"""Compressions of one body, one around the other."""
MAX_MEMBERS: Final = 100
"""Pieces of a gzip stream, one behind the other."""

_GZIP, _ZLIB, _RAW_DEFLATE = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b"
_KNOWN = frozenset({"gzip", "x-gzip", "deflate"})
"""What compresses and can be undone. Other names, such as that of a charset, compress nothing."""
_UNKNOWN = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip"})
"""What compresses, and cannot be undone here. Source: IANA, HTTP Content Coding Registry."""


def unpacked(body: bytes, content_encoding: str) -> bytes:
    """A whole body as it was before it was compressed. Raises `NotJson` where that cannot be had, and `TooLarge`."""
    names = [name.strip().lower() for name in content_encoding.split(",")]
    layers = [name for name in names if name in _KNOWN]
    if not body or not (layers or _UNKNOWN.intersection(names)):
        return body
    if len(layers) > MAX_LAYERS or _UNKNOWN.intersection(names):
        raise NotJson("the answer is compressed in a way that was not asked for")
    for _ in layers:
        body = _without_layer(body)
    return body


def _without_layer(body: bytes) -> bytes:
    # Which of the names a sender uses for which of the formats is seen by the first bytes alone.
    return _from_gzip(body) if body.startswith(_GZIP_MAGIC) else _from_deflate(body)


def _from_gzip(body: bytes) -> bytes:
    unpacked_members: list[bytes] = []
    room, rest = MAX_BODY, body
    while rest.startswith(_GZIP_MAGIC):  # what stands behind the last member is padding
        if len(unpacked_members) == MAX_MEMBERS:
            raise NotJson("the answer is compressed in more pieces than anyone makes")
        member, rest = _inflated(rest, _GZIP, room)
        room -= len(member)
        unpacked_members.append(member)
    return b"".join(unpacked_members)


def _from_deflate(body: bytes) -> bytes:
    # Many write the bare stream, without the frame that the standard wants (RFC 9110, section 8.4.1.2).
    for window in (_ZLIB, _RAW_DEFLATE):
        try:
            return _inflated(body, window, MAX_BODY)[0]
        except NotJson:
            continue
    return _plain(body)


def _inflated(body: bytes, window: int, room: int) -> tuple[bytes, bytes]:
    """What a compressed stream holds, at most `room` bytes, and what stands behind its end."""
    stream = zlib.decompressobj(wbits=window)
    try:
        inflated = stream.decompress(body, room + 1)
    except zlib.error:
        raise NotJson("the answer says that it is compressed, and is not") from None
    if len(inflated) > room:
        raise TooLarge("the answer is larger than 1 MiB")
    if not stream.eof:
        raise NotJson("the answer is compressed and breaks off before its end")
    return inflated, stream.unused_data


def _plain(body: bytes) -> bytes:
    """A body that is no compressed stream, if it is JSON all the same."""
    if body.lstrip().startswith((b"{", b"[", b"\xef\xbb\xbf")):
        return body
    raise NotJson("the answer says that it is compressed, and is not")
