"""Polling a server, or single chats, in trouble: nothing is hammered, nothing is given up for good."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from itertools import pairwise
from random import Random

import pytest

from chatmon.api import errors
from chatmon.api.resource import CHATTING, IDLE, WAITING, ChatResource
from chatmon.monitor.breaker import ALONE_SECONDS, DENIED_FROM_THE_BEGINNING, LOCKED_OUT, MAX_LIMITED_SECONDS, Circuit
from chatmon.monitor.observation import Health
from chatmon.monitor.outcome import Outcome
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import TICK
from chatmon.monitor.schedule import ENDED_SECONDS, ENDED_SHARE, JITTER, LAST_POLLS, MAX_BACKOFF, Schedule

from .fake_chat_api import CHATTING_CHAT, Reply, Watch, always, between, busiest, for_seconds, one_chat_says, refused, watch_chats

REFUSES_CONNECTIONS = errors.ConnectFailed("the server refuses the connection")
HOUR = 3600.0


def first_seen_after(watch: Watch, seconds: float) -> list[float]:
    """For each chat: how long after `seconds` the first request for it was sent."""
    first: dict[str, float] = {}
    for request in watch.api.requests:
        if request.at >= seconds:
            first.setdefault(request.chat_id, request.at - seconds)
    return [first.get(chat.id, float("inf")) for chat in watch.monitor.board.chats]


TROUBLES = [
    REFUSES_CONNECTIONS,
    refused(503),
    refused(500),
    refused(401),
    refused(403),
    refused(404),
    refused(429),
    refused(429, retry_after=40),
    refused(503, retry_after=40),
    errors.NotJson("a page"),
    ValueError(),
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: type(trouble).__name__)
def test_one_chat_in_trouble_does_not_disturb_the_others(trouble: Exception) -> None:
    for chats in (2, 12):
        watch = watch_chats(one_chat_says(trouble), chats=chats, actions=for_seconds(120))
        assert watch.monitor.circuit is Circuit.CLOSED
        for number in range(1, chats):
            gaps = [later - earlier for earlier, later in pairwise(watch.api.times(str(number), since=4.0))]
            assert max(gaps) <= 2.0 * (1 + 2 * JITTER) + TICK + 1e-6


@pytest.mark.parametrize("trouble", [REFUSES_CONNECTIONS, refused(500), refused(403)], ids=["connect", "http", "denied"])
def test_many_chats_in_trouble_do_not_disturb_the_few_that_answer(trouble: Exception) -> None:
    watch = watch_chats(lambda chat_id, _: CHATTING_CHAT if int(chat_id) % 20 == 19 else trouble, chats=200, actions=for_seconds(120))
    for number in range(19, 200, 20):
        gaps = [later - earlier for earlier, later in pairwise(watch.api.times(str(number), since=4.0))]
        assert max(gaps) <= 2.0 * (1 + 2 * JITTER) + TICK + 1e-6


@pytest.mark.parametrize("max_rate", [20.0, 100.0])
def test_chats_that_answer_are_seen_though_hundreds_fail_before_they_have_their_turn(max_rate: float) -> None:
    pace = Pace(max_rate=max_rate, max_concurrency=8)

    def script(chat_id: str, _: float) -> Reply:
        return CHATTING_CHAT if int(chat_id) < 3 else refused(500)

    watch = watch_chats(script, chats=400, pace=pace, latency=0.2, actions=for_seconds(60))
    for number in range(3):
        times = [*watch.api.times(str(number)), 60.0]
        assert max(later - earlier for earlier, later in pairwise(times)) <= 400 / 20.0 + 3.0
    assert len(watch.api.requests) > 400
    assert watch.monitor.circuit is Circuit.CLOSED


@pytest.mark.parametrize("latency", [0.02, 5.0], ids=["at once", "after a time-out"])
def test_a_few_chats_that_fail_are_asked_at_the_interval_so_that_they_are_back_within_it(latency: float) -> None:
    def script(chat_id: str, now: float) -> Reply:
        return refused(500) if int(chat_id) < 3 and now < HOUR else CHATTING_CHAT

    watch = watch_chats(script, chats=30, latency=latency, actions=for_seconds(HOUR + 60))
    for number in range(3):
        gaps = [later - earlier for earlier, later in pairwise(watch.api.times(str(number), since=60.0, until=HOUR))]
        assert min(gaps) >= 2.0 * (1 - 2 * JITTER) - TICK
        assert max(gaps) <= 2.0 * (1 + 2 * JITTER) + latency + 2 * TICK
    assert max(first_seen_after(watch, HOUR)[:3]) <= 2.0 * (1 + 2 * JITTER) + latency + 2 * TICK


def test_many_chats_that_fail_are_asked_ever_more_rarely_but_for_ever() -> None:
    watch = watch_chats(lambda chat_id, _: CHATTING_CHAT if int(chat_id) > 9 else refused(500), chats=20, actions=for_seconds(HOUR))
    gaps = [later - earlier for earlier, later in pairwise(watch.api.times("0"))]
    assert min(gaps) >= 2.0 - 1e-6
    assert max(gaps[:3]) <= 16.0 + 2 * TICK
    assert 20.0 < max(gaps) <= MAX_BACKOFF + 2 * TICK
    assert 12.0 <= sum(gaps[10:]) / len(gaps[10:]) <= 18.0
    assert watch.api.times("0")[-1] >= HOUR - MAX_BACKOFF - TICK


def test_chats_that_fail_together_do_not_come_back_together() -> None:
    watch = watch_chats(lambda chat_id, _: CHATTING_CHAT if chat_id == "0" else refused(500), chats=100, actions=for_seconds(300))
    failing = [request.at for request in watch.api.requests if request.chat_id != "0" and request.at > 120]
    assert busiest(failing, 1.0) <= 25


OUTAGES = [REFUSES_CONNECTIONS, errors.Timeout("none"), refused(503), refused(500), errors.NotJson("a login page")]


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: type(outage).__name__)
def test_while_no_chat_answers_a_few_polls_are_sent_in_an_interval(outage: Exception) -> None:
    watch = watch_chats(between(60, 400, outage), chats=1000, actions=for_seconds(400))
    assert watch.monitor.circuit is Circuit.OUTAGE
    assert 300 <= len(watch.api.times(since=200, until=400)) <= 500
    assert busiest(watch.api.times(since=200, until=400), 1.0) <= 3


@pytest.mark.parametrize(("chats", "interval"), [(1000, 20.0), (100, 2.0), (4, 2.0), (3, 2.0), (2, 2.0), (1, 2.0)])
def test_when_the_server_is_back_every_chat_is_seen_again_within_an_interval_and_without_a_herd(chats: int, interval: float) -> None:
    pace = Pace(interval=interval, max_rate=400.0)
    watch = watch_chats(between(60, 300, REFUSES_CONNECTIONS), chats=chats, pace=pace, actions=for_seconds(300 + 4 * interval + 30))
    assert max(first_seen_after(watch, 300)) <= interval + 4 * TICK
    assert busiest(watch.api.times(since=300), 1.0) <= 1.5 * chats / interval + 3
    assert watch.monitor.circuit is Circuit.CLOSED
    assert all(chat.health is Health.OK for chat in watch.monitor.board.chats)


def test_more_chats_than_the_rate_allows_come_back_as_fast_as_the_rate_allows() -> None:
    watch = watch_chats(between(60, 300, REFUSES_CONNECTIONS), chats=1000, actions=for_seconds(330))
    assert max(first_seen_after(watch, 300)) <= 0.3 * 2.0 + 1000 / 100 * 1.1
    assert busiest(watch.api.times(), 1.0) <= 100


def test_an_outage_from_the_very_start_is_overcome() -> None:
    watch = watch_chats(between(0, 100, REFUSES_CONNECTIONS), chats=50, actions=for_seconds(140))
    assert all(chat.health is Health.OK for chat in watch.monitor.board.chats)


def test_servers_that_hang_do_not_pile_up_polls() -> None:
    watch = watch_chats(always(errors.Timeout("none")), chats=1000, latency=5.0, actions=for_seconds(600))
    assert watch.api.most_in_flight <= 32
    assert len(watch.api.times(since=300)) <= 300 / (0.2 * 2.0)


def test_while_all_is_denied_at_most_one_poll_is_sent_in_half_a_minute() -> None:
    watch = watch_chats(between(60, 600, refused(403)), chats=300, actions=for_seconds(600))
    assert watch.monitor.circuit is Circuit.DENIED
    assert max(watch.api.counts(since=60, until=600).values()) <= 2
    assert busiest(watch.api.times(since=100, until=600), 30.0) == 1
    assert len(watch.api.times(since=100, until=600)) >= 15


def test_who_is_let_in_nowhere_asks_three_times_and_then_once_in_half_a_minute() -> None:
    watch = watch_chats(always(refused(401)), chats=1000, actions=for_seconds(300))
    assert len(watch.api.times(until=29.0)) == LOCKED_OUT
    assert busiest(watch.api.times(since=1.0), 30.0) == 1


@pytest.mark.parametrize("chats", [12, 300])
def test_who_is_let_in_no_longer_asks_a_few_times_more_and_then_once_in_half_a_minute(chats: int) -> None:
    watch = watch_chats(between(60, 600, refused(401)), chats=chats, actions=for_seconds(600))
    assert watch.monitor.circuit is Circuit.DENIED
    in_flight = watch.api.latency * min(100, chats / 2)
    assert len(watch.api.times(since=60, until=89)) <= LOCKED_OUT + in_flight + 1
    assert busiest(watch.api.times(since=63, until=600), 30.0) == 1


def test_a_server_that_lets_nobody_in_for_a_moment_is_looked_at_again_after_an_interval() -> None:
    watch = watch_chats(between(60, 60.15, refused(401)), chats=100, actions=for_seconds(90))
    for number in range(100):
        assert max(later - earlier for earlier, later in pairwise(watch.api.times(str(number), since=50))) <= 3 * 2.0
    assert "unseen" not in {event.rule for event in watch.events}


@pytest.mark.parametrize("status", [401, 403])
def test_chats_that_are_not_asked_for_because_nobody_is_let_in_raise_no_alarm_of_their_own(status: int) -> None:
    watch = watch_chats(between(60, 200, refused(status)), chats=100, actions=for_seconds(240))
    assert watch.monitor.circuit is Circuit.CLOSED
    assert "unseen" not in {event.rule for event in watch.events}


def test_chats_that_were_never_let_in_do_not_lock_the_others_out() -> None:
    watch = watch_chats(lambda chat_id, _: refused(401) if int(chat_id) >= 2 else CHATTING_CHAT, chats=200, actions=for_seconds(120))
    assert watch.monitor.circuit is Circuit.CLOSED
    for number in range(2):
        assert max(later - earlier for earlier, later in pairwise(watch.api.times(str(number), since=4.0))) <= 2.5


def test_a_slow_first_answer_keeps_the_others_waiting_no_longer_than_a_moment() -> None:
    watch = watch_chats(always(CHATTING_CHAT), chats=8, latency=4.0, actions=for_seconds(5.0))
    assert max(first_seen_after(watch, 0.0)) <= 7 * (ALONE_SECONDS + TICK)


def test_when_access_is_granted_again_every_chat_is_back_at_its_interval() -> None:
    watch = watch_chats(between(60, 300, refused(403)), chats=100, actions=for_seconds(360))
    assert max(first_seen_after(watch, 300)) <= 30.0 + 2.0 * (1 + JITTER) + 4 * TICK
    assert len(watch.api.times(since=340, until=360)) == pytest.approx(1000, rel=0.1)


def test_a_chat_denied_on_its_own_is_polled_rarely_for_ever() -> None:
    watch = watch_chats(one_chat_says(refused(403)), chats=5, actions=for_seconds(HOUR))
    gaps = [later - earlier for earlier, later in pairwise(watch.api.times("0"))]
    assert min(gaps) >= 30.0
    assert 31.0 <= max(gaps) <= 33.0 + 2 * TICK


def test_a_chat_denied_on_its_own_is_not_polled_sooner_because_the_server_was_out() -> None:
    def script(chat_id: str, now: float) -> Reply:
        if now % 47 > 35:
            return REFUSES_CONNECTIONS
        return refused(403) if chat_id == "0" else CHATTING_CHAT

    watch = watch_chats(script, chats=5, actions=for_seconds(900))
    denied = [time for time in watch.api.times("0") if time % 47 <= 35]
    assert min(later - earlier for earlier, later in pairwise(denied)) >= 30.0


@pytest.mark.parametrize("status", [429, 503])
def test_nothing_is_sent_until_the_time_the_server_asked_for_is_over(status: int) -> None:
    watch = watch_chats(between(60, 60.5, refused(status, retry_after=40)), chats=200, actions=for_seconds(160))
    asked_at = watch.api.times(since=60)[0] + watch.api.latency
    assert watch.api.times(since=asked_at + TICK, until=asked_at + 40) == []
    assert max(first_seen_after(watch, 100)) <= 15.0
    assert busiest(watch.api.times(since=100), 1.0) <= 100


@pytest.mark.parametrize(("status", "retry_after"), [(429, None), (429, 1.0), (429, 40.0), (503, 1.0), (503, 40.0)])
def test_a_limit_told_by_one_chat_alone_is_that_chats(status: int, retry_after: float | None) -> None:
    watch = watch_chats(one_chat_says(refused(status, retry_after=retry_after)), chats=200, actions=for_seconds(120))
    assert len(watch.api.times(since=20, until=120)) >= 90 * 100
    assert watch.monitor.circuit is Circuit.CLOSED
    assert min(later - earlier for earlier, later in pairwise(watch.api.times("0"))) >= (retry_after or 2.0) - TICK


@pytest.mark.parametrize("chats", [4, 12, 60])
def test_two_chats_at_a_limit_and_one_that_fails_slow_nobody_and_are_no_outage(chats: int) -> None:
    answers: dict[str, Reply] = {"0": refused(429), "1": refused(429), "2": refused(500)}
    circuits = set()

    async def look(watch: Watch) -> None:
        await asyncio.sleep(20)
        for _ in range(500):
            await asyncio.sleep(0.2)
            circuits.add(watch.monitor.circuit)

    watch = watch_chats(lambda chat_id, _: answers.get(chat_id, CHATTING_CHAT), chats=chats, actions=look)
    assert circuits == {Circuit.CLOSED}
    for number in range(3, chats):
        assert max(later - earlier for earlier, later in pairwise(watch.api.times(str(number), since=20.0))) <= 2.5


@pytest.mark.parametrize("limited", [2, 3, 5])
@pytest.mark.parametrize("alternates", [False, True])
def test_a_few_of_many_chats_that_are_at_a_limit_for_ever_do_not_slow_the_others_for_ever(limited: int, alternates: bool) -> None:
    asked: Counter[str] = Counter()

    def script(chat_id: str, _: float) -> Reply:
        asked[chat_id] += 1
        is_limited = int(chat_id) < limited and not (alternates and asked[chat_id] % 2)
        return refused(429) if is_limited else CHATTING_CHAT

    watch = watch_chats(script, chats=194, actions=for_seconds(600.0))
    for number in range(limited, 194):
        times = [*watch.api.times(str(number), since=60.0), 600.0]
        assert len(times) >= 540.0 / 4.0
        assert max(later - earlier for earlier, later in pairwise(times)) <= 10.0


def test_a_chat_that_fails_is_no_outage_where_the_server_limits_all() -> None:
    limit = 5
    asked: deque[float] = deque(maxlen=limit + 1)
    circuits = set()

    def script(chat_id: str, now: float) -> Reply:
        if chat_id == "0":
            return refused(500)
        asked.append(now)
        return refused(429) if len(asked) > limit and now - asked[0] < 1.0 else CHATTING_CHAT

    async def look(watch: Watch) -> None:
        for _ in range(1_000):
            await asyncio.sleep(0.2)
            circuits.add(watch.monitor.circuit)

    watch_chats(script, chats=40, actions=look)
    assert circuits == {Circuit.CLOSED, Circuit.LIMITED}


@pytest.mark.parametrize(("chats", "polls"), [(1, 1), (2, 2), (200, 3)])
def test_a_server_at_its_limit_from_the_beginning_is_asked_for_a_few_chats(chats: int, polls: int) -> None:
    watch = watch_chats(always(refused(429, retry_after=60)), chats=chats, actions=for_seconds(59))
    assert len(watch.api.requests) == polls
    assert watch.monitor.circuit is Circuit.LIMITED


@pytest.mark.parametrize("status", [500, 403])
def test_time_asked_for_one_chat_is_given_to_that_chat_alone(status: int) -> None:
    watch = watch_chats(one_chat_says(refused(status, retry_after=40)), chats=6, actions=for_seconds(300))
    assert min(later - earlier for earlier, later in pairwise(watch.api.times("0"))) >= 40.0
    for number in range(1, 6):
        assert max(later - earlier for earlier, later in pairwise(watch.api.times(str(number), since=4.0))) <= 2.5


def test_a_server_that_denies_from_the_beginning_is_not_asked_for_every_chat() -> None:
    watch = watch_chats(always(refused(403)), chats=1000, actions=for_seconds(60))
    assert len(watch.api.requests) <= DENIED_FROM_THE_BEGINNING + 2
    assert watch.monitor.circuit is Circuit.DENIED


def test_after_that_one_poll_at_a_time_finds_out_whether_it_was_enough() -> None:
    watch = watch_chats(between(60, 400, refused(429, retry_after=30)), chats=200, actions=for_seconds(400))
    assert watch.monitor.circuit is Circuit.LIMITED
    assert busiest(watch.api.times(since=65), 30.0) == 1
    assert len(watch.api.times(since=65)) >= 10


def test_a_server_that_asks_for_days_is_asked_again_after_five_minutes() -> None:
    watch = watch_chats(between(60, 62, refused(429, retry_after=86_400)), chats=5, actions=for_seconds(60 + 330))
    assert len(watch.api.times(since=70, until=60 + MAX_LIMITED_SECONDS)) == 0
    assert max(first_seen_after(watch, 60 + MAX_LIMITED_SECONDS)) <= 10.0


def test_too_many_requests_without_a_time_are_answered_with_fewer() -> None:
    limit = 20
    asked: deque[float] = deque(maxlen=limit + 1)

    def script(_chat_id: str, now: float) -> Reply:
        asked.append(now)
        return refused(429) if len(asked) > limit and now - asked[0] < 1.0 else CHATTING_CHAT

    async def look(watch: Watch) -> None:
        await asyncio.sleep(600)
        assert len(watch.api.times(since=300)) <= limit * 300
        assert max(chat.age(watch.now()) or 0.0 for chat in watch.monitor.board.chats) <= 60

    watch_chats(script, chats=200, actions=look)


def test_a_poll_in_flight_that_succeeds_does_not_shorten_the_time_the_server_asked_for() -> None:
    def script(chat_id: str, now: float) -> Reply:
        return refused(429, retry_after=60) if chat_id in {"0", "10", "20"} and 30 <= now < 40 else CHATTING_CHAT

    watch = watch_chats(script, chats=32, latency=1.5, actions=for_seconds(90))
    asked = {request.chat_id: request.at for request in reversed(watch.api.requests) if request.at >= 30}
    limited_at = max(asked[chat_id] for chat_id in ("0", "10", "20")) + 1.5
    assert watch.api.times(since=limited_at + TICK, until=limited_at + 60) == []


def test_a_limit_during_an_outage_is_honoured_and_overcome() -> None:
    def script(_chat_id: str, now: float) -> Reply:
        if 60 <= now < 120:
            return REFUSES_CONNECTIONS
        if 120 <= now < 125:
            return refused(503, retry_after=50)
        return REFUSES_CONNECTIONS if now < 220 else CHATTING_CHAT

    watch = watch_chats(script, chats=50, actions=for_seconds(260))
    limited_at = watch.api.times(since=120)[0] + watch.api.latency
    assert watch.api.times(since=limited_at + TICK, until=limited_at + 50) == []
    assert len(watch.api.times(since=limited_at + 50, until=220)) <= 50 / (0.2 * 2.0)
    assert all(chat.health is Health.OK for chat in watch.monitor.board.chats)


@pytest.mark.parametrize("chats", [1, 2, 5])
def test_a_chat_gone_after_idle_is_asked_ever_more_rarely_but_for_ever(chats: int) -> None:
    def script(chat_id: str, now: float) -> Reply:
        return refused(404) if chat_id == "0" and 60 <= now < 3 * HOUR else ChatResource(state=IDLE)

    watch = watch_chats(script, chats=chats, actions=for_seconds(3 * HOUR + 1.2 * ENDED_SECONDS + 60))
    asked = watch.api.times("0", since=60, until=3 * HOUR)
    gaps = [later - earlier for earlier, later in pairwise(asked)]
    assert gaps[:8] == sorted(gaps[:8])
    assert len(asked) < 3 * HOUR / (0.8 * ENDED_SECONDS) + 10
    assert max(gaps) <= 1.2 * ENDED_SECONDS + 2 * TICK
    assert next(iter(watch.monitor.board.chats)).health is Health.OK


def test_thousands_of_chats_that_ended_use_no_more_than_a_small_share_of_the_rate() -> None:
    schedule = Schedule(Pace(max_rate=5.0), Random(1), 0.0)
    for number in range(5_000):
        schedule.add(str(number), 0.0)
    now, sent = 0.0, list[float]()
    while now < 12 * HOUR:
        due = schedule.next_due()
        assert due is not None
        now = max(now + TICK, due)
        while (chat_id := schedule.take(now)) is not None:
            sent.append(now)
            schedule.done(chat_id, now, Outcome.ENDED)
    last = 2 * HOUR
    assert len([at for at in sent if at >= now - last]) <= 1.1 * ENDED_SHARE * 5.0 * last


@pytest.mark.parametrize("state", [WAITING, CHATTING])
def test_a_chat_gone_before_its_end_is_asked_rarely_but_for_ever(state: str) -> None:
    def script(_chat_id: str, now: float) -> Reply:
        return ChatResource(state=state) if now < 60 or now >= HOUR else refused(404)

    watch = watch_chats(script, chats=2, actions=for_seconds(HOUR + 60))
    gaps = [later - earlier for earlier, later in pairwise(watch.api.times("0", since=100, until=HOUR))]
    assert min(gaps) >= 30.0
    assert max(gaps) <= 33.0 + 2 * TICK
    assert [chat.health for chat in watch.monitor.board.chats] == [Health.OK] * 2


def test_an_id_that_never_was_is_asked_rarely_but_for_ever() -> None:
    watch = watch_chats(always(refused(404)), actions=for_seconds(HOUR))
    assert HOUR / 33 - 2 <= len(watch.api.requests) <= HOUR / 30 + LAST_POLLS + 2


def test_chats_that_are_left_alone_leave_the_rate_to_the_others() -> None:
    def script(chat_id: str, now: float) -> Reply:
        if int(chat_id) < 10:
            return CHATTING_CHAT
        return ChatResource(state=IDLE) if now < 60 else refused(404)

    watch = watch_chats(script, chats=500, actions=for_seconds(300))
    assert watch.monitor.board.interval == 2.0


def test_what_had_to_wait_comes_back_spread_over_the_interval() -> None:
    pace = Pace(interval=10.0, max_rate=400.0)
    watch = watch_chats(between(60, 60.2, refused(429, retry_after=40)), chats=200, pace=pace, actions=for_seconds(140))
    assert busiest(watch.api.times(since=100), 1.0) <= 1.5 * 200 / 10.0


def test_after_too_many_requests_the_rate_is_halved_and_grows_back() -> None:
    async def look(watch: Watch) -> None:
        await asyncio.sleep(61)
        assert watch.monitor.rate_limit == 50.0
        await asyncio.sleep(65)
        assert 50.0 < watch.monitor.rate_limit < 100.0
        await asyncio.sleep(60)
        assert watch.monitor.rate_limit == 100.0

    watch_chats(between(60, 60.2, refused(429, retry_after=40)), chats=200, actions=look)
