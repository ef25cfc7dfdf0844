"""A configured proxy carries the polls; its password is told to nobody else."""

from __future__ import annotations

import asyncio
import base64
import ssl
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from chatmon.api import errors
from chatmon.api.endpoint import Endpoint, Tls, parse_root
from chatmon.api.environment_proxy import environment_proxy

from .conftest import OpenClient
from .documents import CHAT_ID, chat_body
from .raw_server import HOST, Close, RawServer, Reset, Script, answer

CERTIFICATES = Path(__file__).parent / "certificates"
PASSWORD = "p@ss:word"
CREDENTIALS = "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()


class TunnelProxy:
    """An HTTP proxy that opens a tunnel to wherever CONNECT asks for. `requests` are the heads it received."""

    def __init__(self, refusal: bytes | None = None) -> None:
        self.requests: list[bytes] = []
        self.port = 0
        self._refusal = refusal
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.requests.append(head)
        if self._refusal is not None:
            writer.write(self._refusal)
            writer.close()
            return
        host, _, port = head.split(b" ")[1].decode().rpartition(":")
        upstream, downstream = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        for source, sink in ((reader, downstream), (upstream, writer)):
            self._tasks.add(asyncio.create_task(self._pump(source, sink)))

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while piece := await source.read(65_536):
                sink.write(piece)
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()


def _tls_server() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "loopback.pem")
    return context


def _endpoint(root: str, port: int) -> Endpoint:
    return Endpoint(
        root,
        headers={"apikey": "s3cret"},
        tls=Tls(ca_bundle=CERTIFICATES / "authority.pem"),
        proxy=f"http://me:p%40ss%3Aword@{HOST}:{port}",
    )


async def test_plain_http_goes_to_the_proxy(open_client: OpenClient) -> None:
    async with RawServer((answer(chat_body()),)) as proxy:
        client = open_client(_endpoint("http://gws.invalid/api/v2", proxy.port))
        assert (await client.get(CHAT_ID)).resource.state == "Chatting"
        assert proxy.request_lines == [f"GET http://gws.invalid/api/v2/chats/{CHAT_ID} HTTP/1.1"]
        assert proxy.header("Proxy-Authorization") == CREDENTIALS


async def test_tls_goes_through_a_tunnel_that_sees_neither_chat_nor_secret(open_client: OpenClient) -> None:
    async with RawServer((answer(chat_body()),), tls=_tls_server()) as server, TunnelProxy() as proxy:
        client = open_client(_endpoint(server.root, proxy.port))
        for _ in range(3):
            assert (await client.get(CHAT_ID)).resource.state == "Chatting"
        (head,) = proxy.requests
        assert head.startswith(f"CONNECT {HOST}:{server.port} HTTP/1.1\r\n".encode())
        assert CREDENTIALS.encode() in head
        assert CHAT_ID.encode() not in head
        assert b"s3cret" not in head
        assert server.request_lines == [f"GET /api/v2/chats/{CHAT_ID} HTTP/1.1"] * 3
        assert [server.header("Proxy-Authorization", number) for number in range(3)] == [None] * 3


@pytest.mark.parametrize("status", [b"407 Proxy Authentication Required", b"403 Forbidden", b"502 Bad Gateway"])
async def test_a_proxy_that_opens_no_tunnel_is_a_failed_connection(status: bytes, open_client: OpenClient) -> None:
    async with TunnelProxy(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n") as proxy:
        with pytest.raises(errors.ConnectFailed) as raised:
            await open_client(_endpoint(f"https://{HOST}:1/api/v2", proxy.port)).get(CHAT_ID)
    assert "proxy" in raised.value.message
    assert PASSWORD not in raised.value.message
    assert CREDENTIALS not in raised.value.message


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("script", [(Close(),), (Reset(),)])
async def test_a_proxy_that_hangs_up_is_no_answer(scheme: str, script: Script, open_client: OpenClient) -> None:
    async with RawServer(script) as proxy:
        with pytest.raises(errors.NoAnswer) as raised:
            await open_client(_endpoint(f"{scheme}://gws.invalid/api/v2", proxy.port)).get(CHAT_ID)
    assert raised.value.kind in {"closed", "connect"}
    assert PASSWORD not in raised.value.message


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_is_not_there_is_a_failed_connection(scheme: str, open_client: OpenClient) -> None:
    async with RawServer() as gone:
        port = gone.port
    with pytest.raises(errors.ConnectFailed) as raised:
        await open_client(_endpoint(f"{scheme}://gws.invalid/api/v2", port)).get(CHAT_ID)
    assert "proxy" in raised.value.message
    assert PASSWORD not in raised.value.message


async def test_a_certificate_is_checked_through_the_tunnel_too(open_client: OpenClient) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "elsewhere.pem")
    async with RawServer((answer(chat_body()),), tls=context) as server, TunnelProxy() as proxy:
        with pytest.raises(errors.TlsFailed):
            await open_client(_endpoint(server.root, proxy.port)).get(CHAT_ID)
        assert server.requests == []


async def test_the_environment_is_not_asked_behind_the_users_back(open_client: OpenClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async with RawServer((answer(chat_body()),)) as server, RawServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.origin)
        monkeypatch.setenv("ALL_PROXY", proxy.origin)
        await open_client(server.root).get(CHAT_ID)
        assert proxy.connections == 0


@pytest.mark.parametrize("host", ["127.1", "2130706433", "127.0.0.1.", "[::ffff:127.0.0.1]"])
async def test_a_host_in_another_form_is_reached(host: str, open_client: OpenClient) -> None:
    async with RawServer((answer(chat_body()),)) as server:
        client = open_client(Endpoint(parse_root(f"http://{host}:{server.port}")))
        assert (await client.get(CHAT_ID)).resource.state == "Chatting"


@pytest.mark.parametrize(("exceptions", "proxied"), [("127.0.0.0/8", 0), ("::1 , 127.0.0.1", 0), ("10.0.0.0/8 ::1", 1)])
async def test_a_host_that_needs_no_proxy_is_asked_itself(exceptions: str, proxied: int, open_client: OpenClient) -> None:
    async with RawServer((answer(chat_body()),)) as server, RawServer((answer(chat_body()),)) as proxy:
        environment = {"HTTP_PROXY": proxy.origin, "NO_PROXY": exceptions}
        client = open_client(Endpoint(server.root, proxy=environment_proxy(server.root, environment)))
        assert (await client.get(CHAT_ID)).resource.state == "Chatting"
        assert (len(proxy.request_lines), len(server.request_lines)) == (proxied, 1 - proxied)
