"""What is known of chats that are not watched at the moment: from before a restart, or since someone stopped watching them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from chatmon.monitor.chat import Chat
from chatmon.monitor.events import Event

MAX_REMEMBERED = 1_000
"""Chats that are remembered; those that were remembered first make room."""


class KnownChat(msgspec.Struct, frozen=True):
    """A chat and its events, oldest first, as they were known when it was watched last."""

    chat: Chat
    timeline: tuple[Event, ...] = ()


class Memory:
    """Chats by id, until they are watched again."""

    def __init__(self) -> None:
        self._known: dict[str, KnownChat] = {}

    def keep(self, chats: Iterable[KnownChat]) -> None:
        """Remember chats."""
        for known in chats:
            self._known.pop(known.chat.id, None)
            self._known[known.chat.id] = known
        while len(self._known) > MAX_REMEMBERED:
            del self._known[next(iter(self._known))]

    def take(self, chat_id: str) -> KnownChat | None:
        """What is known of a chat, which is then no longer remembered here; None where nothing is."""
        return self._known.pop(chat_id, None)
