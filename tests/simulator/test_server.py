"""The simulated API over real sockets: the documented answers, ETags, and the life behind them."""

from __future__ import annotations

import asyncio
import json
from random import Random

import aiohttp
import pytest

from chatmon.simulator.contact_centre import ContactCentre
from chatmon.simulator.server import SimulatorServer

from .world import UNKNOWN, FakeTime, World


async def test_a_chat_is_answered_in_the_documented_shape(world: World) -> None:
    for chat_id in world.centre.chat_ids():
        response, body = await world.get(chat_id)
        chat = world.centre.chat(chat_id)
        assert chat is not None
        assert (response.status, response.content_type) == (200, "application/json")
        assert json.loads(body) == {
            "chat": {
                "capabilities": list(chat.capabilities),
                "id": chat_id,
                "participants": [
                    {"nickname": one.nickname, "participantId": one.participant_id, "type": one.type} for one in chat.participants
                ],
                "state": chat.state,
            },
            "statusCode": 0,
        }


async def test_the_etag_holds_until_the_chat_changes(world: World) -> None:
    ids = world.centre.chat_ids()
    etags = {chat_id: (await world.get(chat_id))[0].headers["ETag"] for chat_id in ids}
    assert all(etag.startswith('W/"') for etag in etags.values())
    assert len(set(etags.values())) == len(ids)
    world.time.seconds += 8
    answers = {chat_id: await world.get(chat_id, etags[chat_id]) for chat_id in ids}
    changed = {event.chat_id for event in world.events} & set(ids)
    assert changed
    assert changed != set(ids)
    for chat_id, (response, body) in answers.items():
        if chat_id in changed:
            assert response.status in (200, 404)
            assert response.headers.get("ETag") != etags[chat_id]
        else:
            assert (response.status, body, response.headers["ETag"]) == (304, b"", etags[chat_id])
            assert "Content-Type" not in response.headers


@pytest.mark.parametrize(
    ("if_none_match", "status"),
    [("{}", 304), ('"other", {}', 304), ("*", 304), ('W/"other"', 200), ("not an etag", 200)],
)
async def test_if_none_match_is_understood_as_http_has_it(world: World, if_none_match: str, status: int) -> None:
    response, _ = await world.get()
    assert (await world.get(etag=if_none_match.format(response.headers["ETag"])))[0].status == status
    strong = response.headers["ETag"].removeprefix("W/")
    assert (await world.get(etag=strong))[0].status == 304


@pytest.mark.parametrize("chat_id", [UNKNOWN, "nope", "%3Cscript%3E"])
async def test_an_unknown_id_is_not_found_and_not_echoed(world: World, chat_id: str) -> None:
    response, body = await world.get(chat_id)
    assert (response.status, response.content_type) == (404, "application/json")
    assert json.loads(body)["statusCode"] == 6
    assert b"script" not in body
    assert chat_id.encode() not in body


@pytest.mark.parametrize("path", ["", "/", "/chats", "/chats/", f"/chats/{UNKNOWN}/messages/"])
async def test_any_other_path_is_not_there(world: World, path: str) -> None:
    async with world.session.get(world.server.url + path) as response:
        assert (response.status, response.content_type) == (404, "text/plain")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "PATCH"])
async def test_nothing_but_get_is_allowed(world: World, method: str) -> None:
    before = world.centre.chat(world.centre.chat_ids()[0])
    assert before is not None
    async with world.session.request(method, world.address(before.id), data=b'{"operationName": "Complete"}') as response:
        assert (response.status, response.headers["Allow"]) == (405, "GET")
    assert world.centre.chat(before.id) is before


async def test_an_answer_is_never_older_than_the_clock(world: World) -> None:
    twin = ContactCentre(chats=20, seed=7)
    expected = twin.advance(60)
    world.time.seconds += 60
    arrived = [event.chat_id for event in expected if event.kind == "arrived" and twin.chat(event.chat_id)]
    vanished = [event.chat_id for event in expected if event.kind == "vanished"]
    assert (await world.get(arrived[0]))[0].status == 200
    assert (await world.get(vanished[0]))[0].status == 404
    assert tuple(world.events) == expected


async def test_the_listener_hears_without_anyone_asking() -> None:
    heard = asyncio.Event()
    time = FakeTime()
    server = SimulatorServer(
        ContactCentre(chats=20, seed=7), monotonic=time, chance=Random(1), on_events=lambda _: heard.set()
    )  # fmt: skip
    async with server:
        time.seconds += 30
        await asyncio.wait_for(heard.wait(), 5)


async def test_speed_is_simulated_seconds_per_real_second() -> None:
    async with World(speed=60.0) as world:
        world.time.seconds += 2
        await world.get()
        assert world.centre.now == 120
        assert tuple(world.events) == ContactCentre(chats=20, seed=7).advance(120)


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_a_speed_that_stands_still_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        SimulatorServer(ContactCentre(chats=1, seed=1), monotonic=FakeTime(), chance=Random(1), speed=speed)


async def test_a_taken_port_is_an_oserror_and_leaves_nothing_behind(world: World) -> None:
    port = world.port
    second = SimulatorServer(ContactCentre(chats=1, seed=1), monotonic=world.time, chance=Random(1), port=port)
    with pytest.raises(OSError, match=str(port)):
        await second.start()
    await second.stop()
    assert (await world.get())[0].status == 200


async def test_it_is_gone_after_stop_and_can_start_again(world: World) -> None:
    url = world.server.url
    await world.server.stop()
    with pytest.raises(aiohttp.ClientConnectionError):
        await world.get()
    await world.server.start()
    assert world.server.url == url
    assert (await world.get())[0].status == 200


async def test_no_http_at_all_is_answered_and_not_logged(world: World) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
    writer.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
    assert b" 400 " in await reader.readline()
    writer.close()
