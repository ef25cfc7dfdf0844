"""The agents and the chats they are listed in."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from chatmon.api.sanitise import clean
from chatmon.monitor.alarms import Alarm
from chatmon.ui.agent_rows import AGENT_COLUMNS, AgentRow, agent_rows
from chatmon.ui.alarm_marks import Subject
from chatmon.ui.days import dated_time, day_of
from chatmon.ui.keys import LIST_KEYS
from chatmon.ui.lines import EMPTY, Span, line, wrap
from chatmon.ui.ordering import keep_places
from chatmon.ui.screens.alarm_actions import AlarmActions
from chatmon.ui.screens.monitor_screen import HOLD_SECONDS, is_held
from chatmon.ui.session import Session
from chatmon.ui.widgets.line_view import LinePane
from chatmon.ui.widgets.row_table import RowTable
from chatmon.ui.wording import UNNAMED

CAVEAT = (
    "Agents are told apart by nickname: the API's participant ids hold inside one chat only. "
    "A chat may still list an agent who has left it. Handled and most at once: as observed since {since}."
)
NO_AGENTS = ("No agent is listed in any chat.",)


class AgentsScreen(AlarmActions):
    """Each agent once, who is overloaded first and then those with most chats; Enter shows an agent's chats on the board."""

    PLACE = "agents"
    AUTO_FOCUS = "RowTable"
    BINDINGS: ClassVar[list[BindingType]] = [*LIST_KEYS]

    class ShowChats(Message):
        """The user wants to see the chats of the agent of this nickname, which is not cleaned."""

        def __init__(self, nickname: str) -> None:
            super().__init__()
            self.nickname = nickname

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._rows: dict[str, AgentRow] = {}
        self._counted_at: tuple[int, tuple[Alarm, ...]] | None = None
        self._held_until = 0.0

    def compose_body(self) -> ComposeResult:
        """A table, and what to know about it."""
        yield LinePane(id="caveat")
        yield RowTable[AgentRow](lambda _: AGENT_COLUMNS, self._rows.get, id="agents")

    @property
    def table(self) -> RowTable[AgentRow]:
        """The table of agents."""
        return self.query_one("#agents", RowTable)

    @property
    def subject(self) -> Subject | None:
        """The selected agent, as someone with alarms."""
        return None if self.table.cursor is None else Subject(agent=self.table.cursor)

    def show_body(self) -> None:
        """Count the agents of the snapshot."""
        snapshot = self.session.snapshot
        counted_at = int(snapshot.now.monotonic), snapshot.alarms
        if counted_at != self._counted_at:
            # A look at every chat: once a second is often enough.
            self._counted_at = counted_at
            self._rows.clear()
            self._rows.update({row.load.nickname: row for row in agent_rows(snapshot)})
        keys = list(self._rows)
        if is_held(snapshot.now.monotonic, self._held_until):
            keys = keep_places(self.table.keys, keys)
        if self.table.cursor is None and keys:
            self.table.cursor = keys[0]
        self.table.show_rows(keys, self.session.context(), empty=NO_AGENTS)
        since = dated_time(snapshot.shift.since, day_of(snapshot.now.utc, self.session.timezone), self.session.timezone)
        text = wrap(CAVEAT.format(since=since).split(), max(20, self.size.width - 2))
        caveat = self.query_one("#caveat", LinePane)
        caveat.styles.height = len(text) + 1
        caveat.show_lines([EMPTY, *(line(" ", Span(part, "dim")) for part in text)])

    def on_row_table_moved(self) -> None:
        """The user moved: rows keep their places for a while."""
        self._held_until = self.session.snapshot.now.monotonic + HOLD_SECONDS

    def on_row_table_scrolled(self) -> None:
        """The user looks for someone."""
        self.on_row_table_moved()

    def on_row_table_opened(self, event: RowTable.Opened) -> None:
        """The user clicked an agent once more."""
        self._show_chats(event.key)

    def action_open(self) -> None:
        """Show the agent's chats on the board."""
        if self.table.cursor is not None:
            self._show_chats(self.table.cursor)

    def _show_chats(self, nickname: str) -> None:
        if nickname in self._rows and not self._rows[nickname].is_here:
            self.say(f"{clean(nickname) or UNNAMED} is in no chat now.")
        else:
            self.post_message(self.ShowChats(nickname))

    def action_back(self) -> None:
        """Back to the board."""
        self.leave()
