"""How everything was after so many events of a tape: one place that changes it, and everything it tells is made from the tape alone."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Iterator, Mapping, Sequence, ValuesView
from math import inf
from typing import Final, NamedTuple, Self

import msgspec

from chatmon.api.resource import ChatResource
from chatmon.monitor.alarm_conditions import Condition, Terms
from chatmon.monitor.alarm_rules import CHAT_RULES, RULES, ChatRule
from chatmon.monitor.alarm_words import Case
from chatmon.monitor.alarms import Alarm, Severity, Thresholds
from chatmon.monitor.chat import STALE_INTERVALS, Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.memory import MAX_REMEMBERED
from chatmon.monitor.observation import Health
from chatmon.monitor.pace import Pace
from chatmon.monitor.shift import Shift, ShiftFigures
from chatmon.monitor.standing_alarm import AlarmKey
from chatmon.replay.retold import TELLING, retold
from chatmon.replay.tape import Tape

RETURN_SECONDS: Final = 60.0
"""A chat that is seen again so soon after chatmon was started was watched from then on; until then nobody knows how it is."""
INTERVAL: Final = Pace().interval
"""How often chats were polled is not recorded: staleness is told by the usual interval."""
STALE_SECONDS: Final = STALE_INTERVALS * INTERVAL
FASTEST: Final = 1
"""Of what `zlib` can do: a shift that is written down is mostly the same words."""

_CHAT_RULES: Final = {rule.name: rule for rule in CHAT_RULES}
_CLEARS: Final = {rule.name: rule.clears for rule in RULES}
_SEVERITIES: Final = frozenset(Severity)


class _Explained(NamedTuple):
    """What an alarm rests on, where its rule says of it in the very words that were recorded: then it may say how it went on."""

    rule: ChatRule
    condition: Condition
    severity: Severity

    def why(self, chat: Chat, now: Moment, terms: Terms) -> str:
        return self.rule.why(Case(chat, self.condition, self.severity, now, terms))


class _Raised(NamedTuple):
    """An alarm as it was raised, and what it rests on."""

    alarm: Alarm
    explained: _Explained | None


class Keyframe(NamedTuple):
    """A scene that is kept: frozen values, which the scenes of a film share, and the shift, written down and packed."""

    played: int
    shift: bytes
    chats: tuple[Chat, ...]
    away: tuple[Chat, ...]
    alarms: tuple[tuple[AlarmKey, _Raised], ...]


class Scene:
    """The chats, the alarms and the shift after `played` events of a tape. It goes forward only; keyframes are there to go back to.

    `thresholds` are for what alarms rest on and for the service level: whether there is an alarm is told by its events.
    """

    def __init__(self, tape: Tape, thresholds: Thresholds) -> None:
        self.played = 0
        self.shift = Shift(since=tape.since, service_level=thresholds.service_level)
        self._tape = tape
        self._thresholds = thresholds
        self._chats: dict[str, Chat] = {}
        self._away: dict[str, Chat] = {}
        """Chats that nobody watches at the moment, as they were known last; the monitor remembers as many."""
        self._alarms: dict[AlarmKey, _Raised] = {}

    def keyframe(self) -> Keyframe:
        """How everything is now, to go on from later."""
        shift = zlib.compress(pickle.dumps(self.shift, pickle.HIGHEST_PROTOCOL), FASTEST)
        return Keyframe(self.played, shift, tuple(self._chats.values()), tuple(self._away.values()), tuple(self._alarms.items()))

    @classmethod
    def at(cls, keyframe: Keyframe, tape: Tape, thresholds: Thresholds) -> Self:
        """A scene that goes on from a keyframe of the same tape and thresholds."""
        scene = cls(tape, thresholds)
        scene.played = keyframe.played
        scene.shift = pickle.loads(zlib.decompress(keyframe.shift))
        scene._chats = {chat.id: chat for chat in keyframe.chats}
        scene._away = {chat.id: chat for chat in keyframe.away}
        scene._alarms = dict(keyframe.alarms)
        return scene

    def play_one(self) -> None:
        """Take in the next look at a chat, which may be told in several events."""
        batch = self._next_batch()
        time, chat_id = self._tape.time(self.played), batch[0].chat
        is_look = chat_id is not None and batch[0].kind in TELLING
        if chat_id is not None and is_look and chat_id in self._away:
            self._come_back(chat_id, is_new=batch[0].kind is EventKind.FIRST_SEEN)
        for event in batch:
            self.shift.take(event)
        if chat_id is not None and is_look:
            self._look(chat_id, batch, time)
        elif batch[0].kind is EventKind.UNWATCHED and chat_id is not None:
            self._leave(chat_id, batch[0].not_before)
        elif batch[0].kind is EventKind.MONITOR_STARTED:
            self._begin(time)
        elif batch[0].rule is not None:
            self._take_alarm(batch[0], time)
        self.played += len(batch)

    def _next_batch(self) -> Sequence[Event]:
        """The events of one look at a chat, or one event that is of no look."""
        events, begin = self._tape.events, self.played
        first, end = events[begin], begin + 1
        if first.chat is not None and first.kind in TELLING:
            while end < len(events) and (events[end].chat, events[end].at) == (first.chat, first.at) and events[end].kind in TELLING:
                end += 1
        return events[begin:end]

    def _look(self, chat_id: str, batch: Sequence[Event], time: float) -> None:
        known = self._chats.get(chat_id)
        if known is None:
            known = Chat(id=chat_id, label=self._tape.names[chat_id].label)
            state = None if batch[0].kind is EventKind.FIRST_SEEN else self._tape.next_state_left(chat_id, self.played)
            if state is not None:  # first seen before the tape begins
                known = msgspec.structs.replace(known, resource=ChatResource(state, id=chat_id))
        self._chats[chat_id] = retold(known, batch, time, self._tape.seen(chat_id, time))

    def _come_back(self, chat_id: str, *, is_new: bool) -> None:
        """A chat is seen again; it `is_new` where the monitor had forgotten it meanwhile."""
        chat = self._away.pop(chat_id)
        if not is_new:
            self._chats[chat_id] = chat
            self.shift.came_back(chat)

    def _leave(self, chat_id: str, seen: float | None) -> None:
        chat = self._chats.pop(chat_id, None)
        if chat is None:
            return
        if seen is not None and chat.observed is not None:
            chat = msgspec.structs.replace(chat, observed=Moment(chat.observed.monotonic + max(0.0, seen - chat.observed.utc), seen))
        self._away[chat_id] = chat
        if len(self._away) > MAX_REMEMBERED:
            del self._away[next(iter(self._away))]
        self.shift.left(chat)

    def _begin(self, time: float) -> None:
        """Chatmon was started: what it watches from then on is what is seen then. Until it is, nobody knows how it is."""
        for chat in list(self._chats.values()):
            seen = self._tape.seen(chat.id, time)
            if seen == time:
                continue  # back before a poll was missed
            if self._tape.is_seen_between(chat.id, time, time + RETURN_SECONDS):
                last = chat if seen is None else self._seen_at(chat, seen)
                self._chats[chat.id] = msgspec.structs.replace(last, health=Health.PENDING, polled=None, error=None, failures=0)
            else:
                self._leave(chat.id, seen)

    def _take_alarm(self, event: Event, time: float) -> None:
        key = AlarmKey(event.rule or "", event.chat, event.agent)
        known = self._alarms.get(key)
        match event.kind:
            case EventKind.ALARM_RAISED if event.severity in _SEVERITIES:
                self._alarms[key] = self._raised(key, event, Moment(time, event.at), known)
            case EventKind.ALARM_ACKNOWLEDGED if known is not None:
                alarm = msgspec.structs.replace(known.alarm, acknowledged=True, snoozed_until=event.until)
                self._alarms[key] = known._replace(alarm=alarm)
            case EventKind.ALARM_CLEARED:
                self._alarms.pop(key, None)
            case _:
                return

    def _raised(self, key: AlarmKey, event: Event, at: Moment, known: _Raised | None) -> _Raised:
        """An alarm that was raised, or is worse: recorded are that, and the words for it. What it rests on is told by the chat."""
        rule, chat = _CHAT_RULES.get(key.rule), self._chats.get(key.chat or "")
        severity, why, since, explain = Severity(event.severity or ""), event.why or key.rule, at, None
        if rule is not None and chat is not None:
            condition = rule.condition(chat, self._terms)
            if condition is not None and condition.since.since(at) <= 0:
                since = condition.since
                explained = _Explained(rule, condition, severity)
                is_on = (condition.critical if severity is Severity.CRITICAL else condition.warn) < inf
                if is_on and explained.why(self._seen_at(chat, at.monotonic), at, self._terms) == why:
                    explain = explained
        alarm = Alarm(
            rule=key.rule,
            severity=severity,
            since=since if known is None else known.alarm.since,
            raised=at if known is None else known.alarm.raised,
            why=why,
            clears=_CLEARS.get(key.rule, "it is over"),
            chat=key.chat,
            agent=key.agent,
        )
        return _Raised(alarm, explain)

    @property
    def _terms(self) -> Terms:
        return Terms(self._thresholds, STALE_SECONDS)

    def chats(self, second: float) -> Iterator[Chat]:
        """The chats that were watched, as they were known at a second; in the order in which they came."""
        for chat in self._chats.values():
            yield self._seen_at(chat, second)

    def known_chats(self) -> ValuesView[Chat]:
        """The same as they were known at their last events."""
        return self._chats.values()

    def _seen_at(self, chat: Chat, second: float) -> Chat:
        """A chat whose polls succeed was seen then, unless its next sight came too late."""
        seen = self._tape.seen(chat.id, second) if chat.health is Health.OK else None
        if seen is None or chat.observed is None or seen <= chat.observed.utc:
            return chat
        observed = Moment(chat.observed.monotonic + seen - chat.observed.utc, seen)
        return msgspec.structs.replace(chat, observed=observed, polled=observed)

    def alarms(self, chats: Mapping[str, Chat], now: Moment) -> tuple[Alarm, ...]:
        """The alarms that were up, in the order of screens; `chats` are those of now."""
        up = (self._as_of(raised, chats, now) for raised in self._alarms.values())
        return tuple(sorted(up, key=lambda one: (one.acknowledged, one.severity is Severity.WARN, one.since.monotonic)))

    def _as_of(self, raised: _Raised, chats: Mapping[str, Chat], now: Moment) -> Alarm:
        alarm, explained, chat = raised.alarm, raised.explained, chats.get(raised.alarm.chat or "")
        if explained is not None and chat is not None:
            alarm = msgspec.structs.replace(alarm, why=explained.why(chat, now, self._terms))
        if alarm.snoozed_until is not None and alarm.snoozed_until <= now.utc:
            alarm = msgspec.structs.replace(alarm, acknowledged=False, snoozed_until=None)
        return alarm

    def figures(self, chats: Sequence[Chat], now: Moment) -> ShiftFigures:
        """The figures of the shift up to now. A chat that was not seen for long counts as unwatched: how many polls failed is not known."""
        seen = (
            msgspec.structs.replace(chat, failures=STALE_INTERVALS)
            if chat.health is not Health.OK and chat.observed is not None and now.since(chat.observed) > STALE_SECONDS
            else chat
            for chat in chats
        )
        return self.shift.figures(seen, now, coverage_seconds=0.0)
