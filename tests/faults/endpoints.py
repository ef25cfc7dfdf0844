"""What goes wrong before there is a connection, and so with every chat at once: rows of the fault matrix.

A row is data: who answers at the server's place instead of it, and the kind of error that every poll then meets.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.api.raw_server import Close, RawServer, Reset, Send, Silence

CERTIFICATES = Path(__file__).parent.parent / "api" / "certificates"
AUTHORITY = CERTIFICATES / "authority.pem"
NAME = "gws.chatmon.test"
"""A name that resolves to loopback, or not, as the test has it."""

Impostor = Callable[[int], RawServer]


@dataclass(frozen=True, slots=True)
class Outage:
    """One row. `impostor` makes who listens at the port meanwhile, None being nobody; `unnamed` that the name is not resolved."""

    name: str
    scheme: str
    kind: str
    impostor: Impostor | None = None
    unnamed: bool = False


def server_side(certificate: str) -> ssl.SSLContext:
    """TLS as a server with this certificate speaks it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / certificate)
    return context


def _showing(certificate: str) -> Impostor:
    return lambda port: RawServer((Close(),), tls=server_side(certificate), port=port)


def _saying(*steps: Send | Close | Reset | Silence) -> Impostor:
    return lambda port: RawServer.play_at_once(*steps, port=port)


OUTAGES = (
    Outage("name not resolved", "http", "connect", unnamed=True),
    Outage("connection refused", "http", "connect"),
    Outage("connection refused, TLS", "https", "connect"),
    Outage("reset as soon as there is a connection", "http", "closed", _saying(Reset())),
    Outage("closed as soon as there is a connection", "http", "closed", _saying(Close())),
    Outage("silent as soon as there is a connection", "http", "timeout", _saying(Silence())),
    Outage("certificate expired", "https", "tls", _showing("expired.pem")),
    Outage("certificate self-signed", "https", "tls", _showing("self_signed.pem")),
    Outage("certificate of another host", "https", "tls", _showing("elsewhere.pem")),
    Outage("reset in the handshake", "https", "connect", _saying(Reset())),
    Outage("closed in the handshake", "https", "connect", _saying(Close())),
    Outage("silent in the handshake", "https", "timeout", _saying(Silence())),
    Outage("no TLS where it is expected", "https", "tls", _saying(Send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Close())),
    Outage("TLS where none is expected", "http", "http", _saying(Send(b"\x15\x03\x03\x00\x02\x02\x46"), Close())),
)  # fmt: skip
