"""Which columns stand on the board, how wide, and in which order the chats do."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from chatmon.api.errors import Denied, NotFound, Timeout
from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.config.screen import COLUMN_IDS, SORT_ORDER_IDS
from chatmon.monitor.board import Board
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.filters import Filter
from chatmon.monitor.observation import Health
from chatmon.monitor.snapshot import Snapshot
from chatmon.ui.agent_rows import AGENT_COLUMNS, agent_rows
from chatmon.ui.columns import CHAT_COLUMNS, GAP, CellContext, chat_columns, place
from chatmon.ui.ordering import SORT_ORDERS, Arrangement, SortOrder, keep_places
from chatmon.ui.short_ids import ShortIds
from chatmon.ui.wording import time_shown
from tests.ui.strategies import snapshots
from tests.ui.watched import Watched, dashboard


def arrange(chats: Iterable[Chat], order: SortOrder, now: Moment, *, reverse: bool = False) -> list[str]:
    """The ids of all these chats in an order."""
    arrangement = Arrangement(order, Filter[Chat]().matches)
    arrangement.arrange(chats, now)
    return arrangement.chat_ids(reverse=reverse)


ids = st.lists(st.text("abc", min_size=1, max_size=3), unique=True)


@given(st.integers(1, 300))
def test_columns_are_as_wide_as_their_room_unless_only_the_needed_ones_are_left(width: int) -> None:
    for placed in (place(chat_columns(width), width), place(AGENT_COLUMNS, width)):
        used = sum(one.width + GAP for one in placed) - GAP

        assert used <= width or all(one.column.drop == 0 for one in placed)
        assert all(one.width >= one.column.width for one in placed)


@given(st.integers(1, 300))
def test_the_columns_that_matter_least_go_first(width: int) -> None:
    placed = [one.column for one in place(CHAT_COLUMNS, width)]
    gone = [column for column in CHAT_COLUMNS if column not in placed]

    assert all(one.drop == 0 or one.drop < min(map(attrgetter("drop"), gone), default=99) for one in placed)


def test_forty_cells_still_say_what_waits_how_long_and_who_it_is() -> None:
    assert {"sign", "state", "for", "customer"} <= {one.column.id for one in place(chat_columns(40), 38)}


def test_the_configuration_knows_every_column_and_every_order() -> None:
    assert tuple(column.id for column in CHAT_COLUMNS) == COLUMN_IDS
    assert tuple(order.id for order in SORT_ORDERS) == SORT_ORDER_IDS


@given(st.lists(st.sampled_from(COLUMN_IDS), min_size=1, unique=True), st.integers(-2, 300))
def test_the_chosen_columns_stand_in_the_order_they_were_chosen_in(chosen: list[str], width: int) -> None:
    placed = [one.column.id for one in place(chat_columns(width, chosen), width)]

    assert placed
    assert placed == [name for name in chosen if name in placed]
    assert len(placed) == len(chosen) or width < 200


async def test_a_board_with_chosen_columns_and_order() -> None:
    watched = Watched()
    watched.answer("b", IDLE, customer="Zoe", label="sales")
    watched.answer("a", WAITING, customer="Ada", agents=(), label="accounts")
    async with dashboard(watched, (160, 20), columns=("label", "customer", "state"), sort="label") as shown:
        head = next(line for line in shown.lines if "Customer" in line)

        assert head.split()[:3] == ["Label↑", "Customer", "State"]
        assert shown.rows == ["a", "b"]


@given(snapshots(), st.integers(10, 200))
def test_every_cell_is_exactly_as_wide_as_its_column(seen: tuple[Board, Snapshot, list[Chat]], width: int) -> None:
    _, snapshot, chats = seen
    context = CellContext(snapshot, ShortIds(snapshot.chats), tuple(chat.id for chat in chats[:3]))

    for placed in place(chat_columns(width), width):
        assert {cell_len(placed.text(chat, context).text) for chat in chats} == {placed.width}
    for agent_column in place(AGENT_COLUMNS, width):
        assert all(cell_len(agent_column.text(row, context).text) == agent_column.width for row in agent_rows(snapshot))


@given(snapshots(), st.sampled_from(SORT_ORDERS), st.booleans())
def test_every_order_places_every_chat_once_and_always_alike(
    seen: tuple[Board, Snapshot, list[Chat]], order: SortOrder, reverse: bool
) -> None:
    _, snapshot, chats = seen
    arranged = arrange(chats, order, snapshot.now, reverse=reverse)

    assert sorted(arranged) == sorted(chat.id for chat in chats)
    assert arrange(reversed(chats), order, snapshot.now, reverse=reverse) == arranged


@given(snapshots(), snapshots(), st.sampled_from(SORT_ORDERS), st.randoms(use_true_random=False))
def test_chats_that_change_come_and_go_stand_where_they_would_had_all_been_placed_anew(
    first: tuple[Board, Snapshot, list[Chat]], second: tuple[Board, Snapshot, list[Chat]], order: SortOrder, random: Random
) -> None:
    now = second[1].now
    before = {chat.id: chat for chat in first[2]}
    after = {chat.id: chat for chat in second[2]} | {chat.id: chat for chat in first[2] if random.random() < 0.5}
    changed = {one for one in before.keys() | after.keys() if before.get(one) is not after.get(one)}

    def shows(chat: Chat) -> bool:
        return chat.health is not Health.GONE

    kept_up = Arrangement(order, shows)
    kept_up.arrange(before.values(), now)
    kept_up.change(changed, after, now)
    placed_anew = Arrangement(order, shows)
    placed_anew.arrange(after.values(), now)
    assert kept_up.chat_ids() == placed_anew.chat_ids()


def test_every_order_is_shown_by_a_column() -> None:
    assert {order.column for order in SORT_ORDERS} <= {column.id for column in CHAT_COLUMNS}


def test_who_needs_a_person_most_stands_first() -> None:
    watched = Watched()
    watched.monitor.watch([("pending", "")])
    watched.answer("gone")
    watched.fail("gone", NotFound("not known"))
    watched.answer("idle", IDLE)
    watched.answer("chatting", CHATTING)
    watched.answer("strange", "Transferring")
    watched.fail("not found", NotFound("not known"))
    watched.fail("denied", Denied("no"))
    watched.fail("failing", Timeout("no answer"))
    for name, state in (("idle?", IDLE), ("waiting?", WAITING)):
        watched.answer(name, state)
        watched.fail(name, Timeout("no answer"))
    watched.answer("waits longer", WAITING)
    watched.clock.seconds += 1
    watched.answer("waits", WAITING)

    assert arrange(watched.monitor.board.chats, SORT_ORDERS[0], watched.clock.now()) == [
        "waits longer", "waits", "waiting?", "failing", "idle?", "denied", "not found", "strange", "chatting", "idle", "pending", "gone",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("order", "first"), [("customer", "a"), ("agent", "b"), ("label", "c"), ("chat", "a"), ("for", "c"), ("state", "b"), ("seen", "c")]
)
def test_each_order_begins_with_what_it_names(order: str, first: str) -> None:
    watched = Watched()
    watched.answer("c", IDLE, customer="zoe", agents=("Max",), label="accounts")
    watched.clock.seconds += 1
    watched.answer("a", WAITING, customer="Ada", agents=(), label="sales")
    watched.clock.seconds += 1
    watched.answer("b", CHATTING, customer="bo", agents=("kristi",), label="")

    chosen = next(one for one in SORT_ORDERS if one.id == order)
    assert arrange(watched.monitor.board.chats, chosen, watched.clock.now())[0] == first


@given(ids, ids)
def test_held_rows_keep_their_places_and_new_ones_come_last(before: list[str], after: list[str]) -> None:
    held = keep_places(before, after)
    stayed = [one for one in before if one in after]

    assert held[: len(stayed)] == stayed
    assert held[len(stayed) :] == [one for one in after if one not in before]


@given(snapshots())
def test_sorted_by_the_clock_the_clocks_on_show_go_down(seen: tuple[Board, Snapshot, list[Chat]]) -> None:
    _, snapshot, chats = seen
    by_clock = next(order for order in SORT_ORDERS if order.column == "for")
    shown = [time_shown(snapshot.chats[chat_id], snapshot.now) for chat_id in arrange(chats, by_clock, snapshot.now)]

    known = [seconds for seconds in shown if seconds is not None]
    assert known == sorted(known, reverse=True)
    assert shown[: len(known)] == known
