"""What the command palette offers, and filters that are saved in the configuration."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import pytest
from textual.app import SystemCommand

from chatmon.api.resource import CHATTING, IDLE, WAITING
from tests.ui.watched import Dashboard, Watched, dashboard

FILTERS = {"f1": "state:waiting", "f3": "agent:kristi"}


def with_filters() -> AbstractAsyncContextManager[Dashboard]:
    watched = Watched()
    watched.answer("waits", WAITING, agents=())
    watched.answer("chats", CHATTING, agents=("Kristi",))
    watched.answer("rests", IDLE, agents=("Max",))
    return dashboard(watched, filters=FILTERS)


def commands(shown: Dashboard) -> dict[str, SystemCommand]:
    return {command.title: command for command in shown.app.get_system_commands(shown.app.screen)}


async def run(shown: Dashboard, title: str) -> None:
    """What the palette does with a command that was chosen."""
    shown.app.call_later(commands(shown)[title].callback)
    await shown.settle()


async def test_a_saved_filter_is_put_in_force_by_its_key_and_cleared_by_it() -> None:
    async with with_filters() as shown:
        await shown.press("e", "f1")
        assert (shown.place, shown.rows) == ("board", ["waits"])
        assert "state:waiting" in shown.text

        await shown.press("f3")
        assert shown.rows == ["chats"]

        await shown.press("f3")
        assert len(shown.rows) == 3


async def test_a_key_without_a_filter_says_how_to_save_one() -> None:
    async with with_filters() as shown:
        await shown.press("f2")

        assert shown.notices == ['No filter is saved under F2: the configuration\'s [filters] can hold one, f2 = "state:waiting".']
        assert len(shown.rows) == 3


async def test_the_palette_does_what_can_be_done_with_the_chat() -> None:
    async with with_filters() as shown:
        await run(shown, "Pin")
        assert shown.app.session.pinned == ["waits"]

        await run(shown, "Acknowledge")
        assert shown.notices == ["waits has no alarm."]


async def test_the_palette_sorts_and_filters_the_board_from_every_screen() -> None:
    async with with_filters() as shown:
        await shown.press("A")
        await run(shown, "Sort: customer")
        assert (shown.place, shown.app.session.listing.order.id) == ("board", "customer")

        await run(shown, "Filter: state:idle")
        assert shown.rows == ["rests"]
        await run(shown, "Filter F3: agent:kristi")
        assert shown.rows == ["chats"]
        await run(shown, "Filter: none")
        assert len(shown.rows) == 3


async def test_the_palette_offers_for_a_screen_what_can_be_done_there() -> None:
    async with with_filters() as shown:
        assert {"Pin", "Copy id", "Acknowledge", "Snooze", "Events", "Theme", "Quit"} <= commands(shown).keys()

        await shown.press("A")
        assert {"Acknowledge", "Snooze", "Board"} <= commands(shown).keys()
        assert "Pin" not in commands(shown)

        await shown.press("e")
        assert "Acknowledge" not in commands(shown)


@pytest.mark.parametrize("title", ["Screenshot", "Keys", "Maximize", "Minimize"])
async def test_what_does_not_fit_is_not_offered(title: str) -> None:
    async with with_filters() as shown:
        assert title not in commands(shown)
