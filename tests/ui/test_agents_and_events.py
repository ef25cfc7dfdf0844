"""The agents and what happened, and the ways from there to the chats."""

from __future__ import annotations

import pytest

from chatmon.api.errors import NotFound
from chatmon.api.resource import CHATTING, IDLE, WAITING
from tests.ui.strategies import HOSTILE
from tests.ui.watched import Watched, chat_id, dashboard, waiting_chats


@pytest.mark.parametrize("nickname", ['Max "the Axe" Weber', "[bold]Max[/]", "Max", "max", "", " ", 'agent:"x"', "!Max", *HOSTILE])
async def test_enter_shows_the_chats_of_exactly_that_agent(nickname: str) -> None:
    watched = Watched()
    watched.answer("theirs", CHATTING, agents=("Kristi", nickname))
    watched.answer("also theirs", CHATTING, agents=(nickname,))
    watched.answer("alike", CHATTING, agents=(f"{nickname} Weber II",))
    watched.answer("nobody's", WAITING, agents=())
    watched.answer("over", IDLE, agents=(nickname,))
    watched.fail("over", NotFound("not known"))
    async with dashboard(watched) as shown:
        await shown.press("A", "enter")

        assert shown.place == "board"
        assert sorted(shown.rows) == ["also theirs", "theirs"]
        assert shown.said_of_the_filter == "2 of 5 chats"

        await shown.press("escape")
        assert len(shown.rows) == 5


async def test_an_agents_filter_can_be_gone_on_typing() -> None:
    watched = Watched()
    watched.answer("one", CHATTING, agents=("Kristi",), label="sales")
    watched.answer("two", CHATTING, agents=("Kristi",), label="billing")
    async with dashboard(watched) as shown:
        await shown.press("A", "enter", "slash", "end")
        await shown.type(" label:sales")

        assert shown.rows == ["one"]


async def test_an_agent_is_listed_with_the_number_of_their_chats() -> None:
    watched = Watched()
    for name, state in (("a", CHATTING), ("b", CHATTING), ("c", IDLE)):
        watched.answer(name, state, agents=("Kristi",))
    async with dashboard(watched) as shown:
        await shown.press("A")

        assert next(line for line in shown.lines if "Kristi" in line).split()[:7] == ["▌Kristi", "3", "2", "1", "0", "00:00", "●●○"]
        assert "told apart by nickname" in shown.text


async def test_without_agents_the_screen_says_so() -> None:
    async with dashboard(waiting_chats(1)) as shown:
        await shown.press("A", "enter")

        assert "No agent is listed in any chat." in shown.text


async def test_enter_on_an_event_selects_its_chat() -> None:
    async with dashboard(waiting_chats(5)) as shown:
        await shown.press("slash")
        await shown.type("nobody")
        await shown.press("enter", "e")
        await shown.press("up", "enter")

        assert (shown.place, shown.selected) == ("board", chat_id(3))


async def test_an_event_of_a_chat_that_is_watched_no_more_says_so() -> None:
    watched = waiting_chats(2)
    async with dashboard(watched) as shown:
        await shown.press("e")
        watched.monitor.unwatch(chat_id(1))
        await shown.refresh()
        await shown.press("enter")

        assert shown.place == "events"
        assert shown.notices == ["That chat is no longer watched."]


async def test_events_follow_the_newest_until_the_user_moves_away_from_it() -> None:
    watched = waiting_chats(60)
    async with dashboard(watched, (80, 24)) as shown:
        await shown.press("e")
        watched.answer("newest", WAITING, customer="Newest")
        await shown.refresh(1)
        assert "Newest" in shown.lines[-2]

        await shown.press("up", "up")
        before = shown.rows_of_events
        watched.answer("newer", WAITING, customer="Newer")
        await shown.refresh(1)
        assert shown.rows_of_events == before

        await shown.press("question_mark", "escape")
        assert shown.rows_of_events == before

        await shown.press("G")
        watched.answer("last", WAITING, customer="Last one")
        await shown.refresh(1)
        assert "Last one" in shown.lines[-2]


async def test_events_that_came_while_the_help_was_read_are_there_after_it() -> None:
    watched = waiting_chats(60)
    async with dashboard(watched, (80, 24)) as shown:
        await shown.press("e", "question_mark")
        watched.answer("newest", WAITING, customer="Newest")
        await shown.refresh(1)
        await shown.press("escape")

        assert "Newest" in shown.lines[-2]


async def test_a_key_for_the_screen_that_is_on_show_keeps_the_place_in_it() -> None:
    async with dashboard(waiting_chats(60), (80, 24)) as shown:
        await shown.press("e", "g", "e")

        assert "▌" in shown.lines[2]


async def test_the_scroll_bar_stands_where_the_events_are() -> None:
    async with dashboard(waiting_chats(60), (80, 24)) as shown:
        await shown.press("e")
        table = shown.app.screen.query_one("#events")

        assert table.scroll_y == table.max_scroll_y > 0
        assert table.vertical_scrollbar.position == table.scroll_y
