"""How the screen was left is how it begins the next time, and a file that is not understood stays as it is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.ui import saved_screen
from chatmon.ui.saved_screen import Choice, ScreenState, file_name, read_state, write_state
from tests.ui.strategies import texts
from tests.ui.watched import Dashboard, Watched, chat_id, dashboard

choices = st.builds(Choice, texts, texts)
states = st.builds(
    ScreenState,
    chatmon_screen=st.just(saved_screen.SCHEMA),
    order=choices,
    reverse=st.booleans(),
    filter=texts,
    pins=st.lists(texts, max_size=3).map(tuple),
    theme=choices,
)


def some_chats() -> Watched:
    watched = Watched()
    for number, state in enumerate((WAITING, CHATTING, CHATTING, IDLE)):
        watched.answer(chat_id(number), state, customer=f"Customer {number}", label="sales" if number else "billing")
    return watched


async def leave(shown: Dashboard) -> None:
    await shown.settle()
    shown.app.keep_screen_now()


def trouble_of(watched: Watched) -> str:
    return watched.monitor.troubles.get(saved_screen.TROUBLE, "")


async def test_order_filter_pins_and_theme_are_as_they_were_left(tmp_path: Path) -> None:
    path = tmp_path / "state" / "screen.json"
    async with dashboard(some_chats(), saved_at=path) as shown:
        await shown.press("p", "down", "p", "s", "S", "slash")
        await shown.type("label:sales")
        await shown.press("enter")
        shown.app.theme = "nord"
        pinned, rows = list(shown.app.session.pinned), shown.rows
        await leave(shown)

    async with dashboard(some_chats(), saved_at=path) as shown:
        assert shown.app.session.pinned == pinned
        assert shown.rows == rows
        assert (shown.app.session.listing.order.id, shown.app.session.listing.reverse) == ("state", True)
        assert shown.app.theme == "nord"
        assert shown.said_of_the_filter == "3 of 4 chats"
        assert "label:sales" in shown.text

        await shown.press("escape")
        assert len(shown.rows) == 4


async def test_the_folder_and_the_file_are_the_users_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "screen.json"
    async with dashboard(some_chats(), saved_at=path) as shown:
        await leave(shown)

    assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
    assert [one.name for one in path.parent.iterdir()] == ["screen.json"]


async def test_a_change_is_kept_while_the_dashboard_runs(tmp_path: Path) -> None:
    path = tmp_path / "screen.json"
    async with dashboard(some_chats(), saved_at=path) as shown:
        await shown.press("p")
        await shown.app._keep_screen()

        kept = read_state(path)
        assert kept is not None
        assert kept.pins == (chat_id(0),)
        assert trouble_of(shown.watched) == ""


@pytest.mark.parametrize(
    ("first", "later", "order"),
    [
        ({}, {}, "state"),
        ({"sort": "for"}, {"sort": "for"}, "state"),
        ({"sort": "for"}, {"sort": "agent"}, "agent"),
        ({}, {"sort": "seen"}, "seen"),
    ],
)
async def test_what_was_set_counts_until_the_user_chose_and_again_once_it_is_set_otherwise(
    tmp_path: Path, first: dict[str, Any], later: dict[str, Any], order: str
) -> None:
    async with dashboard(some_chats(), saved_at=tmp_path / "screen.json", **first) as shown:
        assert shown.app.session.listing.order.id == first.get("sort", "worst")
        shown.board.table.post_message(shown.board.table.HeadClicked("state"))
        await leave(shown)

    async with dashboard(some_chats(), saved_at=tmp_path / "screen.json", **later) as shown:
        assert shown.app.session.listing.order.id == order


async def test_a_theme_that_is_set_otherwise_counts(tmp_path: Path) -> None:
    async with dashboard(some_chats(), saved_at=tmp_path / "screen.json") as shown:
        shown.app.theme = "nord"
        await leave(shown)

    async with dashboard(some_chats(), saved_at=tmp_path / "screen.json", theme="dracula") as shown:
        assert shown.app.theme == "dracula"


async def test_pins_wait_for_their_chats_until_the_first_round_is_over(tmp_path: Path) -> None:
    path = tmp_path / "screen.json"
    async with dashboard(some_chats(), saved_at=path) as shown:
        shown.app.session.pinned = [chat_id(0), chat_id(7), chat_id(8)]
        shown.app.keep_screen_now()

    later = Watched()
    later.monitor.watch([(chat_id(0), None)])
    async with dashboard(later, saved_at=path) as shown:
        assert shown.app.session.pinned == [chat_id(0)]
        shown.app.keep_screen_now()
        kept = read_state(path)
        assert kept is not None
        assert kept.pins == (chat_id(0), chat_id(7), chat_id(8))

        later.monitor.watch([(chat_id(7), None)])
        await shown.refresh(1)
        assert shown.app.session.pinned == [chat_id(0), chat_id(7)]

        later.answer(chat_id(0))
        later.answer(chat_id(7))
        await shown.refresh(1)
        later.answer(chat_id(8))
        await shown.refresh(1)
        assert shown.app.session.all_pins == (chat_id(0), chat_id(7))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is no state of a screen"),
        (b"{}", "is no state of a screen"),
        (b'{"chatmon_screen": 1}', "is no state of a screen"),
        (b"\xff\xfe", "is no state of a screen"),
        (b"[" * 100_000, "is no state of a screen"),
        (b'{"x": ' + b'{"a":' * 100_000, "is no state of a screen"),
        (
            b'{"chatmon_screen":2,"order":{"chosen":"","instead_of":""},"reverse":false,"filter":"","pins":[],'
            b'"theme":{"chosen":"","instead_of":""}}',
            "is of another version",
        ),
    ],
)
async def test_a_file_that_is_not_understood_is_left_alone_and_said(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "screen.json"
    path.write_bytes(content)
    watched = some_chats()
    async with dashboard(watched, saved_at=path) as shown:
        await shown.press("p", "s")
        await shown.app._keep_screen()
        await leave(shown)

        assert why in trouble_of(watched)
        assert len(shown.rows) == 4

    assert path.read_bytes() == content


async def test_what_no_longer_is_of_this_program_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "screen.json"
    chosen = Choice("no such thing", "worst")
    theme = Choice("no such theme", "chatmon-dark")
    state = ScreenState(chatmon_screen=1, order=chosen, reverse=True, filter="nosuchfield:x", pins=("a",) * 20, theme=theme)
    write_state(path, state)
    async with dashboard(some_chats(), saved_at=path) as shown:
        assert (shown.app.session.listing.order.id, shown.app.session.listing.reverse, shown.app.theme) == ("worst", False, "chatmon-dark")
        assert len(shown.rows) == 4


async def test_where_it_cannot_be_written_it_is_said_until_it_can(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    watched = some_chats()
    async with dashboard(watched, saved_at=folder / "screen.json") as shown:
        folder.write_text("a file where the folder should be")
        await shown.app._keep_screen()
        assert "the screen is not kept" in trouble_of(watched)

        folder.unlink()
        await shown.press("p")
        await shown.app._keep_screen()
        assert trouble_of(watched) == ""
        assert (folder / "screen.json").exists()


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "screen.json"
    state = ScreenState(chatmon_screen=1, order=Choice("", ""), reverse=False, filter="", pins=(), theme=Choice("", ""))
    write_state(path, state)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_state(path, ScreenState(chatmon_screen=1, order=Choice("", ""), reverse=True, filter="", pins=(), theme=Choice("", "")))

    assert read_state(path) == state
    assert [one.name for one in tmp_path.iterdir()] == ["screen.json"]


@given(states)
def test_what_was_kept_is_read_as_it_was(tmp_path_factory: pytest.TempPathFactory, state: ScreenState) -> None:
    path = tmp_path_factory.getbasetemp() / "screen.json"
    write_state(path, state)

    assert read_state(path) == state


@given(st.lists(st.text(max_size=80), min_size=2, max_size=2, unique=True))
def test_each_deployment_has_a_file_of_its_own_and_a_harmless_name(names: list[str]) -> None:
    one, other = map(file_name, names)

    assert one != other
    assert one == Path(one).name
    assert one.isascii()
    assert one.startswith("screen-")
    assert len(one) < 100
