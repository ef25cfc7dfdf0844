"""Columns as data: what a table shows of a row, how wide, and by what it can be sorted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

import msgspec

from chatmon.api.resource import WAITING
from chatmon.api.sanitise import clean
from chatmon.monitor.chat import Chat
from chatmon.monitor.observation import Health
from chatmon.monitor.snapshot import Snapshot
from chatmon.ui import glyphs
from chatmon.ui.alarm_marks import NO_ALARMS, AlarmsByChat, ChatAlarms, alarm_sign, waiting_style, worst
from chatmon.ui.lines import Align, Span, fit
from chatmon.ui.placing import allot
from chatmon.ui.times import age
from chatmon.ui.wording import agents_text, chat_sign, clock_shown, state_word

Row = TypeVar("Row")
GAP = 1
"""Terminal cells between two columns."""


class CellContext(msgspec.Struct, frozen=True):
    """What a cell needs beside its row: the snapshot it stands in, short ids, the pinned chats in order, and the alarms by chat."""

    snapshot: Snapshot
    short_ids: Mapping[str, str]
    pinned: tuple[str, ...] = ()
    alarms: AlarmsByChat = NO_ALARMS

    def alarms_of(self, chat_id: str) -> ChatAlarms:
        """The alarms of a chat, the worst first."""
        return self.alarms.get(chat_id, ())


def look_of(chat: Chat, context: CellContext) -> tuple[object, ...]:
    """What the cells of a chat show beside the chat itself. Clocks go on once a second, all of them together."""
    snapshot = context.snapshot
    second = int(snapshot.now.monotonic)
    return second, snapshot.interval, context.short_ids.get(chat.id), context.pinned, context.alarms_of(chat.id)


class Column(msgspec.Struct, Generic[Row], frozen=True):
    """One column; `width`, `grow`, `most` and `drop` are as `placing` has them."""

    id: str
    title: str
    width: int
    cell: Callable[[Row, CellContext], Span]
    align: Align = "left"
    grow: int = 0
    most: int = 0
    drop: int = 0


class PlacedColumn(msgspec.Struct, Generic[Row], frozen=True):
    """A column and the width it got."""

    column: Column[Row]
    width: int

    def text(self, row: Row, context: CellContext) -> Span:
        """The cell of a row, exactly as wide as the column."""
        cell = self.column.cell(row, context)
        return Span(fit(cell.text, self.width, self.column.align), cell.style)


def place(columns: Sequence[Column[Row]], width: int) -> tuple[PlacedColumn[Row], ...]:
    """The columns that fit into `width` terminal cells, and how wide each is."""
    return tuple(PlacedColumn(column, room) for column, room in allot(columns, width, gap=GAP))


def _sign(chat: Chat, context: CellContext) -> Span:
    alarm = worst(context.alarms_of(chat.id))
    sign = chat_sign(chat) if alarm is None else alarm_sign(alarm)
    return Span(sign.glyph, sign.style)


def _pin(chat: Chat, context: CellContext) -> Span:
    if chat.id not in context.pinned:
        return Span("")
    return Span(glyphs.PINS[context.pinned.index(chat.id)], "key")


def _state(chat: Chat, _: CellContext) -> Span:
    return Span(state_word(chat), chat_sign(chat).style)


def _short_state(chat: Chat, _: CellContext) -> Span:
    return Span(state_word(chat, short=True), chat_sign(chat).style)


def _for(chat: Chat, context: CellContext) -> Span:
    return Span(clock_shown(chat, context.snapshot.now), _clock_style(chat, context.alarms_of(chat.id)))


def _clock_style(chat: Chat, alarms: ChatAlarms) -> str:
    style = waiting_style(alarms)
    if style:
        return f"{style} strong"
    return "dim" if chat.health is not Health.OK else "strong" if chat.state == WAITING else ""


def _seen(chat: Chat, context: CellContext) -> Span:
    seconds = chat.age(context.snapshot.now)
    if seconds is None:
        return Span(glyphs.NOTHING, "dim")
    if context.snapshot.is_recorded and seconds < 1:
        return Span("")
    return Span(age(seconds), "failing" if context.snapshot.is_stale(chat) and chat.health is not Health.GONE else "dim")


def _customer(chat: Chat, _: CellContext) -> Span:
    return Span(clean(chat.customer), "dim" if chat.health is Health.GONE else "") if chat.customer else Span(glyphs.NOTHING, "dim")


def _agent(chat: Chat, _: CellContext) -> Span:
    text = agents_text(chat)
    return Span(text.text, "dim") if chat.health is Health.GONE else text


SHORT_STATE_WIDTH = 9
FULL_STATES_FROM = 60
"""Terminal cells of the table from which on states are written in full."""

CHAT_COLUMNS: tuple[Column[Chat], ...] = (
    Column("sign", "", 1, _sign),
    Column("pin", "", 1, _pin, drop=1),
    Column("state", "State", 16, _state),
    Column("for", "For", 8, _for, align="right"),
    Column("customer", "Customer", 10, _customer, grow=2, most=24),
    Column("agent", "Agent", 14, _agent, grow=2, most=24, drop=2),
    Column("seen", "Seen", 4, _seen, align="right", drop=3),
    Column("chat", "Chat", 8, lambda chat, context: Span(clean(context.short_ids.get(chat.id, chat.id)), "dim"), drop=4, grow=1, most=12),
    Column("label", "Label", 8, lambda chat, _: Span(clean(chat.label), "dim"), drop=5, grow=1, most=20),
)


NARROW_CHAT_COLUMNS = tuple(
    msgspec.structs.replace(column, width=SHORT_STATE_WIDTH, cell=_short_state) if column.id == "state" else column
    for column in CHAT_COLUMNS
)


def chat_columns(width: int, chosen: Sequence[str] = ()) -> tuple[Column[Chat], ...]:
    """The columns of the board for a table of `width` terminal cells: those of the ids `chosen`, in their order, else all of them."""
    columns = CHAT_COLUMNS if width >= FULL_STATES_FROM else NARROW_CHAT_COLUMNS
    by_id = {column.id: column for column in columns}
    return tuple(by_id[name] for name in chosen) if chosen else columns
