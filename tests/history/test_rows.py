"""What is written is read as it was, whatever strangers typed into it."""

from __future__ import annotations

import sqlite3

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.resource import ChatResource, Participant
from chatmon.history.rows import EVENT_COLUMNS, Stretch, Unreadable, detail_of, event_of, known_of, resumed_chat, stretch_of
from chatmon.monitor.chat import Chat, Presence
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import PollError

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
seconds = st.floats(0, 4e9)
participants = st.builds(Participant, texts, texts, texts)
resources = st.builds(
    ChatResource,
    st.none() | texts,
    st.lists(participants, max_size=3).map(tuple),
    st.lists(texts, max_size=3).map(tuple),
    st.none() | texts,
)
events = st.builds(
    Event,
    at=seconds,
    kind=st.sampled_from(EventKind),
    chat=st.none() | texts,
    not_before=st.none() | seconds,
    state_from=st.none() | texts,
    state_to=st.none() | texts,
    participant=st.none() | participants,
    capability=st.none() | texts,
    error=st.none() | st.builds(PollError, texts, texts),
    resource=st.none() | resources,
    lasted=st.none() | seconds,
    lasted_exact=st.none() | st.booleans(),
    rule=st.none() | texts,
    severity=st.none() | texts,
    agent=st.none() | texts,
    why=st.none() | texts,
    until=st.none() | seconds,
)


@given(events)
def test_an_event_is_read_as_it_was_written(event: Event) -> None:
    columns = [getattr(event, name) for name in EVENT_COLUMNS]
    stored = sqlite3.connect(":memory:").execute("SELECT ?, ?, ?, ?, ?", (*columns[:2], str(columns[2]), event.chat, detail_of(event)))

    assert event_of(*stored.fetchone()) == event


@st.composite
def chats(draw: st.DrawFn) -> Chat:
    """A chat that was seen, its times in the order that a board would give them, by clocks that drifted apart."""
    first, since, unattended, observed, gone = (
        Moment(monotonic, draw(seconds)) for monotonic in sorted(draw(st.lists(st.floats(0, 1e6), min_size=5, max_size=5)))
    )
    return Chat(
        id=draw(texts),
        label=draw(texts),
        resource=draw(resources),
        first_seen=first,
        watched_since=first,
        state_since=since,
        state_since_exact=draw(st.booleans()),
        unattended_since=draw(st.none() | st.just(unattended)),
        observed=observed,
        gone_since=draw(st.none() | st.just(gone)),
        presences=tuple(draw(st.lists(st.builds(Presence, participants, seconds, st.booleans()), max_size=2))),
    )


@given(chats(), st.floats(0, 1e6), seconds)
def test_a_chat_keeps_what_its_monotonic_clock_measured_and_nothing_of_it_lies_ahead(chat: Chat, monotonic: float, utc: float) -> None:
    assert chat.observed is not None
    assert chat.state_since is not None
    now = Moment(monotonic, utc)
    again = resumed_chat(known_of(chat), stretch_of(chat), now)

    assert again.observed is not None
    assert again.state_since is not None
    assert again.observed.since(again.state_since) == pytest.approx(chat.observed.since(chat.state_since), abs=1e-5)
    assert now.since(again.observed) == pytest.approx(max(0.0, utc - chat.observed.utc), abs=1e-5)
    for moment in (again.first_seen, again.state_since, again.observed, again.gone_since, again.unattended_since):
        assert moment is None or (moment.monotonic <= now.monotonic and moment.utc <= now.utc)
    same = ("id", "label", "resource", "presences", "state_since_exact")
    assert [getattr(again, name) for name in same] == [getattr(chat, name) for name in same]


@pytest.mark.parametrize("known", [b"", b"{", b"[]", b'{"id": 1}', b'{"id": "one"}', b"\xff"])
def test_what_is_no_chat_is_unreadable(known: bytes) -> None:
    with pytest.raises(Unreadable):
        resumed_chat(known, Stretch(0.0, 0.0, 0.0), Moment(0.0, 0.0))


@pytest.mark.parametrize(("kind", "detail"), [("unheard_of", b"{}"), ("gone", b"{"), ("gone", b'{"lasted": "long"}'), ("gone", b"\xff")])
def test_what_is_no_event_is_unreadable(kind: str, detail: bytes) -> None:
    with pytest.raises(Unreadable):
        event_of(0.0, None, kind, None, detail)


@pytest.mark.parametrize(("at", "not_before"), [(1e18, None), (-1.0, None), (float("nan"), None), (5.0, float("inf"))])
def test_an_event_of_an_absurd_time_is_unreadable(at: float, not_before: float | None) -> None:
    with pytest.raises(Unreadable):
        event_of(at, not_before, "gone", "a", b"{}")


def test_what_a_later_version_adds_to_an_event_is_passed_over() -> None:
    assert event_of(1.0, None, "gone", "one", msgspec.json.encode({"mood": "good"})) == Event(at=1.0, kind=EventKind.GONE, chat="one")
