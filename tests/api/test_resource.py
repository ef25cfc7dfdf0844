"""Decoding: arbitrary bytes give a resource or one of two errors, and equal chats give equal resources."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.errors import ChatApiError, NotAChat, NotJson
from chatmon.api.resource import ChatResource, Envelope, Participant, decode
from chatmon.api.sanitise import MAX_LENGTH

from .documents import chat_body

JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=12,
)
CHATS = st.fixed_dictionaries(
    {},
    optional={
        "id": JSON_VALUES,
        "state": JSON_VALUES,
        "participants": st.lists(
            st.fixed_dictionaries({}, optional={"participantId": JSON_VALUES, "nickname": JSON_VALUES, "type": JSON_VALUES}), max_size=3
        ),
        "capabilities": st.one_of(JSON_VALUES, st.lists(JSON_VALUES, max_size=3)),
    },
)
ANSWERS = st.fixed_dictionaries({}, optional={"chat": st.one_of(CHATS, JSON_VALUES), "statusCode": JSON_VALUES})
PARTICIPANTS = st.lists(
    st.fixed_dictionaries(
        {"participantId": st.integers(0, 10**6), "nickname": st.text(max_size=5), "type": st.sampled_from(["Agent", "Customer", "Bot"])}
    ),
    max_size=8,
)


def _outcome(body: bytes) -> Envelope | ChatApiError:
    try:
        return decode(body)
    except (NotJson, NotAChat) as error:
        return error


def _participants(listed: list[dict[str, Any]]) -> tuple[Participant, ...]:
    chat = decode(chat_body(participants=listed).encode()).chat
    assert chat is not None
    return chat.participants


@given(st.binary(max_size=200))
def test_arbitrary_bytes_give_an_answer_or_one_of_two_errors(body: bytes) -> None:
    outcome = _outcome(body)
    assert isinstance(outcome, Envelope) or outcome.message.isprintable()


@given(st.one_of(JSON_VALUES, ANSWERS))
def test_arbitrary_json_gives_an_answer_or_one_of_two_errors(value: object) -> None:
    body = json.dumps(value).encode()
    outcome = _outcome(body)
    if isinstance(outcome, Envelope):
        assert isinstance(value, dict)
        code = value.get("statusCode")
        assert outcome.status_code == code or type(code) is not int or abs(code) >= 10**9
        assert outcome.chat is None or isinstance(value.get("chat"), dict)


@given(st.integers(0, 400), st.binary(max_size=3))
def test_a_damaged_answer_gives_an_answer_or_one_of_two_errors(at: int, damage: bytes) -> None:
    body = chat_body().encode()
    assert isinstance(_outcome(body[:at] + damage + body[at + len(damage) :]), Envelope | NotJson | NotAChat)


@given(PARTICIPANTS, st.randoms(use_true_random=False))
def test_the_order_of_the_participants_does_not_matter(listed: list[dict[str, Any]], random: Any) -> None:
    shuffled = list(listed)
    random.shuffle(shuffled)
    assert _participants(listed) == _participants(shuffled)


@given(PARTICIPANTS)
def test_an_integer_id_equals_its_text(listed: list[dict[str, Any]]) -> None:
    assert _participants(listed) == _participants([{**one, "participantId": str(one["participantId"])} for one in listed])


def test_participants_are_in_the_order_of_their_numbers() -> None:
    listed = [{"participantId": number, "nickname": "", "type": "Agent"} for number in (10, 9, 2, 100, 1)]
    assert [one.id for one in _participants(listed)] == ["1", "2", "9", "10", "100"]


@pytest.mark.parametrize("number", [2**63, -(2**70), 10**30])
def test_an_enormous_participant_id_is_never_rounded(number: int) -> None:
    assert [one.id for one in _participants([{"participantId": number}])] == [str(number)]


def test_texts_are_cut_and_repeated_capabilities_told_once() -> None:
    long = "x" * (MAX_LENGTH + 1)
    listed = [{"participantId": long, "nickname": long, "type": long}]
    chat = decode(chat_body(state=long, participants=listed, capabilities=["b", "a", "b", long]).encode()).chat
    cut = long[:MAX_LENGTH]
    assert chat == ChatResource(cut, (Participant(cut, cut, cut),), ("b", "a", cut), "652492d9-c2d9-44c9-b9ad-0ab7984114bb")


def test_agents_are_the_participants_of_that_type() -> None:
    listed = [{"participantId": "1", "type": "Customer"}, {"participantId": "2", "type": "Agent"}, {"participantId": "3", "type": "agent"}]
    chat = decode(chat_body(participants=listed).encode()).chat
    assert chat is not None
    assert [one.id for one in chat.agents] == ["2"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"<html>", "page"),
        (b"\n <!DOCTYPE html>", "page"),
        (b"\xef\xbb\xbf<html>", "page"),
        (b"Chat not found", "not JSON"),
        (b"\x00\x01", "not JSON"),
    ],
)
def test_what_is_no_json_is_described(body: bytes, says: str) -> None:
    with pytest.raises(NotJson, match=says):
        decode(body)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (b'"Ann \\ud83e"', "Ann \ufffd"),
        (b'"\\udd8a Ann"', "\ufffd Ann"),
        (b'"\\ud83e\\udd8a Foxy"', "\U0001f98a Foxy"),
        (b'"\\\\ud83e"', "\\ud83e"),
        (b'"Fran\xe7ois"', "Fran\ufffdois"),
    ],
)
def test_a_nickname_cut_in_the_middle_of_a_character_leaves_the_chat_readable(sent: bytes, shown: str) -> None:
    body = b'{"chat": {"participants": [{"nickname": ' + sent + b', "participantId": 1}]}, "statusCode": 0}'
    chat = decode(body).chat
    assert chat is not None
    assert chat.participants[0].nickname == shown
