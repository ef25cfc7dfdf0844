"""What a request meets under each fault, decided without a network."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from chatmon.simulator.faults import FAULTS, Fault, Treatment, decide

MANY = 4000


def treatments(fault: Fault, at: float = 1.0) -> Counter[Treatment]:
    chance = Random(1)
    return Counter(decide(fault, at, chance, 1).treatment for _ in range(MANY))


def test_the_promised_faults_are_there_and_described() -> None:
    assert next(iter(FAULTS)) == "none"
    assert set(FAULTS) >= {"none", "slow", "flaky", "limited", "outage", "denied"}
    assert all(fault.name == name and fault.description for name, fault in FAULTS.items())


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_the_shares_of_a_fault_leave_room_for_true_answers(fault: Fault) -> None:
    assert 0 <= sum(share for _, share in fault.shares) < 0.5
    assert treatments(fault)[Treatment.ANSWER] > MANY / 2


def test_without_a_fault_every_request_is_answered_at_once() -> None:
    chance = Random(1)
    assert {(d.treatment, d.delay) for d in (decide(FAULTS["none"], at, chance, 10**6) for at in range(1000))} == {(Treatment.ANSWER, 0.0)}


def test_slow_delays_its_share_up_to_its_limit_and_still_answers() -> None:
    fault = FAULTS["slow"]
    chance = Random(1)
    decisions = [decide(fault, 1.0, chance, 1) for _ in range(MANY)]
    assert {decision.treatment for decision in decisions} == {Treatment.ANSWER}
    assert sum(decision.delay > 0 for decision in decisions) / MANY == pytest.approx(fault.slow_share, abs=0.03)
    assert 0.9 * fault.slow_seconds < max(decision.delay for decision in decisions) <= fault.slow_seconds


@pytest.mark.parametrize("name", ["flaky", "garbled"])
def test_each_treatment_gets_its_share(name: str) -> None:
    seen = treatments(FAULTS[name])
    for treatment, share in FAULTS[name].shares:
        assert seen[treatment] / MANY == pytest.approx(share, abs=0.015)


def test_flaky_servers_fail_with_several_statuses() -> None:
    chance = Random(1)
    decisions = [decide(FAULTS["flaky"], 1.0, chance, 1) for _ in range(MANY)]
    assert {d.status for d in decisions if d.treatment is Treatment.SERVER_ERROR} == {500, 502, 503, 504}
    assert {d.status for d in decisions if d.treatment is not Treatment.SERVER_ERROR} == {0}


def test_limited_lets_exactly_so_many_through_a_second() -> None:
    fault = Fault("limited", "", requests_per_second=3)
    seen = [decide(fault, 5.5, Random(1), number) for number in range(1, 6)]
    assert [decision.treatment for decision in seen] == [Treatment.ANSWER] * 3 + [Treatment.RATE_LIMITED] * 2
    assert seen[-1].retry_after == 1


@pytest.mark.parametrize(
    ("at", "treatment"),
    [
        (0, Treatment.ANSWER),
        (29.9, Treatment.ANSWER),
        (30, Treatment.RESET),
        (44.9, Treatment.RESET),
        (45, Treatment.ANSWER),
        (75, Treatment.UNAVAILABLE),
        (89.9, Treatment.UNAVAILABLE),
        (90, Treatment.ANSWER),
        (120, Treatment.RESET),
    ],
)
def test_outages_come_at_intervals_and_take_turns(at: float, treatment: Treatment) -> None:
    assert treatments(FAULTS["outage"], at) == {treatment: MANY}


def test_denied_shuts_everybody_out_after_a_while() -> None:
    assert treatments(FAULTS["denied"], 19.9) == {Treatment.ANSWER: MANY}
    assert treatments(FAULTS["denied"], 20.0) == {Treatment.DENIED: MANY}


def test_the_same_chance_gives_the_same_faults() -> None:
    runs = [[decide(FAULTS["flaky"], at, chance, 1) for at in range(500)] for chance in (Random(3), Random(3))]
    assert runs[0] == runs[1]
