"""States, health and events in the words, glyphs and styles of the screen: the same everywhere they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from typing import NamedTuple

import msgspec

from chatmon.api.resource import CHATTING, IDLE, WAITING, Participant
from chatmon.api.sanitise import clean
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.chat import Chat
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import Health
from chatmon.monitor.snapshot import Snapshot
from chatmon.ui import glyphs
from chatmon.ui.lines import Span
from chatmon.ui.times import duration, time_of_day


class Sign(NamedTuple):
    """How a chat's situation is marked: one glyph, and the style for glyph and word."""

    glyph: str
    style: str


UNNAMED = "(no name)"


def chat_sign(chat: Chat) -> Sign:
    """The sign of a chat: of its health where that is not ok, else of its state."""
    match chat.health:
        case Health.PENDING:
            return Sign(glyphs.PENDING, "dim")
        case Health.FAILING | Health.DENIED | Health.NOT_FOUND:
            return Sign(glyphs.FAILING, "failing")
        case Health.GONE:
            return Sign(glyphs.GONE, "dim")
    if is_unattended(chat):
        return Sign(glyphs.WARN, "warn")
    return state_sign(chat.state)


def state_sign(state: str | None) -> Sign:
    """The sign of a state."""
    match state:
        case "WaitingForAgent":
            return Sign(glyphs.WAITING, "waiting")
        case "Chatting":
            return Sign(glyphs.CHATTING, "chatting")
        case "Idle":
            return Sign(glyphs.IDLE, "idle")
    return Sign(glyphs.OTHER, "")


def is_unattended(chat: Chat) -> bool:
    """Whether a chat is said to be going on with no agent listed in it."""
    return chat.state == CHATTING and not chat.agents


_SHORT_STATES = {WAITING: "Waiting", CHATTING: "Chatting", IDLE: "Idle"}
_HEALTH_WORDS = {
    Health.PENDING: "not asked yet",
    Health.FAILING: "no answer yet",
    Health.DENIED: "denied",
    Health.GONE: "gone",
    Health.NOT_FOUND: "not found",
}


def state_word(chat: Chat, *, short: bool = False) -> str:
    """The state, with a question mark where it may no longer be so; the health where no state was ever seen, or the chat is gone."""
    if chat.health is Health.GONE or chat.resource is None:
        return _HEALTH_WORDS[chat.health]
    state = clean(chat.state or "") or "(no state)"
    word = _SHORT_STATES.get(state, state) if short else state
    return word if chat.health is Health.OK else f"{word}?"


def nickname(participant: Participant) -> str:
    """A participant's nickname, fit for the screen."""
    return clean(participant.nickname) or UNNAMED


def agents_text(chat: Chat) -> Span:
    """Who serves the chat, or that nobody is listed though it is said to be going on."""
    names = [clean(name) or UNNAMED for name in chat.agents]
    if names:
        return Span(names[-1] if len(names) == 1 else f"{names[-1]} +{len(names) - 1}")
    if is_unattended(chat):
        return Span("no agent listed", "warn italic")
    return Span(glyphs.NOTHING, "dim")


def merged(events: Iterable[Event]) -> list[Event]:
    """The events to tell, in their order: capabilities that were gained or lost together are one."""
    told: list[Event] = []
    for event in events:
        last = told[-1] if told else None
        if last is not None and event.capability is not None and _together(last, event):
            told[-1] = msgspec.structs.replace(last, capability=f"{last.capability}, {event.capability}")
        else:
            told.append(event)
    return told


def _together(one: Event, other: Event) -> bool:
    return (one.chat, one.kind, one.at) == (other.chat, other.kind, other.at)


def event_sign(event: Event) -> Sign:
    """The sign of an event."""
    match event.kind:
        case EventKind.FIRST_SEEN | EventKind.STATE_CHANGED:
            return state_sign(event.state_to)
        case EventKind.PARTICIPANT_JOINED | EventKind.CAPABILITY_GAINED:
            return Sign(glyphs.JOINED, "chatting")
        case EventKind.PARTICIPANT_LEFT | EventKind.CAPABILITY_LOST:
            return Sign(glyphs.LEFT, "dim")
        case EventKind.POLL_FAILED | EventKind.DENIED:
            return Sign(glyphs.FAILING, "failing")
        case EventKind.POLL_RECOVERED:
            return Sign(glyphs.CHANGED, "live")
        case EventKind.GONE:
            return Sign(glyphs.GONE, "dim")
    return Sign(glyphs.SEPARATOR, "dim")


def event_text(event: Event) -> str:
    """An event in words."""
    who = "" if event.participant is None else nickname(event.participant)
    role = "" if event.participant is None else clean(event.participant.type)
    error = "" if event.error is None else event.error.message
    texts = {
        EventKind.FIRST_SEEN: f"first seen in {_state(event.state_to)}",
        EventKind.STATE_CHANGED: f"{_state(event.state_from)} {glyphs.CHANGED} {_state(event.state_to)}",
        EventKind.PARTICIPANT_JOINED: f"{who} joined as {role}",
        EventKind.PARTICIPANT_LEFT: f"{who} left ({role})",
        EventKind.CAPABILITY_GAINED: f"may now {clean(event.capability or '')}",
        EventKind.CAPABILITY_LOST: f"may no longer {clean(event.capability or '')}",
        EventKind.POLL_FAILED: f"poll failed: {error}",
        EventKind.POLL_RECOVERED: "answers again",
        EventKind.DENIED: f"denied: {error}",
        EventKind.GONE: "gone: unknown to the server",
        EventKind.GAP: f"not watched for {duration(event.lasted or 0.0)}",
        EventKind.ALARM_RAISED: f"alarm {event.rule}: {event.why}",
        EventKind.ALARM_CLEARED: f"alarm {event.rule} is over",
        EventKind.ALARM_ACKNOWLEDGED: f"alarm {event.rule} acknowledged",
        EventKind.MONITOR_STARTED: "chatmon began to watch",
        EventKind.MONITOR_STOPPED: "chatmon stopped watching",
    }
    return texts[event.kind]


def _state(state: str | None) -> str:
    return clean(state or "") or "(no state)"


def status(snapshot: Snapshot, *, paused: bool, starting: str, timezone: tzinfo | None) -> Span:
    """What the monitor is doing, in a few words. `starting` is said while no chat was answered."""
    seconds = f"{int(snapshot.next_poll_in + 0.999)} s"
    if paused:
        return Span(f"{glyphs.SEPARATOR} paused at {time_of_day(snapshot.now.utc, timezone)}", "warn strong")
    match snapshot.circuit:
        case Circuit.OUTAGE:
            return Span(f"{glyphs.FAILING} no answer from the server, asking again in {seconds}", "failing strong")
        case Circuit.DENIED:
            return Span(f"{glyphs.FAILING} access denied, asking again in {seconds}", "failing strong")
        case Circuit.LIMITED:
            return Span(f"{glyphs.FAILING} the server asks to wait {seconds}", "warn strong")
    if not snapshot.figures.watched:
        return Span("nothing to ask for", "dim")
    if snapshot.figures.watched == snapshot.figures.pending:
        return Span(starting, "dim")
    if snapshot.interval > 1.05 * snapshot.wanted_interval:
        return Span(f"{glyphs.CHATTING} live, every {snapshot.interval:.1f} s: the rate is limited", "warn")
    return Span(f"{glyphs.CHATTING} live", "live")
