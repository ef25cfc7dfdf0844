"""Filter, sort, pause, interval, watching and unwatching, copying, the palette."""

from __future__ import annotations

from unittest import mock

import pytest
from textual import events
from textual.widgets import Input

from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.ui.ordering import SORT_ORDERS
from chatmon.ui.screens.watch_prompt import WatchPrompt
from tests.ui.watched import Watched, chat_id, dashboard, waiting_chats


def three_chats() -> Watched:
    watched = Watched()
    watched.answer("waits", WAITING, customer="Ada", agents=())
    watched.answer("chats", CHATTING, customer="Bo", agents=("Kristi",))
    watched.answer("rests", IDLE, customer="Cy", agents=("Max",))
    return watched


async def test_the_filter_takes_effect_while_it_is_typed() -> None:
    async with dashboard(three_chats()) as shown:
        await shown.press("slash")
        await shown.type("agent:k")
        assert shown.rows == ["chats"]
        assert shown.said_of_the_filter == "1 of 3 chats"

        await shown.press("backspace")
        assert len(shown.rows) == 3


async def test_what_is_typed_without_a_pause_behind_the_slash_belongs_to_the_filter() -> None:
    async with dashboard(three_chats()) as shown:
        await shown.burst("p/ada/x", "enter")
        assert shown.app.session.listing.filter_text == "ada/x"
        assert shown.app.session.pinned == ["waits"]
        assert shown.app.focused is shown.board.table


async def test_enter_keeps_the_filter_and_escape_clears_it() -> None:
    async with dashboard(three_chats()) as shown:
        await shown.press("slash")
        await shown.type("state:idle")
        await shown.press("enter")
        assert shown.app.focused is shown.board.table
        assert shown.rows == ["rests"]
        assert "state:idle" in shown.text

        await shown.press("escape")
        assert len(shown.rows) == 3
        assert "state:idle" not in shown.text


async def test_escape_while_typing_clears_the_filter_too() -> None:
    async with dashboard(three_chats()) as shown:
        await shown.press("slash", "c", "escape")

        assert len(shown.rows) == 3
        assert shown.app.session.listing.filter_text == ""
        assert not shown.board.filter_bar.has_class("-shown")


async def test_a_filter_that_cannot_be_says_why_and_stays_until_it_is_mended() -> None:
    async with dashboard(three_chats()) as shown:
        await shown.press("slash")
        await shown.type("foo:bar")
        assert "no field 'foo'" in shown.said_of_the_filter
        assert "no field 'foo'" in shown.text

        await shown.press("enter")
        assert shown.app.focused is shown.board.filter_bar.input
        assert "no field 'foo'" in shown.text

        await shown.press("home", *["delete"] * 4, "enter")
        assert shown.app.focused is shown.board.table
        assert shown.app.session.listing.filter_text == "bar"


async def test_a_filter_that_finds_nothing_says_so() -> None:
    async with dashboard(three_chats()) as shown:
        await shown.press("slash")
        await shown.type("nobody")

        assert "No chat matches the filter." in shown.text
        assert shown.selected is None


async def test_s_sorts_by_the_next_column_and_shift_s_the_other_way_round() -> None:
    async with dashboard(three_chats()) as shown:
        for order in (*SORT_ORDERS[1:], SORT_ORDERS[0]):
            await shown.press("s")
            assert shown.app.session.listing.order is order
            assert shown.notices == [f"sorted: {order.title}"]
        forwards = shown.rows
        await shown.press("S")

        assert shown.rows == forwards[::-1]


async def test_a_paused_screen_stands_still_and_then_jumps_to_now() -> None:
    watched = three_chats()
    async with dashboard(watched) as shown:
        await shown.press("space")
        before = [line for line in shown.lines if "paused" not in line]
        watched.clock.seconds += 60
        watched.answer("new", WAITING)
        watched.answer("waits", CHATTING, customer="Ada")
        await shown.refresh()
        assert [line for line in shown.lines if "paused" not in line] == before
        assert "paused at 12:00:00" in shown.text

        await shown.press("space")
        assert "new" in shown.rows
        assert "12:01:00" in shown.lines[0]
        assert "paused" not in shown.text


async def test_a_paused_timeline_tells_nothing_newer() -> None:
    watched = three_chats()
    async with dashboard(watched) as shown:
        await shown.press("space")
        watched.clock.seconds += 1
        watched.answer("waits", CHATTING, customer="Ada")
        await shown.press("enter")

        assert "WaitingForAgent → Chatting" not in shown.text


async def test_a_timeline_survives_a_wall_clock_that_is_set_back() -> None:
    watched = three_chats()
    async with dashboard(watched) as shown:
        await shown.press("enter")
        watched.clock.set_back = 3600
        await shown.refresh(1)

        assert "first seen in WaitingForAgent" in shown.text


async def test_plus_and_minus_change_the_interval() -> None:
    async with dashboard(three_chats()) as shown:
        await shown.press("plus")
        assert shown.app.session.monitor.pace.interval == 3.0
        assert shown.notices == ["each chat every 3 s, Idle ones every 12 s"]

        await shown.press("minus", "minus")
        assert shown.app.session.monitor.pace.interval == 1.0

        await shown.press(*["minus"] * 5)
        assert shown.app.session.monitor.pace.interval == 0.5
        assert shown.notices == ["each chat every 0.5 s, Idle ones every 2 s: already the fastest"]

        await shown.press(*["plus"] * 12)
        assert shown.app.session.monitor.pace.interval == 60.0
        assert shown.notices == ["each chat every 60 s, Idle ones every 240 s: already the slowest"]


async def test_o_watches_another_chat_and_selects_it() -> None:
    async with dashboard(three_chats()) as shown:
        await shown.press("o")
        await shown.type("another vip line")
        await shown.press("enter")

        assert shown.selected == "another"
        chat = shown.app.session.monitor.board.chat("another")
        assert chat is not None
        assert chat.label == "vip line"


UUIDS = ("652492d9-c2d9-44c9-b9ad-0ab7984114bb", "40316223-6b4b-48d3-bc78-d3102119a477")
PASTED = {
    "lines as a terminal sends them": ("first vip line\rsecond\r", {"first": "vip line", "second": ""}),
    "lines of any kind, and comments": ("first\r\n\n# this shift\nsecond sales # now\n", {"first": "", "second": "sales # now"}),
    "the same again with another label": ("first sales\nsecond\nfirst billing", {"first": "billing", "second": ""}),
    "ids with commas": (", ".join(UUIDS), dict.fromkeys(UUIDS, "")),
    "ids with spaces": ("0000Na9B26EF002X 0000Na9B26EF002Y", {"0000Na9B26EF002X": "", "0000Na9B26EF002Y": ""}),
    "ids in quotes, each in its line": ('"' + '",\n"'.join(UUIDS) + '"', dict.fromkeys(UUIDS, "")),
    "an id with a label that looks like many": (f"{UUIDS[0]} sales, billing", {UUIDS[0]: "sales, billing"}),
}


@pytest.mark.parametrize(("pasted", "chats"), PASTED.values(), ids=PASTED.keys())
async def test_several_chats_can_be_pasted_into_o(pasted: str, chats: dict[str, str]) -> None:
    async with dashboard(three_chats()) as shown:
        await shown.press("o")
        shown.app.post_message(events.Paste(pasted))
        await shown.settle()
        await shown.press("enter")

        board = shown.app.session.monitor.board
        assert {chat.id: chat.label for chat in list(board.chats)[3:]} == chats
        assert shown.place == "board"
        assert shown.selected == next(iter(chats))


async def test_of_what_is_pasted_the_good_lines_are_watched_and_the_bad_ones_stay_in_the_field() -> None:
    async with dashboard(three_chats()) as shown:
        await shown.press("o")
        shown.app.post_message(events.Paste(f"first sales\n{'x' * 300}\nsecond"))
        await shown.settle()
        await shown.press("enter")

        board = shown.app.session.monitor.board
        assert [chat.id for chat in list(board.chats)[3:]] == ["first", "second"]
        assert isinstance(shown.app.screen, WatchPrompt)
        assert shown.app.screen.query_one(Input).value == "x" * 300
        assert "Watched: 2; what is left cannot be a chat id" in shown.text

        shown.app.screen.query_one(Input).value = "third"
        await shown.press("enter")
        assert [chat.id for chat in list(board.chats)[3:]] == ["first", "second", "third"]
        assert shown.selected == "third"


@pytest.mark.parametrize("key", ["o", "z", "slash", "ctrl+p", "question_mark", "e", "A", "w"])
async def test_ctrl_c_ends_chatmon_wherever_it_is_pressed(key: str) -> None:
    async with dashboard(three_chats()) as shown:
        await shown.press(key)
        await shown.type("ab")
        await shown.press("ctrl+c")

        assert shown.app.return_value == 130


@pytest.mark.parametrize("place", ["b", "A"])
async def test_an_answer_given_twice_at_once_counts_once(place: str) -> None:
    async with dashboard(three_chats()) as shown:
        await shown.press(place, "o")
        await shown.type("another")
        field = shown.app.screen.query_one(Input)
        for _ in range(2):
            field.post_message(Input.Submitted(field, field.value))
        shown.app.screen.post_message(Input.Submitted(field, field.value))
        await shown.settle()

        assert shown.place == "board"
        assert shown.selected == "another"
        assert shown.app.is_running


async def test_an_id_that_cannot_be_is_refused_and_the_question_stays() -> None:
    async with dashboard(three_chats()) as shown:
        await shown.press("o", "enter")
        assert isinstance(shown.app.screen, WatchPrompt)
        assert "That cannot be a chat id: it is empty." in shown.text

        await shown.press("escape")
        assert shown.place == "board"
        assert len(shown.rows) == 3


async def test_an_id_that_is_watched_already_is_noticed() -> None:
    async with dashboard(three_chats()) as shown:
        await shown.press("o")
        await shown.type("rests")
        await shown.press("enter")

        assert shown.notices == ["That chat is watched already."]
        assert shown.selected == "rests"


async def test_x_stops_watching_and_o_offers_the_chat_again() -> None:
    async with dashboard(three_chats()) as shown:
        await shown.press("x")
        assert shown.rows == ["chats", "rests"]
        assert "o takes it back" in shown.notices[0]

        await shown.press("o", "enter")
        assert shown.selected == "waits"


async def test_the_last_chat_can_be_unwatched() -> None:
    async with dashboard(three_chats()) as shown:
        await shown.press("x", "x", "x", "x", "p", "y", "r", "enter", "1")

        assert "No chat is watched." in shown.text
        assert shown.selected is None


async def test_what_the_user_adds_and_drops_shows_on_a_paused_screen_too() -> None:
    async with dashboard(three_chats()) as shown:
        await shown.press("space", "x")
        assert shown.rows == ["chats", "rests"]

        await shown.press("o")
        await shown.type("another")
        await shown.press("enter")
        assert shown.rows == ["chats", "rests", "another"]
        assert shown.selected == "another"


async def test_r_polls_the_chat_at_once() -> None:
    watched = three_chats()
    async with dashboard(watched) as shown:
        with mock.patch.object(watched.monitor, "poll_now", return_value=0.0) as asked:
            await shown.press("down", "r")

        asked.assert_called_once_with("chats")
        assert shown.notices == []


async def test_r_says_how_long_the_server_is_not_asked() -> None:
    watched = three_chats()
    async with dashboard(watched) as shown:
        with mock.patch.object(watched.monitor, "poll_now", return_value=17.4):
            await shown.press("down", "r")

        assert shown.notices == ["The server is asked again in 17 s, and then for this chat first."]


async def test_y_copies_the_whole_id() -> None:
    async with dashboard(waiting_chats(3)) as shown:
        await shown.press("down", "y")

        assert shown.app.clipboard == chat_id(1)
        assert "where the terminal allows it" in shown.notices[0]


async def test_the_palette_finds_a_chat_by_who_is_in_it_and_jumps_to_it() -> None:
    async with dashboard(three_chats()) as shown:
        await shown.press("slash")
        await shown.type("state:idle")
        await shown.press("enter", "ctrl+p")
        await shown.type("kristi")
        await found(shown.pilot, "Kristi")
        await shown.press("enter")
        await shown.settle()

        assert (shown.place, shown.selected) == ("board", "chats")
        assert len(shown.rows) == 3


async def test_the_palette_runs_what_keys_run() -> None:
    async with dashboard(three_chats()) as shown:
        await shown.press("ctrl+p")
        await shown.type("agents")
        await found(shown.pilot, "agents and their")
        await shown.press("enter")
        await shown.settle()

        assert shown.place == "agents"


async def found(pilot: object, words: str) -> None:
    """The palette searches in the background: wait until it lists what is looked for."""
    from textual.command import CommandList
    from textual.pilot import Pilot

    assert isinstance(pilot, Pilot)
    for _ in range(100):
        listed = pilot.app.screen.query_one(CommandList)
        if listed.option_count and words in str(listed.get_option_at_index(0).prompt):
            return
        await pilot.pause(0.02)
    pytest.fail(f"the palette lists nothing with {words!r}")
