"""The schedule, the rate and the backoff on their own."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatmon.api.resource import IDLE
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.budget import RECOVERY_SECONDS, RateBudget
from chatmon.monitor.observation import PollError
from chatmon.monitor.outcome import Outcome, outcome
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import TICK
from chatmon.monitor.schedule import MAX_BACKOFF, Schedule, backoff
from chatmon.monitor.turns import MAX_STALE_ENTRIES

rates = st.one_of(st.floats(0.05, 1.0), st.floats(1.0, 12.0), st.integers(1, 200).map(float))


@given(rates, st.lists(st.one_of(st.just(0.0), st.floats(0.0, 0.1), st.floats(0.0, 3.0)), max_size=300), st.sets(st.integers(0, 299)))
@example(2.5, [0.0, 0.0, 0.0, 0.4, 0.4, 0.2, 0.0, 0.4], set())
def test_no_second_sees_more_than_the_rate(max_rate: float, pauses: list[float], slowed: set[int]) -> None:
    now = 1_000.0
    budget, sent = RateBudget(max_rate, now), list[float]()
    for step, pause in enumerate(pauses):
        now += pause
        if step in slowed:
            budget.slow_down(now)
        while budget.may_send(now):
            sent.append(now)
        assert 0.0 < budget.rate(now) <= max_rate
    window = max(1.0, 1.0 / max_rate)
    for first, begin in enumerate(sent):
        assert len([time for time in sent[first:] if time - begin < window]) <= max(1.0, max_rate)


@pytest.mark.parametrize("max_rate", [0.2, 1.0, 3.0, 100.0])
def test_the_whole_rate_can_be_used(max_rate: float) -> None:
    budget = RateBudget(max_rate, 0.0)
    ticks = int(200 / max_rate / TICK)
    sent = sum(budget.may_send(tick * TICK) for tick in range(ticks) for _ in range(int(max_rate) + 1))
    assert sent >= 0.95 * 200


def test_the_rate_is_the_one_that_can_be_used() -> None:
    assert [RateBudget(max_rate, 0.0).rate(0.0) for max_rate in (0.5, 1.0, 2.5, 100.0)] == [0.5, 1.0, 2.0, 100.0]


def test_slowing_down_halves_the_rate_once_a_second_and_it_grows_back() -> None:
    budget = RateBudget(100.0, 0.0)
    budget.slow_down(10.0)
    budget.slow_down(10.5)
    assert budget.rate(10.5) == pytest.approx(50.0 + 0.5 * 100 / RECOVERY_SECONDS)
    budget.slow_down(11.0)
    assert budget.rate(11.0) == pytest.approx(25.0, abs=1.0)
    assert budget.rate(30.0) < budget.rate(40.0) < 100.0
    assert budget.rate(11.0 + RECOVERY_SECONDS) == 100.0


def test_the_rate_grows_back_from_when_polling_is_allowed_again() -> None:
    budget = RateBudget(100.0, 0.0)
    budget.slow_down(10.0, until=300.0)
    assert budget.rate(10.0) == budget.rate(300.0) == 50.0
    assert budget.rate(330.0) == 100.0


def test_however_often_it_is_slowed_down_something_may_be_sent() -> None:
    for max_rate in (0.5, 100.0):
        budget = RateBudget(max_rate, 0.0)
        for second in range(100):
            budget.slow_down(second * 2.0)
        assert budget.rate(198.0) >= min(1.0, max_rate)


@given(st.integers(1, 10_000), st.floats(0.1, 1_000.0), st.randoms(use_true_random=False))
def test_backoff_is_never_shorter_than_the_interval_and_never_longer_than_its_bound(streak: int, interval: float, random: Random) -> None:
    assert interval <= backoff(streak, interval, random) <= max(MAX_BACKOFF, interval)


@given(st.floats(0.1, 1_000.0), st.randoms(use_true_random=False))
def test_after_a_single_failure_a_chat_is_polled_at_its_interval(interval: float, random: Random) -> None:
    assert backoff(1, interval, random) == interval


def test_backoff_grows_on_average() -> None:
    means = [sum(backoff(streak, 1.0, Random(seed)) for seed in range(500)) / 500 for streak in range(1, 6)]
    assert means == sorted(means)
    assert means[-1] > 5 * means[0]


OUTCOMES = [
    (None, "Chatting", Outcome.ANSWERED),
    ("denied", None, Outcome.DENIED),
    ("rate_limited", None, Outcome.LIMITED),
    ("not_found", "Idle", Outcome.ENDED),
    ("not_found", "Chatting", Outcome.MISSING),
    ("not_found", None, Outcome.MISSING),
    ("timeout", "Idle", Outcome.FAILED),
    ("internal", None, Outcome.FAILED),
]


@pytest.mark.parametrize(("kind", "state", "expected"), OUTCOMES)
def test_what_a_poll_means_for_the_schedule(kind: str | None, state: str | None, expected: Outcome) -> None:
    assert outcome(None if kind is None else PollError(kind, ""), state) is expected


def test_http_400_alone_is_never_an_end() -> None:
    assert outcome(PollError("not_found", ""), IDLE, http_status=400) is Outcome.MISSING


def test_chats_that_come_and_go_leave_nothing_behind() -> None:
    schedule = Schedule(Pace(interval=3600.0), Random(1), 0.0)
    for number in range(5_000):
        schedule.add(str(number), 0.0)
        schedule.poll_now(str(number), 0.0)
        schedule.remove(str(number))
        schedule.remove(str(number))
        assert schedule._turns.entries <= MAX_STALE_ENTRIES + 3
    assert (len(schedule), schedule.next_due(), schedule.take(10_000.0)) == (0, None, None)


def test_what_is_put_elsewhere_again_and_again_does_not_grow_the_heap() -> None:
    schedule = Schedule(Pace(interval=100.0, max_rate=1000.0), Random(1), 0.0)
    for number in range(100):
        schedule.add(str(number), 0.0)
    for second in range(500):
        schedule.change_interval(100.0 - second % 50, second * 1.0)
        schedule.poll_now(str(second % 100), second * 1.0)
        if (taken := schedule.take(second * 1.0)) is not None:
            schedule.done(taken, second * 1.0, Outcome.ANSWERED)
        assert schedule._turns.entries <= 2 * 100 + MAX_STALE_ENTRIES + 1


def test_a_chat_taken_in_again_gets_one_place_though_two_of_its_polls_end() -> None:
    schedule = Schedule(Pace(), Random(1), 0.0)
    for now in (0.0, 1.0):
        schedule.remove("a")
        schedule.add("a", now)
        assert schedule.take(now) == "a"
    schedule.done("a", 1.5, Outcome.ANSWERED)
    due = schedule.next_due()
    schedule.done("a", 1.6, Outcome.ANSWERED)
    assert schedule.next_due() == due


def test_a_single_chat_is_not_asked_more_often_during_an_outage_than_otherwise() -> None:
    schedule = Schedule(Pace(interval=2.0), Random(1), 0.0)
    schedule.add("a", 0.0)
    now = 0.0
    for _ in range(20):
        assert schedule.take(now) == "a"
        schedule.done("a", now, Outcome.FAILED)
        due = schedule.next_due()
        assert due is not None
        assert schedule.breaker.circuit is Circuit.CLOSED or due - now == pytest.approx(2.0)
        now = due
    assert schedule.breaker.circuit is Circuit.OUTAGE


def test_chats_that_are_hardly_asked_do_not_stretch_the_interval_of_the_others() -> None:
    schedule, now = Schedule(Pace(interval=0.5, max_rate=100.0), Random(1), 0.0), 0.0
    for number in range(401):
        schedule.add(str(number), now)
    assert schedule.interval(now) == pytest.approx(4.01)
    while now < 300.0:
        now += TICK
        while (taken := schedule.take(now)) is not None:
            schedule.done(taken, now, Outcome.ANSWERED if taken == "0" else Outcome.MISSING)
    assert schedule.interval(now) == 0.5


OUTCOME_STEPS = st.tuples(
    st.sampled_from(["add", "remove", "now", "poll", "pace", "attend"]), st.integers(0, 4), st.sampled_from(list(Outcome))
)


@given(st.lists(OUTCOME_STEPS, max_size=80), st.sampled_from([None, None, None, 7.0]))
def test_whatever_happens_every_chat_still_watched_is_polled_again(steps: list[tuple[str, int, Outcome]], wait: float | None) -> None:
    schedule, now, watched = Schedule(Pace(), Random(1), 0.0), 0.0, set[str]()
    for action, number, meaning in steps:
        now += 0.7
        chat_id = str(number)
        if action == "add" and chat_id not in watched:
            watched.add(chat_id)
            schedule.add(chat_id, now)
        elif action == "remove":
            watched.discard(chat_id)
            schedule.remove(chat_id)
        elif action == "now":
            schedule.poll_now(chat_id, now)
        elif action == "pace":
            schedule.change_interval(1.0 + number, now)
        elif action == "attend":
            schedule.attend({chat_id, str(number + 1)}, now)
        elif (taken := schedule.take(now)) is not None:
            schedule.done(taken, now, meaning, wait if meaning is Outcome.LIMITED else None, schedule.every(taken, IDLE))
    assert +schedule._polled == Counter(turn.outcome for turn in schedule._turns.by_chat.values())
    assert schedule._slow == sum(turn.every > 1 for turn in schedule._turns.by_chat.values())
    polled = set[str]()
    for _ in range(1_200):
        now += 1.0
        if (taken := schedule.take(now)) is not None:
            polled.add(taken)
            schedule.done(taken, now, Outcome.ANSWERED)
    assert polled == watched


def test_looking_at_one_chat_after_the_other_does_not_grow_the_heaps() -> None:
    schedule = Schedule(Pace(interval=100.0, max_rate=1000.0), Random(1), 0.0)
    for number in range(100):
        schedule.add(str(number), 0.0)
    for step in range(2_000):
        now = step * 0.5
        while (taken := schedule.take(now)) is not None:
            schedule.done(taken, now, Outcome.ANSWERED, None, schedule.every(taken, IDLE))
        schedule.attend({str(step % 100)}, now)
        assert schedule._turns.entries <= 2 * (2 * 100 + MAX_STALE_ENTRIES + 1)


ATTENTION = st.tuples(st.floats(0.05, 1.5), st.sets(st.integers(0, 11), max_size=12))


@given(st.lists(ATTENTION, min_size=1, max_size=60), st.sampled_from([3.0, 5.0, 100.0]))
def test_wherever_someone_looks_the_rate_is_kept_and_no_chat_waits_longer_than_its_interval_allows(
    steps: list[tuple[float, set[int]]], max_rate: float
) -> None:
    schedule, now = Schedule(Pace(interval=2.0, max_rate=max_rate), Random(1), 0.0), 0.0
    for number in range(12):
        schedule.add(str(number), now)
    sent, promised = list[float](), dict[str, float]()
    for pause, looked_at in [(10.0, set[int]()), *steps, (60.0, set[int]())]:
        schedule.attend({str(number) for number in looked_at}, now)
        for _ in range(int(pause / TICK)):
            now += TICK
            while (taken := schedule.take(now)) is not None:
                sent.append(now)
                assert now <= promised.get(taken, now)
                every = schedule.every(taken, IDLE)
                schedule.done(taken, now, Outcome.ANSWERED, None, every)
                # Others may need more of the rate before the next poll: at the most what all of them need at the interval.
                promised[taken] = now + 3 * every * max(schedule.interval(now), 12 / max_rate)
    for first, begin in enumerate(sent):
        assert len([time for time in sent[first:] if time - begin < 1.0 - 1e-6]) <= max_rate
