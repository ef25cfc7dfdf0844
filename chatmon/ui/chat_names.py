"""Whose chat an event is about, also after the chat has left the board."""

from __future__ import annotations

from typing import NamedTuple

from chatmon.history.reader import RecordedEvent
from chatmon.monitor.board import Board
from chatmon.monitor.chat import Chat
from chatmon.monitor.event_filters import ToldEvent
from chatmon.monitor.events import Event
from chatmon.monitor.pseudonyms import REAL_NAMES, Naming

MAX_NAMED = 5_000
"""Chats whose names are remembered; those of which nothing was heard longest make room."""


class ChatName(NamedTuple):
    """The nickname of a chat's customer and the chat's label, neither cleaned; empty where unknown."""

    customer: str = ""
    label: str = ""


class ChatNames:
    """The names of the chats that were on the board, or came to it since, as they were when their last event happened.

    `take` is told real events; everything else is about ids, names and events as `naming` shows them.
    """

    def __init__(self, board: Board, naming: Naming = REAL_NAMES) -> None:
        self._board = board
        self._naming = naming
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
        """The names of a chat that is shown by an id."""
        return self._shown(self._of_real(self._naming.real_chat(chat_id)))

    def told(self, event: Event) -> ToldEvent:
        """A real event as it is shown, with the names of its chat."""
        names = ChatName() if event.chat is None else self._shown(self._of_real(event.chat))
        return ToldEvent(self._naming.event(event), *names)

    def recorded(self, event: RecordedEvent) -> ToldEvent:
        """An event of the history as it is shown, with the names that its chat had last."""
        return ToldEvent(self._naming.event(event.event), *self._shown(ChatName(event.customer, event.label)))

    def is_shown_as(self, event: Event, shown: Event) -> bool:
        """Whether a real event is the one that is shown so."""
        return self._naming.event(event) == shown

    def id_in_history(self, chat_id: str) -> str | None:
        """The real id of a chat that is shown by an id; None where it is not known here."""
        real = self._naming.real_chat(chat_id)
        return real if self._naming.chat_id(real) == chat_id else None

    def _shown(self, names: ChatName) -> ChatName:
        return ChatName(self._naming.customer(names.customer), self._naming.label(names.label))

    def _of_real(self, chat_id: str) -> ChatName:
        chat = self._board.chat(chat_id)
        known = self._names.get(chat_id, ChatName())
        return known if chat is None else ChatName(chat.customer or known.customer, chat.label or known.label)
