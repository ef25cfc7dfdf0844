"""Hands on the keyboard: moving, opening, pinning, going from screen to screen."""

from __future__ import annotations

from itertools import product

import pytest

from chatmon.ui.session import MAX_PINS
from chatmon.ui.widgets.chat_pane import ChatPane
from tests.ui.watched import chat_id, dashboard, waiting_chats


async def test_keys_move_the_selection() -> None:
    async with dashboard(waiting_chats(100)) as shown:
        page = shown.board.table.size.height - 2
        for keys, place in (
            (("down",), 1), (("j",), 2), (("up",), 1), (("k",), 0), (("k",), 0), (("G",), 99), (("j",), 99), (("g",), 0),
            (("pagedown",), page), (("pageup",), 0), (("end",), 99), (("home",), 0),
        ):  # fmt: skip
            await shown.press(*keys)
            assert shown.selected == chat_id(place), keys


@pytest.mark.parametrize("key", ["G", "pagedown"])
async def test_the_selection_is_always_in_view(key: str) -> None:
    async with dashboard(waiting_chats(200), (80, 24)) as shown:
        await shown.press(key, key)

        assert sum("▌" in line for line in shown.lines) == 1


async def test_enter_opens_the_chat_and_escape_goes_back() -> None:
    async with dashboard(waiting_chats(3)) as shown:
        await shown.press("down", "enter")
        assert shown.place == "chat"
        assert chat_id(1) in shown.text

        await shown.press("escape")
        assert (shown.place, shown.selected) == ("board", chat_id(1))


async def test_enter_pressed_twice_opens_one_chat_and_escape_pressed_twice_leaves_the_board_alone() -> None:
    async with dashboard(waiting_chats(3)) as shown:
        await shown.press("enter", "enter")
        assert [type(screen).__name__ for screen in shown.app.screen_stack] == ["BoardScreen", "ChatScreen"]

        await shown.press("escape", "escape", "escape")
        assert shown.place == "board"


async def test_left_and_right_go_through_the_board_from_an_open_chat() -> None:
    async with dashboard(waiting_chats(3)) as shown:
        await shown.press("enter", "right", "right", "right")
        assert chat_id(2) in shown.text

        await shown.press("left")
        assert chat_id(1) in shown.text

        await shown.press("escape")
        assert shown.selected == chat_id(1)


async def test_left_and_right_begin_at_the_chat_that_is_open_not_at_the_selected_one() -> None:
    async with dashboard(waiting_chats(9)) as shown:
        await shown.press("G", "p", "g", "w", "enter", "left")

        assert chat_id(7) in shown.text


async def test_an_open_chat_that_is_watched_no_more_says_so() -> None:
    async with dashboard(waiting_chats(3)) as shown:
        await shown.press("enter", "x")

        assert "no longer watched" in shown.text


async def test_tab_goes_from_the_list_to_the_panes_and_round() -> None:
    async with dashboard(waiting_chats(4)) as shown:
        await shown.press("p", "down", "down")
        stops = []
        for _ in range(4):
            stops.append(getattr(shown.app.focused, "id", None))
            await shown.press("tab")

        assert stops == ["chats", "selected", "pinned-1", "chats"]
        await shown.press("shift+tab")
        assert shown.app.focused is not None


async def test_a_pane_with_the_keyboard_is_what_keys_are_about() -> None:
    async with dashboard(waiting_chats(4)) as shown:
        await shown.press("p", "down", "down", "1")
        await shown.press("y")

        assert shown.app.clipboard == chat_id(0)
        await shown.press("escape")
        assert shown.app.focused is shown.board.table


async def test_p_pins_and_unpins_and_a_tenth_pin_is_refused() -> None:
    async with dashboard(waiting_chats(12)) as shown:
        for _ in range(MAX_PINS + 1):
            await shown.press("p", "down")

        assert shown.app.session.pinned == [chat_id(place) for place in range(MAX_PINS)]
        assert shown.notices == ["All 9 places are taken: unpin another chat first."]

        await shown.press("g", "p")
        assert chat_id(0) not in shown.app.session.pinned
        assert len(shown.app.session.pinned) == MAX_PINS - 1


async def test_pins_stand_in_their_row_with_their_number() -> None:
    async with dashboard(waiting_chats(3)) as shown:
        await shown.press("down", "p")

        assert "¹" in next(line for line in shown.lines if "Customer 1 " in line)


async def test_a_digit_goes_to_its_pane_or_opens_the_chat_where_no_pane_shows_it() -> None:
    async with dashboard(waiting_chats(5)) as shown:
        await shown.press("p", "down", "p", "down", "p", "down", "1")
        assert isinstance(shown.app.focused, ChatPane)
        assert shown.app.focused.chat_id == chat_id(0)

        await shown.press("3")
        assert shown.place == "chat"
        assert chat_id(2) in shown.text

        await shown.press("1")
        assert chat_id(0) in shown.text

        await shown.press("9")
        assert chat_id(0) in shown.text


@pytest.mark.parametrize(
    ("pins", "size"), [(0, (160, 45)), (1, (80, 24)), (2, (160, 45)), (3, (80, 24)), (5, (160, 45)), (9, (160, 45)), (9, (80, 24))]
)
async def test_the_wall_shows_every_pinned_chat(pins: int, size: tuple[int, int]) -> None:
    async with dashboard(waiting_chats(10), size) as shown:
        shown.app.session.pinned = [chat_id(place) for place in range(pins)]
        await shown.press("w")

        assert sum(f"{place:08d}-" in shown.text for place in range(10)) == pins
        assert ("Nothing is pinned." in shown.text) is (pins == 0)


async def test_on_the_wall_digits_and_tab_choose_a_pane_enter_opens_it_and_p_takes_it_down() -> None:
    async with dashboard(waiting_chats(4)) as shown:
        await shown.press("p", "down", "p", "down", "p", "w", "2", "tab", "enter")
        assert chat_id(2) in shown.text

        await shown.press("escape", "p")
        assert shown.app.session.pinned == [chat_id(0), chat_id(1)]

        await shown.press("1", "p", "1", "p")
        assert "Nothing is pinned." in shown.text


async def test_every_screen_is_reached_from_every_other() -> None:
    ways = {"A": "agents", "e": "events", "w": "wall", "b": "board"}
    async with dashboard(waiting_chats(1), (80, 24)) as shown:
        for start, (key, place) in product(("b", "A", "e", "w", "question_mark"), ways.items()):
            await shown.press(start, key)
            assert shown.place == place
            assert len(shown.app.screen_stack) <= 2


async def test_the_help_goes_back_to_where_it_was_opened() -> None:
    async with dashboard(waiting_chats(3)) as shown:
        await shown.press("e", "question_mark", "escape")
        assert shown.place == "events"

        await shown.press("question_mark", "question_mark")
        assert shown.place == "events"


async def test_the_help_is_read_with_the_keys() -> None:
    async with dashboard(waiting_chats(1), (80, 24)) as shown:
        await shown.press("question_mark")
        await shown.press("j", "j")
        await shown.pilot.pause()
        assert "Everywhere" not in shown.text

        await shown.press("G")
        await shown.pilot.pause()
        assert "!state:idle" in shown.text

        await shown.press("g")
        await shown.pilot.pause()
        assert "Everywhere" in shown.text


async def test_q_ends_with_0_and_ctrl_c_with_130() -> None:
    async with dashboard(waiting_chats(1)) as shown:
        await shown.press("q")
    assert shown.app.return_code == 0

    async with dashboard(waiting_chats(1)) as shown:
        await shown.press("ctrl+c")
    assert shown.app.return_value == 130
