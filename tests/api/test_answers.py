"""A chat that the server describes arrives as one resource, however the server puts it."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest

from chatmon.api.errors import ChatApiError, NotFound
from chatmon.api.resource import ChatResource, Participant

from .conftest import OpenClient
from .documents import CHAT_ID, Recorded, chat_body, recorded_gets
from .raw_server import Close, RawServer, Send, answer

RECORDED = recorded_gets()
SOME = ("SendMessage", "SendStartTypingNotification", "SendStopTypingNotification", "Complete")
ADA = Participant("1", "Ada", "Customer")
SYSTEM = Participant("2", "system", "External")
ROBOTO = Participant("3", "Roboto", "Agent")
CHRIS = Participant("1", "Chris", "Customer")
KRISTI = Participant("2", "Kristi Sippola", "Agent")

EXPECTED: dict[str, tuple[str, tuple[Participant, ...]] | type[ChatApiError]] = {
    "documented_sample_1": ("WaitingForAgent", (CHRIS,)),
    "documented_sample_2": ("Chatting", (CHRIS, KRISTI)),
    "chat_t0": ("WaitingForAgent", (ADA, SYSTEM)),
    "chat_t5": ("Chatting", (ADA, SYSTEM, ROBOTO)),
    "chat_304": ("Chatting", (ADA, SYSTEM, ROBOTO)),
    "chat_idle": ("Idle", (ADA, SYSTEM, ROBOTO)),
    "chat_unknown": NotFound,
    "documented_not_found": NotFound,
}


def _replay(record: Recorded) -> Send:
    headers = [] if record.etag is None else [("ETag", record.etag)]
    return answer(record.body, status=f"{record.status} Recorded", content_type=record.content_type, headers=headers)


def test_every_recorded_get_of_a_chat_is_a_case() -> None:
    assert set(EXPECTED) == set(RECORDED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
async def test_recorded_answers_are_understood(name: str, open_client: OpenClient) -> None:
    record, expected = RECORDED[name], EXPECTED[name]
    before = [RECORDED["chat_t5"]] if record.status == 304 else []
    async with RawServer(*((_replay(played),) for played in [*before, record])) as server:
        client = open_client(server.root)
        for _ in before:
            await client.get(record.chat_id)
        if isinstance(expected, tuple):
            answered = await client.get(record.chat_id)
            assert answered.http_status == record.status
            state, participants = expected
            assert answered.resource == ChatResource(state=state, participants=participants, capabilities=SOME, id=record.chat_id)
        else:
            with pytest.raises(expected) as raised:
                await client.get(record.chat_id)
            assert raised.value.http_status == record.status
            assert record.chat_id not in raised.value.message


async def test_the_same_bytes_give_the_very_same_resource(open_client: OpenClient) -> None:
    changed = chat_body(state="Idle")
    async with RawServer((answer(chat_body()),), (answer(chat_body()),), (answer(changed),)) as server:
        client = open_client(server.root)
        first, second, third = [await client.get(CHAT_ID) for _ in range(3)]
    assert second.resource is first.resource
    assert third.resource.state == "Idle"


async def test_a_body_too_large_to_keep_still_gives_the_very_same_resource(open_client: OpenClient) -> None:
    crowd = [{"participantId": number, "nickname": f"P{number}", "type": "Agent"} for number in range(10_000)]
    async with RawServer((answer(chat_body(participants=crowd)),)) as server:
        client = open_client(server.root)
        first, second = await client.get(CHAT_ID), await client.get(CHAT_ID)
    assert len(first.resource.participants) + first.resource.more_participants == 10_000
    assert second.resource is first.resource


async def test_a_forgotten_chat_is_asked_anew(open_client: OpenClient) -> None:
    async with RawServer((answer(chat_body(), headers=[("ETag", '"a"')]),)) as server:
        client = open_client(server.root)
        await client.get(CHAT_ID)
        client.forget(CHAT_ID)
        await client.get(CHAT_ID)
        assert server.header("If-None-Match") is None


async def test_the_last_entity_tag_is_sent_and_304_gives_the_resource_known(open_client: OpenClient) -> None:
    tag = 'W/"1e8-GwE+AbbQjzgOg4wwZwUTTA"'
    async with RawServer(
        (answer(chat_body(), headers=[("ETag", tag)]),),
        (answer(status="304 Not Modified", content_type=None),),
        (answer(chat_body(state="Idle"), headers=[("ETag", '"b"')]),),
        (answer(chat_body(state="Idle")),),
    ) as server:
        client = open_client(server.root)
        first, second, third, _fourth, _fifth = [await client.get(CHAT_ID) for _ in range(5)]
        assert [server.header("If-None-Match", number) for number in range(5)] == [None, tag, tag, '"b"', None]
    assert second.resource is first.resource
    assert (second.http_status, third.http_status) == (304, 200)


async def test_a_refusal_between_two_answers_keeps_what_is_known(open_client: OpenClient) -> None:
    async with RawServer(
        (answer(chat_body(), headers=[("ETag", '"a"')]),),
        (answer("<html>", status="503 Busy", content_type="text/html"),),
        (answer(status="304 Not Modified", content_type=None),),
    ) as server:
        client = open_client(server.root)
        first = await client.get(CHAT_ID)
        with pytest.raises(ChatApiError):
            await client.get(CHAT_ID)
        assert (await client.get(CHAT_ID)).resource is first.resource


@pytest.mark.parametrize("tag", ["a" * 300, '"\xe4"', ""])
async def test_an_entity_tag_that_cannot_be_sent_back_is_left_alone(tag: str, open_client: OpenClient) -> None:
    async with RawServer((answer(chat_body(), headers=[("ETag", tag)]),)) as server:
        client = open_client(server.root)
        await client.get(CHAT_ID)
        await client.get(CHAT_ID)
        assert server.header("If-None-Match") is None


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(chat_body().encode())),
        ("x-gzip", gzip.compress(chat_body().encode())),
        ("GZIP", gzip.compress(chat_body().encode())),
        ("deflate", zlib.compress(chat_body().encode())),
        ("identity", chat_body().encode()),
    ],
)
async def test_compressed_answers_are_unpacked(encoding: str, body: bytes, open_client: OpenClient) -> None:
    async with RawServer((answer(body, headers=[("Content-Encoding", encoding)]),)) as server:
        assert (await open_client(server.root).get(CHAT_ID)).resource.state == "Chatting"


@pytest.mark.parametrize("framing", ["chunks of one byte", "until closed"])
async def test_a_body_without_a_length_is_read_whole(framing: str, open_client: OpenClient) -> None:
    body = chat_body().encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    chunks = b"".join(b"1\r\n%s\r\n" % body[number : number + 1] for number in range(len(body)))
    chunked = (Send(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"),)
    async with RawServer(chunked if framing.startswith("chunks") else (Send(head + b"\r\n" + body), Close())) as server:
        assert (await open_client(server.root).get(CHAT_ID)).resource.id == CHAT_ID


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (chat_body(None), ChatResource("Chatting", (), ("SendMessage",), None)),
        (chat_body(state=None, capabilities=None, participants=None), ChatResource(None, (), (), CHAT_ID)),
        (chat_body(state="LeftChat", uri="x", userData={"a": [1]}), ChatResource("LeftChat", (), ("SendMessage",), CHAT_ID)),
        ('{"chat": {}}', ChatResource(None)),
        ('\N{BYTE ORDER MARK}{"chat": {"state": "Idle"}, "statusCode": 0, "more": 1}', ChatResource("Idle")),
    ],
)
async def test_what_is_missing_null_or_unknown_does_no_harm(body: str, expected: ChatResource, open_client: OpenClient) -> None:
    async with RawServer((answer(body),)) as server:
        assert (await open_client(server.root).get(CHAT_ID)).resource == expected


async def test_a_participant_listed_twice_counts_once(open_client: OpenClient) -> None:
    twice = [{"participantId": "1", "nickname": "Ada", "type": "Customer"}, {"participantId": 1, "nickname": "Ada", "type": "Customer"}]
    async with RawServer((answer(json.dumps({"chat": {"participants": twice}})),)) as server:
        assert (await open_client(server.root).get(CHAT_ID)).resource.participants == (ADA,)
