"""The columns of the list of events."""

from __future__ import annotations

from datetime import tzinfo

from chatmon.api.sanitise import clean
from chatmon.monitor.events import EventKind
from chatmon.ui import glyphs
from chatmon.ui.chat_names import ChatNames
from chatmon.ui.columns import CellContext, Column
from chatmon.ui.days import DATED_TIME_WIDTH, TIME_WIDTH, dated_time, day_of
from chatmon.ui.event_rows import EventRow, row_text
from chatmon.ui.event_wording import event_sign
from chatmon.ui.lines import Span
from chatmon.ui.short_ids import MIN_LETTERS


def event_columns(names: ChatNames, timezone: tzinfo | None, *, dated: bool) -> tuple[Column[EventRow], ...]:
    """When, in which chat, whose, and what; `dated` gives the times of other days room for their dates."""

    def time(row: EventRow, context: CellContext) -> Span:
        return Span(dated_time(row.first.at, day_of(context.snapshot.now.utc, timezone), timezone), "dim")

    def customer(row: EventRow, _: CellContext) -> Span:
        told = row.told[0]
        if len(row.chats) != 1 or told.event.chat is None:
            return Span("")
        return Span(clean(told.customer or names.of(told.event.chat).customer))

    return (
        Column("time", "Time", DATED_TIME_WIDTH if dated else TIME_WIDTH, time, align="right"),
        Column("sign", "", 1, _sign),
        Column("chat", "Chat", MIN_LETTERS, _chat, drop=2),
        Column("customer", "Customer", 10, customer, drop=3, grow=1, most=20),
        Column("event", "Event", 20, lambda row, _: Span(row_text(row), _style(row)), grow=4, most=200),
    )


def copied_line(row: EventRow, names: ChatNames, timezone: tzinfo | None) -> str:
    """A row as it is copied: the date, the whole ids of its chats and whose they are stand in it whatever there is room for."""
    first = row.first
    time = f"{day_of(first.at, timezone).isoformat()} {dated_time(first.at, day_of(first.at, timezone), timezone)}"
    chats = [chat for told in row.told if (chat := told.event.chat) in row.chats and chat is not None]
    customer = clean(row.told[0].customer or names.of(chats[0]).customer) if len(row.chats) == 1 else ""
    ids = ", ".join(map(clean, dict.fromkeys(chats)))
    return "  ".join(part for part in (time, ids, customer, row_text(row)) if part)


def _chat(row: EventRow, context: CellContext) -> Span:
    if len(row.chats) != 1:
        return Span("")
    (chat_id,) = row.chats
    return Span(clean(context.short_ids.get(chat_id, chat_id[:MIN_LETTERS])), "dim")


_STYLES = {
    EventKind.GAP: "failing",
    EventKind.CAPABILITY_GAINED: "dim",
    EventKind.CAPABILITY_LOST: "dim",
    EventKind.UNWATCHED: "dim",
    EventKind.MONITOR_STARTED: "dim",
    EventKind.MONITOR_STOPPED: "dim",
    EventKind.ALARM_CLEARED: "dim",
    EventKind.ALARM_ACKNOWLEDGED: "dim",
}


def _sign(row: EventRow, _: CellContext) -> Span:
    return Span(glyphs.UNWATCHED, "failing") if row.missing else Span(*event_sign(row.first))


def _style(row: EventRow) -> str:
    if row.missing:
        return "failing"
    return _STYLES.get(row.first.kind, "")
