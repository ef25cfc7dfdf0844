"""A recorded day as a tape: its events in their order with an index by time, and when who was watched."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from math import ceil, floor
from typing import Any, Final, NamedTuple

import msgspec

from chatmon.api.resource import ChatResource
from chatmon.history.reader import RecordedEvent
from chatmon.monitor.alarms import Severity
from chatmon.monitor.board import MAX_CHAT_EVENTS
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.trends import BUCKET_SECONDS, TrendSample


class Names(NamedTuple):
    """The nickname of a chat's customer and the chat's label, as they were recorded last; empty where unknown."""

    customer: str = ""
    label: str = ""


class Stretch(NamedTuple):
    """A stretch of time, in UTC seconds."""

    begin: float
    end: float


class Portion(msgspec.Struct, frozen=True):
    """What was read from a history of one day, or what came to it since.

    `day` and `day_end` are the two midnights, in UTC seconds, and `next_position` is where to read on. `events` may begin before the day:
    they tell how the chats were when it began, and are gone through once. The others are whole each time, also what was there before:
    `sessions` are the stretches in which chatmon ran, `coverage` those in which each chat was seen without a gap.
    """

    day: float
    day_end: float
    next_position: int
    events: Iterable[RecordedEvent]
    sessions: tuple[tuple[float, float], ...]
    coverage: tuple[tuple[str, float, float], ...]
    trends: tuple[TrendSample, ...]


class AlarmMark(NamedTuple):
    """An alarm that was raised, in UTC seconds, and how bad it was."""

    at: float
    severity: Severity


_WORDS: Final = ("chat", "state_from", "state_to", "participant", "capability", "error", "rule", "severity", "agent")
_TIMES: Final = ("at", "not_before")
_SEVERITIES: Final = {str(severity): severity for severity in Severity}


class Tape:
    """The events of one day. A place on it is a time in whole seconds (UTC); everything up to that second has happened there.

    Time on the tape never goes back: where the wall clock was set back, what followed stands where it was set back from until the clock
    had caught up. `since` is from when on the day is known, in UTC seconds.
    """

    def __init__(self, portion: Portion) -> None:
        self.day, self.day_end = portion.day, portion.day_end
        self.events: list[Event] = []
        self.names: dict[str, Names] = {}
        self.recorded_sessions: tuple[tuple[float, float], ...] = ()
        """When chatmon ran, as it was read, in UTC seconds; `sessions` are the same with those that meet as one."""
        self.sessions: tuple[Stretch, ...] = ()
        self.alarms: list[AlarmMark] = []
        self.next_position = 0
        self._words: dict[object, Any] = {}
        self._named: dict[Names, Names] = {}
        self._times = array("d")
        self._by_chat: dict[str, array[int]] = {}
        self._seen: dict[str, tuple[array[float], array[float]]] = {}
        self._trends: tuple[TrendSample, ...] = ()
        self._waiting_at: list[float] = []
        self._waiting: list[float | None] = []
        self.take(portion)

    def take(self, portion: Portion) -> None:
        """Take in what was read."""
        self.next_position = portion.next_position
        for recorded in portion.events:
            event = self._shared(recorded.event)
            names = Names(recorded.customer, recorded.label)
            if event.chat is not None and self.names.get(event.chat) != names:
                self.names[event.chat] = self._named.setdefault(names, names)
            self._append(event)
        self.recorded_sessions = portion.sessions
        self.sessions = _joined(portion.sessions)
        self._seen = {}
        for chat, begin, end in portion.coverage:
            stretches = self._seen.get(chat)
            if stretches is None:
                stretches = self._seen[self._words.get(chat, chat)] = array("d"), array("d")
            stretches[0].append(begin)
            stretches[1].append(end)
        self._trends = tuple(sample for sample in portion.trends if sample.at < self.day_end)
        self._waiting_at = [sample.at for sample in self._trends]
        self._waiting = [sample.waiting for sample in self._trends]

    def _shared(self, event: Event) -> Event:
        """The event with the values that thousands of events have in common: each is kept once."""
        share = self._words.setdefault
        values = {name: share(word, word) for name in _WORDS if (word := getattr(event, name)) is not None}
        if self.events:  # the changes that one poll saw have their times in common
            last = self.events[-1]
            values.update((name, time) for name in _TIMES if (time := getattr(last, name)) is not None and time == getattr(event, name))
        if event.resource is not None:
            values["resource"] = self._shared_resource(event.resource)
        return msgspec.structs.replace(event, **values)

    def _shared_resource(self, resource: ChatResource) -> ChatResource:
        share = self._words.setdefault
        people, may = (tuple(share(one, one) for one in values) for values in (resource.participants, resource.capabilities))
        return ChatResource(share(resource.state, resource.state), share(people, people), share(may, may), share(resource.id, resource.id))

    def _append(self, event: Event) -> None:
        time = max(event.at, self._times[-1]) if self._times else event.at
        place = len(self.events)
        self.events.append(event)
        self._times.append(time)
        if event.chat is not None:
            places = self._by_chat.get(event.chat)
            if places is None:
                places = self._by_chat[event.chat] = array("q")
            places.append(place)
        if event.kind is EventKind.ALARM_RAISED and time >= self.day:
            self.alarms.append(AlarmMark(time, _SEVERITIES.get(event.severity or "", Severity.WARN)))

    def with_alarms(self, alarms: Sequence[Event]) -> Tape:
        """The same tape with other alarms, given in their order, in place of those that were recorded."""
        other = Tape(Portion(self.day, self.day_end, self.next_position, (), (), (), ()))
        other.names, other.sessions, other._seen = self.names, self.sessions, self._seen
        other._trends, other._waiting, other._waiting_at = self._trends, self._waiting, self._waiting_at
        rest = [(time, event) for time, event in zip(self._times, self.events, strict=True) if event.rule is None]
        for _, event in sorted([*rest, *((event.at, event) for event in alarms)], key=lambda timed: timed[0]):
            other._append(event)
        return other

    @property
    def first(self) -> int:
        """How many events lie before the day."""
        return bisect_left(self._times, self.day)

    @property
    def since(self) -> float:
        """From when on the day is known: from midnight where someone watched then, else from its first event."""
        if self.is_watched(self.day) or self.first == len(self.events):
            return self.day
        return self._times[self.first]

    @property
    def begin(self) -> float:
        """The first second of the tape."""
        return float(ceil(self.since))

    @property
    def end(self) -> float:
        """The last second of the tape."""
        last = max(self._times[-1] if self._times else self.day, *(stretch.end for stretch in self.sessions), self.day)
        return max(self.begin, float(ceil(min(last, self.day_end))))

    def time(self, place: int) -> float:
        """When an event happened, in UTC seconds of the tape."""
        return self._times[place]

    def count(self, second: float) -> int:
        """How many events had happened by a second."""
        return bisect_right(self._times, second)

    def next_event(self, second: float) -> float | None:
        """The first second after this one in which something happened."""
        return _after(self._times, second)

    def previous_event(self, second: float) -> float | None:
        """The last second of the day before this one in which something happened."""
        return _before(self._times, second, self.first)

    def next_alarm(self, second: float) -> float | None:
        """The first second after this one in which an alarm was raised."""
        return _after([mark.at for mark in self.alarms], second)

    def previous_alarm(self, second: float) -> float | None:
        """The last second of the day before this one in which an alarm was raised."""
        return _before([mark.at for mark in self.alarms], second, 0)

    def of_chat(self, chat_id: str, count: int) -> tuple[Event, ...]:
        """The newest events of a chat among the first `count` of the tape, oldest first."""
        places = self._by_chat.get(chat_id, array("q"))
        last = bisect_left(places, count)
        return tuple(self.events[place] for place in places[max(0, last - MAX_CHAT_EVENTS) : last])

    def next_state_left(self, chat_id: str, count: int) -> str | None:
        """The state that a chat left next after the first `count` events; None where that is not on the tape, or it was first seen then."""
        places = self._by_chat.get(chat_id, array("q"))
        later = (self.events[place] for place in places[bisect_left(places, count) :])
        found = next((event for event in later if event.state_from is not None or event.kind is EventKind.FIRST_SEEN), None)
        return None if found is None else found.state_from

    def seen(self, chat_id: str, second: float) -> float | None:
        """When a chat was seen last by a second. Within a stretch in which no poll was missed that is then; None: never on this tape."""
        until = self.seen_until(chat_id, second)
        return None if until is None else min(until, second)

    def seen_until(self, chat_id: str, second: float) -> float | None:
        """The end of the stretch without a gap in which a chat was seen last by a second; None: never on this tape."""
        begins, ends = self._seen.get(chat_id, ((), ()))
        stretch = bisect_right(begins, second) - 1
        return None if stretch < 0 else ends[stretch]

    def is_seen_between(self, chat_id: str, begin: float, end: float) -> bool:
        """Whether a chat was seen at all in a stretch of time."""
        begins, ends = self._seen.get(chat_id, ((), ()))
        stretch = bisect_right(begins, end) - 1
        return stretch >= 0 and ends[stretch] > begin

    def is_watched(self, second: float) -> bool:
        """Whether chatmon ran."""
        return any(floor(stretch.begin) <= second <= ceil(stretch.end) for stretch in self.sessions)

    def is_watched_between(self, begin: float, end: float) -> bool:
        """Whether chatmon ran at all in a stretch of time."""
        return any(stretch.begin < end and stretch.end > begin for stretch in self.sessions)

    def unwatched(self, second: float) -> Stretch:
        """The stretch around a second in which chatmon did not run, within the day."""
        before = max((stretch.end for stretch in self.sessions if stretch.end < second), default=self.day)
        after = min((stretch.begin for stretch in self.sessions if stretch.begin > second), default=self.day_end)
        return Stretch(before, after)

    def trends_until(self, second: float) -> tuple[TrendSample, ...]:
        """The recorded figures of the stretches that were over by a second."""
        return tuple(sample for sample in self._trends if sample.at + BUCKET_SECONDS / 2 <= second)

    def trend_phase(self, second: float) -> float:
        """By how many seconds the stretches of the recorded figures are behind those of the clock."""
        begun = [sample.at - BUCKET_SECONDS / 2 for sample in self._trends]
        newest = bisect_right(begun, second + 1e-3) - 1
        return begun[newest] % BUCKET_SECONDS if newest >= 0 else 0.0

    def most_waiting(self, begin: float, end: float) -> float | None:
        """The most chats that waited at once in a stretch of time; None where nothing was seen."""
        if not self.is_watched_between(begin, end):
            return None
        half = BUCKET_SECONDS / 2
        first, last = (bisect_right(self._waiting_at, time) for time in (begin - half, end + half))
        return max((value for value in self._waiting[first:last] if value is not None), default=None)


def _joined(stretches: Iterable[tuple[float, float]]) -> tuple[Stretch, ...]:
    """Stretches in their order, those that meet as one."""
    joined: list[Stretch] = []
    for begin, end in sorted(stretches):
        if joined and begin <= joined[-1].end:
            joined[-1] = Stretch(joined[-1].begin, max(end, joined[-1].end))
        else:
            joined.append(Stretch(begin, end))
    return tuple(joined)


def _after(times: Sequence[float], second: float) -> float | None:
    place = bisect_right(times, second)
    return float(ceil(times[place])) if place < len(times) else None


def _before(times: Sequence[float], second: float, first: int) -> float | None:
    # What happened within a second is known only when it is over.
    place = bisect_right(times, second - 1) - 1
    return float(ceil(times[place])) if place >= first else None
