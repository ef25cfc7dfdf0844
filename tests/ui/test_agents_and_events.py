"""The agents and what happened, and the ways from there to the chats."""

from __future__ import annotations

import pytest

from chatmon.api.errors import NotFound
from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.monitor.figures import AgentLoad
from chatmon.ui.screens.agents import AgentsScreen
from chatmon.ui.widgets.row_table import RowTable
from tests.ui.strategies import HOSTILE
from tests.ui.watched import Dashboard, Watched, chat_id, dashboard, waiting_chats


def agents_on(shown: Dashboard) -> list[AgentLoad]:
    screen = shown.app.screen
    assert isinstance(screen, AgentsScreen)
    return [screen._rows[key].load for key in screen.table.keys]


def style_of(shown: Dashboard, glyph: str) -> str:
    """The named style of a sign in the list of agents."""
    table = shown.app.screen.query_one("#agents", RowTable)
    spans = (span for y in range(table.size.height) for span in table.line_at(y).spans)
    return next(span.style for span in spans if span.text == glyph)


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

        row = next(line for line in shown.lines if "Kristi" in line).split()
        assert row[:7] == ["▌", "Kristi", "3", "2", "1", "0", "≥00:00"]
        assert row[9] == "●●○"
        assert "told apart by nickname" in shown.text


async def test_who_has_too_many_chats_stands_first_until_it_is_acknowledged_and_even_then() -> None:
    watched = Watched()
    watched.answer("z", CHATTING, agents=("Max", "Kristi"))
    for number in range(5):
        watched.answer(chat_id(number), CHATTING, agents=("Max",))
        watched.answer(chat_id(10 + number), IDLE, agents=("Ada", "Bo"))
    watched.monitor.review()
    async with dashboard(watched) as shown:
        await shown.press("A")
        first = next(line for line in shown.lines if "Max" in line)
        assert first.split()[:4] == ["▌▲", "Max", "6", "6"]
        assert [one.nickname for one in agents_on(shown)] == ["Max", "Kristi", "Ada", "Bo"]
        assert style_of(shown, "▲") == "warn"

        await shown.press("a")
        assert style_of(shown, "▲") == "dim"
        assert agents_on(shown)[0].nickname == "Max"


async def test_who_handled_chats_in_this_shift_and_has_none_now_is_listed_at_the_end() -> None:
    watched = Watched()
    for name, agent in (("a", "Ada"), ("b", "Ada"), ("c", "Bo")):
        watched.answer(name, CHATTING, agents=(agent,))
    watched.clock.seconds += 1
    for name in ("a", "b"):
        watched.answer(name, CHATTING, agents=())
    async with dashboard(watched) as shown:
        await shown.press("A")

        assert [line.split()[:2] for line in shown.lines if "Ada" in line or "Bo" in line] == [["▌", "Bo"], ["Ada", "0"]]
        assert next(line for line in shown.lines if "Ada" in line).split()[-2:] == ["2", "2"]

        await shown.press("down", "enter")
        assert (shown.place, shown.notices) == ("agents", ["Ada is in no chat now."])


async def test_an_event_about_an_agent_leads_to_their_chats() -> None:
    watched = Watched()
    for number in range(6):
        watched.answer(chat_id(number), CHATTING, agents=("Max",))
    watched.answer("other", CHATTING, agents=("Kristi",))
    watched.monitor.review()
    async with dashboard(watched) as shown:
        await shown.press("e")
        assert "alarm overload of Max: " in shown.text
        await shown.press("enter")

        assert shown.place == "board"
        assert sorted(shown.rows) == [chat_id(number) for number in range(6)]


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
        assert shown.notices == ["That chat is no longer watched: these are its events."]
        assert "Customer 1" in shown.text
        assert "Customer 0" not in shown.text


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

        assert "▌" in shown.lines[3]


async def test_the_scroll_bar_stands_where_the_events_are() -> None:
    async with dashboard(waiting_chats(60), (80, 24)) as shown:
        await shown.press("e")
        table = shown.app.screen.query_one("#events")

        assert table.scroll_y == table.max_scroll_y > 0
        assert table.vertical_scrollbar.position == table.scroll_y
