"""Events in the words, glyphs and styles of the screen: the same everywhere they are shown."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from chatmon.api.sanitise import clean
from chatmon.monitor.alarms import Severity
from chatmon.monitor.events import Event, EventKind
from chatmon.ui import glyphs
from chatmon.ui.times import clock, duration
from chatmon.ui.wording import UNNAMED, Sign, nickname, state_sign


def merged(events: Iterable[Event]) -> list[Event]:
    """The events to tell, in their order: capabilities that were gained or lost together are one."""
    told: list[Event] = []
    for event in events:
        last = told[-1] if told else None
        if last is not None and of_one_change(last, event):
            told[-1] = with_capabilities(last, [last, event])
        else:
            told.append(event)
    return told


def of_one_change(one: Event, other: Event) -> bool:
    """Whether two events are capabilities of a chat that were gained together, or lost together."""
    return other.capability is not None and (one.chat, one.kind, one.at) == (other.chat, other.kind, other.at)


def with_capabilities(event: Event, together: Iterable[Event]) -> Event:
    """The event with the capabilities of all of them."""
    return msgspec.structs.replace(event, capability=", ".join(one.capability or "" for one in together))


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
        case EventKind.GAP:
            return Sign(glyphs.UNWATCHED, "failing")
        case EventKind.ALARM_RAISED:
            return Sign(glyphs.WARN, "critical" if event.severity == Severity.CRITICAL else "warn")
    return Sign(glyphs.SEPARATOR, "dim")


def event_text(event: Event) -> str:
    """An event in words."""
    who = "" if event.participant is None else nickname(event.participant)
    role = "" if event.participant is None else clean(event.participant.type)
    error = "" if event.error is None else clean(event.error.message)
    alarm = f"alarm {clean(event.rule or '')}" + ("" if event.agent is None else f" of {clean(event.agent) or UNNAMED}")
    texts = {
        EventKind.FIRST_SEEN: f"first seen in {_state(event.state_to)}",
        EventKind.STATE_CHANGED: f"{_state(event.state_from)} {glyphs.CHANGED} {_state(event.state_to)}{_after(event)}",
        EventKind.PARTICIPANT_JOINED: f"{who} joined as {role}",
        EventKind.PARTICIPANT_LEFT: f"{who} left ({role})",
        EventKind.CAPABILITY_GAINED: f"may now {clean(event.capability or '')}",
        EventKind.CAPABILITY_LOST: f"may no longer {clean(event.capability or '')}",
        EventKind.POLL_FAILED: f"poll failed: {error}",
        EventKind.POLL_RECOVERED: "answers again",
        EventKind.DENIED: f"denied: {error}",
        EventKind.GONE: "gone: unknown to the server" + (f", was {_state(event.state_from)}{_for(event)}" if event.state_from else ""),
        EventKind.GAP: f"not watched for {duration(event.lasted or 0.0)}",
        EventKind.UNWATCHED: "no longer watched",
        EventKind.ALARM_RAISED: _raised(alarm, event),
        EventKind.ALARM_CLEARED: f"{alarm} is over",
        EventKind.ALARM_ACKNOWLEDGED: f"{alarm} acknowledged",
        EventKind.TRANSCRIPT_READ: "transcript asked for: the chat's cursor may have moved",
        EventKind.MONITOR_STARTED: "chatmon began to watch",
        EventKind.MONITOR_STOPPED: "chatmon stopped watching",
    }
    return texts[event.kind]


def _raised(alarm: str, event: Event) -> str:
    why = clean(event.why or "")
    # Some reasons begin with the name of their rule.
    return f"alarm: {why}" if event.agent is None and why.startswith(f"{clean(event.rule or '')} ") else f"{alarm}: {why}"


def _state(state: str | None) -> str:
    return clean(state or "") or "(no state)"


def _after(event: Event) -> str:
    return "" if event.lasted is None else f" after {clock(event.lasted, exact=bool(event.lasted_exact))}"


def _for(event: Event) -> str:
    return "" if event.lasted is None else f" for {clock(event.lasted, exact=bool(event.lasted_exact))}"
