"""What a terminal sends, and the keys, clicks and pastes that it is: whatever the bytes are, and however they are cut."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual import events
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from chatmon.ui.input_units import MAX_PASTE
from chatmon.ui.terminal_input import TerminalInput

LONG_SECONDS = 60.0
"""After which nothing is unfinished any more."""


class Keyboard:
    """Types into a terminal's input, at a time of its own."""

    def __init__(self) -> None:
        self._now = 0.0
        self._input = TerminalInput(lambda: self._now, size=lambda: (80, 24))
        self.messages: list[Message] = []

    def type(self, data: bytes) -> None:
        self.messages += self._input.feed(data)

    def wait(self, seconds: float) -> None:
        self._now += seconds
        self.messages += self._input.tick()

    @property
    def keys(self) -> list[str]:
        return [message.key for message in self.messages if isinstance(message, events.Key)]

    @property
    def pasted(self) -> list[str]:
        return [message.text for message in self.messages if isinstance(message, events.Paste)]

    @property
    def said(self) -> list[str]:
        """Everything, as it can be compared."""
        return [repr(message) for message in self.messages]


def typed(*pieces: bytes) -> Keyboard:
    keyboard = Keyboard()
    for piece in pieces:
        keyboard.type(piece)
    keyboard.wait(LONG_SECONDS)
    return keyboard


KEYS = {
    b"aZ5\r\t\x03\x7f": ["a", "Z", "5", "enter", "tab", "ctrl+c", "backspace"],
    "å張".encode(): ["å", "張"],
    b"\x1b": ["escape"],
    b"\x1b\x1b": ["escape", "escape"],
    b"\x1b\x1b[A": ["escape", "up"],
    b"\x1bx": ["alt+x"],
    b"\x1bP": ["alt+shift+p"],
    b"\x1b[A\x1bOB\x1b[1;5C\x1b[5~\x1b[Z": ["up", "down", "ctrl+right", "pageup", "shift+tab"],
    b"\x1bOP\x1b[[A\x1b[15~\x1b[25~\x1b[R": ["f1", "f1", "f5", "f13", "f3"],
    b"\x1b[3$\x1b[a": ["shift+delete", "shift+up"],
    b"\x1b[120u\x1b[120;1:1u\x1b[120;1:2u": ["x", "x", "x"],
    b"\x1b[97;1;97u\x1b[97:65;2u\x1b[97::97;2;65u": ["a", "A", "A"],
    b"\x1b[99;5u\x1b[27u\x1b[13;129u\x1b[57414u": ["ctrl+c", "escape", "enter", "enter"],
    b"\x1b[1;1:1A\x1b[3;5:2~\x1b[27;5;97~": ["up", "ctrl+delete", "ctrl+a"],
    b"\x1b[0;;229u": ["å"],
}


@pytest.mark.parametrize("data", KEYS)
def test_keys_are_known_in_every_form_that_terminals_send(data: bytes) -> None:
    assert typed(data).keys == KEYS[data]


REPLIES = [
    b"\x1b]11;rgb:0000/0000/0000\x07",
    b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
    b"\x1b]4;1;rgb:cdcd/0000/0000\x1b\\",
    b"\x1b]52;c;" + b"YWJj" * 20_000 + b"\x07",
    b"\x1bP1$r0 q\x1b\\",
    b"\x1bP>|XTerm(390)\x1b\\",
    b"\x1bP1+r544e=787465726d\x1b\\",
    b"\x1b_Gi=31;OK\x1b\\",
    b"\x1b^private\x1b\\",
    b"\x1bXstring\x1b\\",
    b"\x1b\\",
    b"\x1b[?62;22c",
    b"\x1b[?6c",
    b"\x1b[>1;4000;29c",
    b"\x1b[=1;2c",
    b"\x1b[0n",
    b"\x1b[?997;1n",
    b"\x1b[12;40R",
    b"\x1b[1;2R",
    b"\x1b[?12;40;1R",
    b"\x1b[8;24;80t",
    b"\x1b[4;600;800t",
    b"\x1b[48;30000;30000;0;0t",
    b"\x1b[?2048;2$y",
    b"\x1b[?2026;0$y",
    b"\x1b[4;2$y",
    b"\x1b[?31u",
    b"\x9b?62;22c",
    b"\xc2\x9b?62;22c",
    b"\x9d11;rgb:00/00/00\x9c",
    b"\x90>|XTerm\xc2\x9c",
]
NO_KEYS = [
    b"\x1b[120;1:3u",
    b"\x1b[120;1:0u",
    b"\x1b[120;1:4u",
    b"\x1b[120;1:3~",
    b"\x1b[1;1:3A",
    b"\x1b[3;5:3~",
    b"\x1b[1114112u",
    b"\x1b[99999999999999999999u",
    b"\x1b[55296u",
    b"\x1b[57344u",
    b"\x1b[3u",
    b"\x1b[u",
    b"\x1b[:u",
    b"\x1b[:R",
    b"\x1b[::::A",
    b"\x1b[;;;u",
    b"\x1b[120;999u",
    b"\x1b[120;0u",
    b"\x1b[120~",
    b"\x1b[97A",
    b"\x1b[27;5;1114112~",
    b"\x1b[" + b"1" * 5_000 + b"A",
    b"\x1b[" + b"0" * 5_000 + b"u",
    b"\x1b[<0;0;0M",
    b"\x1b[<0;-5;-5M",
    b"\x1b[<0;99999;99999M",
    b"\x1b[<128;5;5M",
    b"\x1b[<999999999999;5;5M",
    b"\x1b[<0;81;5M",
    b"\x1b[<0;5;25M",
    b"\x1b[<65;5;9000M",
    b"\x1b[<;;M",
    b"\x1b[<M",
    b"\x1b[M !!",
    b"\x1b[M\xe0\xc3\xa9",
    b"\x1b[32;5;5M",
    b"\x1b[201~",
    b"\xff\xfe\xc3",
    b"\xed\xa0\x80",
    b"\x85\xc2\x85",
]


@pytest.mark.parametrize("data", [*REPLIES, *NO_KEYS])
def test_what_is_no_key_does_nothing_and_the_next_key_is_answered(data: bytes) -> None:
    assert typed(data + b"\x1b[A").said == typed(b"\x1b[A").said
    assert typed(*(data[number : number + 1] for number in range(min(len(data), 5_000))), data[5_000:], b"j").keys == ["j"]


def test_of_all_replies_that_on_synchronized_output_counts() -> None:
    (message,) = typed(b"\x1b[?2026;2$y").messages
    assert isinstance(message, TerminalSupportsSynchronizedOutput)


@pytest.mark.parametrize(
    "start", [b"\x1b]11;rgb:00", b"\x1bP1$r", b"\x1b_G", b"\x1b^p", b"\x1bXs", b"\x1b[?62;", b"\x1b[" + b"1" * 999, b"\x9d1"]
)
@pytest.mark.parametrize("cancel", [b"\x18", b"\x1a"])
def test_what_follows_a_cancelled_sequence_is_input_again(start: bytes, cancel: bytes) -> None:
    assert typed(start + cancel + b"j").keys == ["j"]


UNFINISHED = [
    b"\x1b]11;rgb:00",
    b"\x1bP1$r",
    b"\x1b_G",
    b"\x1b^p",
    b"\x1bXs",
    b"\x9d",
    b"\x1b]11;\x1b",
    b"\x1b[?62;",
    b"\x1b[M!",
    b"\x1b[200~text",
]


@pytest.mark.parametrize("start", UNFINISHED)
def test_what_stays_unfinished_gives_the_keyboard_back_to_who_waits(start: bytes) -> None:
    keyboard = Keyboard()
    keyboard.type(start)
    keyboard.wait(LONG_SECONDS)
    keyboard.type(b"j")
    assert keyboard.keys == ["j"]


@pytest.mark.parametrize("start", [one for one in UNFINISHED if not one.startswith((b"\x1b[?", b"\x1b[M"))])
def test_what_stays_unfinished_gives_the_keyboard_back_to_who_types_on(start: bytes) -> None:
    keyboard = Keyboard()
    keyboard.type(start)
    for _ in range(1_000):
        keyboard.type(b"j")
        keyboard.wait(0.03)
    assert keyboard.keys[-1:] == ["j"]


@pytest.mark.parametrize("start", [b"\x1b[", b"\x1b]", b"\x1b^", b"\x1b_", b"\x9b", b"\x9d"])
def test_a_reply_cut_off_behind_its_introducer_is_at_most_a_key_with_alt_that_types_nothing(start: bytes) -> None:
    for message in typed(start).messages:
        assert isinstance(message, events.Key)
        assert message.key.startswith("alt+")
        assert not message.is_printable


def test_a_reply_that_is_still_arriving_is_waited_for() -> None:
    keyboard = Keyboard()
    for piece in (b"\x1b]11;", b"rgb:00/", b"00/00", b"\x1b", b"\\"):
        keyboard.type(piece)
        keyboard.wait(0.2)
    keyboard.type(b"j")
    assert keyboard.keys == ["j"]


PASTED = [
    (b"plain", "plain"),
    (b"q\x1bq\x1b[A\x1b[200~\x03\x04\x1a", "qq[A[200~"),
    (b"a\r\nb\rc\nd\te\x00\x9b", "a\nb\nc\nd\te"),
    (b"\x1b]0;title\x07 \x1b[201 ~ \x1b[201", "]0;title [201 ~ [201"),
]


@pytest.mark.parametrize(("data", "text"), PASTED)
def test_what_is_pasted_is_text_and_nothing_else(data: bytes, text: str) -> None:
    whole = b"\x1b[200~" + data + b"\x1b[201~"
    keyboard = typed(whole + b"j")
    assert (keyboard.pasted, keyboard.keys) == ([text], ["j"])
    assert typed(*(whole[number : number + 1] for number in range(len(whole))), b"j").said == keyboard.said


def test_of_an_endless_paste_the_beginning_is_kept() -> None:
    keyboard = Keyboard()
    keyboard.type(b"\x1b[200~")
    for _ in range(3):
        keyboard.type(b"q" * MAX_PASTE)
    keyboard.type(b"\x1b[201~j")
    assert (keyboard.pasted, keyboard.keys) == (["q" * MAX_PASTE], ["j"])


def test_a_paste_that_never_ends_is_as_long_as_it_is() -> None:
    assert typed(b"\x1b[200~half").pasted == ["half"]


def test_clicks_are_where_the_terminal_says() -> None:
    down, up = typed(b"\x1b[<0;5;7M\x1b[<0;5;7m").messages
    assert isinstance(down, events.MouseDown)
    assert isinstance(up, events.MouseUp)
    assert (down.x, down.y, down.button) == (4, 6, 1)


def test_the_mouse_is_let_go_at_the_edge_however_far_outside_it_is() -> None:
    (_, move, up) = typed(b"\x1b[<0;5;7M\x1b[<32;900;7M\x1b[<0;900;900m").messages
    assert isinstance(move, events.MouseMove)
    assert isinstance(up, events.MouseUp)
    assert (move.x, move.y, up.x, up.y) == (79, 6, 79, 23)


pieces = st.one_of(
    st.binary(max_size=20),
    st.sampled_from([*KEYS, *(one for one in REPLIES if len(one) < 100), *(one for one in NO_KEYS if len(one) < 100), *UNFINISHED]),
    st.sampled_from([b"\x1b", b"\x1b[", b"\x1b]", b"\x1bP", b"\x1b[<", b"\x1b[200~", b"\x1b[201~", b"\x1b\\", b"\x18", b"\x9b", b"\xc2"]),
    st.from_regex(rb"\x1b[\[O][<?>=]?[0-9:;]{0,12}[ -/]?[@-~]", fullmatch=True),
)
inputs = st.lists(pieces, max_size=12).map(b"".join)


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(edges)]


@example(b"\x1b[120;1:3u", [])
@example(b"\x1b[1114112u", [])
@example(b"\x1b[:R", [])
@example(b"\x1b[M\xc3\xa9\xc3A", [4, 5])
@example(b"\xe1\x98", [])
@given(inputs, st.lists(st.integers(0, 400), max_size=8))
def test_no_bytes_end_the_input_and_it_does_not_matter_how_they_are_cut(data: bytes, places: list[int]) -> None:
    assert typed(*cut(data, places)).said == typed(data).said
    keyboard = typed(data)
    keyboard.type(b"j")
    assert keyboard.keys[-1:] == ["j"]


@given(st.lists(st.sampled_from(REPLIES), max_size=5).map(b"".join), st.lists(st.integers(0, 400), max_size=8))
def test_no_replies_in_any_order_do_anything(data: bytes, places: list[int]) -> None:
    assert typed(*cut(data, places)).messages == []


@given(inputs.filter(lambda data: b"\x1b[201~" not in data), st.lists(st.integers(0, 400), max_size=8))
def test_no_paste_presses_a_key(data: bytes, places: list[int]) -> None:
    keyboard = typed(*cut(b"\x1b[200~" + data + b"\x1b[201~", places))
    assert keyboard.keys == []
    assert not [one for text in keyboard.pasted for one in text if one < " " and one not in "\n\t"]
