"""What holds of alarms whatever chats say and however time passes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.resource import CHATTING, IDLE, WAITING, ChatResource
from chatmon.monitor.alarms import Severity, Thresholds
from chatmon.monitor.events import EventKind
from tests.examples import examples

from .alarm_desk import AlarmDesk, Answer, chat_with

SHORT = Thresholds(waiting_warn=3, waiting_critical=7, unattended=3, churn=2, idle=4, unseen=7, overload=1)
"""Thresholds that are reached and left again within a few seconds."""

answers: st.SearchStrategy[Answer] = st.one_of(
    st.builds(lambda state, agents: chat_with(state, *agents), st.sampled_from((WAITING, CHATTING, IDLE)), st.sets(st.sampled_from("AB"))),
    st.sampled_from(("timeout", "denied", "not_found")),
    st.just(ChatResource("Parked")),
    st.none(),
)
acts = st.one_of(
    st.tuples(st.just("says"), st.just("a"), answers, st.integers(1, 4)),
    st.tuples(st.just("says"), st.sampled_from("abc"), answers, st.integers(1, 9)),
    st.tuples(st.just("acknowledge"), st.sampled_from("abc"), st.one_of(st.none(), st.integers(1, 9)), st.just(0)),
    st.tuples(st.just("leaves"), st.sampled_from("abc"), st.none(), st.just(0)),
    st.tuples(st.just("sleeps"), st.just(""), st.none(), st.integers(1, 60)),
)


def play(script: list[tuple[str, str, object, int]]) -> AlarmDesk:
    """A desk at which all this happened."""
    desk = AlarmDesk(SHORT)
    for act, chat, detail, seconds in script:
        match act:
            case "says":
                assert detail is None or isinstance(detail, (str, ChatResource))
                desk.says(detail, seconds, chat=chat)
            case "acknowledge":
                assert detail is None or isinstance(detail, int)
                desk.acknowledge(detail, chat=chat)
            case "leaves":
                desk.events += desk.book.leave(chat, desk.now)
                desk.board.unwatch(chat, desk.now)
                desk.answers.pop(chat, None)
            case "sleeps":
                desk.at += seconds
    return desk


@given(st.lists(acts, min_size=8, max_size=25))
@examples(150)
def test_nothing_is_raised_twice_or_cleared_without_having_been_raised(script: list[tuple[str, str, object, int]]) -> None:
    desk = play(script)
    up: dict[tuple[str | None, str | None, str | None], str | None] = {}
    for event in desk.events:
        key = (event.rule, event.chat, event.agent)
        match event.kind:
            case EventKind.ALARM_RAISED:
                assert key not in up or (up[key], event.severity) == (Severity.WARN, Severity.CRITICAL)
                up[key] = event.severity
            case EventKind.ALARM_CLEARED:
                assert up.pop(key) == event.severity
            case _:
                assert up[key] == event.severity
    assert {(alarm.rule, alarm.chat, alarm.agent): str(alarm.severity) for alarm in desk.alarms} == up


@given(st.lists(acts, min_size=8, max_size=25))
@examples(75)
def test_every_alarm_can_be_told_and_names_nobody(script: list[tuple[str, str, object, int]]) -> None:
    desk = play(script)
    for alarm in desk.alarms:
        assert (alarm.chat is None) != (alarm.agent is None)
        assert alarm.why.isprintable()
        assert "Chris" not in alarm.why
        assert alarm.since.monotonic <= alarm.raised.monotonic <= desk.at


@given(st.lists(acts, min_size=5, max_size=15))
@examples(75)
def test_once_every_chat_is_well_and_seen_all_is_quiet(script: list[tuple[str, str, object, int]]) -> None:
    desk = play(script)
    for chat in "abc":
        desk.says(ChatResource("Parked"), 1, chat=chat)
    desk.says(ChatResource("Parked"), 30)
    assert {alarm.rule for alarm in desk.alarms} <= {"churn"}
