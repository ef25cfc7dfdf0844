"""Chats and events as lines for people: aligned by the width that a terminal gives to each text, and cleaned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from chatmon.api.sanitise import clean
from chatmon.cli.output import COUNTS, counts_json, timestamp
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event
from chatmon.monitor.figures import Figures, count
from chatmon.monitor.observation import Health
from chatmon.ui import lines
from chatmon.ui.event_wording import event_text
from chatmon.ui.glyphs import NOTHING
from chatmon.ui.short_ids import ShortIds
from chatmon.ui.times import age, clock

MAX_CELLS: Final = 32
"""Terminal cells that a text takes in a table; what is longer is cut, the last cell an ellipsis."""


@dataclass(frozen=True, slots=True)
class _View:
    """What a column needs beside the chat."""

    now: Moment
    short_ids: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    text: Callable[[Chat, _View], str]
    is_number: bool = False


_COLUMNS: Final = (
    _Column("state", lambda chat, _: _state(chat)),
    _Column("for", lambda chat, view: _clock(chat, view.now), is_number=True),
    _Column("customer", lambda chat, _: fit(chat.customer)),
    _Column("agent", lambda chat, _: fit(", ".join(map(clean, chat.agents)))),
    _Column("seen", lambda chat, view: _age(chat, view.now), is_number=True),
    _Column("health", lambda chat, _: _health(chat)),
    _Column("id", lambda chat, view: clean(view.short_ids[chat.id])),
    _Column("label", lambda chat, _: fit(chat.label)),
)


def round_lines(chats: Sequence[Chat], now: Moment) -> list[str]:
    """A table of chats, titles first, and a line with the counts below."""
    view = _View(now, ShortIds(chat.id for chat in chats))
    rows = [tuple(column.title for column in _COLUMNS)]
    rows += [tuple(column.text(chat, view) for column in _COLUMNS) for chat in chats]
    widths = [max(map(cell_len, texts)) for texts in zip(*rows, strict=True)]
    aligned = ["  ".join(map(_aligned, row, widths, _COLUMNS)).rstrip() for row in rows]
    return [*aligned, counts_line(count(chats, now))]


def counts_line(figures: Figures) -> str:
    """How many chats there are of each state and health, leaving out what there is none of."""
    counts = counts_json(figures)
    watched = counts.pop("watched")
    parts = [f"{watched} chat{'' if watched == 1 else 's'}", *(f"{name} {counts[name]}" for name, _ in COUNTS if counts.get(name))]
    if figures.longest_wait is not None:
        parts.append(f"longest wait {clock(figures.longest_wait, exact=bool(figures.longest_wait_exact))}")
    return " · ".join(parts)


def event_line(event: Event, chat: Chat | None) -> str:
    """An event as a readable line: when, which chat, its label, what happened. The id is whole: other chats may come later."""
    label = fit(chat.label) if chat is not None and chat.label else ""
    return "  ".join(part for part in (timestamp(event.at), clean(event.chat or ""), label, event_text(event)) if part)


def fit(text: str) -> str:
    """A stranger's text, cleaned and no wider than `MAX_CELLS`."""
    cleaned = clean(text) or NOTHING
    return cleaned if cell_len(cleaned) <= MAX_CELLS else lines.fit(cleaned, MAX_CELLS).rstrip()


def _aligned(text: str, width: int, column: _Column) -> str:
    padding = " " * (width - cell_len(text))
    return padding + text if column.is_number else text + padding


def _state(chat: Chat) -> str:
    if chat.state is None:
        return NOTHING
    return fit(chat.state) + ("" if chat.health is Health.OK else "?")


def _clock(chat: Chat, now: Moment) -> str:
    return clock(chat.time_in_state(now), exact=chat.state_since_exact)


def _age(chat: Chat, now: Moment) -> str:
    seconds = chat.age(now)
    return NOTHING if seconds is None else age(seconds)


def _health(chat: Chat) -> str:
    if chat.error is None or chat.error.kind == str(chat.health) or chat.health is Health.GONE:
        return str(chat.health)
    return f"{chat.health}: {clean(chat.error.kind)}"
