"""TLS: only a server that proves itself is asked, unless the user says otherwise.

The certificates are made for these tests, valid from 2026 to 2126: `authority.pem` signed `loopback.pem` (127.0.0.1), `elsewhere.pem`
(another host), `expired.pem` and `client.pem`; its key was thrown away. `self_signed.pem` is signed by nobody else.
"""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from chatmon.api import errors
from chatmon.api.client import ChatClient
from chatmon.api.endpoint import Endpoint, Tls
from chatmon.api.errors import ChatApiError, InvalidEndpoint

from .conftest import OpenClient
from .documents import CHAT_ID, chat_body
from .raw_server import Close, RawServer, Reset, Send, Silence, answer

CERTIFICATES = Path(__file__).parent / "certificates"
AUTHORITY = CERTIFICATES / "authority.pem"
SECRET = "s3cret-value"


def _server_side(name: str, *, asks_for_a_client: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / name)
    if asks_for_a_client:
        context.load_verify_locations(AUTHORITY)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


async def _error(open_client: OpenClient, server: RawServer, tls: Tls, deadline: float = 5.0) -> ChatApiError:
    client = open_client(Endpoint(server.root, headers={"apikey": SECRET}, tls=tls), deadline=deadline)
    with pytest.raises(ChatApiError) as raised:
        await client.get(CHAT_ID)
    assert server.requests == []
    assert SECRET not in raised.value.message
    assert CHAT_ID not in raised.value.message
    return raised.value


@pytest.mark.parametrize(
    ("certificate", "tls"),
    [
        ("self_signed.pem", Tls()),
        ("self_signed.pem", Tls(ca_bundle=AUTHORITY)),
        ("loopback.pem", Tls()),
        ("elsewhere.pem", Tls(ca_bundle=AUTHORITY)),
        ("expired.pem", Tls(ca_bundle=AUTHORITY)),
    ],
)
async def test_a_server_that_does_not_prove_itself_is_not_asked(certificate: str, tls: Tls, open_client: OpenClient) -> None:
    async with RawServer((answer(chat_body()),), tls=_server_side(certificate)) as server:
        error = await _error(open_client, server, tls)
    assert (type(error), error.kind) == (errors.TlsFailed, "tls")
    assert "certificate" in error.message
    assert error.message.isprintable()


@pytest.mark.parametrize(
    ("certificate", "tls"),
    [
        ("loopback.pem", Tls(ca_bundle=AUTHORITY)),
        ("self_signed.pem", Tls(ca_bundle=CERTIFICATES / "self_signed.pem")),
        ("self_signed.pem", Tls(insecure=True)),
        ("elsewhere.pem", Tls(insecure=True)),
        ("expired.pem", Tls(insecure=True)),
    ],
)
async def test_a_server_that_is_trusted_is_asked(certificate: str, tls: Tls, open_client: OpenClient) -> None:
    async with RawServer((answer(chat_body()),), tls=_server_side(certificate)) as server:
        client = open_client(Endpoint(server.root, tls=tls))
        assert (await client.get(CHAT_ID)).resource.state == "Chatting"
        assert (await client.get(CHAT_ID)).resource.state == "Chatting"
    assert server.connections == 1


async def test_a_client_certificate_is_shown_where_it_is_asked_for(open_client: OpenClient) -> None:
    async with RawServer((answer(chat_body()),), tls=_server_side("loopback.pem", asks_for_a_client=True)) as server:
        known = Tls(ca_bundle=AUTHORITY, client_cert=CERTIFICATES / "client.pem")
        assert (await open_client(Endpoint(server.root, tls=known)).get(CHAT_ID)).resource.state == "Chatting"


async def test_a_server_that_misses_the_client_certificate_is_not_asked(open_client: OpenClient) -> None:
    async with RawServer((answer(chat_body()),), tls=_server_side("loopback.pem", asks_for_a_client=True)) as server:
        error = await _error(open_client, server, Tls(ca_bundle=AUTHORITY))
    assert error.kind in {"tls", "closed"}  # under TLS 1.3 the client's side of the handshake is over before the server objects


async def test_a_server_that_speaks_no_tls_is_a_tls_failure(open_client: OpenClient) -> None:
    async with RawServer.play_at_once(Send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Close()) as server:
        with pytest.raises(errors.TlsFailed):
            await open_client(server.root.replace("http:", "https:")).get(CHAT_ID)


@pytest.mark.parametrize("step", [Close(), Reset()])
async def test_a_server_that_hangs_up_in_the_handshake_is_named(step: Close | Reset, open_client: OpenClient) -> None:
    async with RawServer.play_at_once(step) as server:
        with pytest.raises(errors.NoAnswer) as raised:
            await open_client(server.root.replace("http:", "https:")).get(CHAT_ID)
    assert raised.value.kind == "connect"
    assert raised.value.message == "the server hung up while the connection was made"


async def test_a_handshake_without_an_end_is_a_timeout(open_client: OpenClient) -> None:
    async with RawServer.play_at_once(Silence()) as server:
        with pytest.raises(errors.Timeout):
            await open_client(server.root.replace("http:", "https:"), deadline=0.2).get(CHAT_ID)


async def test_a_tls_connection_cut_inside_the_body_is_closed(open_client: OpenClient) -> None:
    script = (Send(answer(chat_body()).wire[:-5]), Close())
    async with RawServer(script, tls=_server_side("loopback.pem")) as server:
        with pytest.raises(errors.ConnectionClosed):
            await open_client(Endpoint(server.root, tls=Tls(ca_bundle=AUTHORITY))).get(CHAT_ID)


async def test_a_large_body_over_tls_is_cut_off(open_client: OpenClient) -> None:
    mebibyte = b" " * 2**20
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 41943040\r\n\r\n"
    async with RawServer((Send(head), Send(mebibyte, times=40)), tls=_server_side("loopback.pem")) as server:
        with pytest.raises(errors.TooLarge):
            await open_client(Endpoint(server.root, tls=Tls(ca_bundle=AUTHORITY))).get(CHAT_ID)
    assert server.sent < 20 * len(mebibyte)


@pytest.mark.parametrize(
    ("tls", "option"),
    [
        (Tls(ca_bundle=CERTIFICATES / "missing.pem"), "--ca-bundle"),
        (Tls(ca_bundle=Path(__file__)), "--ca-bundle"),
        (Tls(client_cert=CERTIFICATES / "missing.pem"), "--client-cert"),
        (Tls(client_cert=AUTHORITY), "--client-cert"),
    ],
)
def test_a_tls_file_that_cannot_be_used_is_refused_at_once(tls: Tls, option: str) -> None:
    with pytest.raises(InvalidEndpoint, match=option):
        ChatClient(Endpoint("https://gws.example.com/api/v2", tls=tls))
