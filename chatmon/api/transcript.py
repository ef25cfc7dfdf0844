"""The messages of a chat as the Chat API gives them, and their decoding. Asking for them is `transcript_request`'s affair.

What is known of `GET {root}/chats/{id}/messages?index=N`, and from where. **D**: Genesys Web Services 8.5 reference, Customer Chat API,
"GetMessages" and "Customer Chat Messages". **E**: the public emulator of this API, its source (`manager.js`, `getTranscript`) and a
recorded answer. **V**: the vendor's sample client for it (`Transport_REST_HTTC`). **I**: inferred, not verified.

* `{"messages": [...], "statusCode": 0}`; nothing new is `[]` (D, E).
* A message has `index`, "the order of the chat activity, with 1 being the first message" (D), `from` with the `nickname`, `participantId`
  and `type` of a participant, `type`, and `text` for `Text` (D, E). The ids are strings (D) or integers (E).
* Types: `Text`, `ParticipantJoined`, `ParticipantLeft`, `ParticipantRejoined`, `TypingStarted`, `TypingStopped`, `TranscriptSaveDone` (D),
  `Notice` (V). A `TypingStarted` may have a `text` ("user is typing"), which nobody said (D).
* No time (D, E). A neighbouring API of the same maker has `utcTime`, milliseconds since 1970; it is read where it is there (I).
* `index` is "the index of the first entry to return"; without it come those "that the client has not received yet" (D): the server keeps
  one cursor for a chat. In E every answer that holds messages moves it behind the last of them, whether or not an index was asked for, so
  that the customer's own client, which asks without one, never gets what it had not read yet.
* `index=0` means all (D) but gives `[]` in E. `index=1` is the first entry by D's own words and gives all in E: reading begins with
  `FIRST`, which loses nothing in either. Where an index lies behind the last entry, E gives `[]` and leaves its cursor alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final

import msgspec

from chatmon.api.errors import NotATranscript
from chatmon.api.lenient_json import fields_of, integer_of, list_of, text_of
from chatmon.api.resource import BYTE_ORDER_MARK, MISFITS, Participant, WireParticipant, lenient_participant, parse_object, participant_of
from chatmon.api.sanitise import MAX_LENGTH

TEXT: Final = "Text"
NOTICE: Final = "Notice"
JOINED: Final = "ParticipantJoined"
REJOINED: Final = "ParticipantRejoined"
LEFT: Final = "ParticipantLeft"
TYPING: Final = "TypingStarted"
NOT_TYPING: Final = "TypingStopped"

FIRST: Final = 1
"""The index of the first message of a chat."""
MAX_TEXT: Final = 32_768
"""Characters of one message that are kept."""
LAST_SECOND: Final = 253_402_214_400.0
"""The last day of the year 9999, in UTC seconds: what lies behind it is no time."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """One entry of a transcript: something said, or someone who came, went or typed.

    `index` counts from 1 on. `type` is one of those above, or another word of the server's. `sender` is None where nobody is named. `text`
    is free text typed by a stranger, not cleaned, perhaps of several lines; empty where there is none. `at` is in UTC seconds, None where
    the server tells no time. `is_readable` is False where it is not known what was said: the entry, or its text, is of another make.
    """

    index: int
    type: str
    sender: Participant | None = None
    text: str = ""
    at: float | None = None
    is_readable: bool = True

    @property
    def is_speech(self) -> bool:
        """Whether somebody said it, in words that can be read."""
        return self.type == TEXT and self.is_readable


class MessagesEnvelope(msgspec.Struct, frozen=True):
    """What surrounds messages: `status_code` is None where it was left out, and then, or when it is not 0, `messages` may be None."""

    messages: tuple[Message, ...] | None
    status_code: int | None


class _WireMessage(msgspec.Struct):
    sender: WireParticipant | None = msgspec.field(default=None, name="from")
    index: int | str | None = None
    text: str | None = None
    type: str | None = None
    utcTime: int | float | str | None = None  # noqa: N815 - the API's own spelling


class _UnreadableMessage(_WireMessage):
    """What can be read of an entry of which it is not known what was said."""


class _WireMessages(msgspec.Struct):
    messages: list[_WireMessage] | None = None
    statusCode: int | None = None  # noqa: N815 - the API's own spelling


_decoder = msgspec.json.Decoder(_WireMessages)


def decode_messages(body: bytes, asked_from: int = FIRST) -> MessagesEnvelope:
    """The answer to a request for the messages from an index on, in the order of their indexes; what comes twice is there once.

    A message without an index of its own follows the one before it. One odd message costs no other. Raises `NotJson` where the body is
    not JSON and `NotATranscript` where it is JSON of another shape.
    """
    try:
        wire = _decoder.decode(body.removeprefix(BYTE_ORDER_MARK))
    except MISFITS:
        wire = _lenient_messages(parse_object(body, NotATranscript, "the messages of a chat"))
    if wire.messages is None:
        return MessagesEnvelope(None, wire.statusCode)
    messages: list[Message] = []
    index = asked_from - 1
    for message in wire.messages:
        index = _index(message.index, index + 1)
        messages.append(_message(message, index))
    return MessagesEnvelope(in_order(messages), wire.statusCode)


def _lenient_messages(fields: dict[str, object]) -> _WireMessages:
    """What can be read of the messages; None for them where there is no list, but for a single message in its place."""
    written, status_code = fields.get("messages"), integer_of(fields.get("statusCode"))
    entries = list_of(written)
    if (not entries and written != []) or isinstance(written, str):
        return _WireMessages(None, status_code)
    return _WireMessages([_lenient_message(entry) for entry in entries], status_code)


def _lenient_message(value: object) -> _WireMessage:
    fields = fields_of(value)
    if fields is None:
        return _UnreadableMessage()
    text = fields.get("text")
    make = _UnreadableMessage if isinstance(text, list | dict) else _WireMessage
    return make(
        sender=lenient_participant(fields.get("from")),
        index=text_of(fields.get("index")),
        text=text_of(text),
        type=text_of(fields.get("type")),
        utcTime=text_of(fields.get("utcTime")),
    )


def in_order(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Messages in the order of their indexes, each once."""
    return tuple(sorted(dict.fromkeys(messages), key=lambda message: message.index))


def _message(wire: _WireMessage, index: int) -> Message:
    return Message(
        index=index,
        type=sys.intern((wire.type or "")[:MAX_LENGTH]),
        sender=None if wire.sender is None else participant_of(wire.sender),
        text=(wire.text or "")[:MAX_TEXT],
        at=_seconds(wire.utcTime),
        is_readable=not isinstance(wire, _UnreadableMessage),
    )


def _index(written: int | str | None, otherwise: int) -> int:
    """A number that counts, however it is written; `otherwise` where it is none."""
    if isinstance(written, str):
        written = int(written) if written.isascii() and written.isdecimal() and len(written) < len(str(sys.maxsize)) else None
    return written if written is not None and 0 <= written < sys.maxsize else otherwise


def _seconds(written: float | str | None) -> float | None:
    """UTC seconds from milliseconds; None for what is no time."""
    try:
        seconds = None if written is None else float(written) / 1000
    except (ValueError, OverflowError):
        return None
    return seconds if seconds is not None and 0.0 < seconds < LAST_SECOND else None
