"""A tape in memory: whatever thousands of events have in common is there once."""

from __future__ import annotations

import msgspec

from chatmon.api.resource import CHATTING, CUSTOMER, ChatResource, Participant
from chatmon.history.reader import RecordedEvent
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import PollError
from chatmon.replay.tape import Portion, Tape

from .recorded_day import MORNING


def seen(at: float, chat: str) -> Event:
    resource = ChatResource(CHATTING, (Participant("1", "Ada", CUSTOMER),), ("Ada", "night shift"), chat)
    return Event(at=at, not_before=at - 2, kind=EventKind.FIRST_SEEN, chat=chat, state_to=CHATTING, resource=resource)


def failed(at: float, chat: str) -> Event:
    return Event(at=at, not_before=at - 2, kind=EventKind.POLL_FAILED, chat=chat, error=PollError("timeout", "too late"))


def tape_of(*events: Event) -> Tape:
    """A tape of events as they come from a file: each with values of its own."""
    copies = msgspec.json.decode(msgspec.json.encode(events), type=tuple[Event, ...])
    recorded = tuple(RecordedEvent(position, event, "night shift", "Ada") for position, event in enumerate(copies, 1))
    begin = MORNING - 8 * 3600
    return Tape(Portion(begin, begin + 86_400, len(events) + 1, recorded, (), (), ()))


EVENTS = (seen(MORNING, "a"), failed(MORNING, "a"), seen(MORNING + 1, "b"), failed(MORNING + 1, "b"))


def test_every_event_is_there_as_it_was_recorded() -> None:
    assert tuple(tape_of(*EVENTS).events) == EVENTS


def test_what_events_have_in_common_is_kept_once() -> None:
    tape = tape_of(*EVENTS)
    first, second, third, fourth = tape.events
    assert first.chat is second.chat
    assert first.at is second.at
    assert first.not_before is second.not_before
    assert second.error is fourth.error
    assert first.resource is not None
    assert third.resource is not None
    assert first.resource.id is first.chat
    assert first.resource.participants is third.resource.participants
    assert first.resource.capabilities is third.resource.capabilities
    assert tape.names["a"] is tape.names["b"]


def test_a_chat_that_is_named_as_something_else_is_called_keeps_its_names() -> None:
    tape = tape_of(*EVENTS)
    assert (tape.names["a"].customer, tape.names["a"].label) == ("Ada", "night shift")
    assert tape.events[0].resource is not None
    assert type(tape.events[0].resource.capabilities) is tuple
