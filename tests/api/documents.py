"""Bodies of answers, and the recorded ones."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

CHAT_ID = "652492d9-c2d9-44c9-b9ad-0ab7984114bb"
OTHER_ID = "40316223-6b4b-48d3-bc78-d3102119a477"

_RECORDED = Path(__file__).parent.parent / "fixtures" / "recorded_answers.jsonl"
_GET_OF_A_CHAT = re.compile(r"GET /api/v2/chats/(?P<id>[^/ ]+)(?: |\Z)")


@dataclass(frozen=True)
class Recorded:
    """One recorded answer to a GET of a chat."""

    name: str
    chat_id: str
    status: int
    content_type: str | None
    etag: str | None
    body: str


def recorded_gets() -> dict[str, Recorded]:
    """Every recorded GET of a chat, by name."""
    found: dict[str, Recorded] = {}
    for line in _RECORDED.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if asked := _GET_OF_A_CHAT.match(record["request"]):
            name = record["name"]
            found[name] = Recorded(name, asked["id"], record["status"], record["content_type"], record["etag"], record["body"])
    return found


def chat_body(chat_id: object = CHAT_ID, state: object = "Chatting", **more: object) -> str:
    """A chat as a server sends it."""
    chat = {"id": chat_id, "state": state, "capabilities": ["SendMessage"], "participants": [], **more}
    return json.dumps({"chat": chat, "statusCode": 0})


def code_body(code: int) -> str:
    """A refusal as a server sends it; its message names the chat and holds control characters, as servers' messages may."""
    return json.dumps({"statusCode": code, "statusMessage": f"\x1b[31mno {CHAT_ID}"})
