"""What strangers type changes nothing but its own cell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from chatmon.api.resource import CHATTING
from chatmon.monitor.event_filters import ToldEvent
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import PollError
from chatmon.monitor.snapshot import take_snapshot
from chatmon.ui.chat_names import ChatNames
from chatmon.ui.columns import CellContext
from chatmon.ui.event_columns import copied_line, event_columns
from chatmon.ui.event_rows import EventRow, EventRows
from chatmon.ui.event_wording import event_text
from chatmon.ui.lines import Line
from chatmon.ui.timeline_lines import timeline_lines
from tests.ui.strategies import HOSTILE, participants, raw_texts, resources
from tests.ui.test_events_of_the_history import recorded, until
from tests.ui.watched import NOON, Dashboard, Watched, chat_id, dashboard

SIZES = [(160, 45), (80, 24), (40, 10)]


def with_customers(nicknames: Sequence[str]) -> Watched:
    watched = Watched()
    for number, nickname in enumerate(nicknames):
        watched.answer(chat_id(number), CHATTING, customer=nickname, agents=("Kristi",), label="sales")
    return watched


async def outside_the_cells(shown: Dashboard) -> list[str]:
    """Every line as the terminal's cells show it, with the customers' cells left out."""
    placed = {one.column.id: one.width for one in shown.board.table._placed}
    left = 1 + sum(width + 1 for column, width in list(placed.items())[: list(placed).index("customer")])
    head = next(number for number, line in enumerate(shown.lines) if "For Customer" in line)
    lines = [by_cell(line) for line in shown.lines]
    for cells in lines[head + 1 : -1]:
        cells[left : left + placed["customer"]] = []
    return ["".join(cells) for cells in lines]


def by_cell(line: str) -> list[str]:
    cells: list[str] = []
    for letter in line:
        if cell_len(letter):
            cells += [letter, *[""] * (cell_len(letter) - 1)]
        else:
            cells[-1] += letter
    return cells


@pytest.mark.parametrize("size", SIZES)
async def test_nicknames_change_nothing_outside_their_cells(size: tuple[int, int]) -> None:
    async with dashboard(with_customers(["Chris"] * (len(HOSTILE) + 1)), size) as shown:
        expected = await outside_the_cells(shown)
    async with dashboard(with_customers(["Chris", *HOSTILE]), size) as shown:
        assert await outside_the_cells(shown) == expected
        assert all(cell_len(line) == size[0] for line in shown.lines)


@pytest.mark.parametrize("text", HOSTILE)
async def test_every_screen_shows_strangers_in_whole_lines_that_can_be_printed(text: str) -> None:
    watched = Watched()
    watched.answer("a", text, customer=text, agents=(text,), capabilities=(text,), label=text)
    watched.clock.seconds += 1
    watched.answer("a", f"{text}?", customer=f"{text}!", agents=(f"{text}.",), capabilities=(), label=text)
    async with dashboard(watched, (100, 30)) as shown:
        for key in ("A", "e", "enter"):
            await shown.press(key)
            assert all(cell_len(line) == 100 and line.isprintable() for line in shown.lines)


TEXT_FIELDS = ("chat", "state_from", "state_to", "capability", "rule", "severity", "agent", "why")


def maybe(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | values


recorded_events = st.builds(
    Event,
    at=st.floats(NOON - 1.0, NOON),
    kind=st.sampled_from(EventKind),
    participant=maybe(participants),
    error=maybe(st.builds(PollError, raw_texts, raw_texts)),
    resource=maybe(resources),
    lasted=maybe(st.floats(0, 1e6)),
    lasted_exact=maybe(st.booleans()),
    **{field: maybe(raw_texts) for field in TEXT_FIELDS},
)


def test_no_text_of_an_event_is_left_out_here() -> None:
    assert {field.name for field in msgspec.structs.fields(Event) if field.type == str | None} == set(TEXT_FIELDS)


def cells_of(row: EventRow, names: ChatNames, context: CellContext) -> list[str]:
    return [*(column.cell(row, context).text for column in event_columns(names, UTC, dated=True)), copied_line(row, names, UTC)]


def of_hostile_texts(kind: EventKind, text: str) -> Event:
    return msgspec.structs.replace(Event(at=NOON, kind=kind, error=PollError(text, text)), **dict.fromkeys(TEXT_FIELDS, text))


@pytest.mark.parametrize("kind", EventKind)
@pytest.mark.parametrize("text", HOSTILE)
def test_an_event_of_any_kind_is_told_in_one_printable_line_whatever_its_texts(kind: EventKind, text: str) -> None:
    event = of_hostile_texts(kind, text)

    assert event_text(event).isprintable()
    assert event_text(msgspec.structs.replace(event, agent=None)).isprintable()


@given(st.lists(st.builds(ToldEvent, recorded_events, raw_texts, raw_texts), min_size=1, max_size=8), st.integers(10, 120))
def test_whatever_a_history_holds_its_rows_and_timelines_can_be_printed(told: list[ToldEvent], width: int) -> None:
    watched = Watched()
    names = ChatNames(watched.monitor.board)
    context = CellContext(take_snapshot(watched.monitor), {})
    rows = EventRows()
    for one in told:
        rows.append(one)
    cells = [cell for key in rows.keys if (row := rows.get(key)) is not None for cell in cells_of(row, names, context)]
    lines: list[Line] = timeline_lines([one.event for one in told], width, now=NOON, timezone=UTC)

    assert all(cell.isprintable() for cell in cells)
    assert all(line.text.isprintable() and line.width <= width for line in lines)


@pytest.mark.parametrize("text", ["\x1b[31m", 'say "so', "a b", "\u202e"])
async def test_a_chat_of_the_past_can_be_followed_whatever_its_id(text: str, tmp_path: Path) -> None:
    chats = [(50.0, text), (45.0, f"{text}, another"), (40.0, text)]
    history = recorded(tmp_path / "history", [Event(at=NOON - ago, kind=EventKind.POLL_RECOVERED, chat=chat) for ago, chat in chats])
    async with dashboard(Watched(), history=history) as shown:
        await shown.press("e")
        await until(shown, lambda: "the history begins here" in shown.text)
        await shown.press("enter")
        await until(shown, lambda: "the history begins here" in shown.text)

        assert shown.text.count("answers again") == 2
        assert shown.notices == ["That chat is no longer watched: these are its events."]
        assert all(line.isprintable() for line in shown.lines)
