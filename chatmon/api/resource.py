"""The chat resource as the Chat API gives it, and its decoding.

Source: Genesys Web Services, Customer Chat API, "Chat Resource"; where deployments differ (participant ids as integers, fields left
out, order of participants not stable) the decoded value is one and the same.
"""

from __future__ import annotations

import re
import sys
from typing import Final, TypeVar

import msgspec

from chatmon.api.errors import BadAnswer, InvalidChatId, NotAChat, NotJson
from chatmon.api.sanitise import MAX_LENGTH

WAITING: Final = "WaitingForAgent"
CHATTING: Final = "Chatting"
IDLE: Final = "Idle"
STATES: Final = (WAITING, CHATTING, IDLE)
"""The documented states. Others are carried as they come."""

AGENT: Final = "Agent"
CUSTOMER: Final = "Customer"

MAX_ID_LENGTH: Final = 256

Wire = TypeVar("Wire")


class Participant(msgspec.Struct, frozen=True, order=True, gc=False):
    """Someone listed in a chat. `id` is unique inside one chat only; `nickname` is free text typed by a stranger, not cleaned."""

    id: str
    nickname: str
    type: str

    @property
    def is_agent(self) -> bool:
        """Whether the API lists the participant as an agent."""
        return self.type == AGENT


class ChatResource(msgspec.Struct, frozen=True, gc=False):
    """One chat as one answer described it.

    `state` is None where the answer left it out. `participants` are in the order of their ids, each once, `capabilities` in the order
    of the answer, each once. Texts are as they came, but no longer than `sanitise.MAX_LENGTH` characters.
    """

    state: str | None
    participants: tuple[Participant, ...] = ()
    capabilities: tuple[str, ...] = ()
    id: str | None = None

    @property
    def agents(self) -> tuple[Participant, ...]:
        """The listed agents. The API may still list someone who has left."""
        return tuple(participant for participant in self.participants if participant.is_agent)


class Answer(msgspec.Struct, frozen=True, gc=False):
    """One chat as the server described it. The very same `resource` object comes again while the chat stays the same."""

    resource: ChatResource
    http_status: int


class Envelope(msgspec.Struct, frozen=True):
    """What surrounds a resource: `status_code` is None where it was left out, and then, or when it is not 0, `chat` may be None."""

    chat: ChatResource | None
    status_code: int | None


class WireParticipant(msgspec.Struct):
    """A participant as the API writes one."""

    nickname: str | None = None
    participantId: str | int | None = None  # noqa: N815 - the API's own spelling
    type: str | None = None


class _WireChat(msgspec.Struct):
    id: str | None = None
    state: str | None = None
    participants: list[WireParticipant] | None = None
    capabilities: list[str] | None = None


class _WireAnswer(msgspec.Struct):
    chat: _WireChat | None = None
    statusCode: int | None = None  # noqa: N815 - the API's own spelling


_decoder = msgspec.json.Decoder(_WireAnswer)


def decode(body: bytes) -> Envelope:
    """The answer in a body of UTF-8 JSON, with or without a byte order mark.

    Raises `NotJson` where it is not JSON and `NotAChat` where it is JSON of another shape.
    """
    wire = decode_wire(_decoder, body, NotAChat, "a chat resource")
    return Envelope(chat=None if wire.chat is None else _resource(wire.chat), status_code=wire.statusCode)


def decode_wire(decoder: msgspec.json.Decoder[Wire], body: bytes, misfit: type[BadAnswer], wanted: str) -> Wire:
    """What a decoder makes of a body of UTF-8 JSON, with or without a byte order mark.

    Raises `NotJson` where it is not JSON and `misfit` where it is JSON of another shape than `wanted`.
    """
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        return _decoded(decoder, body, misfit, wanted)
    except NotJson:
        mended = _mended(body)
        if mended == body:
            raise
        return _decoded(decoder, mended, misfit, wanted)


def _decoded(decoder: msgspec.json.Decoder[Wire], body: bytes, misfit: type[BadAnswer], wanted: str) -> Wire:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError:
        raise misfit(f"the answer is JSON, but not {wanted}") from None
    except RecursionError:
        raise misfit(f"the answer is nested too deeply for {wanted}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise NotJson(_what_it_is(body)) from None


_ESCAPES = re.compile(rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL)
"""A JSON escape; the group matches half a surrogate pair."""


def _mended(body: bytes) -> bytes:
    """The body with U+FFFD for what no JSON may hold, yet some write: half of an emoji that was cut in two, bytes of another charset.

    One nickname must not make a chat unreadable.
    """
    return whole_characters(body).decode("utf-8", "replace").encode()


def whole_characters(written: bytes) -> bytes:
    """JSON with U+FFFD for every escape of half a surrogate pair."""
    return _ESCAPES.sub(lambda escape: rb"\ufffd" if escape[1] else escape[0], written)


def parse_chat_id(text: str) -> str:
    """The id of a chat, checked. Ids are case-sensitive and opaque. Raises `InvalidChatId`."""
    if not text:
        raise InvalidChatId("it is empty")
    if len(text) > MAX_ID_LENGTH:
        raise InvalidChatId(f"it is longer than {MAX_ID_LENGTH} characters")
    if text in {".", ".."}:
        raise InvalidChatId("dots alone would leave its place in the path")
    if not text.isprintable() or " " in text:
        raise InvalidChatId("it holds white space or characters that cannot be printed")
    return text


def _resource(wire: _WireChat) -> ChatResource:
    participants = {participant_of(participant) for participant in wire.participants or ()}
    return ChatResource(
        id=wire.id,
        # Words that thousands of chats share are kept once.
        state=None if wire.state is None else sys.intern(wire.state[:MAX_LENGTH]),
        participants=tuple(sorted(participants, key=joining_order)),
        capabilities=tuple(dict.fromkeys(sys.intern(name[:MAX_LENGTH]) for name in wire.capabilities or ())),
    )


def participant_of(wire: WireParticipant) -> Participant:
    """The participant, its texts no longer than `sanitise.MAX_LENGTH` characters."""
    return Participant(
        id="" if wire.participantId is None else str(wire.participantId)[:MAX_LENGTH],
        nickname=(wire.nickname or "")[:MAX_LENGTH],
        type=sys.intern((wire.type or "")[:MAX_LENGTH]),
    )


def joining_order(participant: Participant) -> tuple[int, str, Participant]:
    """What participants are sorted by: the order in which they joined, as far as their ids tell."""
    # Ids count up where they are numbers: "2" before "10".
    return len(participant.id), participant.id, participant


def _what_it_is(body: bytes) -> str:
    start = body[:512].lstrip()
    if not start:
        return "the answer is empty"
    if start.startswith(b"<"):
        return "the answer is a page (HTML), perhaps of a proxy or a login"
    return "the answer is not JSON"
