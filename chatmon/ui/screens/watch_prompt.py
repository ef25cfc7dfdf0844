"""The question which chat to watch."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from chatmon.api.errors import InvalidChatId
from chatmon.api.resource import parse_chat_id

HIDDEN = "what is typed is not shown; "


class WantedChat(NamedTuple):
    """A chat to watch, and its label."""

    chat_id: str
    label: str


class WatchPrompt(ModalScreen[WantedChat | None]):
    """Asks for an id and, after a space, a label. Gives None where the user thinks better of it. `hides` what is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "cancel", show=False)]

    def __init__(self, offered: str, *, hides: bool = False) -> None:
        super().__init__()
        self._offered = offered
        self._hides = hides

    def compose(self) -> ComposeResult:
        """The question, the field, and what is wrong with the answer."""
        with Vertical(id="prompt"):
            yield Label("Watch a chat", classes="title")
            yield Input(self._offered, placeholder="chat id, then a label if you like", compact=True, password=self._hides)
            yield Label(f"{HIDDEN if self._hides else ''}Enter watches it, Esc does not", classes="said")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the id, or say why it is none."""
        chat_id, label = (*event.value.split(maxsplit=1), "", "")[:2]
        try:
            self.dismiss(WantedChat(parse_chat_id(chat_id), label.strip()))
        except InvalidChatId as error:
            said = self.query_one(".said", Label)
            said.add_class("wrong")
            said.update(Content(f"That cannot be a chat id: {error.reason}."))

    def action_cancel(self) -> None:
        """Watch nothing."""
        self.dismiss(None)
