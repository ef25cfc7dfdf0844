"""The lines around the board (status, figures, keys) and the help."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.binding import Binding

from chatmon.api.errors import NotFound, Timeout
from chatmon.config.screen import ScreenSettings
from chatmon.history.errors import named
from chatmon.history.reader import HistoryReader
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.snapshot import take_snapshot
from chatmon.ui import keys
from chatmon.ui.help_lines import help_lines, key_rows
from chatmon.ui.session import Session
from chatmon.ui.widgets.key_bar import ALWAYS, ShownKey, fitting
from chatmon.ui.widgets.status_bar import status_line
from chatmon.ui.wording import status, trouble_text, troubles_mark
from tests.ui.watched import Watched, dashboard

import msgspec  # isort: skip

BINDINGS = [
    binding
    for name, value in vars(keys).items()
    if name.endswith("_KEYS") and isinstance(value, tuple)
    for binding in value
    if isinstance(binding, Binding)
]


def session(watched: Watched, **changes: object) -> Session:
    made = Session(watched.monitor, ScreenSettings(), source="gws.example.com")
    made.snapshot = msgspec.structs.replace(take_snapshot(watched.monitor), **changes)
    return made


def one_chat() -> Watched:
    watched = Watched()
    watched.answer("a")
    return watched


@given(st.integers(1, 200), st.sampled_from(Circuit), st.booleans(), st.floats(0, 9_999))
def test_the_status_line_is_as_wide_as_the_screen(width: int, circuit: Circuit, paused: bool, seconds: float) -> None:
    shown = session(one_chat(), circuit=circuit, next_poll_in=seconds, latency_p95=0.2)
    shown.paused = paused

    assert status_line(shown, "board", width).width == width


def test_the_status_line_says_everything_where_there_is_room() -> None:
    text = status_line(session(one_chat(), rate=12.4, latency_p95=0.038), "board", 160).text

    for part in ("chatmon", "board", "gws.example.com", "live", "12.4 polls/s", "of 100", "p95 38 ms", "1 chat "):
        assert part in text


def test_that_polls_are_late_is_said() -> None:
    assert "live, polls come 1.2 s late" in status_line(session(one_chat(), lateness=1.2, interval=2.0), "board", 100).text
    assert "late" not in status_line(session(one_chat(), lateness=0.2, interval=2.0), "board", 100).text


@pytest.mark.parametrize(
    ("circuit", "words"),
    [(Circuit.OUTAGE, "no answer from the server"), (Circuit.DENIED, "access denied"), (Circuit.LIMITED, "the server asks to wait 8 s")],
)
def test_trouble_with_all_polls_is_said_at_80_cells(circuit: Circuit, words: str) -> None:
    assert words in status_line(session(one_chat(), circuit=circuit, next_poll_in=7.2), "board", 80).text


def test_before_the_first_answer_the_status_says_what_it_waits_for() -> None:
    watched = Watched()
    watched.monitor.watch([("a", "")])

    assert "waiting for the first answer" in status_line(session(watched), "board", 80).text


def test_where_the_server_knows_none_of_the_chats_live_is_not_said() -> None:
    watched = Watched()
    for number in range(3):
        watched.fail(str(number), NotFound("unknown"))
    assert "the server knows none of the chats: is the URL right?" in status_line(session(watched), "board", 120).text

    watched.answer("3")
    assert "live" in status_line(session(watched), "board", 120).text


def test_a_board_without_chats_waits_for_nothing() -> None:
    assert "nothing to ask for" in status_line(session(Watched()), "board", 80).text


@pytest.mark.parametrize(("failing", "words"), [(2, "● live"), (3, "● live, 3 failing")])
def test_live_is_not_said_alone_where_a_good_share_does_not_answer(failing: int, words: str) -> None:
    watched = Watched()
    for number in range(10):
        watched.answer(str(number))
    for number in range(failing):
        watched.fail(str(number), Timeout("no answer"))
    state = status(session(watched).snapshot, paused=False, starting="", timezone=None)

    assert (state.text, state.style == "live") == (words, failing == 2)


@given(st.integers(0, 100))
def test_what_is_wrong_beside_the_polls_keeps_to_its_room_and_says_how_much_more_there_is(room: int) -> None:
    troubles = {"history": "the disk is full", "ids file": "line 12 is no chat id"}
    mark = troubles_mark(troubles, room)

    assert len(mark) <= max(room, len(" +1"))
    assert mark.endswith(" +1")
    assert troubles_mark({}, room) == ""


@pytest.mark.parametrize(
    ("about", "text", "mark"),
    [
        ("alarm command", "the alarm command failed with exit code 1", "✕ alarm command failed with exit code 1"),
        ("ids file", "line 12 is no chat id", "✕ ids file: line 12 is no chat id"),
        ("recall", "2 chats of the history begin anew", "✕ recall: 2 chats of the history begin anew"),
        ("ids file", "ids file is empty", "✕ ids file is empty"),
    ],
)
def test_what_is_wrong_beside_the_polls_is_named_once(about: str, text: str, mark: str) -> None:
    assert troubles_mark({about: text}, 60) == trouble_text(about, text) == mark


HISTORY = Path("/home/ada/.local/state/chatmon/history.sqlite3")


@pytest.mark.parametrize(
    ("why", "mark"),
    [
        (" cannot grow: the disk is full; make room", "✕ history cannot grow: the disk is full; make room"),
        (": its folder may not be written: denied", "✕ history: its folder may not be written: denied;"),
    ],
)
def test_why_nothing_is_recorded_comes_before_the_path_where_there_is_no_room_for_both(why: str, mark: str) -> None:
    text = f"nothing is recorded since 12:00:00: {named(HISTORY)}{why}"

    assert troubles_mark({"history": text}, 55, history=named(HISTORY)).startswith(mark)
    assert troubles_mark({"history": text}, 200, history=named(HISTORY)) == f"✕ history: {text}"


def test_the_status_line_says_why_nothing_is_recorded() -> None:
    shown = Session(one_chat().monitor, ScreenSettings(), source="gws.example.com", history=HistoryReader(HISTORY))
    trouble = f"nothing is recorded since 12:00:00: the history {HISTORY} cannot grow: the disk is full; make room"
    shown.snapshot = msgspec.structs.replace(shown.snapshot, troubles={"history": trouble})

    assert "✕ history cannot grow: the" in status_line(shown, "board", 120).text


@pytest.mark.parametrize("width", [30, 50, 80, 120, 160])
def test_what_is_wrong_beside_the_polls_is_marked_at_every_width(width: int) -> None:
    text = status_line(session(one_chat(), troubles={"history": "history: the disk is full"}), "board", width).text

    assert "✕" in text
    assert "history: history" not in text


async def test_the_key_bar_says_resume_while_the_screen_is_paused() -> None:
    async with dashboard(one_chat(), (160, 30)) as shown:
        assert "space pause" in shown.lines[-1]
        await shown.press("space")
        assert "space resume" in shown.lines[-1]


async def test_without_signs_the_key_bar_writes_enter_out() -> None:
    async with dashboard(one_chat(), ascii_only=True) as shown:
        assert shown.lines[-1].startswith(" Enter open")


def test_a_stretched_interval_is_said() -> None:
    assert "every 4.0 s: the rate is limited" in status_line(session(one_chat(), interval=4.0), "board", 120).text


def bar_key(action: str, word: str) -> ShownKey:
    return ShownKey(word[0], word, word[0], action)


bar_keys = st.lists(st.builds(bar_key, st.sampled_from(keys.BAR_ORDER), st.text("abc", min_size=1, max_size=9)), max_size=9)


@given(bar_keys, st.integers(10, 120))
def test_the_key_bar_holds_whole_keys_and_always_help_and_quit(others: list[ShownKey], width: int) -> None:
    last = [bar_key("show_help", "help"), bar_key("quit", "quit")]
    fit = fitting([*others, *last], width)
    used = 1 + sum(len(key.display) + len(key.word) + 3 for key in fit)

    assert [key.action for key in fit[-2:]] == list(ALWAYS)
    assert fit == last or used <= width


@pytest.mark.parametrize("binding", BINDINGS, ids=lambda binding: f"{binding.id}-{binding.key}")
def test_every_binding_can_be_bound_anew_and_explains_itself_in_the_help(binding: Binding) -> None:
    page = " ".join(" ".join(one.text.split()) for one in help_lines(80, {}))

    assert binding.id
    assert binding.tooltip
    assert binding.description
    assert binding.tooltip in page


def test_no_two_keys_of_one_place_do_different_things() -> None:
    for place in (keys.BOARD_KEYS, keys.OPEN_KEYS, keys.WALL_KEYS, keys.LIST_KEYS, keys.HELP_KEYS):
        bound = [key for binding in (*place, *keys.APP_KEYS, *keys.CHAT_KEYS, *keys.PIN_KEYS) for key in binding.key.split(",")]
        assert len(bound) == len(set(bound))


def test_the_help_writes_the_keys_as_they_are_bound() -> None:
    rebound = [replace(keys.CHAT_KEYS[0], key="f5")]

    assert key_rows(rebound) == [("f5", keys.CHAT_KEYS[0].tooltip)]


@pytest.mark.parametrize("width", [20, 38, 78, 110, 158])
def test_the_help_keeps_within_the_screen(width: int) -> None:
    assert all(one.width <= width for one in help_lines(width, {}))
