"""The day of a replay as a bar, as a video recorder has it; a click goes there."""

from __future__ import annotations

from textual import events
from textual.message import Message

from chatmon.ui.lines import EMPTY, Line
from chatmon.ui.replay_lines import replay_bar, second_at
from chatmon.ui.replay_session import ReplaySession
from chatmon.ui.widgets.guarded_view import guarded
from chatmon.ui.widgets.line_view import LineView


class ReplayBar(LineView):
    """Who waited, the alarms and the times of day; on a low screen only the first of them."""

    class Sought(Message):
        """The user wants to see another second of the tape."""

        def __init__(self, second: float) -> None:
            super().__init__()
            self.second = second

    def __init__(self, session: ReplaySession) -> None:
        super().__init__()
        self._session = session
        self._lines: tuple[Line, ...] = ()

    @guarded
    def show(self) -> None:
        """Show where the player stands."""
        self._lines = replay_bar(self._session, self.size.width)
        self.repaint()

    @guarded
    def on_resize(self) -> None:
        """The bar is drawn for another width."""
        self._lines = replay_bar(self._session, self.size.width)

    def line_at(self, y: int) -> Line:
        """One of its lines."""
        return self._lines[y] if y < len(self._lines) else EMPTY

    def on_click(self, event: events.Click) -> None:
        """Go to where the bar was clicked."""
        second = second_at(self._session, event.x, self.size.width)
        if second is not None:
            self.post_message(self.Sought(second))
