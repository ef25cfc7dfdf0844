"""The one plain warning before a transcript is read."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label

from chatmon.ui.keys import MODAL_KEYS
from chatmon.ui.screens.latest_size import LatestSize
from chatmon.ui.screens.monitor_screen import MonitorScreen

WARNING = (
    "This can take messages from the customer. The server keeps one cursor for a chat, and reading moves it: what the customer's own "
    "client had not fetched yet, it may then never show."
)
MORE = (
    "Nobody is told, and it cannot be undone. What is read is shown here and kept nowhere; that it was asked for stands in the events.",
    "This is said once: from then on the key reads at once, one request each time it is pressed.",
)
"""Where there is room for it."""


class TranscriptWarning(LatestSize, ModalScreen[bool]):
    """Says what reading a transcript may do to the customer's client. Gives whether it is wanted all the same."""

    VERTICAL_BREAKPOINTS = MonitorScreen.VERTICAL_BREAKPOINTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", "read", show=False),
        Binding("escape", "leave", "leave", show=False),
        *MODAL_KEYS,
    ]

    def __init__(self, chat: str) -> None:
        """`chat` is what the chat is called."""
        super().__init__()
        self._chat = chat

    def compose(self) -> ComposeResult:
        """What may happen, and the two ways on."""
        with Vertical(id="prompt"):
            yield Label(Content(f"Read the transcript of {self._chat}?"), classes="title")
            yield Label(Content(WARNING), classes="text")
            for text in MORE:
                yield Label(Content(text), classes="text more")
            yield Label("Enter reads it, Esc does not", classes="said")

    def action_go_on(self) -> None:
        """The user wants it all the same."""
        self._give(is_wanted=True)

    def action_leave(self) -> None:
        """The user thinks better of it."""
        self._give(is_wanted=False)

    def _give(self, *, is_wanted: bool) -> None:
        # A key that was pressed twice is taken twice before the first one has its effect.
        if self.is_current:
            self.dismiss(is_wanted)
