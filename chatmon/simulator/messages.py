"""A chat's messages as the API sends them, behind one cursor for all who read: that of a public emulator of the API, to the letter.

Without an index come the messages behind the cursor, and every answer that holds some moves it behind the last of them. Who reads with an
index moves it too, and whoever reads without one then misses them. ``index=0`` gives none, as does one behind the last message.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from chatmon.simulator.talk import Entry


class MessageCursors:
    """The cursors of all chats: how many messages of each were given so far."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def read(self, chat_id: str, entries: Sequence[Entry], index: str | None) -> bytes:
        """The answer, as JSON, to whoever asks for the messages of a chat from an index on, or, with None, for those not read yet."""
        first = _number(index) if index else self._given.get(chat_id, 0) + 1
        if not 1 <= first <= len(entries):
            return represent((), 1)
        self._given[chat_id] = len(entries)
        return represent(entries, first)

    def forget(self, chat_id: str) -> None:
        """The chat is no more."""
        self._given.pop(chat_id, None)


def represent(entries: Sequence[Entry], first: int) -> bytes:
    """The messages from the index ``first`` (1 or more) on, in the documented shape; ``entries`` are all, from the first one on."""
    messages = [_message(index, entry) for index, entry in enumerate(entries[first - 1 :], first)]
    return msgspec.json.encode({"messages": messages, "statusCode": 0})


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return 0


def _message(index: int, entry: Entry) -> dict[str, object]:
    who = entry.who
    sender = {"nickname": who.nickname, "participantId": who.participant_id, "type": who.type}
    text = {} if entry.text is None else {"text": entry.text}
    return {"from": sender, "index": index, **text, "type": entry.type}
