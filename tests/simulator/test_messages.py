"""The transcripts of the simulated API: plausible, told the same way each time, and behind one cursor for all who read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatmon.api.endpoint import Endpoint
from chatmon.api.transcript import FIRST
from chatmon.api.transcript_request import request_transcript
from chatmon.simulator.chats import SimulatedChat
from chatmon.simulator.contact_centre import ContactCentre
from chatmon.simulator.faults import FAULTS
from chatmon.simulator.talk import talk_of

from .world import UNKNOWN, World


async def messages(world: World, chat_id: str, index: str | None = None) -> list[dict[str, Any]]:
    """What is given of a chat from an index on; without one, as a customer's client reads."""
    query = "" if index is None else f"?index={index}"
    async with world.session.get(f"{world.address(chat_id)}/messages{query}") as response:
        assert (response.status, response.content_type) == (200, "application/json")
        answer = json.loads(await response.read())
    assert answer["statusCode"] == 0
    return list(answer["messages"])


def talking(world: World) -> str:
    """A chat in which something was said."""
    chats = [chat(world, chat_id) for chat_id in world.centre.chat_ids()]
    return next(one.id for one in chats if one.state == "Chatting" and len(talk_of(one, world.centre.now)) > 12)


def chat(world: World, chat_id: str) -> SimulatedChat:
    found = world.centre.chat(chat_id)
    assert found is not None
    return found


async def test_messages_have_the_documented_shape_and_indexes_from_1_on(world: World) -> None:
    given = await messages(world, talking(world), "1")

    assert [one["index"] for one in given] == list(range(1, len(given) + 1))
    first = given[0]
    assert first["type"] == "ParticipantJoined"
    assert first["from"]["type"] == "Customer"
    assert {"nickname", "participantId", "type"} == set(first["from"])
    assert all(("text" in one) == (one["type"] in {"Text", "Notice"}) for one in given)


async def test_a_customers_client_gets_each_message_once(world: World) -> None:
    chat_id = talking(world)
    whole = await messages(world, chat_id)

    assert whole != []
    assert await messages(world, chat_id) == []
    world.time.seconds += 20
    later = await messages(world, chat_id)
    assert later != []
    assert [one["index"] for one in later] == list(range(len(whole) + 1, len(whole) + 1 + len(later)))


async def test_whoever_reads_with_an_index_takes_from_the_customers_client_what_it_had_not_read(world: World) -> None:
    chat_id = talking(world)
    read_by_another = await messages(world, chat_id, "1")

    assert read_by_another != []
    assert await messages(world, chat_id) == []


async def test_chatmons_own_read_is_such_a_one_and_gets_all_from_the_first_message_on(world: World) -> None:
    chat_id = talking(world)
    read = await request_transcript(Endpoint(world.server.url), chat_id, FIRST, deadline=10.0)

    assert [message.index for message in read] == list(range(1, len(talk_of(chat(world, chat_id), world.centre.now)) + 1))
    assert await messages(world, chat_id) == []


async def test_what_lies_behind_the_last_message_is_nothing_and_moves_no_cursor(world: World) -> None:
    chat_id = talking(world)

    assert await messages(world, chat_id, "100000") == []
    assert await messages(world, chat_id) != []


@pytest.mark.parametrize("index", ["0", "-3", "x"])
async def test_an_index_that_is_none_gives_nothing_and_moves_no_cursor(world: World, index: str) -> None:
    chat_id = talking(world)

    assert await messages(world, chat_id, index) == []
    assert await messages(world, chat_id) != []


async def test_of_an_unknown_chat_there_are_no_messages() -> None:
    async with World() as world, world.session.get(f"{world.address(UNKNOWN)}/messages?index=1") as response:
        assert response.status == 404
        assert json.loads(await response.read())["statusCode"] == 6


async def test_messages_meet_the_same_faults_as_chats() -> None:
    async with World(FAULTS["denied"]) as world:
        world.time.seconds += FAULTS["denied"].denied_after
        address = f"{world.address(world.centre.chat_ids()[0])}/messages?index=1"
        async with world.session.get(address) as response:
            assert response.status == 401


def test_what_was_said_stays_said_and_is_in_order() -> None:
    centre = ContactCentre(chats=20, seed=7)
    before: dict[str, tuple[object, ...]] = {}
    for step in range(1, 25):
        centre.advance(step * 10.0)
        for chat_id in centre.chat_ids():
            found = centre.chat(chat_id)
            assert found is not None
            talk = talk_of(found, centre.now)
            assert talk[: len(before.get(chat_id, ()))] == before.get(chat_id, ())
            assert [entry.at for entry in talk] == sorted(entry.at for entry in talk)
            assert all(found.arrived <= entry.at <= centre.now for entry in talk)
            before[chat_id] = talk


def test_who_came_and_went_is_told_as_it_was() -> None:
    centre = ContactCentre(chats=40, seed=3)
    answered = {event.chat_id: event.agent for event in centre.advance(120.0) if event.kind == "answered"}
    checked = 0
    for chat_id, agent in answered.items():
        found = centre.chat(chat_id)
        if found is not None:
            joined = [entry.who.nickname for entry in talk_of(found, centre.now) if entry.type == "ParticipantJoined"]
            assert agent in joined
            assert joined[0] == next(one.nickname for one in found.participants if one.type == "Customer")
            checked += 1
    assert checked > 5


def test_asking_for_what_was_said_changes_nothing_in_the_centre() -> None:
    asked, left_alone = ContactCentre(chats=10, seed=1), ContactCentre(chats=10, seed=1)
    for chat_id in asked.chat_ids():
        found = asked.chat(chat_id)
        assert found is not None
        talk_of(found, asked.now)

    assert asked.advance(200.0) == left_alone.advance(200.0)
