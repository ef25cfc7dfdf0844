"""The question which chat to watch."""

from __future__ import annotations

from typing import NamedTuple

from textual.widgets import Input

from chatmon.api.errors import InvalidChatId
from chatmon.api.resource import parse_chat_id
from chatmon.api.sanitise import clean
from chatmon.ui.screens.prompt import InvalidAnswer, Prompt

HIDDEN = "what is typed is not shown; "


class WantedChat(NamedTuple):
    """A chat to watch, and its label."""

    chat_id: str
    label: str


class WatchPrompt(Prompt[WantedChat]):
    """Asks for an id and, after a space, a label. `hides` what is typed. Nothing typed means the chat that is `offered`."""

    def __init__(self, offered: str, *, hides: bool = False) -> None:
        hint = f"{clean(offered)}, or another chat id" if offered else "chat id, then a label if you like"
        super().__init__(
            "Watch a chat",
            Input(placeholder=hint, compact=True, password=hides),
            f"{HIDDEN if hides else ''}Enter watches it, Esc does not",
        )
        self._offered = offered

    def wanted(self, typed: str) -> WantedChat:
        """The chat and its label. Raises `InvalidAnswer`."""
        chat_id, label = (*(typed.strip() or self._offered).split(maxsplit=1), "", "")[:2]
        try:
            return WantedChat(parse_chat_id(chat_id), label.strip())
        except InvalidChatId as error:
            raise InvalidAnswer(f"That cannot be a chat id: {error.reason}.") from None
