"""Each alarm is raised once, explains itself, can be acknowledged or snoozed, and is over some time after its reason is."""

from __future__ import annotations

import msgspec
import pytest

from chatmon.api.resource import CHATTING, WAITING, ChatResource
from chatmon.monitor.alarm_book import CLEAR_SECONDS, PAUSE_SECONDS
from chatmon.monitor.alarm_rules import RULES, rule_rows
from chatmon.monitor.alarms import Severity, Thresholds
from chatmon.monitor.clock import Moment

from .alarm_desk import ALONE, ENDED, SERVED, WAITS, AlarmDesk, Answer, chat_with, told
from .fake_clock import moment

Said = list[tuple[Answer, int]]
"""What a chat says, each for so many seconds."""


class Case(msgspec.Struct, frozen=True):
    """What leads to an alarm, second by second; what it says of itself right then; what ends it; since when its reason was there."""

    rule: str
    leads_to_it: Said
    why: str
    ends_it: Answer
    since: float


CASES = (
    Case("waiting", [(WAITS, 61)], "waiting ≥01:00, longer than 60 s", SERVED, since=1),
    Case("waiting", [(ENDED, 1), (WAITS, 61)], "waiting 01:00, longer than 60 s", SERVED, since=2),
    Case("unattended", [(ALONE, 31)], "no agent listed for ≥00:30, longer than 30 s", SERVED, since=1),
    Case("unattended", [(SERVED, 2), (ALONE, 31)], "no agent listed for 00:30, longer than 30 s", ENDED, since=3),
    Case("requeued", [(SERVED, 5), (WAITS, 1)], "waiting again after Chatting", SERVED, since=6),
    Case(
        "churn",
        [(chat_with(CHATTING, "A"), 3), (chat_with(CHATTING, "B"), 3), (chat_with(CHATTING, "C"), 1)],
        "3 different agents so far, limit 3",
        ENDED,
        since=7,
    ),
    Case("idle", [(SERVED, 2), (ENDED, 301)], "idle 05:00, longer than 300 s", SERVED, since=3),
    Case("abandoned", [(WAITS, 9), (ENDED, 1)], "ended after waiting, never Chatting, no agent ever listed", SERVED, since=10),
    Case(
        "abandoned",
        [(WAITS, 9), ("not_found", 1)],
        "forgotten by the server while it waited, ≥00:08 by then, never Chatting, no agent ever listed",
        SERVED,
        since=10,
    ),
    Case("unseen", [(SERVED, 2), ("timeout", 30)], "not seen for 00:30, longer than 30 s, last error: timeout", SERVED, since=2),
    Case("unseen", [("timeout", 31)], "not seen for 00:30, longer than 30 s, last error: timeout", SERVED, since=1),
)
by_rule = pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)


def desk_with(case: Case) -> AlarmDesk:
    """A desk at which the alarm was raised in this second, and no other ever was."""
    desk = AlarmDesk()
    *before, (answer, seconds) = case.leads_to_it
    for said, held in before:
        assert desk.says(said, held) == []
    assert desk.says(answer, seconds - 1) == []
    assert desk.says(answer, 1) == [f"+{case.rule} warn"]
    return desk


@by_rule
def test_an_alarm_is_raised_when_its_time_has_come_and_not_before(case: Case) -> None:
    desk = desk_with(case)
    assert desk.events[-1].why == case.why


@by_rule
def test_an_alarm_explains_itself(case: Case) -> None:
    alarm = desk_with(case).alarm
    assert (alarm.rule, alarm.chat, alarm.agent) == (case.rule, "a", None)
    assert (alarm.why, alarm.since, alarm.holds) == (case.why, moment(case.since), True)
    assert alarm.clears == {row.name: row.clears for row in rule_rows()}[case.rule]


@by_rule
def test_an_alarm_is_over_once_its_reason_has_been_gone_for_a_while(case: Case) -> None:
    desk = desk_with(case)
    assert desk.says(case.ends_it, CLEAR_SECONDS) == []
    assert not desk.alarm.holds
    assert desk.says(case.ends_it, 1) == [f"-{case.rule} warn"]
    assert desk.alarms == ()


@by_rule
def test_a_reason_that_comes_and_goes_is_one_alarm(case: Case) -> None:
    desk = desk_with(case)
    (answer, _) = case.leads_to_it[-1]
    for _ in range(3):
        desk.says(case.ends_it, 2)
        desk.says(answer, 2)
    assert told(desk.events).count(f"+{case.rule} warn") == 1


@by_rule
def test_an_alarm_that_is_acknowledged_is_known_until_it_is_over(case: Case) -> None:
    desk = desk_with(case)
    is_settled = case.rule == "abandoned"
    assert desk.acknowledge() == [f"ack {case.rule} warn", *([f"-{case.rule} warn"] if is_settled else [])]
    assert [alarm.acknowledged for alarm in desk.alarms] == ([] if is_settled else [True])
    assert desk.acknowledge() == []
    assert desk.says(desk.answers["a"], 20) == []


@by_rule
def test_an_alarm_that_is_snoozed_asks_again(case: Case) -> None:
    desk = desk_with(case)
    assert desk.acknowledge(20) == [f"ack {case.rule} warn"]
    assert desk.events[-1].until == desk.alarm.snoozed_until == desk.now.utc + 20
    assert desk.says(desk.answers["a"], 19) == []
    assert desk.alarm.acknowledged
    assert desk.says(desk.answers["a"], 1) == []
    assert (desk.alarm.acknowledged, desk.alarm.snoozed_until) == (False, None)


@by_rule
def test_a_rule_that_is_switched_off_says_nothing(case: Case) -> None:
    off = Thresholds(
        waiting_warn=None,
        waiting_critical=None,
        unattended=None,
        churn=None,
        idle=None,
        unseen=None,
        overload=None,
        requeued=False,
        abandoned=False,
    )
    desk = AlarmDesk(off)
    assert [desk.says(answer, seconds) for answer, seconds in case.leads_to_it if desk.says(answer, seconds)] == []


@by_rule
def test_the_alarms_of_a_chat_that_leaves_the_board_are_over_at_once(case: Case) -> None:
    desk = desk_with(case)
    desk.board.unwatch("a", desk.now)
    desk.answers.clear()
    assert desk.says(SERVED, 1, chat="b") == [f"-{case.rule} warn"]


@by_rule
def test_a_wall_clock_that_jumps_changes_no_alarm(case: Case) -> None:
    desk = desk_with(case)
    for jump in (86_400.0, -86_400.0):
        desk.wall_clock_jump = jump
        assert desk.says(desk.answers["a"], 3) == []
        assert desk.alarm.holds


def test_a_wait_becomes_critical_and_asks_anew() -> None:
    desk = AlarmDesk()
    desk.says(WAITS, 61)
    desk.acknowledge()
    assert desk.says(WAITS, 119) == []
    assert desk.says(WAITS, 1) == ["+waiting critical"]
    assert (desk.alarm.severity, desk.alarm.acknowledged) == (Severity.CRITICAL, False)
    assert desk.alarm.why == desk.events[-1].why == "waiting ≥03:00, longer than 180 s (critical)"
    assert desk.says(SERVED, 10) == ["-waiting critical"]


def test_the_figures_of_an_alarm_go_on() -> None:
    desk = AlarmDesk()
    desk.says(WAITS, 61)
    desk.says(WAITS, 25)
    assert desk.alarm.why == "waiting ≥01:25, longer than 60 s"


def test_a_wait_that_begins_anew_has_its_whole_time_again() -> None:
    desk = AlarmDesk(Thresholds(requeued=False))
    desk.says(WAITS, 61)
    assert desk.says(SERVED, 2) == []
    assert desk.says(WAITS, CLEAR_SECONDS) == ["-waiting warn"]
    assert desk.says(WAITS, 54) == []
    assert desk.says(WAITS, 2) == ["+waiting warn"]


def test_a_critical_alarm_ends_before_a_lesser_one_of_a_new_wait_begins() -> None:
    desk = AlarmDesk(Thresholds(waiting_warn=3, waiting_critical=60, requeued=False))
    desk.says(WAITS, 61)
    assert desk.says(SERVED, 1) == []
    assert desk.says(WAITS, CLEAR_SECONDS) == ["-waiting critical"]
    assert desk.says(WAITS, 1) == ["+waiting warn"]


@pytest.mark.parametrize("error", ["timeout", "denied"])
def test_the_time_of_a_chat_that_is_not_seen_does_not_count(error: str) -> None:
    desk = AlarmDesk(Thresholds(unseen=None))
    desk.says(WAITS, 50)
    assert desk.says(error, 600) == []


@pytest.mark.parametrize("error", ["timeout", "denied"])
def test_an_alarm_of_a_chat_that_is_no_longer_seen_stays_and_does_not_grow(error: str) -> None:
    desk = AlarmDesk(Thresholds(unseen=None))
    desk.says(WAITS, 61)
    assert desk.says(error, 600) == []
    assert (desk.alarm.holds, desk.alarm.severity) == (True, Severity.WARN)
    assert desk.alarm.why == "waiting ≥01:00 when last seen, limit 60 s"


def test_polls_that_come_late_count_like_polls_that_fail() -> None:
    desk = AlarmDesk(Thresholds(unseen=None))
    desk.says(WAITS, 50)
    assert desk.says(None, 60) == []
    assert desk.says(WAITS, 1) == ["+waiting warn"]


def test_a_chat_that_answers_again_is_in_alarm_at_once_for_what_lasted_meanwhile() -> None:
    desk = AlarmDesk(Thresholds(unseen=None))
    desk.says(WAITS, 50)
    desk.says("timeout", 200)
    assert desk.says(WAITS, 1) == ["+waiting critical"]


def test_a_poll_now_and_then_is_a_sight() -> None:
    desk = AlarmDesk()
    for _ in range(10):
        assert desk.says("timeout", 25) == []
        assert desk.says(SERVED, 1) == []


def test_a_chat_that_was_seen_for_a_moment_is_no_longer_unseen() -> None:
    desk = AlarmDesk()
    desk.says(SERVED, 1)
    assert desk.says(None, 60) == ["+unseen warn"]
    desk.says(SERVED, 1)
    assert desk.says(None, 10) == ["-unseen warn"]


@pytest.mark.parametrize("error", ["denied", "not_found"])
def test_a_chat_that_is_refused_is_not_called_unseen(error: str) -> None:
    desk = AlarmDesk()
    desk.says(SERVED, 5)
    assert desk.says(error, 600) == []
    assert desk.says(error, 600, chat="never seen") == []


def test_a_chat_is_not_unseen_before_three_intervals_have_passed() -> None:
    desk = AlarmDesk()
    desk.board.watch("a")
    desk.says(SERVED, 1)
    for second in range(2, 63):
        events = desk.book.review(desk.board.chats, moment(second), interval=20.0)
        assert bool(events) == (second == 61)


def test_what_the_machine_slept_through_is_nobodys_alarm() -> None:
    desk = AlarmDesk()
    for chat in "abc":
        desk.says(WAITS, 1, chat=chat)
    desk.at += 3600
    desk.answers = dict.fromkeys("abc")
    assert desk.says(None, 25) == []
    desk.answers = dict.fromkeys("abc", SERVED)
    assert desk.says(SERVED, 30) == []


def test_a_short_pause_of_the_reviews_changes_nothing() -> None:
    desk = AlarmDesk()
    desk.says(SERVED, 1)
    desk.says("timeout", 24)
    desk.at += PAUSE_SECONDS - 1
    assert desk.says("timeout", 1) == ["+unseen warn"]


@pytest.mark.parametrize("ending", [ENDED, "not_found"], ids=["idle", "gone"])
@pytest.mark.parametrize(
    "before",
    [
        [(SERVED, 5), (WAITS, 5)],
        [(chat_with(WAITING, "Kristi"), 5)],
        [(ENDED, 5)],
        [(WAITS, 5), ("timeout", 20)],
    ],
    ids=["was answered", "an agent was listed", "never waited", "ended while nobody looked"],
)
def test_no_chat_is_called_abandoned_without_having_been_seen_to_be(before: Said, ending: Answer) -> None:
    desk = AlarmDesk()
    for answer, seconds in before:
        desk.says(answer, seconds)
    assert "+abandoned warn" not in desk.says(ending, 10)


def test_a_chat_that_was_abandoned_is_told_once_even_when_it_is_gone() -> None:
    desk = AlarmDesk()
    desk.says(WAITS, 5)
    assert desk.says(ENDED, 5) == ["+abandoned warn"]
    assert desk.says("not_found", 60) == []
    assert desk.acknowledge() == ["ack abandoned warn", "-abandoned warn"]
    assert desk.says("not_found", 60) == []


def test_a_chat_that_is_gone_is_in_alarm_for_nothing_else() -> None:
    desk = AlarmDesk()
    for agent in "ABC":
        desk.says(chat_with(CHATTING, agent), 2)
    desk.says(WAITS, 61)
    assert {alarm.rule for alarm in desk.alarms} == {"churn", "requeued", "waiting"}
    assert sorted(desk.says("not_found", 10)) == ["-churn warn", "-requeued warn", "-waiting warn"]


def test_an_agent_who_comes_back_is_no_other_agent() -> None:
    desk = AlarmDesk()
    for agent in "ABABAB":
        assert desk.says(chat_with(CHATTING, agent), 2) == []


def desk_of_an_overloaded_agent(chats: int = 5) -> AlarmDesk:
    desk = AlarmDesk()
    for number in range(chats):
        desk.says(SERVED, 1, chat=str(number))
    return desk


def test_an_agent_in_too_many_chats_is_an_alarm_of_the_agent() -> None:
    assert desk_of_an_overloaded_agent(4).events == []
    desk = desk_of_an_overloaded_agent(5)
    assert (desk.alarm.rule, desk.alarm.agent, desk.alarm.chat) == ("overload", "Kristi", None)
    assert desk.alarm.why == "in 5 chats that are Chatting, more than 4"
    assert desk.says(SERVED, 1, chat="one more") == []
    assert desk.alarm.why == "in 6 chats that are Chatting, more than 4"


def test_an_agent_with_fewer_chats_is_no_longer_overloaded_after_a_while() -> None:
    desk = desk_of_an_overloaded_agent()
    assert desk.says(ENDED, CLEAR_SECONDS, chat="0") == []
    assert desk.says(ENDED, 1, chat="0") == ["-overload warn"]


@pytest.mark.parametrize("last", [chat_with(WAITING, "Kristi"), ENDED, "not_found", chat_with(CHATTING, "Max"), chat_with(CHATTING, "")])
def test_only_chats_that_are_chatting_with_the_agent_count(last: Answer) -> None:
    desk = desk_of_an_overloaded_agent(4)
    assert desk.says(last, 5, chat="last") == []


def test_agents_without_a_nickname_are_not_taken_for_one() -> None:
    desk = AlarmDesk()
    for number in range(9):
        assert desk.says(chat_with(CHATTING, ""), 1, chat=str(number)) == []


def test_a_chat_that_leaves_the_board_no_longer_counts_for_its_agent() -> None:
    desk = desk_of_an_overloaded_agent()
    desk.book.leave("0", desk.now)
    desk.board.unwatch("0", desk.now)
    del desk.answers["0"]
    assert desk.says(SERVED, 10, chat="1") == ["-overload warn"]


def test_the_alarm_of_an_agent_is_acknowledged_by_the_agent() -> None:
    desk = desk_of_an_overloaded_agent()
    assert desk.acknowledge(chat="0") == []
    assert desk.acknowledge(chat=None, agent="Kristi") == ["ack overload warn"]


def test_the_worst_come_first_and_those_that_are_known_last() -> None:
    desk = AlarmDesk()
    desk.says(ALONE, 5, chat="unattended")
    desk.says(WAITS, 10, chat="known")
    desk.says(WAITS, 10, chat="oldest")
    desk.says(WAITS, 170, chat="newest")
    desk.acknowledge(chat="known")
    desk.answers["unattended"] = SERVED
    desk.says(SERVED, 10, chat="unattended")
    desk.says(ALONE, 40, chat="unattended")
    assert [(alarm.chat, str(alarm.severity)) for alarm in desk.alarms] == [
        ("oldest", "critical"),
        ("newest", "critical"),
        ("unattended", "warn"),
        ("known", "critical"),
    ]


def test_an_alarm_can_be_snoozed_after_all_or_again() -> None:
    desk = AlarmDesk()
    desk.says(WAITS, 61)
    assert desk.acknowledge() == ["ack waiting warn"]
    assert desk.acknowledge(10) == ["ack waiting warn"]
    desk.says(WAITS, 9)
    assert desk.acknowledge(30) == ["ack waiting warn"]
    desk.says(WAITS, 25)
    assert desk.alarm.acknowledged
    assert desk.acknowledge() == ["ack waiting warn"]
    assert desk.alarm.snoozed_until is None


def test_a_snooze_is_not_shortened_by_the_wall_clock() -> None:
    desk = AlarmDesk()
    desk.says(WAITS, 61)
    desk.acknowledge(30)
    desk.wall_clock_jump = 86_400
    desk.says(WAITS, 29)
    assert desk.alarm.acknowledged


def test_a_chat_without_a_state_or_in_an_unknown_one_is_in_no_alarm() -> None:
    desk = AlarmDesk()
    for state in (None, "Parked"):
        assert desk.says(ChatResource(state), 600) == []


def test_every_rule_can_be_told_as_a_line_of_a_table() -> None:
    assert [row.name for row in rule_rows()] == [
        "waiting", "unattended", "requeued", "churn", "idle", "abandoned", "unseen", "overload",
    ]  # fmt: skip
    assert [row.limit for row in rule_rows()] == ["60 s warn, 180 s critical", "30 s", "on", "3 agents", "300 s", "on", "30 s", "4 chats"]
    off = rule_rows(Thresholds(waiting_warn=None, churn=None, requeued=False))
    assert [row.limit for row in off][:4] == ["180 s critical", "30 s", "off", "off"]
    assert len({rule.meaning for rule in RULES}) == len(RULES)


def test_a_moment_of_a_presence_lies_where_the_chat_was_seen_whatever_the_wall_clock_did() -> None:
    desk = AlarmDesk()
    for agent, jump in zip("ABC", (0.0, 5000.0, -5000.0), strict=True):
        desk.wall_clock_jump = jump
        desk.says(chat_with(CHATTING, agent), 3)
    assert Moment(1, 0).since(desk.alarm.since) <= 0 <= desk.now.since(desk.alarm.since)
