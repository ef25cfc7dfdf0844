"""Keys that the user chose: what would do, and that screens and help know them. The words of the configuration are those of the screens."""

from __future__ import annotations

import pytest

from chatmon.api.errors import NotFound
from chatmon.api.resource import WAITING
from chatmon.config.screen import COLUMN_IDS, FILTER_KEYS, SORT_ORDER_IDS, THEMES, ScreenSettings
from chatmon.ui import keys
from chatmon.ui.app import ChatmonApp
from chatmon.ui.columns import CHAT_COLUMNS
from chatmon.ui.help_lines import help_lines
from chatmon.ui.keymap import BINDINGS, OFF, InvalidKeys, check_keymap, keymap_in_replay, keys_of, rebound
from chatmon.ui.ordering import SORT_ORDERS
from chatmon.ui.screens.agents import AgentsScreen

from .watched import Dashboard, Watched

FREE_KEYS = ("u", "T", "f9", "ctrl+t", "shift+f3", "?,f8", "percent_sign", "€")


def test_the_words_to_choose_among_are_those_of_the_screens() -> None:
    app = ChatmonApp(Watched().monitor, source="gws.example.com")

    assert set(THEMES) - {"dark", "light"} == {name for name in app.available_themes if not name.startswith("chatmon-")}
    assert tuple(column.id for column in CHAT_COLUMNS) == COLUMN_IDS
    assert tuple(order.id for order in SORT_ORDERS) == SORT_ORDER_IDS
    assert [binding.key for binding in keys.FILTER_KEYS] == list(FILTER_KEYS)


def test_every_binding_of_the_keys_can_be_chosen_for() -> None:
    groups = [value for name, value in vars(keys).items() if name.endswith("_KEYS") and isinstance(value, tuple)]

    assert {binding.id for group in groups for binding in group} == set(BINDINGS)


def test_the_keys_as_they_are_do_not_get_into_each_others_way() -> None:
    check_keymap({})
    check_keymap({binding: ",".join(one.key for one in same) for binding, same in BINDINGS.items()})


@pytest.mark.parametrize("chosen", FREE_KEYS)
def test_a_key_that_means_nothing_yet_can_be_chosen(chosen: str) -> None:
    check_keymap({"sort": chosen, "show_help": "f10"})


@pytest.mark.parametrize("chosen", ["", ",", "ctl+s", "nosuchkey", "ctrl+", "ctrl+?", "hello world", "a,,b"])
def test_a_key_that_does_not_exist_is_refused(chosen: str) -> None:
    with pytest.raises(InvalidKeys, match="has no such key as") as refused:
        check_keymap({"sort": chosen})

    assert refused.value.binding == "sort"


@pytest.mark.parametrize("one", sorted(BINDINGS))
def test_no_key_means_two_things_that_it_did_not_mean_before(one: str) -> None:
    assert [other for other in BINDINGS if is_refused({one: ",".join(keys_of(other, {}))}) != has_other_keys(one, other)] == []


def has_other_keys(one: str, other: str) -> bool:
    return one != other and not set(keys_of(one, {})) & set(keys_of(other, {}))


def is_refused(keymap: dict[str, str]) -> bool:
    try:
        check_keymap(keymap)
    except InvalidKeys:
        return True
    return False


@pytest.mark.parametrize(
    "keymap",
    [
        pytest.param({}, id="as they are"),
        pytest.param({"first": "home,g"}, id="as they are, written out"),
        pytest.param({"first": "g", "scroll_home": "g"}, id="the letter alone"),
        pytest.param({"go_to_time": "home"}, id="the other key"),
        pytest.param({"go_to_time": "u", "first": "home,g"}, id="another letter"),
    ],
)
def test_no_key_of_a_replay_means_two_things(keymap: dict[str, str]) -> None:
    assert not is_refused(keymap)
    in_replay = keymap_in_replay(keymap)

    asks = keys_of("go_to_time", in_replay)
    for name in ("first", "scroll_home"):
        left = () if in_replay[name] == OFF else keys_of(name, in_replay)
        assert set(left) == set(keys_of(name, keymap)) - set(asks)


def test_two_bindings_can_change_places() -> None:
    check_keymap({"sort": "x", "unwatch": "s"})


def test_bindings_are_written_with_the_keys_that_were_chosen() -> None:
    written = rebound(keys.MOVE_KEYS, {"cursor_up": "i,?"})

    assert [binding.key for binding in written][:2] == ["i,question_mark", "down,j"]


async def dashboard_with(keymap: dict[str, str]) -> tuple[ChatmonApp, Watched]:
    watched = Watched()
    watched.answer("a")
    watched.answer("b")
    return ChatmonApp(watched.monitor, ScreenSettings(keys=keymap), source="gws.example.com"), watched


async def test_the_screens_obey_the_keys_that_were_chosen_and_no_longer_the_others() -> None:
    app, watched = await dashboard_with({"show_agents": "u", "pin_chat": "P,ctrl+k", "sort": "x", "unwatch": "s"})
    async with app.run_test(notifications=True) as pilot:
        shown = Dashboard(app, pilot, watched)
        await shown.settle()
        await shown.press("p")
        assert app.session.pinned == []
        await shown.press("P")
        assert len(app.session.pinned) == 1
        before = app.session.listing.order
        await shown.press("x")
        assert app.session.listing.order is not before
        assert len(list(watched.monitor.board.chats)) == 2
        await shown.press("s")
        assert len(list(watched.monitor.board.chats)) == 1
        await shown.press("A")
        assert not isinstance(app.screen, AgentsScreen)
        await shown.press("u")
        assert isinstance(app.screen, AgentsScreen)


def test_the_help_shows_the_keys_that_were_chosen() -> None:
    rows = [line.text.split() for line in help_lines(80, {"show_agents": "u", "pause": "ctrl+o,f9"})]

    assert ["u", "the", "agents", "and", "their", "chats"] in rows
    assert any(row[-4:] == ["screen;", "polling", "goes", "on"] and "Space" not in row for row in rows)


REBOUND = {
    "acknowledge": "f9",
    "snooze": "ctrl+o",
    "poll_now": "u",
    "unwatch": "question_mark",
    "show_help": "f8",
    "watch": "f7",
    "back": "f6",
}


async def test_what_a_pane_says_of_keys_follows_those_that_were_chosen() -> None:
    app, watched = await dashboard_with(REBOUND)
    watched.answer("a", WAITING)
    watched.fail("b", NotFound("not known"))
    watched.clock.seconds += 100
    watched.monitor.review()
    async with app.run_test(notifications=True, size=(160, 45)) as pilot:
        shown = Dashboard(app, pilot, watched)
        await shown.refresh()
        await shown.press("g", "enter")
        both = shown.text
        await shown.press("right")
        both += shown.text

        assert "f9 acknowledges  ctrl+o snoozes" in both
        assert "; u asks once more" in both

        await shown.press("?")
        assert "This chat is no longer watched. f6 goes back." in shown.text
        assert any(notice.endswith("is no longer watched: f7 takes it back.") for notice in shown.notices)


@pytest.mark.parametrize("screen", ["b", "e"])
async def test_an_empty_list_says_which_key_clears_its_filter(screen: str) -> None:
    app, watched = await dashboard_with({"back": "f6"})
    async with app.run_test(notifications=True) as pilot:
        shown = Dashboard(app, pilot, watched)
        await shown.settle()
        await shown.press(screen, "slash", *"nobody")

        assert "f6 clears it." in shown.text


async def test_an_empty_wall_says_which_key_pins() -> None:
    app, watched = await dashboard_with({"pin_chat": "f9"})
    async with app.run_test() as pilot:
        shown = Dashboard(app, pilot, watched)
        await shown.settle()
        await shown.press("w")

        assert "On the board, f9 pins the selected chat." in shown.text
