"""The chat resource as the Chat API gives it, and its decoding.

Source: Genesys Web Services, Customer Chat API, "Chat Resource"; where deployments differ (participant ids as integers, fields left
out, order of participants not stable) the decoded value is one and the same.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import Final

import msgspec

from chatmon.api.errors import BadAnswer, InvalidChatId, NotAChat, NotJson
from chatmon.api.lenient_json import fields_of, integer_of, list_of, parse, text_of
from chatmon.api.sanitise import MAX_LENGTH

WAITING: Final = "WaitingForAgent"
CHATTING: Final = "Chatting"
IDLE: Final = "Idle"
STATES: Final = (WAITING, CHATTING, IDLE)
"""The documented states. Others are carried as they come."""

AGENT: Final = "Agent"
CUSTOMER: Final = "Customer"

MAX_ID_LENGTH: Final = 256
MAX_PARTICIPANTS: Final = 200
"""Participants of one chat that are kept: agents before customers before all others."""
MAX_CAPABILITIES: Final = 100
"""Capabilities of one chat that are kept."""

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
MISFITS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding by type raises for JSON that is not quite as documented."""


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
    of the answer, each once; `more_participants` and `more_capabilities` say how many the answer listed beyond those that are kept. Texts
    are as they came, but no longer than `sanitise.MAX_LENGTH` characters.
    """

    state: str | None
    participants: tuple[Participant, ...] = ()
    capabilities: tuple[str, ...] = ()
    id: str | None = None
    more_participants: int = 0
    more_capabilities: int = 0

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
    """The answer in a body of JSON. A field of another type than documented is read as far as it can be, and costs no other field.

    Raises `NotJson` where it is not JSON and `NotAChat` where it is JSON of another shape.
    """
    try:
        wire = _decoder.decode(body.removeprefix(BYTE_ORDER_MARK))
    except MISFITS:
        wire = _lenient_answer(parse_object(body, NotAChat, "a chat resource"))
    return Envelope(chat=None if wire.chat is None else _resource(wire.chat), status_code=wire.statusCode)


def parse_object(body: bytes, misfit: type[BadAnswer], wanted: str) -> dict[str, object]:
    """The fields of a body that is a JSON object, whatever their types. Raises `NotJson`, or `misfit` where it is not `wanted`."""
    try:
        fields = fields_of(parse(body))
    except RecursionError:
        raise misfit(f"the answer is nested too deeply for {wanted}") from None
    except ValueError:
        raise NotJson(_what_it_is(body.removeprefix(BYTE_ORDER_MARK))) from None
    if fields is None:
        raise misfit(f"the answer is JSON, but not {wanted}")
    return fields


def _lenient_answer(fields: dict[str, object]) -> _WireAnswer:
    chat = fields_of(fields.get("chat"))
    return _WireAnswer(None if chat is None else _lenient_chat(chat), integer_of(fields.get("statusCode")))


def _lenient_chat(fields: dict[str, object]) -> _WireChat | None:
    """What can be read of a chat; None where something is written in its fields and nothing of it can be."""
    chat = _WireChat(
        id=text_of(fields.get("id")),
        state=text_of(fields.get("state")),
        participants=[participant for entry in list_of(fields.get("participants")) if (participant := lenient_participant(entry))],
        capabilities=[name for entry in list_of(fields.get("capabilities")) if (name := text_of(entry)) is not None],
    )
    is_readable = chat.id is not None or chat.state is not None or chat.participants or chat.capabilities
    is_written = any(fields.get(name) not in (None, [], {}, "") for name in _WireChat.__struct_fields__)
    return chat if is_readable or not is_written else None


def lenient_participant(value: object) -> WireParticipant | None:
    """What can be read of a participant; None for what is no object."""
    fields = fields_of(value)
    if fields is None:
        return None
    return WireParticipant(
        nickname=text_of(fields.get("nickname")), participantId=text_of(fields.get("participantId")), type=text_of(fields.get("type"))
    )


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
    capabilities = tuple(dict.fromkeys(sys.intern(name[:MAX_LENGTH]) for name in wire.capabilities or ()))
    kept = _kept(participants)
    return ChatResource(
        id=wire.id,
        # Words that thousands of chats share are kept once.
        state=None if wire.state is None else sys.intern(wire.state[:MAX_LENGTH]),
        participants=tuple(sorted(kept, key=joining_order)),
        capabilities=capabilities[:MAX_CAPABILITIES],
        more_participants=len(participants) - len(kept),
        more_capabilities=max(0, len(capabilities) - MAX_CAPABILITIES),
    )


_KEPT_FIRST: Final = {AGENT: 0, CUSTOMER: 1}


def _kept(participants: Collection[Participant]) -> Collection[Participant]:
    """Those of a crowd that are kept: the same ones for as long as nobody leaves who was listed before them."""
    if len(participants) <= MAX_PARTICIPANTS:
        return participants
    return sorted(participants, key=_keeping_order)[:MAX_PARTICIPANTS]


def _keeping_order(participant: Participant) -> tuple[int, tuple[int, str, Participant]]:
    return _KEPT_FIRST.get(participant.type, len(_KEPT_FIRST)), joining_order(participant)


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
