"""A field of another type than documented is read as far as it can be, and never costs another field, let alone the chat."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.errors import ChatApiError, Denied, NotAChat, NotFound, NotJson
from chatmon.api.resource import MAX_CAPABILITIES, MAX_PARTICIPANTS, ChatResource, Envelope, Participant, decode

from .conftest import OpenClient
from .documents import CHAT_ID, chat_body
from .raw_server import RawServer, answer
from .test_resource import JSON_VALUES

ADA = Participant("1", "Ada", "Customer")
KIM = Participant("2", "Kim", "Agent")
GOOD = {
    "id": f'"{CHAT_ID}"',
    "state": '"Chatting"',
    "capabilities": '["SendMessage"]',
    "participants": """[
        {"participantId": 1, "nickname": "Ada", "type": "Customer"}, {"participantId": 2, "nickname": "Kim", "type": "Agent"}
    ]""",
}
READ = ChatResource("Chatting", (ADA, KIM), ("SendMessage",), CHAT_ID)
BIG = "9" * 5_000


def body_with(field: str, written: str) -> bytes:
    """A chat of which one field is written otherwise."""
    fields = ", ".join(f'"{name}": {value}' for name, value in {**GOOD, field: written}.items())
    return f'{{"chat": {{{fields}}}, "statusCode": 0}}'.encode()


def chat_of(body: bytes) -> ChatResource:
    """The chat that a body is read as."""
    chat = decode(body).chat
    assert chat is not None
    return chat


def listed(*entries: str) -> bytes:
    """A chat with these participants, as they are written."""
    return body_with("participants", f"[{', '.join(entries)}]")


@pytest.mark.parametrize(
    ("written", "nickname"),
    [
        ("12345", "12345"),
        ("-1.50", "-1.50"),
        ("1.0", "1"),
        ("1e3", "1000"),
        ("1e999999999", "1E+999999999"),
        ("1e9999999999999999999", "1e9999999999999999999"),
        (BIG, BIG[:1000]),
        ("true", "true"),
        ("null", ""),
        ("NaN", ""),
        ("-Infinity", ""),
        ("[]", ""),
        ('["Ada"]', ""),
        ('{"first": "Ada"}', ""),
        ('"Ada\tLovelace"', "Ada\tLovelace"),
        ('"Ada\n\x00\x1fL"', "Ada\n\x00\x1fL"),
        ('"\\ud83e 5\t"', "\N{REPLACEMENT CHARACTER} 5\t"),
        ('"\\ud83e\\udd8a\t"', "\N{FOX FACE}\t"),
    ],
)
def test_an_odd_nickname_is_read_as_far_as_it_can_be(written: str, nickname: str) -> None:
    entry = f'{{"participantId": "1", "nickname": {written}, "type": "Customer"}}'

    assert chat_of(listed(entry)).participants == (Participant("1", nickname, "Customer"),)


@pytest.mark.parametrize(
    ("written", "id"),
    [
        ("1.0", "1"),
        ("1.5", "1.5"),
        ("1e2", "100"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("12345678901234567890123.0", "12345678901234567890123"),
        ("-7", "-7"),
        ("false", "false"),
        ("null", ""),
        ("[1]", ""),
        ("{}", ""),
        ("Infinity", ""),
        (BIG, BIG[:1000]),
    ],
)
def test_an_odd_participant_id_is_read_as_far_as_it_can_be_and_never_rounded(written: str, id: str) -> None:
    entry = f'{{"participantId": {written}, "nickname": "Ada", "type": "Customer"}}'

    assert chat_of(listed(entry)).participants == (Participant(id, "Ada", "Customer"),)


@pytest.mark.parametrize(("written", "kind"), [("null", ""), ("7", "7"), ("[]", ""), ("{}", ""), ("true", "true"), ("NaN", "")])
def test_an_odd_type_leaves_the_participant_listed(written: str, kind: str) -> None:
    assert chat_of(listed(f'{{"participantId": "1", "nickname": "Ada", "type": {written}}}')).participants == (
        Participant("1", "Ada", kind),
    )


@pytest.mark.parametrize("odd", ["null", "1", "true", '"Ada"', "[]", "NaN"])
def test_what_is_no_participant_in_the_list_is_left_out(odd: str) -> None:
    ada = '{"participantId": 1, "nickname": "Ada", "type": "Customer"}'

    assert chat_of(listed(odd, ada, odd)).participants == (ADA,)


@pytest.mark.parametrize(
    ("field", "written", "expected"),
    [
        ("participants", "null", ()),
        ("participants", "{}", ()),
        ("participants", '"Ada"', ()),
        ("participants", "7", ()),
        ("participants", "true", ()),
        ("participants", '{"participantId": 1, "nickname": "Ada", "type": "Customer"}', (ADA,)),
        ("capabilities", "null", ()),
        ("capabilities", "{}", ()),
        ("capabilities", '"Complete"', ("Complete",)),
        ("capabilities", '["Complete", null, {"a": 1}, [2], "Leave"]', ("Complete", "Leave")),
        ("capabilities", '["Complete", 7]', ("Complete", "7")),
        ("capabilities", '{"Complete": true}', ()),
        ("state", "null", None),
        ("state", "{}", None),
        ("state", "[]", None),
        ("state", "5", "5"),
        ("state", '"Idle\t"', "Idle\t"),
        ("state", "NaN", None),
        ("id", "null", None),
        ("id", "[]", None),
        ("id", "12", "12"),
        ("id", "12.0", "12"),
    ],
)
def test_an_odd_field_leaves_the_others_as_they_are(field: str, written: str, expected: object) -> None:
    chat = chat_of(body_with(field, written))

    assert getattr(chat, field) == expected
    assert all(getattr(chat, name) == getattr(READ, name) for name in GOOD if name != field)


@pytest.mark.parametrize(
    "written",
    [
        "NaN",
        "[Infinity, -Infinity]",
        '"a\tb"',
        "1e400",
        BIG,
        "[" * 100 + "]" * 100,
        '{"a": {"b": [null, true]}}',
        '"\\ud800"',
        '"\x7f\x00"',
    ],
)
def test_an_odd_field_that_is_ignored_does_no_harm(written: str) -> None:
    assert chat_of(body_with("userData", written)) == READ


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ('"0"', 0), ("0.0", 0), ("-0", 0), ("0e0", 0), ('" 0 "', 0),
        ("null", None), ("true", None),
        ("false", None), ('""', None), ('"OK"', None), ("[]", None), ("{}", None), ("NaN", None), (BIG, None),
        ('"6"', 6), ('"3"', 3), ("3.0", 3), ('"+20"', 20),
    ],
)  # fmt: skip
def test_an_odd_status_code_is_read_as_far_as_it_can_be(written: str, code: int | None) -> None:
    body = body_with("state", '"Chatting"').replace(b'"statusCode": 0', f'"statusCode": {written}'.encode())

    assert decode(body) == Envelope(READ, code)


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ('{"statusCode": "6"}', "200 OK", NotFound),
        ('{"statusCode": "3"}', "200 OK", Denied),
        ('{"statusCode": 3.0, "chat": null}', "200 OK", Denied),
        ('{"statusCode": "6", "chat": []}', "200 OK", NotFound),
        ('{"statusCode": "6", "statusMessage": NaN}', "500 Oops", NotFound),
        ('{"statusCode": "3", "statusMessage": "a\tb"}', "500 Oops", Denied),
        ('{"statusCode": 8}', "200 OK", Denied),
        ('{"statusCode": "8"}', "500 Oops", Denied),
    ],
)
async def test_an_odd_status_code_is_heeded(body: str, status: str, error: type[ChatApiError], open_client: OpenClient) -> None:
    async with RawServer((answer(body, status=status),)) as server:
        with pytest.raises(error):
            await open_client(server.root).get(CHAT_ID)


@pytest.mark.parametrize("code", [10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
async def test_the_documented_codes_are_explained(code: int, open_client: OpenClient) -> None:
    async with RawServer((answer(json.dumps({"statusCode": code})),)) as server:
        with pytest.raises(ChatApiError) as raised:
            await open_client(server.root).get(CHAT_ID)
    assert raised.value.message.startswith(f"statusCode {code}: ")
    assert "not documented" not in raised.value.message


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_other_unicode_encodings_are_read(encoding: str) -> None:
    assert chat_of(chat_body(state="Idle", participants=[]).encode(encoding)).state == "Idle"


@pytest.mark.parametrize(
    "body",
    [
        '{"id": "1", "type": "chat", "visitor": {"name": "Ada"}, "session": {"id": 1}}',
        '{"chat": "hello"}',
        '{"chat": []}',
        '{"chat": 7, "statusCode": 0}',
        '{"chat": null, "statusCode": 0}',
        '{"chat": {"id": [], "state": {"a": 1}, "participants": 5}}',
        '{"chats": [{"state": "Idle"}]}',
    ],
)
async def test_another_document_is_no_chat(body: str, open_client: OpenClient) -> None:
    async with RawServer((answer(body),)) as server:
        with pytest.raises(NotAChat):
            await open_client(server.root).get(CHAT_ID)


@pytest.mark.parametrize(
    "body", ['{"chat": {"state": "Idle"}} and more', '{"chat": {"state": "Idle"', '{"chat": {"state": "Idle",}}', "{'chat': {}}"]
)
def test_what_is_broken_off_or_goes_on_behind_its_end_is_not_json(body: str) -> None:
    with pytest.raises(NotJson):
        decode(body.encode())


def test_what_is_nested_beyond_measure_is_named() -> None:
    with pytest.raises(NotAChat, match="nested"):
        decode(body_with("userData", "[" * 100_000 + "]" * 100_000))


@given(st.sampled_from(sorted(GOOD)), JSON_VALUES)
def test_whatever_stands_in_one_field_costs_no_other(field: str, value: object) -> None:
    chat = chat_of(body_with(field, json.dumps(value)))

    assert all(getattr(chat, name) == getattr(READ, name) for name in GOOD if name != field)


def test_of_a_crowd_agents_and_customers_are_kept_and_the_rest_is_counted() -> None:
    crowd = [{"participantId": number, "nickname": f"P{number}", "type": "External"} for number in range(10_000)]
    people = [
        {"participantId": 20_001, "nickname": "Ada", "type": "Customer"},
        {"participantId": 20_002, "nickname": "Kim", "type": "Agent"},
    ]
    chat = chat_of(chat_body(participants=crowd + people, capabilities=[f"Capability{number}" for number in range(5_000)]).encode())

    assert len(chat.participants) == MAX_PARTICIPANTS
    assert chat.more_participants == 10_002 - MAX_PARTICIPANTS
    assert [one.nickname for one in chat.participants[-2:]] == ["Ada", "Kim"]
    assert (len(chat.capabilities), chat.more_capabilities) == (MAX_CAPABILITIES, 5_000 - MAX_CAPABILITIES)


@given(st.randoms(use_true_random=False))
def test_the_same_ones_are_kept_of_a_crowd_in_any_order(random: object) -> None:
    crowd = [{"participantId": number, "nickname": "P", "type": ("Agent", "Customer", "Bot")[number % 3]} for number in range(700)]
    shuffled = list(crowd)
    random.shuffle(shuffled)

    assert chat_of(chat_body(participants=crowd).encode()) == chat_of(chat_body(participants=shuffled).encode())
