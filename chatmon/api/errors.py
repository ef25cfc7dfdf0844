"""What can go wrong between asking for a chat and holding it.

* ChatApiError
  x NoAnswer                    no whole answer arrived
    + Timeout                   `timeout`       not within the deadline of the exchange
    + ConnectFailed             `connect`       name not resolved, refused, unreachable, proxy not reached
    + TlsFailed                 `tls`           certificate or handshake
    + ConnectionClosed          `closed`        hung up before the answer was whole
  x Refused                     an answer that says no
    + Denied                    `denied`        HTTP 401 or 403, statusCode 3, 5, 8 or 20
    + NotFound                  `not_found`     HTTP 404 or 410, statusCode 6, HTTP 400 without a statusCode
    + RateLimited               `rate_limited`  HTTP 429
    + Unavailable               `unavailable`   HTTP 502, 503 or 504
    + Redirected                `redirect`      HTTP 3xx: never followed, secrets in headers must not travel
    + UnexpectedStatus          `http`          any other HTTP status, or what is not HTTP
    + NonZeroStatusCode         `status_code`   any other statusCode that is not 0
  x BadAnswer                   an answer that is not what was asked for
    + NotJson                   `not_json`
    + NotAChat                  `not_a_chat`
    + NotATranscript            `not_a_transcript`
    + WrongChat                 `wrong_chat`    the body is about another chat
    + TooLarge                  `too_large`     more than 1 MiB, before or after decompression

`InvalidChatId` and `InvalidEndpoint` stand beside the tree: they are mistakes of the caller, found before anything is sent.

A message never names a chat id, a header or a server's own words: servers echo ids, and ids are secrets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final


class InvalidChatId(ValueError):
    """The text cannot be the id of a chat; `reason` says why and does not repeat the text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class InvalidEndpoint(ValueError):
    """The API root, a header or a TLS file cannot be used; the message says which and what would do."""


class ChatApiError(Exception):
    """One poll that gave no chat.

    `kind` is the name in JSON output, `message` one printable line without secrets, `http_status` the status that was received, if any,
    and `retry_after` the seconds the server asked to wait, if it did.
    """

    kind: ClassVar[str]

    def __init__(self, message: str, *, http_status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.http_status = http_status
        self.retry_after = retry_after


class NoAnswer(ChatApiError):
    """No whole answer arrived."""


class Timeout(NoAnswer):
    """The exchange was not over within its deadline."""

    kind = "timeout"


class ConnectFailed(NoAnswer):
    """No connection: name not resolved, refused, unreachable, proxy not reached."""

    kind = "connect"


class TlsFailed(NoAnswer):
    """The certificate is not trusted, or the handshake failed."""

    kind = "tls"


class ConnectionClosed(NoAnswer):
    """The connection ended before the answer was whole."""

    kind = "closed"


class Refused(ChatApiError):
    """An answer arrived and it says no."""


class Denied(Refused):
    """The caller may not ask."""

    kind = "denied"


class NotFound(Refused):
    """The server does not know the chat: never did, or does no longer."""

    kind = "not_found"


class RateLimited(Refused):
    """Too many requests."""

    kind = "rate_limited"


class Unavailable(Refused):
    """The server, or what stands before it, is not ready."""

    kind = "unavailable"


class Redirected(Refused):
    """The server sends the caller elsewhere."""

    kind = "redirect"


class UnexpectedStatus(Refused):
    """An HTTP status that has no place in the contract, or an answer that is not HTTP (then without a status)."""

    kind = "http"


class NonZeroStatusCode(Refused):
    """The API's own `statusCode` says that it did not work."""

    kind = "status_code"


class BadAnswer(ChatApiError):
    """An answer arrived and it is not what was asked for."""


class NotJson(BadAnswer):
    """The body is not JSON."""

    kind = "not_json"


class NotAChat(BadAnswer):
    """The body is JSON, yet not a chat resource."""

    kind = "not_a_chat"


class NotATranscript(BadAnswer):
    """The body is JSON, yet not the messages of a chat."""

    kind = "not_a_transcript"


class WrongChat(BadAnswer):
    """The body is about another chat than the one asked for."""

    kind = "wrong_chat"


class TooLarge(BadAnswer):
    """The body is larger than any chat."""

    kind = "too_large"


def _kinds(branch: type[ChatApiError]) -> Iterator[str]:
    for below in branch.__subclasses__():
        yield from _kinds(below)
    if not branch.__subclasses__():
        yield branch.kind


KINDS: Final = tuple(_kinds(ChatApiError))
"""Every kind of error there is, as the tree has them."""
