"""The fault matrix: every way in which the answer for one chat goes wrong, at every stage, and what becomes of the chat.

A row is data: what the server plays instead of the chat, and the kind of error that a poll then meets, or None where the chat is seen
all the same. Health follows from the kind, as the product's contract has it. `ID` in what is played stands for the row's own chat.
What goes wrong before there is a connection, and what concerns all chats, stands in `endpoints.py` and `limits.py`.
"""

from __future__ import annotations

import dataclasses
import functools
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from tests.api.documents import OTHER_ID, chat_body, code_body
from tests.api.raw_server import Close, Drip, Pause, Reset, Script, Send, Silence, answer

ID = "{ID}" + "-" * 32
"""Stands for the chat's id, and is as long as one."""
CAPITALS = "{UP}" + "-" * 32
"""Stands for the chat's id in capitals."""
STRANGER = "Str4nger"
"""A word in what servers say that no message may repeat."""
DEADLINE = 1.0
"""Seconds a whole exchange may take where servers are slow: more than three of the slowest bytes."""
PATIENT = 5.0
"""The same where they are not: what freezes the monitor for longer makes polls fail that should not."""
SLOW = 0.3
"""Seconds between two bytes of a server that sends one at a time."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One row. `status` is the HTTP status that is told beside the chat; `is_rarely_asked` says that its next poll is half a minute off.

    `then` is played instead at every second poll of a row that is no fault, and `state` is what the chat is then seen in.
    """

    name: str
    script: Script
    kind: str | None
    status: int | None = None
    is_rarely_asked: bool = False
    then: Script | None = None
    state: str = "Chatting"


MEBIBYTE = b" " * 1024 * 1024
WHOLE = answer(chat_body(ID)).wire
HEAD = WHOLE[: WHOLE.index(b"\r\n\r\n") + 4]
BODY = WHOLE[len(HEAD) :]
WITHOUT_ID = chat_body(None).encode()
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
STRAY = answer(chat_body(ID, state="LeftChat"))
"""An answer that is out of its turn: nobody may take it for one."""

SLOWLY = (
    Fault("silent before the headers", (Silence(),), "timeout"),
    Fault("a byte now and then from the beginning", (Drip(WHOLE, SLOW),), "timeout"),
    Fault("silent within the headers", (Send(HEAD[:20]), Silence()), "timeout"),
    Fault("a byte now and then within the headers", (Send(HEAD[:20]), Drip(HEAD[20:], SLOW)), "timeout"),
    Fault("silent after the headers", (Send(HEAD), Silence()), "timeout"),
    Fault("a byte now and then after the headers", (Send(HEAD), Drip(BODY, SLOW)), "timeout"),
    Fault("silent within the body", (Send(WHOLE[:-20]), Silence()), "timeout"),
    Fault("an answer that comes too late", (Pause(DEADLINE + 0.1), STRAY), "timeout"),
    Fault("an interim answer and nothing more", (Send(b"HTTP/1.1 103 Early Hints\r\n\r\n"), Silence()), "timeout"),
)  # fmt: skip

CONNECTIONS = (
    Fault("reset before the headers", (Reset(),), "closed"),
    Fault("closed before the headers", (Close(),), "closed"),
    Fault("reset within the headers", (Send(HEAD[:20]), Reset()), "closed"),
    Fault("closed within the headers", (Send(HEAD[:20]), Close()), "closed"),
    Fault("reset after the headers", (Send(HEAD), Reset()), "closed"),
    Fault("closed after the headers", (Send(HEAD), Close()), "closed"),
    Fault("reset within the body", (Send(WHOLE[:-20]), Reset()), "closed"),
    Fault("closed within the body: cut short", (Send(WHOLE[:-20]), Close()), "closed"),
    Fault("longer by its Content-Length than it is", (answer(chat_body(ID), length=9_999), Close()), "closed"),
    Fault("closed within a chunk", (Send(CHUNKED + b"ff\r\n{"), Close()), "closed"),
    Fault("closed between two chunks", (Send(CHUNKED + b"1\r\n{\r\n"), Close()), "closed"),
    Fault("a chunk that is none", (Send(CHUNKED + b"zz\r\n{"), Close()), "http"),
    Fault("no HTTP", (Send(f"SSH-2.0-{STRANGER}\r\n\r\n".encode()), Close()), "http"),
    Fault("a header line of 1 MB", (Send(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n"), Close()), "http"),
    Fault("a mebibyte of headers", (Send(b"HTTP/1.1 200 OK\r\n"), Send(b"X: y\r\n" * 170_000), Close()), "http"),
    Fault("two lengths", (Send(HEAD[:-2] + b"Content-Length: 5\r\n\r\n{}"), Close()), "http"),
    # Out of order: late, for another request, or unasked.
    Fault("a second answer behind the first", (answer(chat_body(ID)), STRAY), None),
    Fault("an answer to another request", (answer(chat_body(OTHER_ID, state=STRANGER)),), "wrong_chat", 200),
    # Connections that end are no fault: the poll goes over another one.
    Fault("kept alive, then closed", (answer(chat_body(ID)), Close()), None),
    Fault("kept alive, then reset", (answer(chat_body(ID)), Reset()), None),
    Fault("kept alive, closed after a while", (answer(chat_body(ID)), Pause(0.1), Close()), None),
    Fault("Connection: close", (answer(chat_body(ID), headers=[("Connection", "close")]), Close()), None),
    Fault("a body until the connection ends", (Send(OK + b"\r\n" + BODY), Close()), None),
    Fault("chunks of one byte", (Send(CHUNKED + b"".join(b"1\r\n%c\r\n" % byte for byte in WITHOUT_ID) + b"0\r\n\r\n"),), None),
)  # fmt: skip


def _packed(body: bytes, encoding: str, status: str = "200 OK") -> Send:
    return answer(body, status=status, headers=[("Content-Encoding", encoding)])


@functools.cache
def gzip_bomb(mebibytes: int = 100) -> bytes:
    """So much white space in less than a thousandth of it."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([*(packer.compress(MEBIBYTE) for _ in range(mebibytes)), packer.flush()])


def _crowd(places: range) -> Send:
    participants = [{"participantId": place, "nickname": f"{STRANGER} {place}", "type": "Agent"} for place in places]
    return answer(chat_body(ID, participants=participants))


def _able(places: range) -> Send:
    return answer(chat_body(ID, capabilities=[f"Do{place}" for place in places]))


_SAME = {"participantId": "1", "nickname": STRANGER, "type": "Customer"}
_LATIN = b'{"chat": {"state": "Chatting", "participants": [{"nickname": "Fran\xe7ois", "participantId": 1}]}, "statusCode": 0}'
LARGE_HEAD = OK + b"Content-Length: 41943040\r\n\r\n"

LARGE = (
    Fault("40 MB by their length", (Send(LARGE_HEAD), Send(MEBIBYTE, times=40)), "too_large", 200),
    Fault("40 MB in chunks", (Send(CHUNKED), Send(b"100000\r\n" + MEBIBYTE + b"\r\n", times=40)), "too_large", 200),
    Fault("40 MB until the connection ends", (Send(OK + b"\r\n"), Send(MEBIBYTE, times=40), Close()), "too_large", 200),
    Fault("just over 1 MiB", (answer(chat_body(ID).encode() + MEBIBYTE),), "too_large", 200),
    Fault("a gzip bomb", (_packed(gzip_bomb(), "gzip"),), "too_large", 200),
    Fault("a gzip bomb below HTTP 500", (_packed(gzip_bomb(), "gzip", "500 Oops"),), "http", 500),
    Fault("200,000 nested brackets", (answer("[" * 200_000),), "not_a_chat", 200),
    Fault("200,000 nested brackets where it is ignored", (answer('{"x": ' + "[" * 200_000 + "]" * 200_000 + "}"),), "not_a_chat", 200),
    Fault("10,000 participants", (_crowd(range(10_000)),), None),
    Fault("10,000 participants, and 10,000 others", (_crowd(range(10_000)),), None, then=(_crowd(range(10_000, 20_000)),)),
    Fault("20,000 capabilities, and 20,000 others", (_able(range(20_000)),), None, then=(_able(range(20_000, 40_000)),)),
)

BODIES = (
    Fault("UTF-16", (answer(chat_body(None).encode("utf-16")),), None),
    Fault("UTF-32 and said so", (answer(chat_body(None).encode("utf-32"), content_type="text/json; charset=utf-32"),), None),
    Fault("Latin-1 in a nickname", (answer(_LATIN),), None),
    Fault("UTF-8 that is said to be UTF-16", (answer(chat_body(ID), content_type="application/json; charset=utf-16"),), None),
    Fault("JSON that is said to be a page", (answer(chat_body(ID), content_type="text/html; charset=no-such"),), None),
    Fault("a BOM", (answer("\N{BYTE ORDER MARK}" + chat_body(ID)),), None),
    Fault("a BOM and nothing else", (answer("\N{BYTE ORDER MARK}"),), "not_json", 200),
    Fault("two BOMs", (answer("\N{BYTE ORDER MARK}" * 2 + chat_body(ID)),), None),
    Fault("empty", (answer(""),), "not_json", 200),
    Fault("white space", (answer(" \n"),), "not_json", 200),
    Fault("a page", (answer(f"<!DOCTYPE html><title>{STRANGER}</title>", content_type="text/html"),), "not_json", 200),
    Fault("half an answer, whole by its length", (answer(chat_body(ID)[:-9]),), "not_json", 200),
    Fault("two documents", (answer(chat_body(ID) * 2),), "not_json", 200),
    Fault("NaN", (answer('{"chat": NaN}'),), "not_a_chat", 200),
    Fault("JSON: a list", (answer("[]"),), "not_a_chat", 200),
    Fault("JSON: a number", (answer("5"),), "not_a_chat", 200),
    Fault("JSON: null", (answer("null"),), "not_a_chat", 200),
    Fault("JSON: no chat", (answer('{"statusCode": 0}'),), "not_a_chat", 200),
    Fault("JSON: null for a chat", (answer('{"chat": null, "statusCode": 0}'),), "not_a_chat", 200),
    Fault("JSON: text for a chat", (answer(f'{{"chat": "{STRANGER}"}}'),), "not_a_chat", 200),
    Fault("JSON: a number for a state", (answer(chat_body(ID, state=5)),), None, state="5"),
    Fault("JSON: text for participants", (answer(chat_body(ID, participants=STRANGER)),), None),
    Fault("another chat's id", (answer(chat_body(OTHER_ID)),), "wrong_chat", 200),
    Fault("the id in capitals", (answer(chat_body(CAPITALS)),), "wrong_chat", 200),
    Fault("no id", (answer(chat_body(None)),), None),
    Fault("participants twice", (answer(chat_body(ID, participants=[_SAME, {**_SAME, "participantId": 1}, _SAME])),), None),
    Fault("participants who share an id", (answer(chat_body(ID, participants=[_SAME, {**_SAME, "nickname": "Bo"}])),), None),
    Fault("keys twice", (answer(chat_body(ID).replace('"state"', '"state": "Idle", "state"')),), None),
    Fault("unknown keys", (answer(chat_body(ID, uri="x", userData={"a": [1]})),), None),
    Fault("no participants and capabilities", (answer(chat_body(ID, participants=None, capabilities=None)),), None),
    Fault("a statusCode beside a chat", (answer(chat_body(ID).replace('"statusCode": 0', '"statusCode": 7')),), "status_code", 200),
    Fault("packed as asked by nobody", (_packed(gzip.compress(WITHOUT_ID), "gzip"),), None),
    Fault("packed: deflate", (_packed(zlib.compress(WITHOUT_ID), "deflate"),), None),
    Fault("packed: brotli", (_packed(b"\x0b\x02\x80{}\x03", "br"),), "not_json", 200),
    Fault("packed: zstd", (_packed(b"\x28\xb5\x2f\xfd", "zstd"),), "not_json", 200),
    Fault("packed twice", (_packed(gzip.compress(gzip.compress(b"{}")), "gzip, gzip"),), "not_a_chat", 200),
    Fault("said to be packed", (_packed(chat_body(ID).encode(), "gzip"),), None),
    Fault("packed and cut short", (_packed(gzip.compress(WITHOUT_ID)[:-30], "gzip"),), "not_json", 200),
)  # fmt: skip

PAGE = f"<!DOCTYPE html><title>\x1b[31m{STRANGER}</title>{ID}"
"""What a proxy or a login says: it holds control characters, a stranger's words and the chat's id."""


def page(status: str) -> Send:
    """A page below a status."""
    return answer(PAGE, status=status, content_type="text/html")


def _nothing(status: str) -> Send:
    return answer(status=status, content_type=None)


_BY_STATUS = {
    **dict.fromkeys((401, 403), "denied"),
    **dict.fromkeys((400, 404, 410), "not_found"),
    **dict.fromkeys((502, 503, 504), "unavailable"),
}


def _kind_of(status: int) -> str:
    return _BY_STATUS.get(status, "redirect" if 300 <= status < 400 and status != 304 else "http")


def _statuses(statuses: range) -> Iterator[Fault]:
    """Each status with a page and with nothing. 429 asks for time: that concerns all chats, see `limits.py`."""
    for status in statuses:
        for says, sent in (("a page", page), ("nothing", _nothing)):
            if status != 429:
                kind = _kind_of(status)
                yield Fault(f"{status} with {says}", (sent(f"{status} {STRANGER}"),), kind, status, is_rarely_asked=kind == "denied")


INTERIM = b"HTTP/1.1 %d Wait\r\n\r\n"

INTERIM_AND_SUCCESS = (
    *(Fault(f"{status} before the answer", (Send(INTERIM % status), answer(chat_body(ID))), None) for status in (100, 102, 103, 199)),
    Fault("fifty interim answers before the answer", (Send(INTERIM % 103, times=50), answer(chat_body(ID))), None),
    Fault("an interim answer and the end", (Send(INTERIM % 100), Close()), "closed"),
    Fault("101 Switching Protocols", (Send(b"HTTP/1.1 101 Switch\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"), Close()), "http", 101),
    Fault("204", (_nothing("204 No Content"),), "not_json", 204),
    Fault("205", (answer("", status="205 Reset Content"),), "not_json", 205),
    Fault("201 with a chat", (answer(chat_body(ID), status="201 Created"),), None),
    Fault("299 with a chat", (answer(chat_body(ID), status="299 Else"),), None),
    Fault("206, a part", (answer(chat_body(ID)[:-9], status="206 Partial Content"),), "not_json", 206),
    Fault("304 out of the blue", (_nothing("304 Not Modified"),), "http", 304),
    Fault("304 with an entity tag that nobody sent", (answer(status="304 No", content_type=None, headers=[("ETag", '"a"')]),), "http", 304),
    Fault("600", (page("600 Else"),), "http", 600),
    Fault("999 with nothing", (_nothing("999 Else"),), "http", 999),
    Fault("a reason in Latin-1", (answer("", status="404 Non trouv\udce9"),), "not_found", 404),
    Fault("no reason", (answer("", status="404"),), "not_found", 404),
)  # fmt: skip


def _redirects() -> Iterator[Fault]:
    places = {
        "": [],
        " to the same origin": [("Location", f"/api/v2/chats/{OTHER_ID}")],
        " to another origin": [("Location", f"http://127.0.0.1:1/api/v2/chats/{OTHER_ID}")],
        " to a place that is none": [("Location", "http://[")],
    }
    for status in (300, 301, 302, 303, 305, 306, 307, 308):
        for to, headers in places.items():
            yield Fault(f"{status}{to}", (answer(PAGE, status=f"{status} Else", headers=headers),), "redirect", status)


_CODES: dict[int, str] = {
    **dict.fromkeys((3, 5, 8, 20), "denied"),
    6: "not_found",
    **dict.fromkeys((1, 2, 4, 7, 9, *range(10, 20), 99, -1), "status_code"),
}


def _codes() -> Iterator[Fault]:
    """A statusCode below HTTP statuses that say less than it."""
    for status in (200, 400, 409, 500):
        for code, kind in _CODES.items():
            sent = answer(code_body(code), status=f"{status} Else")
            yield Fault(f"statusCode {code} below {status}", (sent,), kind, status, is_rarely_asked=kind == "denied")


STATUS_CODES = (
    *_codes(),
    # Only denied and not found say more than an HTTP status that is plain.
    Fault("statusCode 0 below 404", (answer(code_body(0), status="404 No"),), "not_found", 404),
    Fault("statusCode 1 below 404", (answer(code_body(1), status="404 No"),), "not_found", 404),
    Fault("statusCode 4 below 410", (answer(code_body(4), status="410 No"),), "not_found", 410),
    Fault("statusCode 4 below 503", (answer(code_body(4), status="503 No"),), "unavailable", 503),
    Fault("statusCode 3 below 404", (answer(code_body(3), status="404 No"),), "denied", 404, is_rarely_asked=True),
    Fault("statusCode 20 below 503", (answer(code_body(20), status="503 No"),), "denied", 503, is_rarely_asked=True),
    Fault("statusCode 6 below 503", (answer(code_body(6), status="503 No"),), "not_found", 503),
    Fault("400, JSON without a code", (answer("{}", status="400 No"),), "not_found", 400),
    Fault("400 that echoes the id", (answer(f"{STRANGER}: no {ID}", status="400 No", content_type="text/plain"),), "not_found", 400),
    Fault("400, packed", (_packed(gzip.compress(code_body(1).encode()), "gzip", "400 No"),), "status_code", 400),
    Fault("403 that cannot be unpacked", (_packed(b"x", "br", "403 No"),), "denied", 403, is_rarely_asked=True),
    Fault("403 of 2 MiB", (answer(MEBIBYTE * 2, status="403 No"),), "denied", 403, is_rarely_asked=True),
)  # fmt: skip


def _of_one_chat() -> Iterator[Fault]:
    """Time that is asked for beside an answer about one chat, where it is none or over, costs that chat nothing."""
    for value in ("0", "-5", "soon", "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 99 Oct 2015 99:99:99 GMT", ""):
        for status in (404, 500):
            sent = answer(PAGE, status=f"{status} Else", headers=[("Retry-After", value)])
            yield Fault(f"{status}, Retry-After: {value or 'nothing'}", (sent,), _kind_of(status), status)
    for value in ("86400", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"):
        sent = answer(PAGE, status="500 Else", headers=[("Retry-After", value)])
        yield Fault(f"500, Retry-After: {value[:40]}", (sent,), "http", 500, is_rarely_asked=True)


FAMILIES: dict[str, tuple[Fault, ...]] = {
    "slow": SLOWLY,
    "connections": CONNECTIONS,
    "bodies": BODIES,
    "large": LARGE,
    "1xx to 3xx": (*INTERIM_AND_SUCCESS, *_redirects(), *_of_one_chat()),
    "400 to 451": tuple(_statuses(range(400, 452))),
    "500 to 549": tuple(_statuses(range(500, 550))),
    "550 to 599": tuple(_statuses(range(550, 600))),
    "statusCode": STATUS_CODES,
}
"""The rows that are tried together, on one monitor."""


def served(script: Script, chat_id: str) -> Script:
    """A script as it is played for a chat."""

    def of_chat(wire: bytes) -> bytes:
        return wire.replace(ID.encode(), chat_id.encode()).replace(CAPITALS.encode(), chat_id.upper().encode())

    return tuple(dataclasses.replace(step, wire=of_chat(step.wire)) if isinstance(step, (Send, Drip)) else step for step in script)
