"""Every answer that says no becomes one named error with the status that was received, and repeats nothing of the server's words."""

from __future__ import annotations

import datetime
import gzip
import time
from collections.abc import Sequence

import pytest

from chatmon.api import errors
from chatmon.api.endpoint import Endpoint
from chatmon.api.errors import ChatApiError

from .conftest import OpenClient
from .documents import CHAT_ID, chat_body, code_body
from .raw_server import RawServer, Send, answer

PAGE = f"<!DOCTYPE html><title>\x1b[31mLog in</title>{CHAT_ID}"
SECRET = "s3cret-value"


def _page(status: str) -> Send:
    return answer(PAGE, status=status, content_type="text/html")


async def _error(open_client: OpenClient, sent: Send) -> ChatApiError:
    async with RawServer((sent,)) as server:
        client = open_client(Endpoint(server.root, headers={"apikey": SECRET}))
        with pytest.raises(ChatApiError) as raised:
            await client.get(CHAT_ID)
    return raised.value


REFUSALS: list[tuple[str, Send, type[ChatApiError], str, int]] = [
    ("401", _page("401 No"), errors.Denied, "denied", 401),
    ("403", _page("403 No"), errors.Denied, "denied", 403),
    ("403 that unpacks to nothing", answer(b"x", status="403 No", headers=[("Content-Encoding", "br")]), errors.Denied, "denied", 403),
    ("403 over 1 MiB", answer(b"x" * 2**21, status="403 No"), errors.Denied, "denied", 403),
    ("404", _page("404 No"), errors.NotFound, "not_found", 404),
    ("404, statusCode 0", answer(code_body(0), status="404 No"), errors.NotFound, "not_found", 404),
    ("404, empty", answer(status="404 No", content_type=None), errors.NotFound, "not_found", 404),
    ("410", _page("410 Gone"), errors.NotFound, "not_found", 410),
    (
        "400 that echoes the id",
        answer(f"Chat not found {CHAT_ID}", status="400 Bad Request", content_type="text/html; charset=utf-8"),
        errors.NotFound,
        "not_found",
        400,
    ),
    ("400, plain", answer(f"Chat not found {CHAT_ID}", status="400 No", content_type="text/plain"), errors.NotFound, "not_found", 400),
    ("400, JSON without a code", answer("{}", status="400 No"), errors.NotFound, "not_found", 400),
    ("400, statusCode 1", answer(code_body(1), status="400 No"), errors.NonZeroStatusCode, "status_code", 400),
    ("400, compressed", answer(gzip.compress(code_body(1).encode()), status="400 No", headers=[("Content-Encoding", "gzip")]),
     errors.NonZeroStatusCode, "status_code", 400),
    ("429", _page("429 Slow"), errors.RateLimited, "rate_limited", 429),
    ("500", _page("500 Oops"), errors.UnexpectedStatus, "http", 500),
    ("501", _page("501 What"), errors.UnexpectedStatus, "http", 501),
    ("405", _page("405 What"), errors.UnexpectedStatus, "http", 405),
    ("407", _page("407 Proxy"), errors.UnexpectedStatus, "http", 407),
    ("502", _page("502 Bad Gateway"), errors.Unavailable, "unavailable", 502),
    ("503", _page("503 Busy"), errors.Unavailable, "unavailable", 503),
    ("504", _page("504 Late"), errors.Unavailable, "unavailable", 504),
    ("304 unasked", answer(status="304 Not Modified", content_type=None), errors.UnexpectedStatus, "http", 304),
    ("302 without a place", _page("302 Found"), errors.Redirected, "redirect", 302),
    ("reason in Latin-1", answer("", status="404 Non trouv\udce9"), errors.NotFound, "not_found", 404),
    ("200, page", _page("200 OK"), errors.NotJson, "not_json", 200),
    ("200, empty", answer(content_type=None), errors.NotJson, "not_json", 200),
    ("204", answer(status="204 No Content", content_type=None), errors.NotJson, "not_json", 204),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "expected", "kind", "status"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
async def test_a_refusal_is_named(sent: Send, expected: type[ChatApiError], kind: str, status: int, open_client: OpenClient) -> None:
    error = await _error(open_client, sent)
    assert (type(error), error.kind, error.http_status) == (expected, kind, status)
    assert error.message.isprintable()
    assert CHAT_ID not in error.message
    assert SECRET not in error.message


STATUS_CODES: list[tuple[int, type[ChatApiError]]] = [
    *((code, errors.Denied) for code in (3, 5, 20)),
    (6, errors.NotFound),
    *((code, errors.NonZeroStatusCode) for code in (1, 2, 4, 7, 9, 12, 13, 99, -1)),
]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        ("404 No", 1, "not_found"),
        ("410 No", 4, "not_found"),
        ("503 No", 4, "unavailable"),
        ("404 No", 3, "denied"),
        ("503 No", 20, "denied"),
        ("503 No", 6, "not_found"),
    ],
)
async def test_only_denied_and_not_found_say_more_than_an_http_status_that_is_plain(
    status: str, code: int, kind: str, open_client: OpenClient
) -> None:
    error = await _error(open_client, answer(code_body(code), status=status))
    assert error.kind == kind


@pytest.mark.parametrize("status", ["200 OK", "400 No", "409 No", "500 No"])
@pytest.mark.parametrize(("code", "expected"), STATUS_CODES)
async def test_the_status_code_in_the_body_says_more(code: int, expected: type[ChatApiError], status: str, open_client: OpenClient) -> None:
    error = await _error(open_client, answer(code_body(code), status=status))
    assert type(error) is expected
    assert error.http_status == int(status[:3])
    assert f"statusCode {code}" in error.message
    assert CHAT_ID not in error.message
    assert error.message.isprintable()


async def test_a_status_code_beside_a_chat_is_still_a_refusal(open_client: OpenClient) -> None:
    error = await _error(open_client, answer(chat_body().replace('"statusCode": 0', '"statusCode": 7')))
    assert error.kind == "status_code"


RETRY_AFTER: list[tuple[str, float | None]] = [
    ("120", 120.0),
    (" 7 ", 7.0),
    ("0", 0.0),
    ("9" * 400, 86_400.0),
    ("31536000", 86_400.0),
    ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
    ("Fri, 31 Dec 9999 23:59:59 -0000", 86_400.0),
    ("Fri, 31 Dec 9999 23:59:59 -1200", 86_400.0),
    ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
    ("Mon, 01 Jan 0001 00:00:00 -0000", 0.0),
    ("Mon, 01 Jan 0001 00:00:00 +1400", 0.0),
    ("-5", None),
    ("1.5", None),
    ("1_000", None),
    ("\u0661\u0662", None),
    ("soon", None),
    ("Wed, 99 Oct 2015 99:99:99 GMT", None),
    ("", None),
]


@pytest.mark.parametrize(("value", "seconds"), RETRY_AFTER)
@pytest.mark.parametrize("status", ["429 Slow", "503 Busy", "500 Oops", "403 No"])
async def test_how_long_to_wait_is_read(value: str, seconds: float | None, status: str, open_client: OpenClient) -> None:
    error = await _error(open_client, answer(PAGE, status=status, content_type="text/html", headers=[("Retry-After", value)]))
    assert error.retry_after == seconds


@pytest.mark.parametrize("zone", ["GMT", "+0000", "-0000"])
async def test_a_date_to_wait_for_does_not_depend_on_the_local_time_zone(
    zone: str, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "XYZ+7")
    time.tzset()
    monkeypatch.setattr(time, "time", lambda: datetime.datetime(2015, 10, 21, 7, 0, tzinfo=datetime.UTC).timestamp())
    try:
        error = await _error(open_client, answer(status="503 Busy", headers=[("Retry-After", f"Wed, 21 Oct 2015 07:28:00 {zone}")]))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert error.retry_after == 28 * 60


async def test_how_long_to_wait_is_read_beside_a_status_code(open_client: OpenClient) -> None:
    error = await _error(open_client, answer(code_body(4), status="503 Busy", headers=[("Retry-After", "3")]))
    assert (error.kind, error.retry_after) == ("unavailable", 3.0)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent", "300 Many"])
@pytest.mark.parametrize("same_origin", [True, False])
async def test_a_redirect_is_not_followed(status: str, same_origin: bool, open_client: OpenClient) -> None:
    async with RawServer((answer(chat_body()),)) as other, RawServer() as server:
        place = f"{server.root if same_origin else other.root}/elsewhere"
        server.scripts = [(answer(PAGE, status=status, headers=[("Location", place)]),)]
        client = open_client(Endpoint(server.root, headers={"apikey": SECRET}))
        with pytest.raises(errors.Redirected) as raised:
            await client.get(CHAT_ID)
        assert other.connections == 0
        assert server.request_lines == [f"GET /api/v2/chats/{CHAT_ID} HTTP/1.1"]
    assert (raised.value.kind, raised.value.http_status) == ("redirect", int(status[:3]))


async def test_the_next_poll_is_not_hurt_by_a_refusal(open_client: OpenClient) -> None:
    refusals: Sequence[Send] = [row[1] for row in REFUSALS]
    async with RawServer(*((sent,) for sent in refusals), (answer(chat_body()),)) as server:
        client = open_client(server.root)
        for _ in refusals:
            with pytest.raises(ChatApiError):
                await client.get(CHAT_ID)
        assert (await client.get(CHAT_ID)).resource.state == "Chatting"
