"""States, health and events in words: each has some, and none claims more than was seen."""

from __future__ import annotations

import pytest
from hypothesis import given

from chatmon.api.errors import Denied, NotFound, Timeout
from chatmon.api.resource import CHATTING, IDLE, WAITING, Participant
from chatmon.monitor.board import Board
from chatmon.monitor.chat import Chat
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import Health, PollError
from chatmon.monitor.snapshot import Snapshot
from chatmon.ui import glyphs
from chatmon.ui.event_wording import event_sign, event_text, merged
from chatmon.ui.theme import INKS
from chatmon.ui.wording import agents_text, chat_sign, state_word
from tests.ui.strategies import snapshots
from tests.ui.watched import Watched


def one(kind: EventKind) -> Event:
    return Event(
        at=1.0,
        kind=kind,
        chat="a",
        state_from=WAITING,
        state_to=CHATTING,
        participant=Participant("2", "Kristi", "Agent"),
        capability="SendMessage",
        error=PollError("timeout", "no answer"),
    )


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_has_words_and_a_sign_of_its_own_style(kind: EventKind) -> None:
    sign = event_sign(one(kind))

    assert event_text(one(kind)).strip()
    assert len(sign.glyph) == 1
    assert set(sign.style.split()) <= set(INKS)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (EventKind.STATE_CHANGED, "WaitingForAgent → Chatting"),
        (EventKind.PARTICIPANT_JOINED, "Kristi joined as Agent"),
        (EventKind.PARTICIPANT_LEFT, "Kristi left (Agent)"),
        (EventKind.CAPABILITY_LOST, "may no longer SendMessage"),
        (EventKind.POLL_FAILED, "poll failed: no answer"),
    ],
)
def test_an_event_says_what_happened(kind: EventKind, words: str) -> None:
    assert event_text(one(kind)) == words


@pytest.mark.parametrize(
    ("health", "seen"), [(health, seen) for health in Health for seen in (True, False) if seen or health is not Health.OK]
)
def test_every_health_has_a_word_and_a_sign(health: Health, seen: bool) -> None:
    watched = Watched()
    if seen:
        watched.answer("a", CHATTING)
    error = {Health.FAILING: Timeout("slow"), Health.DENIED: Denied("no"), Health.GONE: NotFound("?"), Health.NOT_FOUND: NotFound("?")}
    if health in error:
        watched.fail("a", error[health])
    chat = watched.monitor.board.chat("a") or Chat(id="a", health=health)

    assert state_word(chat)
    assert len(chat_sign(chat).glyph) == 1


def test_a_state_that_may_no_longer_hold_is_questioned() -> None:
    watched = Watched()
    watched.answer("a", IDLE)
    watched.fail("a", Timeout("slow"))
    chat = watched.monitor.board.chat("a")

    assert chat is not None
    assert state_word(chat) == "Idle?"
    assert chat_sign(chat).glyph == glyphs.FAILING


def test_a_chat_without_an_agent_says_so_only_where_one_is_expected() -> None:
    watched = Watched()
    watched.answer("chatting", CHATTING, agents=())
    watched.answer("waiting", WAITING, agents=())
    watched.answer("served", CHATTING, agents=("Ada", "Bo"))
    said = [agents_text(chat).text for chat in watched.monitor.board.chats]

    assert said == ["no agent listed", glyphs.NOTHING, "Bo +1"]


def test_capabilities_lost_together_are_told_once() -> None:
    watched = Watched()
    watched.answer("a", capabilities=("SendMessage", "Complete"))
    watched.answer("a", capabilities=())

    assert [event_text(event) for event in merged(watched.monitor.board.timeline("a"))] == [
        "first seen in Chatting",
        "may no longer SendMessage, Complete",
    ]


@given(snapshots())
def test_whatever_is_sent_words_are_one_printable_line(seen: tuple[Board, Snapshot, list[Chat]]) -> None:
    board, _, chats = seen

    for chat in chats:
        words = [state_word(chat), state_word(chat, short=True), agents_text(chat).text, *map(event_text, board.timeline(chat.id))]
        assert all(word.isprintable() for word in words)
