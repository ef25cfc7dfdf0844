"""`chatmon poll` through a forward proxy that really forwards: as an option, by the environment's variables, and around it."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import pytest

from .conftest import Invoke
from .emulator import Emulator, chat

ONE = "652492d9-c2d9-44c9-b9ad-0ab7984114bb"
PASSWORD = "pr0xy:p@ss"
CERTIFICATES = Path(__file__).parent.parent / "api" / "certificates"


class ForwardProxy:
    """An HTTP proxy: hands GETs of whole URLs on, and opens tunnels. `heads` are those of the requests it received."""

    def __init__(self, login: str | None = None) -> None:
        self.heads: list[str] = []
        self._wanted = None if login is None else "Basic " + b64encode(login.encode()).decode()

    def __enter__(self) -> Self:
        proxy = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    proxy._forward(self.connection)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def _forward(self, client: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            if not (piece := client.recv(1)):
                return
            head += piece
        text = head.decode("latin-1")
        self.heads.append(text)
        if self._wanted is not None and f"proxy-authorization: {self._wanted}".lower() not in text.lower():
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        method, target, _ = text.split("\r\n", 1)[0].split(" ")
        place = urlsplit(f"//{target}" if method == "CONNECT" else target)
        with socket.create_connection((str(place.hostname), int(place.port or 80)), timeout=60) as server:
            if method == "CONNECT":
                client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            else:
                kept = [line for line in text.split("\r\n")[1:-2] if not line.lower().startswith(("proxy-", "connection:"))]
                server.sendall("\r\n".join([f"{method} {place.path} HTTP/1.1", *kept, "Connection: close", "", ""]).encode("latin-1"))
            up = threading.Thread(target=_pump, args=(client, server), daemon=True)
            up.start()
            _pump(server, client)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture
def centre(emulator: Emulator) -> Emulator:
    emulator.chats[ONE] = chat("Chatting", (1, "Chris", "Customer"))
    return emulator


@pytest.fixture
def secure(centre: Emulator) -> Emulator:
    """The same over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "loopback.pem")
    centre._server.socket = context.wrap_socket(centre._server.socket, server_side=True)
    return centre


@pytest.fixture
def proxy() -> Iterator[ForwardProxy]:
    with ForwardProxy() as running:
        yield running


def state(printed: str) -> str:
    return str(json.loads(printed)["chats"][0]["state"])


def test_the_option_sends_every_poll_through_the_proxy(chatmon: Invoke, centre: Emulator, proxy: ForwardProxy) -> None:
    result = chatmon("poll", "--url", centre.url, "--proxy", f"http://127.0.0.1:{proxy.port}", "--format", "json", ONE)

    assert (result.exit_code, state(result.stdout)) == (0, "Chatting")
    assert [head.split("\r\n")[0] for head in proxy.heads] == [f"GET {centre.url}/api/v2/chats/{ONE} HTTP/1.1"]
    assert [path for path, _ in centre.requests] == [f"/api/v2/chats/{ONE}"]


def test_tls_goes_through_a_tunnel_that_learns_neither_chat_nor_secret(chatmon: Invoke, secure: Emulator, proxy: ForwardProxy) -> None:
    url = secure.url.replace("http:", "https:")
    given = ("--proxy", f"http://127.0.0.1:{proxy.port}", "--ca-bundle", str(CERTIFICATES / "authority.pem"), "-H", "apikey: s3cret")
    result = chatmon("poll", "--url", url, *given, "--format", "json", ONE)

    assert (result.exit_code, state(result.stdout)) == (0, "Chatting")
    [head] = proxy.heads
    assert head.startswith("CONNECT 127.0.0.1:")
    assert ONE not in head
    assert "s3cret" not in head


@pytest.mark.parametrize(
    ("variables", "goes_through"),
    [
        ({"HTTP_PROXY": "http://{}"}, True),
        ({"http_proxy": "{}"}, True),
        ({"ALL_PROXY": "http://{}"}, True),
        ({"HTTPS_PROXY": "http://{}"}, False),
        ({"HTTP_PROXY": "http://{}", "NO_PROXY": "127.0.0.1"}, False),
        ({"HTTP_PROXY": "http://{}", "no_proxy": "*"}, False),
        ({"HTTP_PROXY": "http://{}", "NO_PROXY": "example.com"}, True),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else None,
)
def test_the_environment_chooses_the_proxy(
    chatmon: Invoke, centre: Emulator, proxy: ForwardProxy, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], goes_through: bool
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(f"127.0.0.1:{proxy.port}"))
    result = chatmon("poll", "--url", centre.url, "--format", "json", ONE)

    assert (result.exit_code, state(result.stdout)) == (0, "Chatting")
    assert bool(proxy.heads) is goes_through


@pytest.mark.parametrize(("login", "code"), [("me:pr0xy%3Ap%40ss", 0), ("me:wrong", 1), ("", 1)])
def test_the_proxys_password_is_sent_to_the_proxy_alone_and_never_printed(chatmon: Invoke, centre: Emulator, login: str, code: int) -> None:
    with ForwardProxy(f"me:{PASSWORD}") as proxy:
        place = f"{login}@127.0.0.1:{proxy.port}" if login else f"127.0.0.1:{proxy.port}"
        result = chatmon("poll", "--url", centre.url, "--proxy", f"http://{place}", "--format", "json", ONE)

    assert result.exit_code == code
    assert not any(word in result.output for word in (PASSWORD, "pr0xy", "wrong"))
    assert not any("proxy-authorization" in headers for _, headers in centre.requests)


def test_a_proxy_that_is_gone_reaches_nothing_and_says_so(chatmon: Invoke, centre: Emulator) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        result = chatmon("poll", "--url", centre.url, "--proxy", f"http://127.0.0.1:{bound.getsockname()[1]}", ONE)

    assert result.exit_code == 3
    assert "the proxy cannot be reached" in result.stderr
    assert centre.requests == []


@pytest.mark.skipif(shutil.which("tinyproxy") is None, reason="tinyproxy is not installed here")
def test_tinyproxy_carries_the_polls_too(chatmon: Invoke, centre: Emulator, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "tinyproxy.conf").write_text(f'Port {port}\nListen 127.0.0.1\nTimeout 30\nAllow 127.0.0.1\nViaProxyName "tiny"\n')
    running = subprocess.Popen([str(shutil.which("tinyproxy")), "-d", "-c", str(tmp_path / "tinyproxy.conf")], stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.02)
        result = chatmon("poll", "--url", centre.url, "--proxy", f"http://127.0.0.1:{port}", "--format", "json", ONE)
    finally:
        running.kill()
        running.wait()

    assert (result.exit_code, state(result.stdout)) == (0, "Chatting")
    assert "tiny" in centre.requests[0][1]["via"]
