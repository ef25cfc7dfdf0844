"""One chat, full screen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message

from chatmon.ui import glyphs
from chatmon.ui.keys import OPEN_KEYS, PIN_KEYS
from chatmon.ui.screens.chat_actions import ChatActions
from chatmon.ui.session import Session
from chatmon.ui.widgets.chat_pane import ChatPane, details, timeline


class ChatScreen(ChatActions):
    """The selected chat in all the room there is; left and right go through the board's order."""

    PLACE = "chat"
    AUTO_FOCUS = "#whole, #timeline"
    BINDINGS: ClassVar[list[BindingType]] = [*OPEN_KEYS, *PIN_KEYS]

    class Step(Message):
        """The user wants the chat that stands `rows` below this one on the board."""

        def __init__(self, chat_id: str, rows: int) -> None:
            super().__init__()
            self.chat_id = chat_id
            self.rows = rows

    def __init__(self, session: Session, chat_id: str) -> None:
        super().__init__(session)
        self.chat_id = chat_id

    def compose_body(self) -> ComposeResult:
        """The chat; on a wide screen its timeline stands beside it."""
        with Horizontal(id="open"):
            yield ChatPane(id="whole")
            yield ChatPane(details, id="details")
            yield ChatPane(timeline, id="timeline")

    @property
    def current(self) -> str | None:
        """The chat on show, as long as it is watched."""
        return self.chat_id if self.session.chat(self.chat_id) else None

    def on_unmount(self) -> None:
        """The chat is not shown any more."""
        self.session.open(None)

    def show_body(self) -> None:
        """Show the chat."""
        self.session.open(self.chat_id)
        pinned = self.session.pinned
        title = f"pinned {glyphs.PINS[pinned.index(self.chat_id)]}" if self.chat_id in pinned else ""
        wide = self.has_class("-wide")
        nothing = f"This chat is no longer watched. {self.session.key('back')} goes back."
        for pane in self.query(ChatPane):
            pane.display = (pane.id != "whole") is wide
            if pane.display:
                pane.show_chat(self.session, self.chat_id, nothing="" if pane.id == "timeline" else nothing, title=title)

    def open(self, chat_id: str) -> None:
        """Show another chat."""
        self.chat_id = chat_id
        self.show()

    def action_back(self) -> None:
        """Back to where the chat was opened."""
        self.leave()

    def action_previous_chat(self) -> None:
        """The chat above it on the board."""
        self.post_message(self.Step(self.chat_id, -1))

    def action_next_chat(self) -> None:
        """The chat below it on the board."""
        self.post_message(self.Step(self.chat_id, 1))

    def action_go_to_pin(self, number: int) -> None:
        """Another chat, a pinned one."""
        if number <= len(self.session.pinned):
            self.open(self.session.pinned[number - 1])
