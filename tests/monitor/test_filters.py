"""The filter language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.resource import AGENT, CHATTING, CUSTOMER, ChatResource, Participant
from chatmon.monitor.chat import Chat
from chatmon.monitor.filters import FIELD_NAMES, InvalidFilter, parse_filter
from chatmon.monitor.observation import Health

CHAT = Chat(
    id="652492d9",
    label="billing: north",
    health=Health.FAILING,
    resource=ChatResource(
        state=CHATTING,
        participants=(
            Participant("1", "Chris Straße", CUSTOMER),
            Participant("2", "Kristi Sippola", AGENT),
            Participant("3", "Max\x1b[2J", AGENT),
        ),
    ),
)

MATCHING = [
    "",
    "   ",
    "!",
    "state:",
    "chris",
    "CHRIS",
    "strasse",
    "max",
    "chris billing",
    "6524",
    "chatting",
    "state:chat",
    "STATE:CHAT",
    "agent:kristi",
    'agent:"kristi s"',
    '"kristi sippola"',
    '"billing: north"',
    '"kristi s',
    "customer:chris",
    "label:north",
    "id:6524",
    "health:fail",
    "!idle",
    "!state:idle !test",
    "!agent:chris",
    '!"kristi x"',
]
NOT_MATCHING = [
    "qq",
    "chris qq",
    "state:idle",
    "agent:chris",
    "customer:kristi",
    '"sippola kristi"',
    "!chris",
    "!state:chatting",
    "health:ok",
    "failing",
]
NOT_OF_THE_LANGUAGE = ["nickname:chris", "http://chris", "!colour:red", "chris status:ok"]

any_text = st.one_of(st.text(max_size=40), st.text(alphabet='!:" agentstaid\\\n', max_size=40))
words = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789 ", min_size=1, max_size=8).filter(str.strip)


@pytest.mark.parametrize("text", MATCHING)
def test_matches(text: str) -> None:
    assert parse_filter(text).matches(CHAT)


@pytest.mark.parametrize("text", NOT_MATCHING)
def test_does_not_match(text: str) -> None:
    assert not parse_filter(text).matches(CHAT)


@pytest.mark.parametrize("text", NOT_OF_THE_LANGUAGE)
def test_an_unknown_field_is_refused_and_the_known_ones_are_named(text: str) -> None:
    with pytest.raises(InvalidFilter, match=", ".join(FIELD_NAMES)):
        parse_filter(text)


@given(any_text)
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    try:
        parsed = parse_filter(text)
    except InvalidFilter:
        return
    for chat in (CHAT, Chat(id="a")):
        assert parsed.matches(chat) in {True, False}


@given(words, st.sampled_from(["", *(f"{name}:" for name in FIELD_NAMES if name != "health")]))
def test_an_exclamation_mark_inverts(word: str, field: str) -> None:
    assert parse_filter(f'{field}"{word}"').matches(CHAT) is not parse_filter(f'!{field}"{word}"').matches(CHAT)


@given(st.lists(words, max_size=4))
def test_every_word_has_to_be_found(several: list[str]) -> None:
    quoted = [f'"{word}"' for word in several]
    assert parse_filter(" ".join(quoted)).matches(CHAT) is all(parse_filter(word).matches(CHAT) for word in quoted)


def test_a_chat_not_seen_yet_is_found_by_its_id_and_label() -> None:
    chat = Chat(id="0b1f", label="sales")
    assert parse_filter("0b1f sales health:pending !chatting").matches(chat)


def test_a_health_that_there_is_not_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidFilter, match="no health like 'good': there are pending, ok, "):
        parse_filter("health:good")
