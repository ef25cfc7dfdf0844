"""Figures, agents' load and the statistics of polling, worked by hand."""

from __future__ import annotations

import msgspec
import pytest

from chatmon.api.resource import AGENT, CHATTING, CUSTOMER, IDLE, WAITING, ChatResource, Participant
from chatmon.monitor.chat import Chat, Presence
from chatmon.monitor.figures import Figures, agents, count
from chatmon.monitor.observation import Health
from chatmon.monitor.statistics import MAX_LATENCIES, RATE_SECONDS, PollStatistics

from .fake_clock import moment


def chat(chat_id: str, state: str | None, since: float = 0, *, health: Health = Health.OK, agents: str = "", exact: bool = True) -> Chat:
    listed = tuple(Participant(str(number), name, AGENT) for number, name in enumerate(agents.split(), start=2))
    resource = ChatResource(state=state, participants=(Participant("1", "Chris", CUSTOMER), *listed))
    return Chat(id=chat_id, health=health, resource=resource, state_since=moment(since), state_since_exact=exact, observed=moment(90))


def test_each_chat_is_counted_once_by_state_where_it_is_ok_else_by_health() -> None:
    chats = [
        chat("a", WAITING, 70),
        chat("b", WAITING, 40, exact=False),
        chat("c", WAITING, 10, health=Health.FAILING),
        chat("d", CHATTING),
        chat("e", IDLE),
        chat("f", "LeftChat"),
        chat("g", None),
        chat("h", CHATTING, health=Health.DENIED),
        chat("i", IDLE, health=Health.GONE),
        Chat(id="j"),
        Chat(id="k", health=Health.NOT_FOUND),
    ]
    assert count(chats, moment(100)) == Figures(
        watched=11,
        waiting=2,
        chatting=1,
        idle=1,
        other=2,
        pending=1,
        failing=1,
        denied=1,
        gone=1,
        not_found=1,
        longest_wait=60.0,
        longest_wait_exact=False,
        mean_wait=45.0,
        mean_wait_exact=False,
    )


def test_the_mean_wait_is_of_those_that_wait_and_exact_where_each_of_them_is() -> None:
    # (30 + 60) / 2 = 45, and with the one that was there before, (30 + 60 + 99) / 3 = 63.
    chats = [chat("a", WAITING, 70), chat("b", WAITING, 40), chat("c", WAITING, 1, health=Health.FAILING), chat("d", CHATTING, exact=False)]
    figures = count(chats, moment(100))
    assert (figures.mean_wait, figures.mean_wait_exact) == (45.0, True)
    figures = count([*chats, chat("e", WAITING, 1, exact=False)], moment(100))
    assert (figures.mean_wait, figures.mean_wait_exact) == (63.0, False)


def test_of_two_that_wait_equally_long_the_less_sure_one_tells_how_the_longest_wait_is_known() -> None:
    chats = [chat("a", WAITING, 70), chat("b", WAITING, 70, exact=False)]
    for order in (chats, chats[::-1]):
        assert (count(order, moment(100)).longest_wait, count(order, moment(100)).longest_wait_exact) == (30.0, False)


def test_no_chats_make_no_figures() -> None:
    assert count([], moment(0)) == Figures()


def test_the_clock_of_a_chat_stands_still_while_it_is_not_seen() -> None:
    assert chat("a", WAITING, 70).time_in_state(moment(100)) == 30
    for health in (Health.FAILING, Health.DENIED, Health.GONE):
        assert chat("a", WAITING, 70, health=health).time_in_state(moment(100)) == 20
    assert Chat(id="a").time_in_state(moment(100)) is None


def test_agents_are_told_apart_by_nickname_and_those_with_most_chats_come_first() -> None:
    chats = [
        chat("a", CHATTING, 10, agents="Kristi Kristi Max"),
        chat("b", CHATTING, 40, agents="kristi"),
        chat("c", CHATTING, 50, agents="Kristi"),
        chat("d", WAITING, 5, agents="Max"),
        chat("e", IDLE, 5, agents="Max", health=Health.FAILING),
        chat("f", "LeftChat", 5, agents="Max"),
        chat("g", CHATTING, 0, agents="Max", health=Health.GONE),
        chat("h", CHATTING, 0, agents="Ada", health=Health.DENIED),
    ]
    loads = agents(chats, moment(100))
    assert [(one.nickname, one.chats) for one in loads] == [("Kristi", ("a", "c")), ("Max", ("a", "d", "e", "f")), ("kristi", ("b",))]
    assert (loads[1].chatting, loads[1].waiting, loads[1].idle, loads[1].other) == (1, 1, 1, 1)
    assert (loads[0].longest, loads[1].longest) == (90.0, 90.0)


def test_the_longest_chat_of_an_agent_is_known_as_that_chat_is() -> None:
    chats = [chat("a", CHATTING, 40, agents="Max"), chat("b", CHATTING, 10, agents="Max Ada", exact=False)]
    chats += [chat("c", CHATTING, 5, agents="Ada"), chat("d", WAITING, 0, agents="Ada", exact=False)]
    known = {load.nickname: (load.longest, load.longest_exact) for load in agents(chats, moment(100))}
    assert known == {"Max": (90.0, False), "Ada": (95.0, True)}


def test_the_time_before_an_agent_was_seen_to_join_is_not_theirs() -> None:
    max_, ada = Participant("2", "Max", AGENT), Participant("3", "Ada", AGENT)
    handed_over = msgspec.structs.replace(
        chat("a", CHATTING, 10, agents="Max Ada"),
        presences=(
            Presence(ada, moment(10).utc, since_exact=False, left=moment(60).utc),
            Presence(max_, moment(60).utc, since_exact=True),
            Presence(ada, moment(10).utc, since_exact=False),
        ),
    )
    known = {load.nickname: (load.longest, load.longest_exact) for load in agents([handed_over], moment(100))}
    assert known == {"Max": (40.0, True), "Ada": (90.0, True)}


def test_an_agent_who_chats_with_nobody_has_no_longest_chat() -> None:
    assert [(one.longest, one.longest_exact) for one in agents([chat("a", IDLE, agents="Max")], moment(100))] == [(None, None)]


def test_the_rate_is_that_of_the_last_seconds() -> None:
    statistics = PollStatistics(100.0)
    assert (statistics.rate(100.0), statistics.latency_p95()) == (0.0, None)
    for tenth in range(20):
        statistics.sent(100.0 + tenth / 10)
    assert statistics.rate(102.0) == pytest.approx(10.0)
    assert statistics.rate(102.0 + RATE_SECONDS) == 0.0
    assert statistics.polls == 20


@pytest.mark.parametrize(("answers", "p95"), [(1, 1), (2, 2), (19, 19), (20, 19), (40, 38), (100, 95), (101, 96)])
def test_the_latency_is_that_within_which_95_of_100_answers_came(answers: int, p95: int) -> None:
    statistics = PollStatistics(0.0)
    for latency in range(answers, 0, -1):
        statistics.over(float(latency), None)
    assert statistics.latency_p95() == p95


def test_failed_polls_count_but_their_latency_does_not() -> None:
    statistics = PollStatistics(0.0)
    statistics.over(5.0, "timeout")
    statistics.over(1.0, None)
    assert (statistics.failed, statistics.latency_p95()) == (1, 1.0)


def test_old_latencies_are_forgotten() -> None:
    statistics = PollStatistics(0.0)
    statistics.over(1_000.0, None)
    for _ in range(MAX_LATENCIES):
        statistics.over(1.0, None)
    assert statistics.latency_p95() == 1.0
