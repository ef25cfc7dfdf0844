"""Which alarms there were in a stretch of time, counted from events."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import tzinfo
from math import inf

import msgspec

from chatmon.history.recall import known_since
from chatmon.monitor.alarms import Severity
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.shift import day_start
from chatmon.report.watching import Span, joined, overlap

_About = tuple[str | None, str | None, str | None]


class RuleCount(msgspec.Struct, frozen=True):
    """How often a rule raised an alarm, and how many of these were critical, or became so."""

    rule: str
    raised: int
    critical: int


class Overload(msgspec.Struct, frozen=True):
    """How often an agent was said to be overloaded, and for how many seconds."""

    times: int = 0
    seconds: float = 0.0


class _Up(msgspec.Struct):
    """An alarm that is up: since when, when it was raised or became worse last, and whether it is counted, also as critical."""

    since: float
    said: float
    counted: bool
    critical: bool


class AlarmsRaised:
    """Takes in alarm events in their order. Those from before `since` (UTC seconds) are not counted, but known to be up.

    `sessions` are the spans in which monitors ran, in the order of their beginnings: an alarm that is up when one ends is not up until
    the next one begins, and then only where that monitor knew it again. `timezone` is the one whose days these began, None the machine's.
    """

    def __init__(self, since: float, until: float, sessions: Sequence[Span], timezone: tzinfo | None) -> None:
        self._since = since
        self._until = until
        self._sessions = sessions
        self._watched = joined(sessions, since, until)
        self._timezone = timezone
        self._up: dict[_About, _Up] = {}
        self._raised: dict[str, int] = {}
        self._critical: dict[str, int] = {}
        self._overloads: dict[str, Overload] = {}

    def take(self, event: Event) -> str | None:
        """Take in an event; the severity that an alarm now has which is new, or worse than it was, None for every other event."""
        about = event.rule, event.chat, event.agent
        if event.kind is EventKind.MONITOR_STARTED:
            self._forget(event.at)
        if event.kind is EventKind.ALARM_CLEARED:
            up = self._up.pop(about, None)
            if up is not None:
                self._end(about, up, event.at)
        if event.kind is not EventKind.ALARM_RAISED or event.rule is None:
            return None
        up = self._up.setdefault(about, _Up(event.at, event.at, counted=False, critical=False))
        up.said = event.at
        if event.at < self._since:
            up.counted, up.critical = True, event.severity == Severity.CRITICAL
            return None
        is_news = not up.counted
        if is_news:
            up.counted = True
            self._raised[event.rule] = self._raised.get(event.rule, 0) + 1
        if event.severity == Severity.CRITICAL and not up.critical:
            up.critical = is_news = True
            self._critical[event.rule] = self._critical.get(event.rule, 0) + 1
        return event.severity if is_news else None

    def counts(self) -> tuple[RuleCount, ...]:
        """How often each rule raised one, the most frequent first."""
        rules = sorted(self._raised.keys() | self._critical.keys(), key=lambda rule: (-self._raised.get(rule, 0), rule))
        return tuple(RuleCount(rule, self._raised.get(rule, 0), self._critical.get(rule, 0)) for rule in rules)

    def overloads(self) -> dict[str, Overload]:
        """By nickname, how often and how long agents were overloaded; what is up still, up to the end."""
        for about, up in self._up.items():
            self._end(about, up, self._until)
        self._up.clear()
        return self._overloads

    def _forget(self, started: float) -> None:
        """A monitor started: what it did not know again was up until the last one before it ended."""
        known = known_since(day_start(started, self._timezone))
        forgotten = [about for about, up in self._up.items() if up.said < known]
        begun = bisect_right(self._sessions, started, key=lambda session: session[0])
        ended = min(started, max((end for _, end in self._sessions[: max(0, begun - 1)]), default=-inf))
        for about in forgotten:
            self._end(about, self._up.pop(about), ended)

    def _end(self, about: _About, up: _Up, at: float) -> None:
        rule, _, agent = about
        if rule != "overload" or agent is None or at <= self._since:
            return
        before = self._overloads.get(agent, Overload())
        seconds = overlap(self._watched, max(up.since, self._since), min(at, self._until))
        self._overloads[agent] = Overload(before.times + (up.since >= self._since), before.seconds + seconds)
