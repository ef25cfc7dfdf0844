"""Pseudonyms: the same under one key, another under another, and nothing of a name left in what is shown."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.resource import AGENT, CHATTING, CUSTOMER, ChatResource, Participant
from chatmon.monitor import pseudonyms
from chatmon.monitor.alarms import Alarm, Severity
from chatmon.monitor.board import Board
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import Observation
from chatmon.monitor.pseudonyms import REAL_NAMES, Naming, Pseudonyms
from chatmon.ui.short_ids import ShortIds

KEY, OTHER_KEY = bytes(32), bytes(range(32))
NOW = Moment(10.0, 1_795_348_800.0)
SECRETS = ("40316223-6b4b-48d3-bc78-d3102119a477", "Ada Canary", "Kristi Canary", "billing for Canary", "f00dcanary")


def board_of_secrets() -> Board:
    chat_id, customer, agent, label, participant_id = SECRETS
    board = Board(interval=2.0)
    board.watch(chat_id, label)
    people = (Participant("1", customer, CUSTOMER), Participant(participant_id, agent, AGENT), Participant("3", customer, "External"))
    board.apply(Observation(chat_id, NOW, NOW, resource=ChatResource(CHATTING, people, ("SendMessage",), id=chat_id)))
    board.apply(Observation(chat_id, NOW, NOW, resource=ChatResource(CHATTING, people[:1], ("SendMessage",), id=chat_id)))
    return board


def alarm(agent: str, since: float = 1.0) -> Alarm:
    return Alarm(rule="overload", severity=Severity.WARN, since=Moment(since, 0), raised=NOW, why="in 5 chats", clears="…", agent=agent)


def written(value: object) -> str:
    return msgspec.json.encode(value).decode()


def test_of_chats_events_and_alarms_no_name_id_or_label_is_left() -> None:
    board, naming = board_of_secrets(), Pseudonyms(KEY)
    chat = next(iter(board.chats))
    shown = written([naming.chat(chat), *map(naming.event, board.events.since(0)), naming.alarm(alarm(SECRETS[2]))])
    assert {event.kind for event in board.events.since(0)} >= {EventKind.FIRST_SEEN, EventKind.PARTICIPANT_LEFT}
    assert [secret for secret in SECRETS if secret in shown] == []
    assert all(secret in written([chat, *board.events.since(0)]) for secret in SECRETS)


def test_everything_else_of_them_stays_as_it_is() -> None:
    chat = next(iter(board_of_secrets().chats))
    shown = Pseudonyms(KEY).chat(chat)
    same = set(chat.__struct_fields__) - {"id", "label", "resource", "presences"}
    assert {name: getattr(shown, name) for name in same} == {name: getattr(chat, name) for name in same}
    assert shown.state == CHATTING
    assert [(one.since, one.left) for one in shown.presences] == [(one.since, one.left) for one in chat.presences]


@given(st.text(min_size=1), st.text(min_size=1))
def test_one_name_has_one_pseudonym_under_one_key_and_another_under_another(one: str, other: str) -> None:
    first, second, elsewhere = Pseudonyms(KEY), Pseudonyms(KEY), Pseudonyms(OTHER_KEY)
    for name in ("chat_id", "customer", "label"):
        shown = getattr(first, name)(one)
        assert shown == getattr(second, name)(one)
        assert shown != getattr(elsewhere, name)(one)
        assert (shown == getattr(first, name)(other)) is (one == other)
        assert shown.isascii()
        assert shown.isprintable()
        assert len(shown) <= 16


def test_pseudonyms_say_what_they_stand_for_and_fit_into_the_columns_that_show_them() -> None:
    naming = Pseudonyms(KEY)
    event = Event(at=1.0, kind=EventKind.ALARM_RAISED, agent="Kristi")
    agent = naming.event(event).agent or ""
    assert (agent[:6], len(agent)) == ("Agent ", 12)
    assert (naming.customer("Chris")[:5], len(naming.customer("Chris"))) == ("Cust ", 10)
    assert len(naming.label("billing")) <= 8
    ids = [naming.chat_id(str(number)) for number in range(1_000)]
    assert set(map(len, ShortIds(ids).values())) == {8}


def test_who_has_no_nickname_and_what_has_no_label_has_none_afterwards() -> None:
    naming = Pseudonyms(KEY)
    chat = next(iter(board_of_secrets().chats))
    nobody = msgspec.structs.replace(chat, label="", resource=ChatResource(CHATTING, (Participant("1", "", AGENT),)))
    assert (naming.chat(nobody).label, naming.chat(nobody).agents) == ("", ("",))


def test_agents_whose_pseudonyms_would_be_the_same_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pseudonyms, "_code", lambda _self, _kind, text, letters: ("A" * 6 + text)[:letters])
    naming = Pseudonyms(KEY)
    shown = [naming.alarm(alarm(name)).agent or "" for name in ("Kristi", "Max", "Kristi")]
    assert shown == ["Agent AAAAAA", "Agent AAAAAAM", "Agent AAAAAA"]
    assert [naming.real_agent(name) for name in shown] == ["Kristi", "Max", "Kristi"]


def test_what_was_shown_leads_back_to_what_it_stands_for_and_nothing_else_does() -> None:
    naming = Pseudonyms(KEY)
    assert naming.real_chat(naming.chat_id("abc")) == "abc"
    assert naming.real_chat(Pseudonyms(KEY).chat_id("never shown here")) != "never shown here"
    assert naming.real_chat("abc") == "abc"


def test_what_is_remembered_of_pseudonyms_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pseudonyms, "MAX_NAMES", 3)
    monkeypatch.setattr(pseudonyms, "MAX_MADE", 3)
    naming = Pseudonyms(KEY)
    events = [Event(at=float(number), kind=EventKind.GONE, chat=str(number)) for number in range(10)]
    shown = [naming.event(event) for event in events]
    assert [naming.event(event) for event in events] == shown
    assert sum(naming.real_chat(event.chat or "") in {"7", "8", "9"} for event in shown) == 3
    assert max(len(naming._ids._shown), len(naming._ids._real), len(naming._events._made)) <= 3


def test_real_names_leave_everything_as_it_is() -> None:
    board = board_of_secrets()
    chat = next(iter(board.chats))
    assert REAL_NAMES.chat(chat) is chat
    assert [REAL_NAMES.event(event) for event in board.events.since(0)] == list(board.events.since(0))
    assert not Naming.hides
