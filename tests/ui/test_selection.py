"""The selection belongs to the chat, and rows do not move under the hand."""

from __future__ import annotations

import pytest

from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.ui.screens.monitor_screen import HOLD_SECONDS
from tests.ui.watched import chat_id, dashboard, waiting_chats


async def test_the_selection_stays_with_its_chat_through_every_order() -> None:
    async with dashboard(waiting_chats(20)) as shown:
        await shown.press(*["down"] * 7)
        for key in (*"ssssssss", "S"):
            await shown.press(key)
            assert shown.selected == chat_id(7)
            assert "Customer 7 " in next(line for line in shown.lines if line.startswith("▌"))


async def test_it_stays_when_its_chat_moves_and_when_others_come() -> None:
    watched = waiting_chats(5)
    async with dashboard(watched) as shown:
        await shown.press("down")
        watched.answer(chat_id(1), IDLE, customer="Customer 1", agents=())
        watched.answer("new", WAITING)
        await shown.refresh(HOLD_SECONDS + 1)

        assert shown.rows[-1] == chat_id(1)
        assert shown.selected == chat_id(1)


async def test_it_comes_back_after_a_filter_that_hid_its_chat() -> None:
    async with dashboard(waiting_chats(5)) as shown:
        await shown.press("down", "down", "slash")
        await shown.type("customer:4")
        assert shown.selected == chat_id(4)

        await shown.press("escape")
        assert shown.selected == chat_id(2)


async def test_a_chat_chosen_under_a_filter_stays_chosen() -> None:
    async with dashboard(waiting_chats(5)) as shown:
        await shown.press("slash")
        await shown.type("!customer:0")
        await shown.press("enter", "down", "escape")

        assert shown.selected == chat_id(2)


async def test_no_key_is_lost_where_the_screen_is_renewed_at_the_same_moment() -> None:
    async with dashboard(waiting_chats(5)) as shown:
        shown.board.table.action_cursor_down()
        shown.board.show()
        shown.board.show()
        await shown.settle()

        assert shown.selected == shown.board.table.cursor == chat_id(1)


async def test_when_its_chat_goes_the_next_one_takes_its_place() -> None:
    watched = waiting_chats(5)
    async with dashboard(watched) as shown:
        await shown.press("down", "down")
        watched.monitor.unwatch(chat_id(2))
        await shown.refresh()
        assert shown.selected == chat_id(3)

        await shown.press("G")
        watched.monitor.unwatch(chat_id(4))
        await shown.refresh()
        assert shown.selected == chat_id(3)


async def test_until_the_user_moves_the_first_row_is_selected() -> None:
    watched = waiting_chats(0)
    watched.monitor.watch((chat_id(place), "") for place in range(4))
    async with dashboard(watched) as shown:
        watched.answer(chat_id(2), WAITING)
        await shown.refresh(1)
        assert shown.selected == chat_id(2)

        for place, state in ((0, IDLE), (1, CHATTING), (3, CHATTING)):
            watched.answer(chat_id(place), state)
        await shown.refresh(1)
        watched.answer(chat_id(2), IDLE)
        await shown.refresh(1)
        assert shown.rows[0] != chat_id(2)
        assert shown.selected == shown.rows[0]


@pytest.mark.parametrize("key", ["p", "r", "y", "a", "z"])
async def test_what_the_user_did_something_with_stays_selected(key: str) -> None:
    watched = waiting_chats(2)
    async with dashboard(watched) as shown:
        await shown.press(key)
        watched.answer(chat_id(0), IDLE)
        await shown.refresh(HOLD_SECONDS)

        assert shown.rows == [chat_id(1), chat_id(0)]
        assert shown.selected == chat_id(0)


async def test_rows_hold_their_places_for_a_while_after_a_key_and_then_take_their_order() -> None:
    watched = waiting_chats(5)
    async with dashboard(watched) as shown:
        await shown.press("down")
        watched.answer(chat_id(0), IDLE)
        watched.answer("new", WAITING)
        await shown.refresh(HOLD_SECONDS - 1)
        assert shown.rows == [*map(chat_id, range(5)), "new"]

        await shown.refresh(1)
        assert shown.rows == [*map(chat_id, range(1, 5)), "new", chat_id(0)]


async def test_agents_hold_their_places_as_well() -> None:
    watched = waiting_chats(0)
    watched.answer("a", CHATTING, agents=("Ada",))
    watched.answer("b", CHATTING, agents=("Ada", "Bo"))
    async with dashboard(watched) as shown:
        await shown.press("A", "down")
        for place in range(4):
            watched.answer(chat_id(place), CHATTING, agents=("Bo",))
        await shown.refresh(1)
        assert shown.text.index("Ada") < shown.text.index("Bo")

        await shown.refresh(HOLD_SECONDS)
        assert shown.text.index("Bo") < shown.text.index("Ada")


@pytest.mark.parametrize("keys", [("p",), ("A", "b"), ("r",)], ids=["pinned", "back from another screen", "polled"])
async def test_whoever_does_something_with_a_chat_or_comes_back_sees_which(keys: tuple[str, ...]) -> None:
    async with dashboard(waiting_chats(40), (80, 24)) as shown:
        await shown.press("down", "down")
        shown.board.table.scroll_to(y=20, animate=False, force=True)
        await shown.settle()
        assert not any(line.startswith("▌") for line in shown.lines)

        await shown.press(*keys)
        assert any(line.startswith("▌") for line in shown.lines)
        assert shown.selected == chat_id(2)
