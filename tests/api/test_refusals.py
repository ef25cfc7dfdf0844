"""An answer that says no: how long it asks to wait, and that nobody follows it elsewhere. What each is called is in tests/faults."""

from __future__ import annotations

import datetime
import time

import pytest

from chatmon.api import errors
from chatmon.api.endpoint import Endpoint
from chatmon.api.errors import ChatApiError

from .conftest import OpenClient
from .documents import CHAT_ID, chat_body, code_body
from .raw_server import RawServer, Send, answer

PAGE = f"<!DOCTYPE html><title>\x1b[31mLog in</title>{CHAT_ID}"
SECRET = "s3cret-value"


async def _error(open_client: OpenClient, sent: Send) -> ChatApiError:
    async with RawServer((sent,)) as server:
        client = open_client(Endpoint(server.root, headers={"apikey": SECRET}))
        with pytest.raises(ChatApiError) as raised:
            await client.get(CHAT_ID)
    return raised.value


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


@pytest.mark.parametrize("code", [*range(1, 21), 21, -1])
async def test_every_documented_status_code_is_said_in_words(code: int, open_client: OpenClient) -> None:
    error = await _error(open_client, answer(code_body(code)))
    assert error.message.startswith(f"statusCode {code}: ")
    assert ("not documented" in error.message) == (code not in range(1, 21))
    assert isinstance(error, errors.Denied) == (code in {3, 5, 8, 20})
