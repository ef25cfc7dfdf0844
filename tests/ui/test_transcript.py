"""A chat's transcript: off unless it is allowed, after a warning, once for each time it is asked for, and for as long as it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.errors import Denied, NotFound
from chatmon.api.transcript import JOINED, LEFT, NOT_TYPING, NOTICE, REJOINED, TEXT, TYPING, Message, in_order
from chatmon.config.screen import ScreenSettings
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.pseudonyms import Pseudonyms
from chatmon.monitor.transcripts import Transcripts
from chatmon.ui.session import Session
from chatmon.ui.transcript_lines import transcript_lines, typing_now, typing_words, wrapped
from chatmon.ui.widgets.status_bar import status_line
from tests.ui.conversation import CHRIS, KRISTI, MORE, SAID, ToldBy
from tests.ui.strategies import participants, raw_texts
from tests.ui.watched import NOON, Dashboard, Watched, chat_id, dashboard

MESSAGES = st.lists(
    st.builds(
        Message,
        index=st.integers(0, 30),
        type=st.one_of(st.sampled_from((TEXT, NOTICE, JOINED, REJOINED, LEFT, TYPING, NOT_TYPING)), raw_texts),
        sender=st.one_of(st.none(), participants),
        text=raw_texts,
        at=st.one_of(st.none(), st.floats(1, 2e9)),
    ),
    max_size=8,
).map(in_order)


def two_chats() -> Watched:
    watched = Watched()
    for number in range(2):
        watched.answer(chat_id(number))
    return watched


async def open_transcript(shown: Dashboard) -> None:
    await shown.press("t", "enter")
    assert shown.place == "transcript"


@pytest.mark.parametrize("way", [(), ("enter",), ("p", "w")], ids=["board", "chat", "wall"])
async def test_without_the_setting_the_key_says_why_and_asks_for_nothing(way: Sequence[str]) -> None:
    async with dashboard(two_chats()) as shown:
        await shown.press(*way, "t")

        assert "Transcripts are off" in shown.notices[0]
        assert 'transcripts = "on-request"' in shown.notices[0]
        assert shown.place in {"board", "chat", "wall"}
        assert shown.app.session.transcripts is None


async def test_while_pseudonyms_are_shown_the_key_says_why_not() -> None:
    server = ToldBy(SAID)
    async with dashboard(two_chats(), naming=Pseudonyms(b"k" * 32), transcripts=server) as shown:
        await shown.press("t", "enter")

        assert server.asked == []
        assert "off while pseudonyms are shown" in shown.notices[0]


@pytest.mark.parametrize("way", [(), ("enter",), ("p", "w")], ids=["board", "chat", "wall"])
async def test_the_warning_comes_first_and_esc_asks_for_nothing(way: Sequence[str]) -> None:
    server = ToldBy(SAID)
    async with dashboard(two_chats(), transcripts=server) as shown:
        await shown.press(*way)
        place = shown.place
        await shown.press("t")
        assert "This can take messages from the customer." in shown.text
        assert shown.place == "TranscriptWarning"
        assert server.asked == []

        await shown.press("escape")
        assert shown.place == place
        assert server.asked == []

        await shown.press("t", "enter")
        assert server.asked == [(chat_id(0), 1)]


async def test_the_warning_names_the_chat() -> None:
    async with dashboard(two_chats(), transcripts=ToldBy(SAID)) as shown:
        await shown.press("t")
        assert f"Read the transcript of {chat_id(0)[:8]} " in shown.text


async def test_of_a_chat_that_the_server_does_not_know_there_is_none_to_read() -> None:
    server, watched = ToldBy(SAID), two_chats()
    watched.fail(chat_id(0), NotFound("gone"))
    async with dashboard(watched, transcripts=server) as shown:
        shown.board.select(chat_id(0))
        await shown.press("t", "enter")

        assert server.asked == []
        assert "There is no transcript to read" in shown.notices[0]


async def test_after_the_warning_was_heard_it_is_not_said_again() -> None:
    server = ToldBy(SAID)
    async with dashboard(two_chats(), transcripts=server) as shown:
        await open_transcript(shown)
        await shown.press("escape", "down", "t")

        assert shown.place == "transcript"
        assert server.asked == [(chat_id(0), 1), (chat_id(1), 1)]


async def test_who_said_what_who_came_and_who_types_is_shown() -> None:
    async with dashboard(two_chats(), transcripts=ToldBy(SAID)) as shown:
        await open_transcript(shown)

        lines = [one.rstrip() for one in shown.lines]
        assert "   + Chris joined as Customer" in lines
        speech = lines.index("   Kristi Sippola  Agent")
        assert lines[speech + 1 : speech + 3] == ["     Good day, you are talking to Kristi.", "     How can I help you?"]
        assert "   · notice of system: All our agents are busy." in lines
        assert "   ◇ ScreenShared of Kristi Sippola" in lines
        assert lines[-2] == "   Chris is typing"
        assert lines[1:3] == ["", f"   00000000  Chris{'as of 12:00:00, up to entry 10':>101}"]


async def test_the_key_reads_on_from_where_it_ended() -> None:
    server = ToldBy(SAID, MORE)
    async with dashboard(two_chats(), transcripts=server) as shown:
        await open_transcript(shown)
        assert "1 cursor-moving read " in shown.lines[0]
        await shown.press("t")

        assert server.asked == [(chat_id(0), 1), (chat_id(0), 11)]
        assert "2 cursor-moving reads" in shown.lines[0]
        assert "Thank you." in shown.text
        assert "Chris left" in shown.text
        assert "is typing" not in shown.text
        assert "2 more entries." in shown.notices[0]


async def test_nothing_is_asked_by_itself_however_long_it_is_shown() -> None:
    server = ToldBy(SAID)
    async with dashboard(two_chats(), transcripts=server) as shown:
        await open_transcript(shown)
        for _ in range(20):
            await shown.refresh(60.0)
        await shown.press("space", "space", "question_mark", "escape", "down", "up", "G", "g")

        assert server.asked == [(chat_id(0), 1)]


async def test_a_key_that_is_pressed_again_before_the_answer_asks_no_second_time() -> None:
    server = ToldBy(SAID, holds_back=True)
    async with dashboard(two_chats(), transcripts=server) as shown:
        await shown.press("t", "enter", "t", "t")
        assert "The transcript is being read." in shown.notices[0]
        assert "reading" in shown.text
        server.may_answer.set()
        await shown.settle()

        assert "Hello?" in shown.text
        assert server.asked == [(chat_id(0), 1)]


async def test_what_goes_wrong_is_said_and_what_was_read_stays() -> None:
    server = ToldBy(Denied("HTTP 403: the server denies access"), SAID, NotFound("HTTP 404: the server does not know the chat"))
    async with dashboard(two_chats(), transcripts=server) as shown:
        await open_transcript(shown)
        assert "✕ not read: HTTP 403: the server denies access" in shown.text
        await shown.press("t")
        assert "Hello?" in shown.text
        assert "403" not in shown.text
        await shown.press("t")
        assert "✕ not read: HTTP 404: the server does not know the chat" in shown.text
        assert "Hello?" in shown.text
        assert [first for _, first in server.asked] == [1, 1, 11]


async def test_a_fault_of_chatmons_own_is_said_without_what_it_was_about_and_the_rest_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    async def stumble(chat_id: str, first: int) -> tuple[Message, ...]:
        raise KeyError("canary", chat_id, first)

    async with dashboard(two_chats(), transcripts=stumble) as shown:
        await open_transcript(shown)

        assert "chatmon's own fault: KeyError in stumble" in shown.text
        assert "canary" not in shown.text + caplog.text
        await shown.press("t")
        assert "own fault" in shown.text


async def test_where_nothing_may_be_asked_that_is_said_and_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    server, watched = ToldBy(SAID), two_chats()
    async with dashboard(watched, transcripts=server) as shown:
        monkeypatch.setattr(type(watched.monitor), "circuit", Circuit.LIMITED)
        await open_transcript(shown)

        assert "✕ nothing was asked: the server asks to wait" in shown.text
        assert server.asked == []
        assert "cursor-moving" not in shown.text


async def test_what_was_read_is_gone_once_it_is_left() -> None:
    server = ToldBy(SAID, MORE)
    async with dashboard(two_chats(), transcripts=server) as shown:
        await open_transcript(shown)
        await shown.press("escape", "t")

        assert server.asked == [(chat_id(0), 1), (chat_id(0), 1)]
        assert "Hello?" not in shown.text


async def test_leaving_before_the_answer_harms_nothing() -> None:
    server = ToldBy(SAID, holds_back=True)
    async with dashboard(two_chats(), transcripts=server) as shown:
        await open_transcript(shown)
        await shown.press("b")
        server.may_answer.set()
        await shown.refresh(1.0)

        assert shown.place == "board"
        assert "1 cursor-moving read " in shown.lines[0]
        await shown.press("t")
        assert "Hello?" in shown.text


async def test_that_it_was_asked_for_stands_in_the_events_and_what_was_said_does_not() -> None:
    async with dashboard(two_chats(), transcripts=ToldBy(SAID)) as shown:
        await open_transcript(shown)
        await shown.press("e")
        await shown.refresh()

        assert "transcript asked for: the chat's cursor may have moved" in shown.text
        assert "charged" not in shown.text


async def test_the_palette_goes_the_same_way() -> None:
    server = ToldBy(SAID)
    async with dashboard(two_chats(), transcripts=server) as shown:
        commands = {command.title: command for command in shown.app.get_system_commands(shown.app.screen)}
        await commands["Transcript"].callback()
        await shown.settle()

        assert shown.place == "TranscriptWarning"
        assert server.asked == []


async def test_a_chat_in_which_nothing_was_said_says_so() -> None:
    async with dashboard(two_chats(), transcripts=ToldBy(())) as shown:
        await open_transcript(shown)

        assert "Nobody has said anything yet." in shown.text


def counted(reads: int) -> Session:
    watched = two_chats()
    transcripts = Transcripts(watched.monitor, ToldBy())
    transcripts.reads = reads
    return Session(watched.monitor, ScreenSettings(timezone=UTC), source="gws.example.com", transcripts=transcripts)


@pytest.mark.parametrize("is_troubled", [False, True])
@pytest.mark.parametrize("width", [200, 120, 80, 60, 50, 40, 34])
def test_reads_are_counted_on_the_status_line_however_narrow_it_is(width: int, is_troubled: bool) -> None:
    assert "cursor-moving" not in status_line(counted(0), "board", width).text
    for reads, said in ((1, "1 cursor-moving read "), (2, "2 cursor-moving reads"), (12, "12 cursor-moving reads")):
        session = counted(reads)
        if is_troubled:
            session.monitor.trouble("history", "nothing is recorded")
            session.renew()
        shown = status_line(session, "board", width)
        assert said in shown.text
        assert shown.width == width
        assert ("✕" in shown.text) is is_troubled


def texts(*messages: Message, width: int = 60) -> list[str]:
    return [one.text.rstrip() for one in transcript_lines(messages, width, timezone=UTC)]


def test_what_one_person_says_on_end_stands_together() -> None:
    said = [Message(1, TEXT, CHRIS, "a"), Message(2, TYPING, KRISTI), Message(3, TEXT, CHRIS, "b"), Message(4, TEXT, KRISTI, "c")]

    assert texts(*said) == ["   Chris  Customer", "     a", "     b", "", "   Kristi Sippola  Agent", "     c"]


def test_times_are_shown_where_the_server_tells_any() -> None:
    said = [Message(1, JOINED, CHRIS, at=NOON), Message(2, TEXT, CHRIS, "a b", at=NOON + 61), Message(3, TEXT, CHRIS, "c")]

    assert texts(*said) == [
        "   12:00:00  + Chris joined as Customer",
        "",
        "   Chris  Customer",
        "   12:01:01    a b",
        "               c",
    ]


def test_entries_that_were_not_given_are_told_of() -> None:
    assert texts(Message(3, TEXT, CHRIS, "a"), Message(5, LEFT, CHRIS)) == [
        "   ╌╌╌ entries 1 to 2 were not given ╌╌╌",
        "",
        "   Chris  Customer",
        "     a",
        "   ╌╌╌ entry 4 was not given ╌╌╌",
        "   − Chris left",
    ]


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (Message(1, REJOINED, KRISTI), "   + Kristi Sippola joined again as Agent"),
        (Message(1, LEFT, CHRIS, "left due to disconnect"), "   − Chris left: left due to disconnect"),
        (Message(1, NOTICE), "   · notice of (no name)"),
        (Message(1, ""), "   ◇ (no type) of (no name)"),
        (Message(1, "{who}[b]", CHRIS, "{0} [red]x[/]"), "   ◇ {who}[b] of Chris: {0} [red]x[/]"),
    ],
)
def test_what_happened_is_told_in_words(message: Message, line: str) -> None:
    assert texts(message) == [line]


@pytest.mark.parametrize(
    ("said", "typing"),
    [
        ([TYPING], ["Chris"]),
        ([TYPING, NOT_TYPING], []),
        ([TYPING, TEXT], []),
        ([TYPING, LEFT], []),
        ([TYPING, TEXT, TYPING], ["Chris"]),
        ([TEXT, NOTICE], []),
    ],
)
def test_typing_is_a_state(said: list[str], typing: list[str]) -> None:
    assert typing_now([Message(index, type_, CHRIS) for index, type_ in enumerate(said, 1)]) == typing


def test_several_may_type() -> None:
    names = typing_now([Message(1, TYPING, CHRIS), Message(2, TYPING, KRISTI), Message(3, TYPING)])

    assert typing_words(names) == "Chris, Kristi Sippola are typing"
    assert typing_words([]) == ""


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three", ["one two", "three"]),
        ("a\n\nb", ["a", "", "b"]),
        ("abcdefghijklmnop q", ["abcdefgh", "ijklmnop", "q"]),
        ("你好世界你好世界 x", ["你好世界", "你好世界", "x"]),
        ("x 你好世界你", ["x", "你好世界", "你"]),
        ("\x1b[31mred\x07", ["�[31mred�"]),
        ("", [""]),
        (" \t ", [""]),
    ],
)
def test_what_was_typed_is_wrapped_by_the_room_that_it_takes(text: str, lines: list[str]) -> None:
    assert wrapped(text, 8 if "red" not in text else 20) == lines


def test_nothing_of_a_long_word_is_lost() -> None:
    assert "".join(wrapped("abc" * 5_000, 40)) == "abc" * 5_000


@given(MESSAGES, st.integers(5, 120))
def test_whatever_strangers_typed_fits_and_can_be_printed(messages: tuple[Message, ...], width: int) -> None:
    for one in transcript_lines(messages, width, timezone=UTC):
        assert one.width <= width
        assert one.text.isprintable()
    assert typing_words(typing_now(messages)).isprintable()
