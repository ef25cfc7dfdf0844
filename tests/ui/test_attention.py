"""The monitor knows at which chats someone looks: the selected one, the pinned ones and the one that is open."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from chatmon.api.resource import IDLE
from tests.ui.watched import Watched, chat_id, dashboard


@pytest.fixture
def attended(monkeypatch: pytest.MonkeyPatch, watched: Watched) -> list[set[str]]:
    """The chats that the monitor was told of, each time anew."""
    told: list[set[str]] = []
    attend = watched.monitor.attend

    def note(chat_ids: Iterable[str]) -> None:
        told.append(set(chat_ids))
        attend(told[-1])

    monkeypatch.setattr(watched.monitor, "attend", note)
    return told


@pytest.fixture
def watched() -> Watched:
    """Five chats that are Idle."""
    watched = Watched()
    for place in range(5):
        watched.answer(chat_id(place), IDLE)
        watched.clock.seconds += 1
    return watched


async def test_the_selected_chat_is_attended_and_no_more_when_the_selection_has_moved(watched: Watched, attended: list[set[str]]) -> None:
    async with dashboard(watched) as shown:
        assert attended[-1] == {chat_id(0)}
        await shown.press("down")
        assert attended[-1] == {chat_id(1)}


async def test_pinned_chats_are_attended_until_they_are_unpinned(watched: Watched, attended: list[set[str]]) -> None:
    async with dashboard(watched) as shown:
        await shown.press("p", "down", "p", "down")
        assert attended[-1] == {chat_id(0), chat_id(1), chat_id(2)}
        await shown.press("up", "p", "down")
        assert attended[-1] == {chat_id(0), chat_id(2)}


async def test_an_open_chat_is_attended_though_it_is_neither_selected_nor_pinned_any_more(
    watched: Watched, attended: list[set[str]]
) -> None:
    async with dashboard(watched) as shown:
        await shown.press("p", "down", "w", "enter", "p")
        assert shown.place == "chat"
        assert attended[-1] == {chat_id(0), chat_id(1)}
        await shown.press("escape")
        assert attended[-1] == {chat_id(1)}


async def test_on_a_paused_screen_the_chats_someone_looks_at_are_attended_all_the_same(watched: Watched, attended: list[set[str]]) -> None:
    async with dashboard(watched) as shown:
        await shown.press("space", "down", "p", "down")
        assert attended[-1] == {chat_id(1), chat_id(2)}


async def test_a_pin_from_last_time_is_attended_as_soon_as_its_chat_comes(watched: Watched, attended: list[set[str]]) -> None:
    async with dashboard(watched) as shown:
        watched.monitor.watch([("new", None)])
        await shown.refresh(1)
        shown.app.session.expect_pins(["late"])
        watched.answer("late", IDLE)
        await shown.refresh(1)
        assert attended[-1] == {chat_id(0), "late"}


async def test_while_nothing_changes_the_monitor_is_not_told_again(watched: Watched, attended: list[set[str]]) -> None:
    async with dashboard(watched) as shown:
        told = len(attended)
        for _ in range(3):
            await shown.refresh(1)
        assert len(attended) == told


async def test_the_monitor_polls_the_chat_that_is_looked_at_at_the_interval_from_its_next_poll_on(watched: Watched) -> None:
    async with dashboard(watched) as shown:
        await shown.press("down")
        schedule = watched.monitor._schedule
        assert [schedule.every(chat_id(place), IDLE) for place in range(5)] == [4, 1, 4, 4, 4]
