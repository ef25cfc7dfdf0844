"""Polling out of turn, because someone asked for it."""

from __future__ import annotations

import asyncio

import pytest

from chatmon.api import errors
from chatmon.api.resource import IDLE, ChatResource
from chatmon.monitor.breaker import DENIED_SECONDS, Circuit
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import TICK

from .fake_chat_api import CHATTING_CHAT, Actions, Script, Watch, always, between, busiest, one_chat_says, refused, watch_chats

REFUSES_CONNECTIONS = errors.ConnectFailed("the server refuses the connection")
ASKED = 200.0
HOUR = 3600.0


def asks_at(seconds: float, chat_id: str = "0") -> Actions:
    async def actions(watch: Watch) -> None:
        await asyncio.sleep(seconds)
        watch.monitor.poll_now(chat_id)
        await asyncio.sleep(1.0)

    return actions


@pytest.mark.parametrize(
    "script",
    [
        always(CHATTING_CHAT),
        one_chat_says(refused(500)),
        one_chat_says(refused(403)),
        always(REFUSES_CONNECTIONS),
        lambda _chat_id, now: ChatResource(state=IDLE) if now < 60 else refused(404),
        always(refused(404)),
    ],
    ids=["ok", "failing", "denied", "outage", "ended", "not found"],
)
def test_whoever_asks_for_a_chat_gets_it_at_once(script: Script) -> None:
    watch = watch_chats(script, chats=3, pace=Pace(interval=20.0), actions=asks_at(ASKED))
    assert len(watch.api.times("0", since=ASKED, until=ASKED + 2 * TICK)) == 1


def test_but_not_before_the_time_the_server_asked_for() -> None:
    script = between(150, 200, refused(429, retry_after=100))
    watch = watch_chats(script, chats=3, actions=asks_at(ASKED))
    assert watch.api.times(since=ASKED) == []


def test_nor_before_half_a_minute_is_over_where_the_server_lets_nobody_in() -> None:
    async def press_on_and_on(watch: Watch) -> None:
        await asyncio.sleep(ASKED)
        for _ in range(900):
            watch.monitor.poll_now("0")
            await asyncio.sleep(0.1)

    watch = watch_chats(between(60, HOUR, refused(403)), chats=3, actions=press_on_and_on)
    assert busiest(watch.api.times(since=ASKED), DENIED_SECONDS) == 1
    assert {request.chat_id for request in watch.api.requests if request.at > ASKED + DENIED_SECONDS} == {"0"}


def test_asking_during_an_outage_sends_one_poll_and_no_more() -> None:
    watch = watch_chats(always(REFUSES_CONNECTIONS), chats=500, pace=Pace(interval=60.0), actions=asks_at(1000))
    assert [request.chat_id for request in watch.api.requests if request.at >= 1000].count("0") == 1
    assert len(watch.api.times(since=1000)) <= 2


def test_the_monitor_says_how_long_until_the_next_poll_while_the_circuit_is_open() -> None:
    async def look(watch: Watch) -> None:
        assert watch.monitor.seconds_to_next_poll == 0.0
        await asyncio.sleep(100)
        seconds = watch.monitor.seconds_to_next_poll
        sent = len(watch.api.requests)
        assert 0.0 < seconds <= 33.0
        await asyncio.sleep(seconds - 0.01)
        assert len(watch.api.requests) == sent
        await asyncio.sleep(0.01 + 2 * TICK)
        assert len(watch.api.requests) == sent + 1
        await asyncio.sleep(300)
        assert watch.monitor.circuit is Circuit.CLOSED
        assert watch.monitor.seconds_to_next_poll == 0.0

    watch_chats(between(10, 200, refused(403)), chats=3, actions=look)
