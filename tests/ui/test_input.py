"""What a terminal sends, typed by a person or not: keys are keys, replies and pastes run nothing, and no bytes end the dashboard."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from chatmon.ui.input_units import MAX_PASTE, PASTE_SECONDS, UNFINISHED_SECONDS
from chatmon.ui.terminal_input import TerminalInput

NO_KEYS = (
    b"\x1b[120;1:3u",
    b"\x1b[120::99;5:3u",
    b"\x1b[1;1:3A",
    b"\x1b[3;1:3~",
    b"\x1b[1114112u",
    b"\x1b[55296u",
    b"\x1b[3u",
    b"\x1b[:R",
    b"\x1b[99999999999999999999u",
    b"\x1b[120;99999u",
    b"\x1b[201~",
    b"\x1b[12;40R",
    b"\x1b[0n",
    b"\x1b[?62;22c",
    b"\x1b[>1;10;0c",
    b"\x1b[?2048;2$y",
    b"\x1b[2;1$y",
    b"\x1b[48;30000;30000;0;0t",
    b"\x1b[48;0;0;0;0t",
    b"\x1b[48;-1;-1;0;0t",
    b"\x1b[?15u",
    b"\x1b[<0;-5;5M",
    b"\x1b[<0;99999999999999999999;5M",
    b"\x1b[<999;5;5M",
    b"\x1b[M abc"[:6],
    b"\x1b[32;10;10M",
    b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
    b"\x1b]11;rgb:0000/0000/0000\x07",
    b"\x1b]4;1;rgb:cdcd/0000/0000\x1b\\",
    b"\x1b]52;c;eA==\x07",
    b"\x1bP>|XTerm(390)\x1b\\",
    b"\x1bP1$r0m\x1b\\",
    b"\x1bP!|00000000\x1b\\",
    b"\x1b_Gi=31;OK\x1b\\",
    b"\x1b^x\x1b\\",
    b"\x1bXx\x1b\\",
    "\u009d10;x\u009c".encode(),
    b"\x1b[" + b"1;" * 500 + b"u",
    b"\xff\xfe\xc3",
)
KEYS = {
    b"x": "x",
    b"\x1b[120;1:1u": "x",
    b"\x1b[120;1:2u": "x",
    b"\x1b[120;;120u": "x",
    b"\x1b[97:65;2u": "A",
    b"\x1b[97;2;65u": "A",
    b"\x1b[99;5u": "ctrl+c",
    b"\x1b[13u": "enter",
    b"\x1b[A": "up",
    b"\x1b[1;5A": "ctrl+up",
    b"\x1bOP": "f1",
    b"\x1b[[A": "f1",
    b"\x1b[27;5;106~": "ctrl+j",
    b"\x1bx": "alt+x",
    b"\x03": "ctrl+c",
}


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def keys(messages: list[Message]) -> list[str]:
    return [message.key for message in messages if isinstance(message, events.Key)]


def in_pieces(data: bytes) -> list[Message]:
    typed = TerminalInput(Clock())
    return [message for byte in data for message in typed.feed(bytes([byte]))]


@pytest.mark.parametrize("data", NO_KEYS)
def test_what_is_no_key_does_nothing_and_the_next_key_counts(data: bytes) -> None:
    for messages in (list(TerminalInput(Clock()).feed(data + b"q")), in_pieces(data + b"q")):
        assert [type(message) for message in messages] == [events.Key]
        assert keys(messages) == ["q"]


@pytest.mark.parametrize("data", KEYS)
def test_a_key_is_a_key_in_each_of_its_forms(data: bytes) -> None:
    assert keys(list(TerminalInput(Clock()).feed(data))) == keys(in_pieces(data)) == [KEYS[data]]


@pytest.mark.parametrize("data", [b"\x1b", b"\x1b[", b"\x1bO", b"\x1b]", b"\x1bP"])
def test_a_key_that_begins_like_a_sequence_counts_once_nothing_follows(data: bytes) -> None:
    clock = Clock()
    typed = TerminalInput(clock)
    assert not list(typed.feed(data))
    assert not list(typed.tick())
    clock.now += UNFINISHED_SECONDS
    assert len(keys(list(typed.tick()))) == 1


@pytest.mark.parametrize("data", [b"\x1b[12;", b"\x1b]11;rgb:", b"\x1bP>|x", b"\x1b]0;x\x1b"])
def test_what_is_never_finished_gives_the_keyboard_back(data: bytes) -> None:
    clock = Clock()
    typed = TerminalInput(clock)
    assert not list(typed.feed(data))
    clock.now += UNFINISHED_SECONDS
    assert not list(typed.tick())
    assert keys(list(typed.feed(b"q"))) == ["q"]


def test_a_key_typed_within_an_unfinished_reply_does_not_prolong_it() -> None:
    clock = Clock()
    typed = TerminalInput(clock)
    list(typed.feed(b"\x1b]11;"))
    for _ in range(5):
        clock.now += UNFINISHED_SECONDS / 4
        list(typed.feed(b"j"))
    list(typed.tick())
    assert keys(list(typed.feed(b"q"))) == ["q"]


@pytest.mark.parametrize("data", [b"a\x1b[Aq\x03\r\nb\x9b\xc2\x9b201~", b"\x1b[200~q", b"\x1b", b"\x1b[20"])
def test_a_paste_is_text_whatever_is_in_it(data: bytes) -> None:
    for messages in (
        list(TerminalInput(Clock()).feed(b"\x1b[200~x" + data + b"\x1b[201~q")),
        in_pieces(b"\x1b[200~x" + data + b"\x1b[201~q"),
    ):
        assert [type(message) for message in messages] == [events.Paste, events.Key]
        assert isinstance(pasted := messages[0], events.Paste)
        assert pasted.text.replace("\n", "").isprintable()


def test_a_paste_is_bounded_and_ends_where_its_end_never_comes() -> None:
    clock = Clock()
    typed = TerminalInput(clock)
    assert not list(typed.feed(b"\x1b[200~" + b"x" * (MAX_PASTE + 9)))
    clock.now += PASTE_SECONDS
    (pasted,) = typed.tick()
    assert isinstance(pasted, events.Paste)
    assert len(pasted.text) == MAX_PASTE
    assert keys(list(typed.feed(b"q"))) == ["q"]


pieces = st.sampled_from(
    [b"\x1b", b"\x1b[", b"\x1b]", b"\x1bP", b"\x1b[200~", b"\x1b[201~", b"\x1b[<0;", b"M", b"u", b":", b";", b"9" * 30, *NO_KEYS]
)


@given(st.lists(pieces | st.binary(max_size=6), max_size=20))
@example([b"\x1b[M", b"\x1b"])
def test_no_bytes_end_it_and_the_keyboard_works_afterwards(chunks: list[bytes]) -> None:
    clock = Clock()
    typed = TerminalInput(clock)
    for chunk in chunks:
        list(typed.feed(chunk))
        clock.now += 0.05
        list(typed.tick())
    for _ in range(2):
        clock.now += PASTE_SECONDS
        list(typed.tick())
    assert keys(list(typed.feed(b"  q")))[-1:] == ["q"]


@given(st.lists(st.sampled_from([data for data in NO_KEYS if data.endswith((b"\\", b"\x07", b"c", b"n", b"t"))]), max_size=6), st.data())
def test_replies_do_nothing_however_they_are_cut(replies: list[bytes], data: st.DataObject) -> None:
    sent = b"".join(replies)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=8)))
    typed = TerminalInput(Clock())
    assert not [message for start, end in itertools.pairwise([0, *cuts, len(sent)]) for message in typed.feed(sent[start:end])]
