"""Every alarm there is, and what is wrong beside the polls."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from chatmon.api.sanitise import clean
from chatmon.monitor.alarms import Alarm
from chatmon.ui import glyphs
from chatmon.ui.alarm_lines import alarm_box
from chatmon.ui.alarm_marks import Subject, alarm_clock, alarm_sign, alarm_style
from chatmon.ui.columns import CellContext, Column
from chatmon.ui.keys import LIST_KEYS
from chatmon.ui.lines import EMPTY, Line, Span, line, wrap
from chatmon.ui.ordering import keep_places
from chatmon.ui.screens.alarm_actions import AlarmActions
from chatmon.ui.screens.monitor_screen import HOLD_SECONDS, is_held
from chatmon.ui.session import Session
from chatmon.ui.times import time_of_day
from chatmon.ui.widgets.line_view import LinePane
from chatmon.ui.widgets.row_table import RowTable
from chatmon.ui.wording import UNNAMED, trouble_text

NO_ALARMS = ("No alarm holds.",)


class AlarmsScreen(AlarmActions):
    """The alarms of all chats and agents, the worst first; Enter goes to the chat, or shows the agent's chats on the board."""

    PLACE = "alarms"
    AUTO_FOCUS = "RowTable"
    BINDINGS: ClassVar[list[BindingType]] = [*LIST_KEYS]

    class Chosen(Message):
        """The user wants to see what an alarm is about."""

        def __init__(self, subject: Subject) -> None:
            super().__init__()
            self.subject = subject

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._alarms: dict[str, Alarm] = {}
        self._held_until = 0.0

    def compose_body(self) -> ComposeResult:
        """What is wrong beside the polls, a table of alarms, and the selected one explained."""
        yield LinePane(id="troubles")
        columns: tuple[Column[Alarm], ...] = (
            Column("sign", "", 1, lambda alarm, _: Span(*alarm_sign(alarm))),
            Column("severity", "Severity", 8, lambda alarm, _: Span(str(alarm.severity), alarm_style(alarm)), drop=3),
            Column("rule", "Rule", 10, lambda alarm, _: Span(alarm.rule, "bright"), drop=2),
            Column("about", "Chat, agent", 12, _about, grow=1, most=20),
            Column("customer", "Customer", 10, _customer, drop=5, grow=1, most=20),
            Column("for", "For", 8, _for, align="right", drop=1),
            Column("why", "Why", 20, lambda alarm, _: Span(clean(alarm.why)), grow=4, most=90),
            Column("known", "Known", 14, self._known, drop=4),
        )
        yield RowTable[Alarm](lambda _: columns, self._alarms.get, id="alarms")
        yield LinePane(id="explained")

    @property
    def table(self) -> RowTable[Alarm]:
        """The table of alarms."""
        return self.query_one("#alarms", RowTable)

    @property
    def subject(self) -> Subject | None:
        """What the selected alarm is about."""
        alarm = self._alarms.get(self.table.cursor or "")
        return None if alarm is None else Subject(alarm.chat, alarm.agent)

    def show_body(self) -> None:
        """Show the alarms of the snapshot."""
        snapshot = self.session.snapshot
        self._alarms.clear()
        self._alarms.update({_key(alarm): alarm for alarm in snapshot.alarms})
        keys = list(self._alarms)
        if is_held(snapshot.now.monotonic, self._held_until):
            keys = keep_places(self.table.keys, keys)
        if self.table.cursor is None and keys:
            self.table.cursor = keys[0]
        self.table.show_rows(keys, self.session.context(), empty=NO_ALARMS)
        self._show_troubles()
        self._explain()

    def _explain(self) -> None:
        pane = self.query_one("#explained", LinePane)
        alarm = self._alarms.get(self.table.cursor or "")
        pane.display = alarm is not None
        if alarm is not None:
            width = max(20, self.size.width - 1)
            chat, keymap = self.session.chat(alarm.chat), self.session.settings.keys
            pane.show_lines([EMPTY, *alarm_box(alarm, chat, width, timezone=self.session.timezone, keymap=keymap)])

    def _show_troubles(self) -> None:
        pane = self.query_one("#troubles", LinePane)
        lines = [one for about in self.session.snapshot.troubles for one in self._trouble(about)]
        pane.display = bool(lines)
        pane.styles.height = len(lines) + 2
        pane.show_lines([EMPTY, *lines])

    def _trouble(self, about: str) -> list[Line]:
        text = trouble_text(about, self.session.snapshot.troubles[about])
        since = self.session.trouble_since.get(about)
        said = "" if since is None else f" {glyphs.SEPARATOR} since {time_of_day(since, self.session.timezone)}"
        return [line(" ", Span(part, "failing")) for part in wrap(f"{text}{said}".split(), max(20, self.size.width - 2))]

    def _known(self, alarm: Alarm, _: CellContext) -> Span:
        if not alarm.holds:
            return Span("no longer so", "dim")
        if alarm.acknowledged and alarm.snoozed_until is not None:
            return Span(f"until {time_of_day(alarm.snoozed_until, self.session.timezone)}", "dim")
        return Span("acknowledged" if alarm.acknowledged else glyphs.NOTHING, "dim")

    def on_row_table_moved(self) -> None:
        """The user moved: rows keep their places for a while."""
        self._explain()
        self._held_until = self.session.snapshot.now.monotonic + HOLD_SECONDS

    def on_row_table_scrolled(self) -> None:
        """The user looks for something."""
        self.on_row_table_moved()

    def on_row_table_opened(self) -> None:
        """The user clicked an alarm once more."""
        self.action_open()

    def action_open(self) -> None:
        """Show what the alarm is about."""
        if self.subject is not None:
            self.post_message(self.Chosen(self.subject))

    def action_back(self) -> None:
        """Back to the board."""
        self.leave()


def _key(alarm: Alarm) -> str:
    return "\n".join((alarm.rule, alarm.chat or "", alarm.agent or ""))


def _about(alarm: Alarm, context: CellContext) -> Span:
    if alarm.chat is None:
        return Span(clean(alarm.agent or "") or UNNAMED, "bright")
    return Span(clean(context.short_ids.get(alarm.chat, alarm.chat[:8])))


def _customer(alarm: Alarm, context: CellContext) -> Span:
    chat = context.snapshot.chats.get(alarm.chat or "")
    return Span("" if chat is None else clean(chat.customer))


def _for(alarm: Alarm, context: CellContext) -> Span:
    return Span(alarm_clock(alarm, context.snapshot), f"{alarm_style(alarm)} strong")
