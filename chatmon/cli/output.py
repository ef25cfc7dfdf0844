"""Chats and events as JSON: pure functions from what the monitor knows to dicts, and the one way to write them.

The keys are a contract: later versions only add some. Every time is UTC, ISO 8601 with milliseconds and `Z`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from chatmon.api.lenient_json import whole_characters
from chatmon.api.resource import CHATTING, IDLE, WAITING, ChatResource, Participant
from chatmon.monitor.alarms import Alarm
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.figures import Figures, count
from chatmon.monitor.observation import PollError

SCHEMA: Final = 1

Json = dict[str, object]

COUNTS: Final[tuple[tuple[str, str], ...]] = (
    ("watched", "watched"),
    (WAITING, "waiting"),
    (CHATTING, "chatting"),
    (IDLE, "idle"),
    ("other", "other"),
    ("failing", "failing"),
    ("denied", "denied"),
    ("gone", "gone"),
    ("not_found", "not_found"),
)
"""The names of the counts in output, and the figures they are."""


def timestamp(utc: float) -> str:
    """A time of day, from UTC seconds since 1970: `2026-11-22T14:03:27.123Z`."""
    return datetime.fromtimestamp(utc, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def to_json(value: Json, *, indent: int | None = None) -> str:
    """JSON in printable ASCII: nothing a stranger typed reaches a terminal as it is.

    Half of a surrogate pair, which is no character and which other programs refuse, becomes U+FFFD.
    """
    written = json.dumps(value, ensure_ascii=True, allow_nan=False, indent=indent)
    # json leaves DEL alone, the one control character that is left; it can stand only inside a string.
    return whole_characters(written.encode("ascii")).decode("ascii").replace("\x7f", "\\u007f")


def counts_json(figures: Figures) -> dict[str, int]:
    """Each watched chat once: by state where its health is ok, else by health."""
    return {name: int(getattr(figures, figure)) for name, figure in COUNTS}


def round_json(chats: Sequence[Chat], now: Moment, alarms: Sequence[Alarm]) -> Json:
    """The outcome of one round; `now` is when it was over. `alarms` are all: those of agents stand beside the chats, not in one."""
    figures = count(chats, now)
    return {
        "schema": SCHEMA,
        "polled_at": timestamp(now.utc),
        "counts": counts_json(figures),
        "longest_wait_seconds": None if figures.longest_wait is None else round(figures.longest_wait, 1),
        "chats": chats_json(chats, alarms),
        "alarms": [alarm_json(alarm) for alarm in alarms if alarm.chat is None and alarm.holds],
    }


def chats_json(chats: Iterable[Chat], alarms: Iterable[Alarm]) -> list[Json]:
    """Each chat with its own of the alarms."""
    by_chat: dict[str | None, list[Alarm]] = {}
    for alarm in alarms:
        by_chat.setdefault(alarm.chat, []).append(alarm)
    return [chat_json(chat, by_chat.get(chat.id, ())) for chat in chats]


def chat_json(chat: Chat, alarms: Iterable[Alarm]) -> Json:
    """One chat: its last known resource, since when its state holds, how its last poll went, and what it is in alarm for."""
    resource = chat.resource
    return {
        "id": chat.id,
        "label": chat.label,
        "state": chat.state,
        "health": str(chat.health),
        "participants": [] if resource is None else [participant_json(one) for one in resource.participants],
        "capabilities": [] if resource is None else list(resource.capabilities),
        "state_since": _moment(chat.state_since),
        "state_since_exact": chat.state_since_exact,
        "observed_at": _moment(chat.observed),
        "latency_ms": milliseconds(chat.latency),
        "http_status": chat.http_status,
        "error": None if chat.error is None else _error_json(chat.error),
        "alarms": [alarm_json(alarm) for alarm in alarms if alarm.holds],
        **({"more_participants": resource.more_participants} if resource is not None and resource.more_participants else {}),
    }


def alarm_json(alarm: Alarm) -> Json:
    """An alarm that holds; `since` is when it was raised."""
    return {
        "rule": alarm.rule,
        "severity": str(alarm.severity),
        **({} if alarm.agent is None else {"agent": alarm.agent}),
        "since": timestamp(alarm.raised.utc),
        "why": alarm.why,
        "acknowledged": alarm.acknowledged,
    }


def participant_json(participant: Participant) -> Json:
    """A participant; the id is a string whatever the API sent."""
    return {"id": participant.id, "nickname": participant.nickname, "type": participant.type}


def milliseconds(seconds: float | None) -> float | None:
    """Seconds as milliseconds with one decimal."""
    return None if seconds is None else round(seconds * 1000, 1)


def _participant(event: Event) -> object:
    return None if event.participant is None else participant_json(event.participant)


def _resource(event: Event) -> ChatResource:
    return event.resource or ChatResource(state=event.state_to)


def _error(event: Event) -> object:
    return None if event.error is None else _error_json(event.error)


_Key = tuple[str, Callable[[Event], object]]
_FROM: Final[_Key] = ("from", lambda event: event.state_from)
_TO: Final[_Key] = ("to", lambda event: event.state_to)
_SECONDS: Final[_Key] = ("lasted_seconds", lambda event: None if event.lasted is None else round(event.lasted, 3))
_LASTED: Final = (_SECONDS, ("lasted_exact", lambda event: event.lasted_exact))
_ALARM: Final[tuple[_Key, ...]] = (
    ("rule", lambda event: event.rule),
    ("severity", lambda event: event.severity),
    ("agent", lambda event: event.agent),
)
_KEYS: Final[dict[EventKind, tuple[_Key, ...]]] = {
    EventKind.FIRST_SEEN: (
        _TO,
        ("participants", lambda event: [participant_json(one) for one in _resource(event).participants]),
        ("capabilities", lambda event: list(_resource(event).capabilities)),
    ),
    EventKind.STATE_CHANGED: (_FROM, _TO, *_LASTED),
    EventKind.PARTICIPANT_JOINED: (("participant", _participant),),
    EventKind.PARTICIPANT_LEFT: (("participant", _participant),),
    EventKind.CAPABILITY_GAINED: (("capability", lambda event: event.capability),),
    EventKind.CAPABILITY_LOST: (("capability", lambda event: event.capability),),
    EventKind.POLL_FAILED: (("error", _error),),
    EventKind.DENIED: (("error", _error),),
    EventKind.GONE: (_FROM, *_LASTED, ("error", _error)),
    EventKind.GAP: (_SECONDS,),
    EventKind.ALARM_RAISED: (*_ALARM, ("why", lambda event: event.why)),
    EventKind.ALARM_CLEARED: _ALARM,
    EventKind.ALARM_ACKNOWLEDGED: (*_ALARM, ("until", lambda event: None if event.until is None else timestamp(event.until))),
}


def event_json(event: Event) -> Json:
    """One event: when, which chat (null for the monitor itself), its kind and the keys of that kind."""
    value: Json = {"at": timestamp(event.at), "chat": event.chat, "kind": str(event.kind)}
    value.update((name, of(event)) for name, of in _KEYS.get(event.kind, ()))
    if event.not_before is not None:
        value["not_before"] = timestamp(event.not_before)
    return value


def json_lines(values: Iterable[Json]) -> list[str]:
    """One JSON object a line."""
    return [to_json(value) for value in values]


def _error_json(error: PollError) -> Json:
    return {"kind": error.kind, "message": error.message}


def _moment(moment: Moment | None) -> str | None:
    return None if moment is None else timestamp(moment.utc)
