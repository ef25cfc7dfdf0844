"""The filter language of events: the grammar is that of chats, the fields are its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.resource import AGENT, CHATTING, CUSTOMER, WAITING, ChatResource, Participant
from chatmon.monitor.event_filters import EVENT_FIELD_NAMES, ToldEvent, parse_event_filter
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.filters import InvalidFilter
from chatmon.monitor.observation import PollError

KRISTI = Participant("2", "Kristi Sippola", AGENT)
CHRIS = Participant("1", "Chris\x1b[2J", CUSTOMER)


def told(kind: EventKind, **details: object) -> ToldEvent:
    return ToldEvent(Event(at=1.0, kind=kind, chat="652492d9", **details), customer="Chris Straße", label="billing")  # type: ignore[arg-type]


SEEN = told(EventKind.FIRST_SEEN, state_to=WAITING, resource=ChatResource(state=WAITING, participants=(CHRIS, KRISTI)))
CHANGED = told(EventKind.STATE_CHANGED, state_from=WAITING, state_to=CHATTING)
JOINED = told(EventKind.PARTICIPANT_JOINED, participant=KRISTI)
FAILED = told(EventKind.POLL_FAILED, error=PollError("timeout", "no whole answer"))
RAISED = told(EventKind.ALARM_RAISED, rule="waiting", severity="critical", why="waiting 03:12, longer than 180 s")
OVERLOADED = ToldEvent(Event(at=1.0, kind=EventKind.ALARM_RAISED, rule="overload", severity="warn", agent="Kristi Sippola"))
STARTED = ToldEvent(Event(at=1.0, kind=EventKind.MONITOR_STARTED))
EVERY = (SEEN, CHANGED, JOINED, FAILED, RAISED, OVERLOADED, STARTED)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", EVERY),
        ("kind:alarm", (RAISED, OVERLOADED)),
        ('kind:"poll failed"', (FAILED,)),
        ("kind:poll_failed", (FAILED,)),
        ("chat:6524", (SEEN, CHANGED, JOINED, FAILED, RAISED)),
        ("!chat:6524", (OVERLOADED, STARTED)),
        ("state:waiting", (SEEN, CHANGED)),
        ("state:chatting", (CHANGED,)),
        ("agent:kristi", (SEEN, JOINED, OVERLOADED)),
        ("agent:chris", ()),
        ("customer:strasse label:bill", (SEEN, CHANGED, JOINED, FAILED, RAISED)),
        ("alarm:critical", (RAISED,)),
        ("alarm:overload", (OVERLOADED,)),
        ("kristi", (SEEN, JOINED, OVERLOADED)),
        ('"no whole answer"', (FAILED,)),
        ("180", (RAISED,)),
        ("started", (STARTED,)),
        ("chris !kind:alarm !kind:poll", (SEEN, CHANGED, JOINED)),
    ],
)
def test_a_filter_finds(text: str, found: tuple[ToldEvent, ...]) -> None:
    assert tuple(filter(parse_event_filter(text).matches, EVERY)) == found


def test_a_field_of_chats_alone_is_refused_and_those_of_events_are_named() -> None:
    with pytest.raises(InvalidFilter, match=", ".join(EVENT_FIELD_NAMES)):
        parse_event_filter("health:ok")


@given(st.one_of(st.text(max_size=40), st.text(alphabet='!:" agentskidt\\\n', max_size=40)))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    try:
        parsed = parse_event_filter(text)
    except InvalidFilter:
        return
    for event in EVERY:
        assert parsed.matches(event) in {True, False}


@given(st.sampled_from(EVERY), st.text("abcdefgh ", min_size=1, max_size=6).filter(str.strip))
def test_an_exclamation_mark_inverts(event: ToldEvent, word: str) -> None:
    assert parse_event_filter(f'"{word}"').matches(event) is not parse_event_filter(f'!"{word}"').matches(event)


def test_a_kind_that_there_is_not_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidFilter, match="no kind like 'alrm': there are first_seen, "):
        parse_event_filter("kind:alrm")
    assert parse_event_filter('kind:alarm !kind:"poll failed" kind:').matches(ToldEvent(Event(at=0.0, kind=EventKind.ALARM_RAISED)))
