"""What every screen of chatmon has: status bar and key bar."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen

from chatmon.api.sanitise import clean
from chatmon.ui.replay_session import ReplaySession
from chatmon.ui.screens.latest_size import LatestSize
from chatmon.ui.session import Session
from chatmon.ui.widgets.guarded_view import GuardedView
from chatmon.ui.widgets.key_bar import KeyBar
from chatmon.ui.widgets.replay_bar import ReplayBar
from chatmon.ui.widgets.status_bar import StatusBar

LOW_HEIGHT = 22
TINY_HEIGHT = 12
TALL_HEIGHT = 32
NOTICE_SECONDS = 2.5
PAINTING = "painting"
"""What the monitor's lasting trouble is about, where something cannot be painted."""
HOLD_SECONDS = 3.0
"""Rows keep their places for so long after the user moved among them."""


def is_held(now: float, until: float) -> bool:
    """Whether rows that keep their places `until` then still do; in a replay the time may have gone back. Both in monotonic seconds."""
    return 0 < until - now <= HOLD_SECONDS


class MonitorScreen(LatestSize, Screen[None]):
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
        self._status_bar = StatusBar()
        self._key_bar = KeyBar()
        self._replay_bar = ReplayBar(session) if isinstance(session, ReplaySession) else None

    def compose(self) -> ComposeResult:
        """Status bar above, key bar below, the body between them."""
        yield self._status_bar
        yield self._key_bar
        yield from self.compose_body()
        if self._replay_bar is not None:
            yield self._replay_bar

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
        self.show_bars()
        try:
            self.show_body()
        except Exception as error:  # noqa: BLE001 - whatever one screen meets, the others and the polls go on
            self.session.monitor.own_fault(PAINTING, "this screen cannot be painted", error)
        else:
            self._forget_mended()

    def show_bars(self) -> None:
        """Show what is above and below the body."""
        if not self._is_on_stage:
            return
        self._status_bar.show(self.session, self.PLACE)
        if self._replay_bar is not None:
            self._replay_bar.show()

    def _forget_mended(self) -> None:
        """Where a part could not be painted and now all can, that is over."""
        if PAINTING in self.session.monitor.troubles and not any(part.is_faulty for part in self.query(GuardedView)):
            self.session.monitor.trouble(PAINTING, None)

    def on_guarded_view_stumbled(self, event: GuardedView.Stumbled) -> None:
        """A part of the screen says what went wrong in its place: it is recorded, too."""
        event.stop()
        self.session.monitor.own_fault(PAINTING, "a part of the screen cannot be painted", event.error)

    @property
    def _is_on_stage(self) -> bool:
        """Whether there are widgets to show something in: not before they are made, and not after the screen was left or is ending."""
        return self in self.app.screen_stack and self._status_bar.is_attached and self._key_bar.is_attached

    def leave(self) -> None:
        """Go back to where this screen was opened."""
        self.post_message(self.Left(self))

    def say(self, text: str, *, severity: Literal["information", "warning"] = "information", seconds: float = NOTICE_SECONDS) -> None:
        """A notice that takes the place of the last one: the list below is not to be covered by a pile of them."""
        self.app.clear_notifications()
        self.notify(clean(text), severity=severity, timeout=seconds, markup=False)

    def show_keys(self) -> None:
        """Show which keys do something here."""
        if not self._is_on_stage:
            return
        self._key_bar.show(self.session.key_words)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - the shape of Textual's own
        """Whether an action can be done: not where its binding is off."""
        return not self.session.is_off(action)

    def on_screen_resume(self) -> None:
        """Shown, perhaps again: the snapshot may be another one by now."""
        self.call_after_refresh(self.show_all)

    def resized(self) -> None:
        """Another size: everything is placed anew."""
        self.call_after_refresh(self.show_all)

    def on_descendant_focus(self) -> None:
        """Another part has the keyboard, with keys of its own."""
        self.call_after_refresh(self.show_keys)

    def show_all(self) -> None:
        """Show the session's snapshot, and which keys do something here."""
        self.show()
        self.show_keys()
