"""Whatever the server does and whoever presses which key, no second sees more requests than the rate allows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api import errors
from chatmon.monitor.breaker import DENIED_SECONDS
from chatmon.monitor.pace import Pace
from tests.examples import examples

from .fake_chat_api import CHATTING_CHAT, Actions, Reply, Script, Watch, always, between, busiest, refused, watch_chats

OUTAGES = [
    errors.ConnectFailed("the server refuses the connection"),
    errors.Timeout("none"),
    refused(500),
    refused(503, retry_after=20),
    refused(429, retry_after=20),
    refused(429),
    refused(401),
    errors.NotJson("a login page"),
]


def for_seconds_then(seconds: float, act: Callable[[Watch], None], more: float) -> Actions:
    async def actions(watch: Watch) -> None:
        await asyncio.sleep(seconds)
        act(watch)
        await asyncio.sleep(more)

    return actions


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: type(outage).__name__ + str(outage.retry_after or ""))
def test_the_busiest_second_of_the_recovery_of_1000_chats_keeps_to_the_rate(
    outage: errors.ChatApiError,
) -> None:
    def ask_for_all(watch: Watch) -> None:
        for chat in watch.monitor.board.chats:
            watch.monitor.poll_now(chat.id)

    watch = watch_chats(between(12, 39.5, outage), chats=1000, actions=for_seconds_then(40.0, ask_for_all, 25.0))
    assert busiest(watch.api.times(), 1.0) <= 100
    assert busiest(watch.api.times(since=40), 1.0) >= 40  # it does come back, and not one by one


def test_a_server_that_says_401_to_all_is_asked_once_in_half_a_minute_in_total_until_it_says_otherwise() -> None:
    granted = 180.0

    def ask_for_all(watch: Watch) -> None:
        for chat in watch.monitor.board.chats:
            watch.monitor.poll_now(chat.id)

    watch = watch_chats(between(15, granted, refused(401)), chats=500, actions=for_seconds_then(100.0, ask_for_all, 125.0))
    # A few are denied before it is known that all are, and it is looked once more whether that was a hiccup.
    settled = 15.5 + 2.5
    assert busiest(watch.api.times(since=settled, until=granted), DENIED_SECONDS) == 1
    assert busiest(watch.api.times(), 1.0) <= 100
    assert len({request.chat_id for request in watch.api.requests if request.at >= granted}) == 500


troubles = st.sampled_from([None, *OUTAGES, refused(404), refused(403), ValueError("x")])
steps = st.lists(
    st.tuples(st.floats(0.1, 20.0), st.sampled_from(["wait", "ask", "faster", "slower", "come", "go"]), troubles, troubles), max_size=8
)


@examples(25)
@given(steps, st.sampled_from([0.5, 3.0, 7.5, 25.0]), st.integers(0, 2**16))
def test_whatever_happens_no_second_sees_more_than_the_rate(
    steps: list[tuple[float, str, Exception | None, Exception | None]], max_rate: float, seed: int
) -> None:
    chance = Random(seed)
    says: list[Exception | None] = [None, None]

    def script(_chat_id: str, _now: float) -> Reply:
        return chance.choice(says) or CHATTING_CHAT

    async def act(watch: Watch) -> None:
        for number, (seconds, action, one, other) in enumerate(steps):
            says[:] = one, other
            chats = [chat.id for chat in watch.monitor.board.chats]
            match action:
                case "ask":
                    for chat_id in chats:
                        watch.monitor.poll_now(chat_id)
                case "faster" | "slower":
                    watch.monitor.change_interval(0.1 if action == "faster" else 30.0)
                case "come":
                    watch.monitor.watch((f"{number} {place}", "") for place in range(60))
                case "go":
                    for chat_id in chats[::2]:
                        watch.monitor.unwatch(chat_id)
            await asyncio.sleep(seconds)

    watch = watch_chats(script, chats=40, pace=Pace(max_rate=max_rate), actions=act, seed=seed)
    assert busiest(watch.api.times(), max(1.0, 1.0 / max_rate)) <= max(1, int(max_rate))


@pytest.mark.parametrize("script", [always(CHATTING_CHAT), between(5, 15, refused(429))], ids=["ok", "limited"])
def test_holding_down_r_does_not_break_the_rate(script: Script) -> None:
    async def hold(watch: Watch) -> None:
        for _ in range(600):
            watch.monitor.poll_now("0")
            await asyncio.sleep(1 / 30)

    watch = watch_chats(script, chats=20, pace=Pace(max_rate=10.0), actions=hold)
    assert busiest(watch.api.times(), 1.0) <= 10
