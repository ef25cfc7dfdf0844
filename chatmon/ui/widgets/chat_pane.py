"""One chat, live, in as much room as there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from textual import events
from textual.message import Message

from chatmon.monitor.chat import Chat
from chatmon.monitor.events import Event
from chatmon.ui.alarm_marks import ChatAlarms
from chatmon.ui.chat_lines import chat_lines, detail_lines
from chatmon.ui.lines import EMPTY, Line, Span, line
from chatmon.ui.session import Session
from chatmon.ui.timeline_lines import timeline_lines
from chatmon.ui.widgets.guarded_view import guarded
from chatmon.ui.widgets.line_view import ReadingPane


def whole(session: Session, chat: Chat, width: int, title: str) -> list[Line]:
    """All of a chat."""
    alarms = session.alarms.get(chat.id, ())
    timeline, keymap = session.timeline(chat.id), session.settings.keys
    return chat_lines(chat, timeline, session.snapshot, width, timezone=session.timezone, alarms=alarms, title=title, keymap=keymap)


def details(session: Session, chat: Chat, width: int, title: str) -> list[Line]:
    """A chat without its timeline."""
    alarms = session.alarms.get(chat.id, ())
    timeline, keymap = session.timeline(chat.id), session.settings.keys
    return detail_lines(chat, timeline, session.snapshot, width, timezone=session.timezone, alarms=alarms, title=title, keymap=keymap)


def timeline(session: Session, chat: Chat, width: int, title: str) -> list[Line]:  # noqa: ARG001 - the details beside it bear the title
    """A chat's timeline alone."""
    return timeline_lines(session.timeline(chat.id), width, now=session.snapshot.now.utc, timezone=session.timezone)


class _Shown(NamedTuple):
    """What the lines of a pane are made from; its clocks go on once a second."""

    chat: Chat
    alarms: ChatAlarms
    timeline: tuple[Event, ...]
    second: int
    interval: float
    width: int
    title: str

    def is_as(self, other: _Shown) -> bool:
        """Whether the lines are the same: what is the same value is the same object, mostly, and cheap to compare."""
        return self.chat is other.chat and self[1:] == other[1:]


Part = Callable[[Session, Chat, int, str], list[Line]]
"""What of a chat a pane shows, in lines of at most so many terminal cells, with a title."""


class ChatPane(ReadingPane):
    """Shows one chat, or a part of it, and can be scrolled. Clicking it twice opens the chat."""

    class Opened(Message):
        """The user wants the pane's chat full screen."""

        def __init__(self, chat_id: str) -> None:
            super().__init__()
            self.chat_id = chat_id

    def __init__(self, part: Part = whole, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._part = part
        self._session: Session | None = None
        self._nothing = ""
        self._title = ""
        self.chat_id: str | None = None
        self._shown: _Shown | None = None

    def show_chat(self, session: Session, chat_id: str | None, *, nothing: str, title: str = "") -> None:
        """Show a chat as the session has it; `nothing` is said where there is none, `title` stands at the right of the first line."""
        if chat_id != self.chat_id:
            self.scroll_home(animate=False)
        self.chat_id, self._session, self._nothing, self._title = chat_id, session, nothing, title
        self._show()

    def on_resize(self) -> None:
        """Lines are made anew for another width."""
        self._show()

    def on_click(self, event: events.Click) -> None:
        """Twice opens the chat."""
        if event.chain == 2 and self.chat_id is not None:
            self.post_message(self.Opened(self.chat_id))

    @guarded
    def _show(self) -> None:
        if self._session is None:
            return
        session = self._session
        chat = session.chat(self.chat_id)
        if chat is None:
            self._shown = None
            self.show_lines([EMPTY, line("  ", Span(self._nothing, "dim"))])
            return
        snapshot = session.snapshot
        alarms, timeline = session.alarms.get(chat.id, ()), tuple(session.timeline(chat.id))
        shown = _Shown(chat, alarms, timeline, int(snapshot.now.monotonic), snapshot.interval, self.size.width, self._title)
        if self._shown is None or not shown.is_as(self._shown):
            self._shown = None
            self.show_lines(self._part(session, chat, self.size.width, self._title))
            self._shown = shown
