"""The mouse does what the keys do."""

from __future__ import annotations

from textual import events

from chatmon.api.resource import CHATTING
from tests.ui.watched import Watched, chat_id, dashboard, waiting_chats


async def test_a_click_selects_a_second_one_opens() -> None:
    async with dashboard(waiting_chats(5)) as shown:
        await shown.pilot.click("#chats", offset=(10, 3))
        await shown.settle()
        assert (shown.place, shown.selected) == ("board", chat_id(2))

        await shown.pilot.click("#chats", offset=(10, 3), times=2)
        await shown.settle()
        assert shown.place == "chat"


async def test_a_double_click_opens_the_row_it_hits() -> None:
    async with dashboard(waiting_chats(5)) as shown:
        await shown.pilot.click("#chats", offset=(10, 4), times=2)
        await shown.settle()

        assert (shown.place, shown.selected) == ("chat", chat_id(3))


async def test_two_clicks_on_two_rows_open_nothing() -> None:
    async with dashboard(waiting_chats(5)) as shown:
        await shown.pilot.click("#chats", offset=(10, 2))
        await shown.pilot.click("#chats", offset=(10, 4))
        await shown.settle()

        assert (shown.place, shown.selected) == ("board", chat_id(3))


async def test_a_click_on_a_head_sorts_and_another_turns_it_round() -> None:
    async with dashboard(waiting_chats(3)) as shown:
        x = shown.lines[5].index("Customer")
        for reverse in (False, True):
            await shown.pilot.click("#chats", offset=(x, 0))
            await shown.settle()
            assert (shown.app.session.listing.order.id, shown.app.session.listing.reverse) == ("customer", reverse)
        assert shown.rows == [chat_id(2), chat_id(1), chat_id(0)]


async def test_a_click_below_the_rows_changes_nothing() -> None:
    async with dashboard(waiting_chats(3)) as shown:
        await shown.pilot.click("#chats", offset=(10, 20))
        await shown.settle()

        assert shown.selected == chat_id(0)


async def test_the_wheel_scrolls_and_rows_hold_their_places_meanwhile() -> None:
    watched = waiting_chats(100)
    async with dashboard(watched, (80, 24)) as shown:
        await shown.pilot._post_mouse_events([events.MouseScrollDown], "#chats", offset=(5, 5), button=0)
        await shown.settle()
        assert "Customer 0 " not in shown.text
        assert shown.selected == chat_id(0)

        watched.answer(chat_id(50), CHATTING)
        await shown.refresh(1)
        assert shown.rows[50] == chat_id(50)


async def test_the_wheel_lets_go_of_the_newest_event() -> None:
    watched = waiting_chats(60)
    async with dashboard(watched, (80, 24)) as shown:
        await shown.press("e")
        await shown.pilot._post_mouse_events([events.MouseScrollUp], "#events", offset=(5, 5), button=0)
        await shown.settle()
        before = shown.rows_of_events
        watched.answer("newest", CHATTING)
        await shown.refresh(1)

        assert shown.rows_of_events == before


async def test_a_click_on_a_figure_shows_what_it_counts() -> None:
    watched = Watched()
    watched.answer("waits", "WaitingForAgent")
    watched.answer("chats", CHATTING)
    async with dashboard(watched) as shown:
        await shown.pilot.click("FigureTiles", offset=(30, 1))
        await shown.settle()

        assert shown.rows == ["chats"]
        assert "state:chatting health:ok" in shown.text


async def test_a_click_in_the_key_bar_is_that_key() -> None:
    async with dashboard(waiting_chats(2)) as shown:
        for word, place in (("agents", "agents"), ("back", "board"), ("help", "help")):
            await shown.pilot.click("KeyBar", offset=(shown.lines[-1].index(word), 0))
            await shown.settle()
            assert shown.place == place


async def test_a_pane_clicked_twice_opens_its_chat() -> None:
    async with dashboard(waiting_chats(2)) as shown:
        await shown.pilot.click("#selected", offset=(5, 2), times=2)
        await shown.settle()
        assert shown.place == "chat"

        await shown.pilot.click("#details", offset=(5, 2), times=2)
        await shown.settle()
        assert shown.place == "chat"
