"""A chat in full: everything that is known of it, in any width, whoever is in it."""

from __future__ import annotations

from datetime import UTC
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.errors import ChatApiError, Denied, NotFound, Timeout
from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.monitor.board import Board
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.chat import Chat
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.snapshot import Snapshot, take_snapshot
from chatmon.ui.chat_lines import chat_lines, detail_lines
from chatmon.ui.lines import Line
from chatmon.ui.timeline_lines import timeline_lines
from tests.ui.strategies import snapshots
from tests.ui.watched import NOON, Watched


def shown(watched: Watched, chat_id: str = "a", width: int = 60) -> list[Line]:
    chat = watched.monitor.board.chat(chat_id)
    assert chat is not None
    return chat_lines(chat, watched.monitor.board.timeline(chat_id), take_snapshot(watched.monitor), width, timezone=UTC)


def texts(lines: list[Line]) -> list[str]:
    return [one.text.strip() for one in lines]


@given(snapshots(), st.integers(10, 200), st.sampled_from(["", "pinned ¹"]))
def test_no_line_is_wider_than_the_pane(seen: tuple[Board, Snapshot, list[Chat]], width: int, title: str) -> None:
    board, snapshot, chats = seen

    for chat in chats:
        timeline = board.timeline(chat.id)
        lines = [
            *chat_lines(chat, timeline, snapshot, width, timezone=UTC, title=title),
            *detail_lines(chat, timeline, snapshot, width, timezone=UTC, title=title),
            *timeline_lines(timeline, width, now=snapshot.now.utc, timezone=UTC),
        ]
        assert all(one.width <= width for one in lines)
        assert all(one.text.isprintable() for one in lines)


def test_the_first_line_says_the_state_and_since_when() -> None:
    watched = Watched()
    watched.answer("a", WAITING)
    watched.clock.seconds += 192

    assert shown(watched)[0].text.rstrip() == " ◔ WaitingForAgent   for ≥03:12"


def test_the_whole_id_is_there_however_narrow_the_pane() -> None:
    watched = Watched()
    watched.answer("652492d9-9c5c-4d6e-8f24-51aa7d2cc9d7")

    assert "652492d9-9c5c-4d6e-8f24-51aa7d2cc9d7" in "".join(texts(shown(watched, "652492d9-9c5c-4d6e-8f24-51aa7d2cc9d7", 24)))


def test_who_joined_says_since_when_and_who_left_is_marked() -> None:
    watched = Watched()
    watched.answer("a", customer="Chris", agents=("Kristi",))
    watched.clock.seconds = 2
    watched.answer("a", customer="Chris", agents=("Max",))
    people = [one for one in shown(watched) if "Customer" in one.text or "Agent" in one.text][:3]

    assert [" ".join(one.text.split()) for one in people] == [
        "Chris Customer before 12:00:00",
        "Max Agent since 12:00:02",
        "Kristi Agent left 12:00:02",
    ]
    assert [span.style for span in people[2].spans if "Kristi" in span.text] == ["dim"]


def test_a_capability_that_came_or_went_is_marked_for_a_minute() -> None:
    watched = Watched()
    watched.answer("a", capabilities=("SendMessage",))
    watched.clock.seconds = 2
    watched.answer("a", capabilities=("Complete",))

    assert {"+Complete", "−SendMessage"} <= set(texts(shown(watched)))

    watched.clock.seconds = 63
    assert "Complete" in texts(shown(watched))
    assert not {"+Complete", "−SendMessage"} & set(texts(shown(watched)))


@pytest.mark.parametrize(
    ("error", "what", "next_step"),
    [
        (Timeout("no answer in 5 s"), "no answer in 5 s", "chatmon keeps asking"),
        (Denied("access denied"), "access denied", "asked again every half minute"),
        (NotFound("not known"), "not known", "x stops watching"),
    ],
)
def test_trouble_is_explained_beside_the_last_known_state(error: ChatApiError, what: str, next_step: str) -> None:
    watched = Watched()
    watched.answer("a", CHATTING)
    watched.fail("a", error)
    said = "\n".join(texts(shown(watched, width=100)))

    assert what in said
    assert next_step in said
    assert "Kristi" in said


def test_where_the_server_lets_nobody_in_it_is_not_said_that_a_key_asks_at_once() -> None:
    watched = Watched()
    watched.fail("a", Denied("access denied"))
    with mock.patch.object(Monitor, "circuit", Circuit.DENIED):
        said = " ".join(texts(shown(watched, width=100)))

    assert "one chat is asked every half minute; r puts this one first" in said
    assert "asks now" not in said


def test_a_streak_of_failures_is_counted() -> None:
    watched = Watched()
    for _ in range(3):
        watched.fail("a", Timeout("no answer"))

    assert any("no answer (3 polls)" in text for text in texts(shown(watched)))


def test_a_wrong_id_is_asked_about() -> None:
    watched = Watched()
    watched.fail("a", NotFound("not known"))

    assert any("is the id right?" in text for text in texts(shown(watched)))


def test_a_chat_that_was_not_asked_for_long_says_so() -> None:
    watched = Watched()
    watched.answer("a", CHATTING)
    watched.clock.seconds = 60

    assert any("more than three of its intervals" in text for text in texts(shown(watched)))


def test_what_a_chat_may_do_no_longer_is_not_told_of_one_that_does_not_answer() -> None:
    watched = Watched()
    watched.answer("a", capabilities=("SendMessage",))
    watched.answer("a", capabilities=("Complete",))
    assert "−SendMessage" in " ".join(texts(shown(watched)))

    watched.fail("a", Timeout("no answer"))
    assert "−SendMessage" not in " ".join(texts(shown(watched)))


def test_an_empty_chat_says_that_nobody_is_there_and_nothing_may_be_done() -> None:
    watched = Watched()
    watched.answer("a", IDLE, customer=None, agents=(), capabilities=())

    assert {"nobody is listed", "nothing"} <= set(texts(shown(watched)))


def test_the_timeline_tells_the_newest_first_and_loses_no_word() -> None:
    watched = Watched()
    watched.answer("a", WAITING, agents=())
    watched.clock.seconds = 2
    watched.answer("a", CHATTING, agents=("Kristi",), capabilities=("SendMessage", "SendStartTypingNotification", "Complete"))
    timeline = timeline_lines(watched.monitor.board.timeline("a"), 48, now=NOON, timezone=UTC)
    said = " ".join(" ".join(one.text.split()) for one in timeline)

    assert said.index("Kristi joined as Agent") < said.index("first seen in WaitingForAgent")
    assert "may now SendStartTypingNotification" in said
    assert "…" not in said


def test_an_idle_chat_says_how_often_it_is_polled_while_it_is_shown_and_how_often_else() -> None:
    watched = Watched()
    watched.answer("a", IDLE)
    said = "polled every 2 s while shown, else every 8 s"

    assert said in texts(shown(watched))
    assert said in " ".join(texts(shown(watched, width=40)))
    assert "polled" not in " ".join(texts(shown(watched, width=30)))


def test_a_chat_that_is_polled_at_the_interval_whoever_looks_says_nothing_of_it() -> None:
    watched = Watched()
    watched.answer("chatting", CHATTING)
    watched.answer("failing", IDLE)
    watched.fail("failing", Timeout("no answer"))
    watched.answer("in alarm", WAITING, agents=())
    watched.clock.seconds += 2
    watched.answer("in alarm", IDLE, agents=())
    watched.monitor.review()
    alarms = watched.monitor.alarms.alarms(watched.clock.now())
    chat = watched.monitor.board.chat("in alarm")
    assert chat is not None
    in_alarm = detail_lines(chat, (), take_snapshot(watched.monitor), 60, timezone=UTC, alarms=alarms)

    assert [alarm.rule for alarm in alarms] == ["abandoned"]
    for lines in (shown(watched, "chatting"), shown(watched, "failing"), in_alarm):
        assert "polled every" not in " ".join(texts(lines))
