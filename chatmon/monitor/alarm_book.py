"""Which alarms there are: raised once, cleared with hysteresis, acknowledged or snoozed by the user."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Set
from math import inf

from chatmon.monitor.agent_chats import AgentChats
from chatmon.monitor.alarm_conditions import Condition, Terms, is_current, seen_until
from chatmon.monitor.alarm_rules import CHAT_RULES, OVERLOAD, RULES, ChatRule
from chatmon.monitor.alarm_words import Case, why_overload
from chatmon.monitor.alarms import Alarm, Severity, Thresholds
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import Health
from chatmon.monitor.standing_alarm import AlarmKey, StandingAlarm

CLEAR_SECONDS = 5.0
"""For so long a condition must not have held before its alarm is over: one that comes and goes is one alarm."""
PAUSE_SECONDS = 10.0
"""Between two reviews: where it is longer, nobody watched meanwhile; the machine slept, say."""

_SEVERITIES = tuple(Severity)
_RULES = {rule.name: rule for rule in RULES}


class _Minded:
    """A chat as it was at the last review, since when it is looked after, and when to look at it again should it stay so.

    With `look_when_seen` that is also when a poll sees it, though it sees nothing new.
    """

    __slots__ = ("chat", "look_at", "look_when_seen", "settled", "since")

    def __init__(self, chat: Chat, since: Moment) -> None:
        self.chat = chat
        self.since = since
        self.look_at = -inf
        self.look_when_seen = False
        self.settled: dict[str, float] = {}
        """By rule: since when the condition holds that the user knows of and wants to hear no more of, in monotonic seconds."""


class AlarmBook:
    """The alarms over all watched chats and their agents.

    A chat that is not seen, because its polls fail or are late, raises nothing new but `unseen`: its time does not count. What it is in
    alarm for stays for as long as its last known state does. `began` is when watching began.
    """

    def __init__(self, thresholds: Thresholds, began: Moment | None = None) -> None:
        self.thresholds = thresholds
        self._alarms: dict[AlarmKey, StandingAlarm] = {}
        self._minded: dict[str, _Minded] = {}
        self._agents = AgentChats()
        self._reviewed = began
        self._awake_since = began
        self._interval = 0.0
        self._told: tuple[int, tuple[Alarm, ...]] | None = None
        """The alarms as they were told in a second: screens ask more often than the figures move."""

    def review(self, chats: Collection[Chat], now: Moment, *, interval: float, is_asking: bool = True) -> tuple[Event, ...]:
        """Look at the chats as they are at `now`, polled every `interval` seconds; the events of alarms raised, worse or over.

        Called about once a second. Only chats that changed, or whose time has come, cost more than a glance. Where the monitor is not
        asking, because the server lets nobody in, that is told once for all: no chat counts as unseen for it.
        """
        if self._reviewed is None or now.since(self._reviewed) > PAUSE_SECONDS or not is_asking:
            self._awake_since = now
        self._change_interval(interval)
        events: list[Event] = []
        for chat in chats:
            minded = self._minded.get(chat.id)
            if minded is None:
                self._minded[chat.id] = minded = _Minded(chat, now)
                self._agents.take(None, chat)
                self._settle_the_past(minded, chat)
                self._look(minded, chat, now, events)
            elif chat.resource is not minded.chat.resource or chat.health is not minded.chat.health or chat.every != minded.chat.every:
                self._agents.take(minded.chat, chat)
                self._look(minded, chat, now, events)
            elif minded.look_at <= now.monotonic or (minded.look_when_seen and chat.observed is not minded.chat.observed):
                self._look(minded, chat, now, events)
            minded.chat = chat
        if len(self._minded) > len(chats):
            for chat_id in self._minded.keys() - {chat.id for chat in chats}:
                events += self.leave(chat_id, now)
        self._look_at_agents(now, events)
        self._end_and_wake(now, events)
        self._reviewed = now
        self._told = None
        return tuple(events)

    def leave(self, chat_id: str, now: Moment) -> tuple[Event, ...]:
        """A chat is no longer watched, and its alarms are over; their events."""
        self._told = None
        minded = self._minded.pop(chat_id, None)
        if minded is not None:
            self._agents.take(minded.chat, None)
        return tuple(self._clear(one, now) for one in list(self._alarms.values()) if one.key.chat == chat_id)

    def alarms(self, now: Moment) -> tuple[Alarm, ...]:
        """Every alarm with its figures as they are now: those that are not acknowledged first, the worst of them, the oldest of these."""
        second = int(now.monotonic)
        if self._told is None or self._told[0] != second:
            ordered = sorted(self._alarms.values(), key=lambda one: (one.acknowledged, one.severity is Severity.WARN, one.since.monotonic))
            self._told = second, tuple(standing.alarm(self._why(standing, now)) for standing in ordered)
        return self._told[1]

    def chats_in_alarm(self) -> Set[str]:
        """The chats for which an alarm holds, whether or not the user knows of it."""
        return {one.key.chat for one in self._alarms.values() if one.key.chat is not None and one.lapsed is None}

    def acknowledge(
        self, *, chat: str | None = None, agent: str | None = None, now: Moment, seconds: float | None = None
    ) -> tuple[Event, ...]:
        """The user knows of the alarms of a chat or an agent, for good or for so many seconds; the events of those this is new for.

        An alarm about what happened once is then over.
        """
        self._told = None
        events: list[Event] = []
        for standing in list(self._alarms.values()):
            if (standing.key.chat, standing.key.agent) != (chat, agent) or not standing.acknowledge(now, seconds):
                continue
            events.append(standing.event(EventKind.ALARM_ACKNOWLEDGED, now))
            if seconds is None and standing.rule.settled_by_acknowledging:
                minded = self._minded.get(chat or "")
                if minded is not None and standing.condition is not None:
                    minded.settled[standing.rule.name] = standing.condition.since.monotonic
                events.append(self._clear(standing, now))
        return tuple(events)

    def resume(self, alarms: Iterable[Alarm]) -> None:
        """Go on with alarms that were raised before a restart: they are not raised again.

        They stay until their chats are asked. Those whose chat is not watched, or that then do not hold, are over at once.
        """
        self._told = None
        for alarm in alarms:
            rule = _RULES.get(alarm.rule)
            if rule is not None:
                standing = StandingAlarm.resumed(rule, alarm)
                self._alarms.setdefault(standing.key, standing)

    def _change_interval(self, interval: float) -> None:
        if interval != self._interval:
            self._interval = interval
            for minded in self._minded.values():
                minded.look_at = -inf

    def _terms(self, chat: Chat, minded: _Minded | None = None) -> Terms:
        since = self._awake_since
        if minded is not None and (since is None or minded.since.since(since) > 0):
            since = minded.since
        return Terms(self.thresholds, chat.stale_after(self._interval), since)

    def _settle_the_past(self, minded: _Minded, chat: Chat) -> None:
        """What happened once to a chat before it was watched here was told then: only an alarm that was not acknowledged goes on."""
        for rule in CHAT_RULES:
            condition = rule.condition(chat, self._terms(chat, minded)) if rule.settled_by_acknowledging else None
            if condition is None or AlarmKey(rule.name, chat.id, None) in self._alarms:
                continue
            if self._reviewed is not None and condition.since.since(self._reviewed) < 0:
                minded.settled[rule.name] = condition.since.monotonic

    def _look(self, minded: _Minded, chat: Chat, now: Moment, events: list[Event]) -> None:
        """Apply every rule to a chat, and note when to do so again should it stay as it is."""
        terms = self._terms(chat, minded)
        is_seen = is_current(chat, now, terms.stale_after)
        known_until = seen_until(chat, now, terms.stale_after)
        minded.look_at, minded.look_when_seen = inf, False
        for rule in CHAT_RULES:
            standing = self._alarms.get(AlarmKey(rule.name, chat.id, None))
            condition = rule.condition(chat, terms)
            if condition is None:
                minded.settled.pop(rule.name, None)
                if standing is not None:
                    self._lapse(standing, chat, now, events)
                continue
            if minded.settled.get(rule.name) == condition.since.monotonic:
                continue
            until = known_until if rule.needs_sight else now
            severity = _severity(condition, standing, until, is_known=is_seen and rule.needs_sight)
            if severity is not None:
                standing = self._hold(rule, chat, condition, severity, now, events)
            elif standing is not None:
                self._lapse(standing, chat, now, events)
            minded.look_at = min(minded.look_at, _next_look(rule, chat, condition, until))
            minded.look_when_seen |= standing is not None and not rule.needs_sight

    def _hold(
        self, rule: ChatRule, chat: Chat, condition: Condition, severity: Severity, now: Moment, events: list[Event]
    ) -> StandingAlarm:
        """A rule holds for a chat: that raises an alarm, makes one worse, or is nothing new."""
        key = AlarmKey(rule.name, chat.id, None)
        standing = self._alarms.get(key)
        if standing is None:
            standing = StandingAlarm(rule=rule, key=key, severity=severity, since=condition.since, raised=now, condition=condition)
            self._alarms[key] = standing
        elif not standing.hold(severity, condition):
            return standing
        why = rule.why(Case(chat, condition, severity, now, self._terms(chat)))
        events.append(standing.event(EventKind.ALARM_RAISED, now, why))
        return standing

    def _lapse(self, standing: StandingAlarm, chat: Chat, now: Moment, events: list[Event]) -> None:
        if standing.condition is not None:
            standing.lapse(now, self._why(standing, now))
        elif chat.polled is not None or chat.resource is not None:
            # Nobody saw it hold since the restart.
            events.append(self._clear(standing, now))

    def _look_at_agents(self, now: Moment, events: list[Event]) -> None:
        standing = {one.key.agent: one for one in self._alarms.values() if one.key.agent is not None}
        limit = inf if self.thresholds.overload is None else self.thresholds.overload
        for agent in sorted(self._agents.changed | standing.keys(), key=str):
            one = standing.get(agent)
            chats = self._agents[agent]
            if chats > limit:
                why = why_overload(chats, self.thresholds)
                if one is None:
                    key = AlarmKey(OVERLOAD.name, None, agent)
                    one = StandingAlarm(rule=OVERLOAD, key=key, severity=Severity.WARN, since=now, raised=now)
                    self._alarms[key] = one
                    events.append(one.event(EventKind.ALARM_RAISED, now, why))
                one.hold(Severity.WARN)
                one.words = why
            elif one is not None:
                one.lapse(now, one.words)
        self._agents.changed.clear()

    def _end_and_wake(self, now: Moment, events: list[Event]) -> None:
        """What time alone does to alarms."""
        for standing in list(self._alarms.values()):
            is_over = standing.lapsed is not None and now.monotonic - standing.lapsed >= CLEAR_SECONDS
            is_unwatched = standing.key.chat is not None and standing.key.chat not in self._minded and bool(self._minded)
            if is_over or is_unwatched:
                events.append(self._clear(standing, now))
            else:
                standing.wake(now)

    def _clear(self, standing: StandingAlarm, now: Moment) -> Event:
        del self._alarms[standing.key]
        if standing.key.chat in self._minded:
            self._minded[standing.key.chat].look_at = -inf  # for what may be a lesser alarm
        return standing.event(EventKind.ALARM_CLEARED, now)

    def _why(self, standing: StandingAlarm, now: Moment) -> str:
        minded = self._minded.get(standing.key.chat or "")
        if minded is None or standing.condition is None or standing.lapsed is not None or not isinstance(standing.rule, ChatRule):
            return standing.words
        return standing.rule.why(Case(minded.chat, standing.condition, standing.severity, now, self._terms(minded.chat)))


def _severity(condition: Condition, standing: StandingAlarm | None, until: Moment | None, *, is_known: bool) -> Severity | None:
    """The severity of what is so about a chat, by the time that counts.

    Where it is not known how the chat is now, it is as it was when the alarm held last. None where it is no alarm, or a lesser one than
    the alarm that there is, which has to end first.
    """
    now = None if until is None else condition.severity(until.monotonic)
    if standing is None:
        return now
    held = standing.condition
    is_as_before = held is None or held.since.monotonic == condition.since.monotonic
    if not is_known and is_as_before:
        return standing.severity if now is None else max(now, standing.severity, key=_SEVERITIES.index)
    return None if now is Severity.WARN and standing.severity is Severity.CRITICAL else now


def _next_look(rule: ChatRule, chat: Chat, condition: Condition, until: Moment | None) -> float:
    """When a chat that stays as it is has to be looked at again for the sake of a rule, in monotonic seconds."""
    if until is None or (rule.needs_sight and chat.health is not Health.OK):
        return inf
    return condition.next_step(until.monotonic)
