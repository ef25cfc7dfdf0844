"""The question which chat to watch."""

from __future__ import annotations

from typing import NamedTuple

from textual.widgets import Input

from chatmon.api.errors import InvalidChatId
from chatmon.api.resource import parse_chat_id
from chatmon.ui.screens.prompt import InvalidAnswer, Prompt

HIDDEN = "what is typed is not shown; "


class WantedChat(NamedTuple):
    """A chat to watch, and its label."""

    chat_id: str
    label: str


class WatchPrompt(Prompt[WantedChat]):
    """Asks for an id and, after a space, a label. `hides` what is typed."""

    def __init__(self, offered: str, *, hides: bool = False) -> None:
        field = Input(offered, placeholder="chat id, then a label if you like", compact=True, password=hides)
        super().__init__("Watch a chat", field, f"{HIDDEN if hides else ''}Enter watches it, Esc does not")

    def wanted(self, typed: str) -> WantedChat:
        """The chat and its label. Raises `InvalidAnswer`."""
        chat_id, label = (*typed.split(maxsplit=1), "", "")[:2]
        try:
            return WantedChat(parse_chat_id(chat_id), label.strip())
        except InvalidChatId as error:
            raise InvalidAnswer(f"That cannot be a chat id: {error.reason}.") from None
