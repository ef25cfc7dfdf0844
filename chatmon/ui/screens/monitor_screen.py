"""What every screen of chatmon has: status bar, key bar, and what may be done with the chat it is about."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen

from chatmon.ui.keys import CHAT_KEYS
from chatmon.ui.session import MAX_PINS, Session
from chatmon.ui.widgets.key_bar import KeyBar
from chatmon.ui.widgets.status_bar import StatusBar

LOW_HEIGHT = 22
TINY_HEIGHT = 12
NOTICE_SECONDS = 2.5
HOLD_SECONDS = 3.0
"""Rows keep their places for so long after the user moved among them."""


class MonitorScreen(Screen[None]):
    """A screen that paints the session's snapshot. Subclasses compose a body and say how to show it."""

    PLACE: ClassVar[str] = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-medium"), (110, "-wide")]  # noqa: RUF012 - declared so by Textual
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (TINY_HEIGHT, "-low"), (LOW_HEIGHT, "-high")]  # noqa: RUF012 - declared so by Textual

    class Left(Message):
        """The user is done with a screen."""

        def __init__(self, screen: MonitorScreen) -> None:
            super().__init__()
            self.screen = screen

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def compose(self) -> ComposeResult:
        """Status bar above, key bar below, the body between them."""
        yield StatusBar()
        yield KeyBar()
        yield from self.compose_body()

    def compose_body(self) -> ComposeResult:
        """The widgets between the bars."""
        raise NotImplementedError

    def show_body(self) -> None:
        """Show the session's snapshot in the body."""
        raise NotImplementedError

    def show(self) -> None:
        """Show the session's snapshot."""
        if not self._is_on_stage:
            return
        self.query_one(StatusBar).show(self.session, self.PLACE)
        self.show_body()

    @property
    def _is_on_stage(self) -> bool:
        """Whether there are widgets to show something in: not before they are made, and not after the screen was left."""
        return self.is_mounted and self in self.app.screen_stack

    def leave(self) -> None:
        """Go back to where this screen was opened."""
        self.post_message(self.Left(self))

    def say(self, text: str, *, severity: Literal["information", "warning"] = "information") -> None:
        """A notice that takes the place of the last one: the list below is not to be covered by a pile of them."""
        self.app.clear_notifications()
        self.notify(text, severity=severity, timeout=NOTICE_SECONDS, markup=False)

    def show_keys(self) -> None:
        """Show which keys do something here."""
        if not self._is_on_stage:
            return
        self.query_one(KeyBar).show()

    def on_screen_resume(self) -> None:
        """Shown, perhaps again: the snapshot may be another one by now."""
        self.call_after_refresh(self._show_all)

    def on_resize(self) -> None:
        """Another size: everything is placed anew."""
        self.call_after_refresh(self._show_all)

    def on_descendant_focus(self) -> None:
        """Another part has the keyboard, with keys of its own."""
        self.call_after_refresh(self.show_keys)

    def _show_all(self) -> None:
        self.show()
        self.show_keys()


class ChatActions(MonitorScreen):
    """A screen that is about a chat: it can be pinned, polled now, its id copied, and be watched no longer."""

    BINDINGS: ClassVar[list[BindingType]] = [*CHAT_KEYS]

    class OpenChat(Message):
        """The user wants a chat full screen."""

        def __init__(self, chat_id: str) -> None:
            super().__init__()
            self.chat_id = chat_id

    @property
    def current(self) -> str | None:
        """The id of the chat that an action is about."""
        raise NotImplementedError

    def _short(self, chat_id: str) -> str:
        return self.session.short_ids.get(chat_id, chat_id[:8])

    def action_pin(self) -> None:
        """Pin the chat, or unpin it."""
        if self.current is None:
            return
        if not self.session.toggle_pin(self.current):
            self.say(f"All {MAX_PINS} places are taken: unpin another chat first.", severity="warning")
        self.show()

    def action_poll_now(self) -> None:
        """Poll the chat as soon as the rate allows."""
        if self.current is not None:
            self.session.monitor.poll_now(self.current)

    def action_copy_id(self) -> None:
        """Copy the chat's whole id to the clipboard of the terminal."""
        if self.current is not None:
            self.app.copy_to_clipboard(self.current)
            self.say(f"The id of {self._short(self.current)} was copied.")

    def action_unwatch(self) -> None:
        """Stop watching the chat."""
        if self.current is None:
            return
        short = self._short(self.current)
        self.session.unwatch(self.current)
        self.say(f"{short} is no longer watched: o takes it back.")
        self.show()
