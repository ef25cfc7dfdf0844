"""Columns as data: what a table shows of a row, how wide, and by what it can be sorted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from chatmon.api.sanitise import clean
from chatmon.monitor.chat import Chat
from chatmon.monitor.figures import AgentLoad
from chatmon.monitor.observation import Health
from chatmon.monitor.snapshot import Snapshot
from chatmon.ui import glyphs
from chatmon.ui.lines import Align, Span, fit
from chatmon.ui.times import age, clock, duration
from chatmon.ui.wording import agents_text, chat_sign, state_word

Row = TypeVar("Row")
GAP = 1
"""Terminal cells between two columns."""


@dataclass(frozen=True, slots=True)
class CellContext:
    """What a cell needs beside its row: the snapshot it stands in, short ids, and the pinned chats in order."""

    snapshot: Snapshot
    short_ids: Mapping[str, str]
    pinned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column. `width` is in terminal cells and is never shrunk below; `grow` is its share of what is left over, up to `most`.

    Columns are dropped from the highest `drop` down where the table is too narrow; 0 is never dropped.
    """

    id: str
    title: str
    width: int
    cell: Callable[[Row, CellContext], Span]
    align: Align = "left"
    grow: int = 0
    most: int = 0
    drop: int = 0


@dataclass(frozen=True, slots=True)
class PlacedColumn(Generic[Row]):
    """A column and the width it got."""

    column: Column[Row]
    width: int

    def text(self, row: Row, context: CellContext) -> Span:
        """The cell of a row, exactly as wide as the column."""
        cell = self.column.cell(row, context)
        return Span(fit(cell.text, self.width, self.column.align), cell.style)


def place(columns: Sequence[Column[Row]], width: int) -> tuple[PlacedColumn[Row], ...]:
    """The columns that fit into `width` terminal cells, and how wide each is."""
    kept = list(columns)
    while sum(column.width + GAP for column in kept) - GAP > width:
        victim = max(kept, key=lambda column: column.drop)
        if victim.drop == 0:
            break
        kept.remove(victim)
    widths = {column.id: column.width for column in kept}
    spare = width - sum(widths.values()) - GAP * (len(kept) - 1)
    growing = [column for column in kept if column.grow and widths[column.id] < column.most]
    while spare > 0 and growing:
        for column in growing:
            step = min(column.grow, spare, column.most - widths[column.id])
            widths[column.id] += step
            spare -= step
        growing = [column for column in growing if widths[column.id] < column.most]
    return tuple(PlacedColumn(column, widths[column.id]) for column in kept)


def _sign(chat: Chat, _: CellContext) -> Span:
    sign = chat_sign(chat)
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
    style = "dim" if chat.health is not Health.OK else "strong" if chat.state == "WaitingForAgent" else ""
    text = clock(chat.time_in_state(context.snapshot.now), exact=chat.state_since_exact)
    return Span(text, style)


def _seen(chat: Chat, context: CellContext) -> Span:
    seconds = chat.age(context.snapshot.now)
    if seconds is None:
        return Span(glyphs.NOTHING, "dim")
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
    replace(column, width=SHORT_STATE_WIDTH, cell=_short_state) if column.id == "state" else column for column in CHAT_COLUMNS
)


def chat_columns(width: int) -> tuple[Column[Chat], ...]:
    """The columns of the board for a table of `width` terminal cells."""
    return CHAT_COLUMNS if width >= FULL_STATES_FROM else NARROW_CHAT_COLUMNS


def _load_bar(load: AgentLoad, _: CellContext) -> Span:
    return Span(glyphs.CHATTING * load.chatting + glyphs.WAITING * load.waiting + glyphs.IDLE * load.idle + glyphs.OTHER * load.other)


def _count(number: int) -> Span:
    return Span(str(number), "" if number else "dim")


AGENT_COLUMNS: tuple[Column[AgentLoad], ...] = (
    Column("agent", "Agent", 16, lambda load, _: Span(clean(load.nickname) or "(no name)", "bright"), grow=2, most=30),
    Column("chats", "Chats", 5, lambda load, _: Span(str(len(load.chats)), "strong"), align="right"),
    Column("chatting", "Chatting", 8, lambda load, _: _count(load.chatting), align="right", drop=2),
    Column("idle", "Idle", 4, lambda load, _: _count(load.idle), align="right", drop=4),
    Column("waiting", "Waiting", 7, lambda load, _: _count(load.waiting), align="right", drop=5),
    Column(
        "longest",
        "Longest",
        8,
        lambda load, _: Span(glyphs.NOTHING if load.longest is None else duration(load.longest)),
        align="right",
        drop=3,
    ),
    Column("load", "Now", 6, _load_bar, grow=1, most=30, drop=6),
)
