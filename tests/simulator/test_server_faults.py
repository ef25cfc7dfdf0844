"""Each fault as a client of the simulated API meets it."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from chatmon.simulator.faults import FAULTS, Fault, Treatment

from .world import UNKNOWN, World


def always(treatment: Treatment) -> Fault:
    return Fault("always", "", shares=((treatment, 1.0),))


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "body"),
    [
        (always(Treatment.LOGIN_PAGE), 200, "text/html", b"<form"),
        (always(Treatment.EMPTY), 200, "application/json", b""),
        (always(Treatment.INTERNAL_ERROR), 200, "application/json", b'"statusCode":4'),
        (always(Treatment.UNAVAILABLE), 503, "text/html", b"503 Service Unavailable"),
        (Fault("denied", "", denied_after=0.0), 401, "application/json", b'"statusCode":20'),
    ],
    ids=lambda value: value.shares[0][0].name if isinstance(value, Fault) and value.shares else None,
)
async def test_wrong_answers_look_as_a_client_meets_them(fault: Fault, status: int, content_type: str, body: bytes) -> None:
    async with World(fault) as world:
        response, received = await world.get()
        assert (response.status, response.content_type) == (status, content_type)
        assert body in received
        assert "ETag" not in response.headers


async def test_server_errors_come_with_a_page() -> None:
    async with World(always(Treatment.SERVER_ERROR)) as world:
        answers = [await world.get() for _ in range(40)]
    assert {response.status for response, _ in answers} == {500, 502, 503, 504}
    assert all(response.content_type == "text/html" and str(response.status).encode() in body for response, body in answers)


async def test_a_reset_is_a_reset() -> None:
    async with World(always(Treatment.RESET)) as world:
        for _ in range(3):
            with pytest.raises(aiohttp.ClientConnectionError) as caught:
                await world.get()
            assert isinstance(caught.value, ConnectionResetError) or "reset" in str(caught.value).lower()


async def test_a_body_can_be_cut_short() -> None:
    async with World(always(Treatment.CUT_SHORT)) as world:
        with pytest.raises(aiohttp.ClientPayloadError):
            await world.get()
        chat_id = world.centre.chat_ids()[0]
        reader, writer = await world.ask(chat_id)
        head, _, body = (await asyncio.wait_for(reader.read(), 10)).partition(b"\r\n\r\n")
        writer.close()
        assert head.startswith(b"HTTP/1.1 200 ")
        assert b"Content-Length: %d\r\n" % (2 * len(body)) in head or b"Content-Length: %d\r\n" % (2 * len(body) + 1) in head
        assert body.startswith(b'{"chat":')
        assert chat_id.encode() in body


async def test_too_many_requests_in_a_second_are_told_to_come_back() -> None:
    async with World(Fault("limited", "", requests_per_second=3)) as world:
        answers = [(await world.get())[0] for _ in range(5)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
        assert answers[-1].headers["Retry-After"] == "1"
        world.time.seconds += 1
        assert (await world.get())[0].status == 200


async def test_an_outage_comes_and_goes() -> None:
    async with World(FAULTS["outage"], speed=0.001) as world:
        assert (await world.get())[0].status == 200
        world.time.seconds += 31
        with pytest.raises(aiohttp.ClientConnectionError):
            await world.get()
        world.time.seconds += 15
        assert (await world.get())[0].status == 200
        world.time.seconds += 30
        assert (await world.get())[0].status == 503


async def test_a_session_can_end() -> None:
    async with World(FAULTS["denied"]) as world:
        assert (await world.get())[0].status == 200
        world.time.seconds += 21
        assert {(await world.get(chat_id))[0].status for chat_id in world.centre.chat_ids()} == {401}


async def test_a_slow_answer_is_a_true_answer() -> None:
    async with World(Fault("slow", "", slow_share=1.0, slow_seconds=0.05)) as world:
        response, body = await world.get()
        assert response.status == 200
        assert json.loads(body)["statusCode"] == 0


@pytest.mark.parametrize("fault", [always(Treatment.SILENCE), Fault("slow", "", slow_share=1.0, slow_seconds=1e6)], ids=["silent", "slow"])
async def test_stop_does_not_wait_for_answers_that_are_held_back(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatmon.simulator.server._SHUTDOWN_SECONDS", 3600.0)  # so that waiting for it would not go unnoticed
    async with World(fault) as world:
        hanging = [await world.ask(UNKNOWN) for _ in range(5)]
        await asyncio.wait_for(world.chance.fifth_asked.wait(), 10)
        async with asyncio.timeout(60):
            await world.server.stop()
            ended = await asyncio.gather(*(reader.read() for reader, _ in hanging), return_exceptions=True)
        assert all(end == b"" or isinstance(end, ConnectionResetError) for end in ended)
        for _, writer in hanging:
            writer.close()


async def test_a_client_that_hangs_up_leaves_nothing_pending() -> None:
    async with World(always(Treatment.SILENCE)) as world:
        before = asyncio.all_tasks()
        hanging = [await world.ask(UNKNOWN) for _ in range(5)]
        await asyncio.wait_for(world.chance.fifth_asked.wait(), 10)
        pending = asyncio.all_tasks() - before
        assert len(pending) >= 5
        for _, writer in hanging:
            writer.close()
        _, still_pending = await asyncio.wait(pending, timeout=60)
        assert not still_pending
