"""One round over all chats, as `chatmon poll` does it."""

from __future__ import annotations

import asyncio

import pytest

from chatmon.monitor.board import Board
from chatmon.monitor.breaker import ALONE_SECONDS, LOCKED_OUT, LONG_STREAK
from chatmon.monitor.budget import RateBudget
from chatmon.monitor.observation import Health
from chatmon.monitor.poller import TICK, poll_round

from .fake_chat_api import CHATTING_CHAT, FakeChatApi, Script, always, busiest, refused
from .fake_clock import FakeClock, in_virtual_time


def one_round(
    script: Script, *, chats: int, max_rate: float = 100.0, max_concurrency: int = 32, latency: float = 0.02
) -> tuple[FakeChatApi, Board, float]:
    """The server, the board, and how many seconds the round took."""
    api, board = FakeChatApi(script, latency=latency), Board(interval=2.0)
    for number in range(chats):
        board.watch(str(number))

    async def main() -> float:
        clock = FakeClock()
        await poll_round(api, board, clock, RateBudget(max_rate, clock.now().monotonic), max_concurrency=max_concurrency)
        return asyncio.get_running_loop().time()

    return api, board, in_virtual_time(main())


@pytest.mark.parametrize("chats", [0, 1, 250])
def test_each_chat_is_asked_for_exactly_once(chats: int) -> None:
    api, board, _ = one_round(always(CHATTING_CHAT), chats=chats)
    assert sorted(request.chat_id for request in api.requests) == sorted(chat.id for chat in board.chats)
    assert all(chat.health is Health.OK for chat in board.chats)


@pytest.mark.parametrize(("chats", "max_rate"), [(250, 100.0), (20, 7.5), (3, 0.5)])
def test_the_rate_is_respected_and_used(chats: int, max_rate: float) -> None:
    api, _, seconds = one_round(always(CHATTING_CHAT), chats=chats, max_rate=max_rate)
    assert busiest(api.times(), max(1.0, 1.0 / max_rate)) <= max(1, int(max_rate))
    usable = int(max_rate) if max_rate >= 1 else max_rate
    assert seconds <= chats / usable * 1.1 + 2 * TICK


def test_no_more_polls_are_in_flight_than_allowed() -> None:
    api, _, _ = one_round(always(CHATTING_CHAT), chats=100, max_concurrency=3)
    assert api.most_in_flight == 3


def test_one_chat_in_trouble_does_not_keep_the_others_from_being_asked() -> None:
    _, board, _ = one_round(lambda chat_id, _: ValueError() if chat_id == "3" else CHATTING_CHAT, chats=10)
    assert [chat.health is Health.OK for chat in board.chats] == [number != 3 for number in range(10)]


def test_a_server_that_says_it_is_too_much_is_asked_more_slowly() -> None:
    _, _, slowed = one_round(always(refused(429)), chats=200)
    _, _, usual = one_round(always(CHATTING_CHAT), chats=200)
    assert slowed > 1.5 * usual


def test_a_server_that_asks_for_time_is_given_it() -> None:
    api, board, seconds = one_round(
        lambda chat_id, _: refused(429, retry_after=20) if chat_id == "0" else CHATTING_CHAT, chats=100, max_concurrency=1
    )
    assert api.times(since=TICK, until=20.0) == []
    assert seconds > 20.0
    assert sum(chat.health is Health.OK for chat in board.chats) == 99


def test_a_server_that_denies_everything_is_not_asked_for_the_rest() -> None:
    api, board, _ = one_round(always(refused(401)), chats=500)
    assert len(api.requests) == LOCKED_OUT
    assert all(chat.health is Health.DENIED for chat in board.chats)
    assert "not asked" in [chat.error.message for chat in board.chats if chat.error is not None][-1]


def test_a_server_that_denies_one_chat_after_the_other_is_not_asked_for_every_chat() -> None:
    api, board, _ = one_round(always(refused(403)), chats=500)
    assert len(api.requests) == LONG_STREAK
    assert all(chat.health is Health.DENIED for chat in board.chats)


def test_a_slow_first_answer_keeps_the_others_waiting_no_longer_than_a_moment() -> None:
    api, _, _ = one_round(always(CHATTING_CHAT), chats=8, latency=4.0)
    assert api.times()[-1] == pytest.approx(7 * ALONE_SECONDS, abs=0.1)


def test_a_few_denied_chats_keep_no_other_from_being_asked() -> None:
    api, _, _ = one_round(lambda chat_id, _: CHATTING_CHAT if chat_id == "0" else refused(403), chats=100)
    assert len(api.requests) == 100
