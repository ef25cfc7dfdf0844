"""Filters of events, in the same language as those of chats.

kristi "answers again"     every word is found somewhere in the event, or in what is known of its chat
kind:alarm                 the kind contains it, as JSON output names kinds, or the same in words: kind:"poll failed"
chat:6524                  so does the chat's id
state:waiting              a state that was seen, entered or left
agent:kristi               an agent who joined, left or has an alarm
customer:chris             the chat's customer; label: its label
alarm:critical             rule or severity of an alarm
"""

from __future__ import annotations

import msgspec

from chatmon.api.resource import AGENT
from chatmon.api.sanitise import clean
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.filters import Filter, FilterLanguage


class ToldEvent(msgspec.Struct, frozen=True):
    """An event together with what it does not say itself: the nickname of its chat's customer and the chat's label, neither cleaned."""

    event: Event
    customer: str = ""
    label: str = ""


def _kind(told: ToldEvent) -> str:
    return f"{told.event.kind}\n{told.event.kind.replace('_', ' ')}"


def _state(told: ToldEvent) -> str:
    return clean("\n".join((told.event.state_from or "", told.event.state_to or "")))


def _agent(told: ToldEvent) -> str:
    participant = told.event.participant
    listed = () if told.event.resource is None else told.event.resource.agents
    joined = participant.nickname if participant is not None and participant.type == AGENT else ""
    return "\n".join(map(clean, (joined, told.event.agent or "", *(agent.nickname for agent in listed))))


def _alarm(told: ToldEvent) -> str:
    return f"{told.event.rule or ''}\n{told.event.severity or ''}"


def _everything(told: ToldEvent) -> str:
    event = told.event
    people = () if event.resource is None else event.resource.participants
    texts = (
        event.chat,
        told.customer,
        told.label,
        event.state_from,
        event.state_to,
        None if event.participant is None else event.participant.nickname,
        event.capability,
        None if event.error is None else event.error.message,
        event.rule,
        event.severity,
        event.agent,
        event.why,
        *(one.nickname for one in people),
    )
    return "\n".join((_kind(told), *(clean(text) for text in texts if text)))


EVENT_FILTERS: FilterLanguage[ToldEvent] = FilterLanguage(
    {
        "kind": _kind,
        "chat": lambda told: told.event.chat or "",
        "state": _state,
        "agent": _agent,
        "customer": lambda told: clean(told.customer),
        "label": lambda told: clean(told.label),
        "alarm": _alarm,
    },
    _everything,
    {"kind": tuple(EventKind)},
)
EVENT_FIELD_NAMES = tuple(EVENT_FILTERS.fields)


def parse_event_filter(text: str) -> Filter[ToldEvent]:
    """The filter of events that a text means. Raises `InvalidFilter`."""
    return EVENT_FILTERS.parse(text)
