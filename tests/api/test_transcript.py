"""Messages: whatever a server writes gives entries in order, none lost, or one of two errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.errors import ChatApiError, NotATranscript, NotJson
from chatmon.api.resource import Participant
from chatmon.api.sanitise import MAX_LENGTH
from chatmon.api.transcript import FIRST, LAST_SECOND, MAX_TEXT, Message, MessagesEnvelope, decode_messages, in_order

from .test_resource import JSON_VALUES

CHRIS = Participant("1", "Chris", "Customer")
KRISTI = Participant("2", "Kristi Sippola", "Agent")
FROM_CHRIS = {"nickname": "Chris", "participantId": "1", "type": "Customer"}
FROM_KRISTI = {"nickname": "Kristi Sippola", "participantId": "2", "type": "Agent"}
DOCUMENTED = {  # Genesys Web Services, "Customer Chat Messages", both samples
    "messages": [
        {"from": FROM_CHRIS, "index": 1, "type": "ParticipantJoined"},
        {"from": FROM_CHRIS, "index": 2, "text": "Hello?", "type": "Text"},
        {"from": FROM_KRISTI, "index": 3, "type": "ParticipantJoined"},
        {"from": FROM_CHRIS, "index": 4, "type": "TypingStarted"},
        {"from": FROM_CHRIS, "index": 5, "type": "TypingStopped"},
        {"from": FROM_KRISTI, "index": 6, "text": "user is typing", "type": "TypingStarted"},
        {"from": FROM_KRISTI, "index": 7, "text": "How can I help you?", "type": "Text"},
    ],
    "statusCode": 0,
}
MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "from": st.one_of(
            JSON_VALUES, st.fixed_dictionaries({}, optional={"nickname": JSON_VALUES, "participantId": JSON_VALUES, "type": JSON_VALUES})
        ),
        "index": JSON_VALUES,
        "type": JSON_VALUES,
        "text": JSON_VALUES,
        "utcTime": JSON_VALUES,
    },
)
ANSWERS = st.fixed_dictionaries(
    {}, optional={"messages": st.one_of(JSON_VALUES, st.lists(MESSAGES, max_size=3)), "statusCode": JSON_VALUES}
)


def messages(*written: dict[str, Any], asked_from: int = FIRST) -> tuple[Message, ...]:
    """What is made of messages as a server writes them."""
    found = decode_messages(json.dumps({"messages": written, "statusCode": 0}).encode(), asked_from).messages
    assert found is not None
    return found


def outcome(body: bytes) -> MessagesEnvelope | ChatApiError:
    try:
        return decode_messages(body)
    except (NotJson, NotATranscript) as error:
        return error


def test_the_documented_samples_are_understood() -> None:
    answer = decode_messages(json.dumps(DOCUMENTED).encode())

    assert answer.status_code == 0
    assert answer.messages is not None
    assert answer.messages[:3] == (
        Message(1, "ParticipantJoined", CHRIS),
        Message(2, "Text", CHRIS, "Hello?"),
        Message(3, "ParticipantJoined", KRISTI),
    )
    assert [one.type for one in answer.messages[3:]] == ["TypingStarted", "TypingStopped", "TypingStarted", "Text"]
    assert [one.index for one in answer.messages] == [1, 2, 3, 4, 5, 6, 7]


def test_the_recorded_answer_of_the_emulator_is_understood() -> None:
    lines = (Path(__file__).parents[1] / "fixtures" / "recorded_answers.jsonl").read_text(encoding="utf-8").splitlines()
    recorded = next(record for record in map(json.loads, lines) if record["name"] == "messages_2nd_empty")

    assert decode_messages(recorded["body"].encode()) == MessagesEnvelope((), 0)


@pytest.mark.parametrize(
    ("written", "index"),
    [(7, 7), ("7", 7), ("x", 1), ("", 1), (None, 1), (-4, 1), (2**80, 1), ("9" * 400, 1), ("٣", 1), (0, 0)],
)
def test_an_index_counts_however_it_is_written(written: object, index: int) -> None:
    assert messages({"index": written, "type": "Text"})[0].index == index


def test_entries_without_an_index_follow_the_one_before_them() -> None:
    assert [one.index for one in messages({"type": "Text"}, {"index": 9}, {"text": "a"}, asked_from=4)] == [4, 9, 10]


def test_entries_come_in_the_order_of_their_indexes_and_none_is_lost() -> None:
    given_newest_first = messages(
        {"index": 3, "text": "c"}, {"index": 1, "text": "a"}, {"index": 2, "text": "b"}, {"index": 2, "text": "B"}
    )

    assert [one.text for one in given_newest_first] == ["a", "b", "B", "c"]
    assert in_order((*given_newest_first, *given_newest_first)) == given_newest_first


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({}, Message(1, "")),
        ({"type": "Sneezed", "from": {}}, Message(1, "Sneezed", Participant("", "", ""))),
        ({"from": {"participantId": 1, "nickname": None}, "text": None}, Message(1, "", Participant("1", "", ""))),
        ({"utcTime": 1432845088000}, Message(1, "", at=1432845088.0)),
        ({"utcTime": "1432845088000"}, Message(1, "", at=1432845088.0)),
        ({"utcTime": "yesterday"}, Message(1, "")),
        ({"utcTime": 10**400}, Message(1, "")),
        ({"utcTime": -5}, Message(1, "")),
        ({"more": {"of": ["it"]}, "secureKey": 4}, Message(1, "")),
    ],
)
def test_fields_may_be_missing_of_another_kind_and_more(written: dict[str, Any], message: Message) -> None:
    assert messages(written) == (message,)


def test_texts_are_kept_up_to_a_limit() -> None:
    (long,) = messages({"text": "x" * (MAX_TEXT + 1), "type": "t" * 5_000, "from": {"nickname": "n" * 5_000}})

    assert len(long.text) == MAX_TEXT
    assert len(long.type) == MAX_LENGTH
    assert long.sender is not None
    assert len(long.sender.nickname) == MAX_LENGTH


def test_half_an_emoji_does_not_make_a_transcript_unreadable() -> None:
    body = b'{"messages": [{"type": "Text", "text": "ok \\ud83d"}, {"type": "Text", "text": "\xff"}], "statusCode": 0}'

    assert [one.text for one in decode_messages(body).messages or ()] == ["ok \N{REPLACEMENT CHARACTER}", "\N{REPLACEMENT CHARACTER}"]


@pytest.mark.parametrize("written", ["{}", '"hello"', "7", "true", "null"])
def test_where_no_list_of_messages_is_there_are_none(written: str) -> None:
    assert decode_messages(f'{{"messages": {written}, "statusCode": 0}}'.encode()) == MessagesEnvelope(None, 0)


CHRIS_WRITTEN = '{"participantId": 1, "nickname": "Chris", "type": "Customer"}'


@pytest.mark.parametrize(
    ("odd", "read"),
    [
        ("1", Message(2, "", is_readable=False)),
        ("null", Message(2, "", is_readable=False)),
        ('"hello"', Message(2, "", is_readable=False)),
        ("[]", Message(2, "", is_readable=False)),
        ('{"type": "Text", "text": ["a"]}', Message(2, "Text", is_readable=False)),
        ('{"type": "Text", "text": {"html": "a"}, "from": ' + CHRIS_WRITTEN + "}", Message(2, "Text", CHRIS, is_readable=False)),
        ('{"type": "Text", "text": 12.50}', Message(2, "Text", text="12.50")),
        ('{"type": "Text", "text": true}', Message(2, "Text", text="true")),
        ('{"type": "Text", "text": "a", "from": "Chris"}', Message(2, "Text", text="a")),
        ('{"type": "Text", "text": "a", "from": [1]}', Message(2, "Text", text="a")),
        ('{"text": "a", "from": {"participantId": 1.0, "nickname": 5, "type": []}}', Message(2, "", Participant("1", "5", ""), "a")),
        ('{"type": ["Text"], "text": "a"}', Message(2, "", text="a")),
        ('{"type": "Text", "text": "a", "index": [4]}', Message(2, "Text", text="a")),
        ('{"type": "Text", "text": "a", "index": 4.0}', Message(4, "Text", text="a")),
        ('{"type": "Text", "text": "a", "utcTime": {}}', Message(2, "Text", text="a")),
        ('{"type": "Text", "text": "a", "utcTime": NaN}', Message(2, "Text", text="a")),
        ('{"type": "Text", "text": "a\tb"}', Message(2, "Text", text="a\tb")),
    ],
)
def test_one_odd_message_costs_no_other(odd: str, read: Message) -> None:
    said = '{"type": "Text", "text": "before"}', odd, '{"type": "Text", "text": "after", "index": 9}'
    answer = decode_messages(f'{{"messages": [{", ".join(said)}], "statusCode": "0"}}'.encode())

    assert answer == MessagesEnvelope((Message(1, "Text", text="before"), read, Message(9, "Text", text="after")), 0)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", NotJson),
        (b"<html>", NotJson),
        (b"[]", NotATranscript),
        (b'["messages"]', NotATranscript),
    ],
)
def test_what_is_no_transcript_is_named(body: bytes, error: type[ChatApiError]) -> None:
    with pytest.raises(error):
        decode_messages(body)


@given(st.one_of(st.binary(max_size=200), ANSWERS.map(lambda answer: json.dumps(answer).encode())))
def test_whatever_arrives_gives_entries_in_order_or_one_of_two_errors(body: bytes) -> None:
    found = outcome(body)

    if isinstance(found, MessagesEnvelope):
        for one in found.messages or ():
            assert one.index >= 0
            assert one.at is None or 0 < one.at < LAST_SECOND
        indexes = [one.index for one in found.messages or ()]
        assert indexes == sorted(indexes)
    else:
        assert found.message.isprintable()
