"""What every screen of chatmon has: status bar and key bar."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen

from chatmon.api.sanitise import clean
from chatmon.ui.session import Session
from chatmon.ui.widgets.key_bar import KeyBar
from chatmon.ui.widgets.status_bar import StatusBar

LOW_HEIGHT = 22
TINY_HEIGHT = 12
TALL_HEIGHT = 32
NOTICE_SECONDS = 2.5
HOLD_SECONDS = 3.0
"""Rows keep their places for so long after the user moved among them."""


class MonitorScreen(Screen[None]):
    """A screen that paints the session's snapshot. Subclasses compose a body and say how to show it."""

    PLACE: ClassVar[str] = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-medium"), (110, "-wide")]  # noqa: RUF012 - declared so by Textual
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (TINY_HEIGHT, "-low"), (LOW_HEIGHT, "-high"), (TALL_HEIGHT, "-tall")]  # noqa: RUF012 - declared so by Textual

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
        """Whether there are widgets to show something in: not before they are made, and not after the screen was left or is ending."""
        return self.is_mounted and self in self.app.screen_stack and bool(self.query(StatusBar)) and bool(self.query(KeyBar))

    def leave(self) -> None:
        """Go back to where this screen was opened."""
        self.post_message(self.Left(self))

    def say(self, text: str, *, severity: Literal["information", "warning"] = "information") -> None:
        """A notice that takes the place of the last one: the list below is not to be covered by a pile of them."""
        self.app.clear_notifications()
        self.notify(clean(text), severity=severity, timeout=NOTICE_SECONDS, markup=False)

    def show_keys(self) -> None:
        """Show which keys do something here."""
        if not self._is_on_stage:
            return
        self.query_one(KeyBar).show({"pause": "resume"} if self.session.paused else {})

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
