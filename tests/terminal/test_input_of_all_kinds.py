"""Whatever a terminal sends to the dashboard, it goes on, and does what a person typed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.emulator import Emulator, chat
from tests.terminal.terminal import CHATMON, Terminal

IDS = tuple(f"4031622{number}-6b4b-48d3-bc78-d3102119a477" for number in range(3))
PATIENCE = 60.0
"""Seconds after which something that has not come is missing; nothing is measured by it."""
REPLIES = (
    b"\x1b]11;rgb:0000/0000/0000\x07",
    b"\x1b]10;rgb:eeee/oooo/qqqq\x1b\\",
    b"\x1b]4;1;rgb:cdcd/0000/0000\x1b\\",
    b"\x1b]52;c;" + b"P28v" * 2_000 + b"\x07",
    b"\x1bP>|oxeq(390)\x1b\\",
    b"\x1bP1+r544e=787465726d\x1b\\",
    b"\x1b_Gi=31;oxeq\x1b\\",
    b"\x1b^oxeq\x1b\\\x1bXoxeq\x1b\\",
    b"\x1b[?62;22c\x1b[>1;4000;29c\x1b[0n\x1b[12;40R\x1b[8;24;80t\x1b[?2048;2$y\x1b[?31u",
    b"\x1b[48;30000;30000;0;0t",
    b"\x9b?62;22c\x9d11;oxeq\x9c",
)
MALFORMED = (
    b"\x1b[120;1:3u\x1b[113;1:3u\x1b[1;1:3B",
    b"\x1b[1114112u\x1b[55296u\x1b[99999999999999999999u",
    b"\x1b[:R\x1b[:u\x1b[;;;u\x1b[::::A\x1b[" + b"9" * 6_000 + b"u",
    b"\x1b[120~\x1b[113A",
    b"\x1b[<0;0;0M\x1b[<0;-9;-9M\x1b[<0;99999999999999999999;1M\x1b[<0;9000;9000M\x1b[<0;9000;9000m\x1b[M\xe0\xc3\xa9",
    b"\xff\xfe\xed\xa0\x80",
    b"\x1b]11;oxeq\x18\x1b[12\x1a",
)
PASTES = (
    b"\x1b[200~oxeq?\x1bo\x1b[A\x03\x1a\r\n\x1b]0;q\x07\x1b[201~",
    b"\x1b[200~" + b"qx" * 100_000 + b"\x1b[201~",
)
UNFINISHED = (b"\x1b]11;rgb", b"\x1bP1$r", b"\x1b_G", b"\x1b[200~oxeq", b"\x9d1")


@pytest.fixture
def watched() -> Iterator[Terminal]:
    chats = {one: chat("Chatting", (1, f"Ada {number}", "Customer")) for number, one in enumerate(IDS)}
    with (
        Emulator(chats) as server,
        Terminal(CHATMON, "watch", *IDS, environment={"CHATMON_URL": server.url, "CHATMON_INTERVAL": "0.2"}, patience=PATIENCE) as terminal,
    ):
        terminal.expect("live", "Ada 0", "Ada 1", "Ada 2")
        yield terminal
        assert {path for path, _ in server.requests} <= {f"/api/v2/chats/{one}" for one in IDS}


def selected(terminal: Terminal) -> list[int]:
    return [number for number, line in enumerate(terminal.lines) if line.startswith("▌")]


def rows(terminal: Terminal) -> list[int]:
    """The lines of the list, which begin with the state of a chat."""
    return [number for number, line in enumerate(terminal.lines) if "Ada " in line[:60]]


def goes_on(terminal: Terminal) -> None:
    """The selection goes to the last row and to the first: nothing else is shown, and every chat is watched still."""
    terminal.type(b"\x1b[F")
    terminal.until(lambda: selected(terminal) == rows(terminal)[2:3] != [], "the last row")
    terminal.type(b"\x1b[H")
    terminal.until(lambda: selected(terminal) == rows(terminal)[:1] != [], "the first row")
    assert terminal.process.poll() is None


def test_whatever_arrives_the_board_stays_as_it_is_and_answers_the_next_key(watched: Terminal) -> None:
    for data in (*REPLIES, *MALFORMED, *PASTES):
        watched.type_slowly(data)
        goes_on(watched)
    watched.type(b"q")
    assert watched.ends() == 0
    assert watched.is_restored


def test_nothing_but_what_is_typed_and_pasted_gets_into_the_filter(watched: Terminal) -> None:
    watched.type(b"/")
    watched.expect("/ filter")
    for data in (*REPLIES, *MALFORMED):
        watched.type_slowly(data)
    watched.type(b"Ad\x1b[200~a\x03 \x1b[A1\x1b[201~")
    watched.expect("Ada [A1")


@pytest.mark.parametrize("start", UNFINISHED)
def test_what_is_cut_off_gives_the_keyboard_back(watched: Terminal, start: bytes) -> None:
    watched.type(start)

    def is_answered() -> bool:
        watched.type(b"\x1b[F")
        return watched.read(0.3) and selected(watched) == rows(watched)[2:3] != []

    watched.until(is_answered, "an answer to a key")
