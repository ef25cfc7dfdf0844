"""A small Chat API of another make: integer participant ids, pretty-printed JSON, weak ETags, and HTTP 400 that echoes an unknown id."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

CAPABILITIES = ["SendMessage", "SendStartTypingNotification", "SendStopTypingNotification", "Complete"]


def chat(state: str, *participants: tuple[int, str, str]) -> dict[str, object]:
    """A chat as the emulator describes it; participants are participant id, nickname and type."""
    return {
        "state": state,
        "capabilities": CAPABILITIES,
        "participants": [{"participantId": number, "nickname": nickname, "type": kind} for number, nickname, kind in participants],
    }


@dataclass
class Emulator:
    """Serves `chats`, by id, on loopback.

    `requests` holds path and headers, their names in lower case, of each GET, and `others` the methods of all other requests; `status`
    overrules every answer.
    """

    chats: dict[str, dict[str, object]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    status: int | None = None

    def __enter__(self) -> Self:
        emulator = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                emulator.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                status, kind, body = emulator.answer(self.path.removeprefix("/api/v2/chats/"))
                etag = f'W/"{len(body):x}-{hash(body)}"'
                if status == 200 and self.headers.get("If-None-Match") == etag:
                    status, body = 304, b""
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                if status == 200:
                    self.send_header("ETag", etag)
                if body:
                    self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(body)

            def _refuse(self) -> None:
                emulator.others.append(self.command)
                self.send_error(405)

            do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_CONNECT = _refuse  # noqa: N815 - http.server looks for these names

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                """A client that hangs up is no error."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The API root, without its path."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, chat_id: str) -> tuple[int, str, bytes]:
        """Status, content type and body for a chat."""
        if self.status is not None:
            return self.status, "text/html", b"<html><h1>no</h1></html>"
        if chat_id not in self.chats:
            return 400, "text/html; charset=utf-8", f"chat {chat_id} not found".encode()
        resource = {"id": chat_id, **self.chats[chat_id]}
        return 200, "application/json; charset=utf-8", json.dumps({"chat": resource, "statusCode": 0}, indent=2).encode()
