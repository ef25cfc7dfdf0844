"""Whose chat an event is about, also after the chat has left the board."""

from __future__ import annotations

from typing import NamedTuple

from chatmon.monitor.board import Board
from chatmon.monitor.chat import Chat
from chatmon.monitor.event_filters import ToldEvent
from chatmon.monitor.events import Event

MAX_NAMED = 5_000
"""Chats whose names are remembered; those of which nothing was heard longest make room."""


class ChatName(NamedTuple):
    """The nickname of a chat's customer and the chat's label, neither cleaned; empty where unknown."""

    customer: str = ""
    label: str = ""


class ChatNames:
    """The names of the chats that were on the board, or came to it since, as they were when their last event happened."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._names = {chat.id: ChatName(chat.customer, chat.label) for chat in board.chats}
        self._newest: Chat | None = None
        """Whose event was taken last: one look at a crowded chat may be told in thousands of events."""

    def take(self, event: Event) -> None:
        """Remember the names of an event's chat."""
        chat = None if event.chat is None else self._board.chat(event.chat)
        if chat is None or chat is self._newest:
            return
        self._newest = chat
        known = self._names.pop(chat.id, ChatName())
        self._names[chat.id] = ChatName(chat.customer or known.customer, chat.label or known.label)
        if len(self._names) > MAX_NAMED:
            del self._names[next(iter(self._names))]

    def of(self, chat_id: str) -> ChatName:
        """The names of a chat."""
        chat = self._board.chat(chat_id)
        known = self._names.get(chat_id, ChatName())
        return known if chat is None else ChatName(chat.customer or known.customer, chat.label or known.label)

    def told(self, event: Event) -> ToldEvent:
        """An event with the names of its chat."""
        return ToldEvent(event) if event.chat is None else ToldEvent(event, *self.of(event.chat))
