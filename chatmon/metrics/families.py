"""What the monitor knows, as metric families: how each is called, what it means and how it is known.

Names and units follow the conventions of Prometheus and OpenMetrics: base units, the unit last, `_total` for what only grows.
Every value of a label is a word of chatmon's own or of the API's documentation, never one that came from outside: no id, no nickname, no
label of a chat, and no state that nobody has heard of. So the number of series is bounded, whatever a server says.

Sources: prometheus.io/docs/practices, "Metric and label naming" and "Instrumentation"; the OpenMetrics specification 1.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from typing import Final

from prometheus_client.core import InfoMetricFamily, Metric

from chatmon.api.errors import KINDS
from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.metrics.samples import PREFIX, counter, counters, gauge, gauges, histograms
from chatmon.monitor.alarm_rules import OVERLOAD, RULES
from chatmon.monitor.alarms import Severity
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.events import EventKind
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.observation import INTERNAL_ERROR, Health
from chatmon.monitor.snapshot import Snapshot, take_snapshot
from chatmon.monitor.totals import Ended, InTime

OTHER: Final = "other"
ANSWERED: Final = "answered"
FAILED: Final = "failed"
ABOUTS: Final = (
    *("alarm command", "alarms", "answers", "bell", "events", "figures", "history", "ids file", "look", "metrics", "painting"),
    *("recall", "screen"),
)
"""What a trouble can be about; any other counts as `OTHER`."""


def families(monitor: Monitor) -> Iterator[Metric]:
    """Every family, as things stand now."""
    snapshot = take_snapshot(monitor)
    yield InfoMetricFamily(f"{PREFIX}build", "The version of chatmon.", {"version": _version()})
    yield from _chats(snapshot)
    yield from _alarms_and_events(snapshot, monitor)
    yield from _polls(monitor)
    yield from _pace(snapshot)
    yield from _answers_and_ends(monitor)
    yield from _shift(snapshot)
    yield from _itself(snapshot, monitor)


@cache
def _version() -> str:
    return version("chatmon")


def _chats(snapshot: Snapshot) -> Iterator[Metric]:
    figures, chats = snapshot.figures, snapshot.chats.values()
    states = {WAITING: figures.waiting, CHATTING: figures.chatting, IDLE: figures.idle, OTHER: figures.other}
    by_health = {health: sum(states.values()) if health is Health.OK else getattr(figures, health) for health in Health}
    yield gauges("chats", "Watched chats, by how their newest poll went; ok: it gave the chat.", "health", by_health)
    yield gauges("chats_by_state", "Chats that are ok, by their state; other: a state that is not documented.", "state", states)
    stale = sum(snapshot.is_stale(chat) for chat in chats)
    yield gauge("chats_stale", "Chats that no poll has given for more than three of their intervals.", stale)
    yield gauge(
        "longest_wait_seconds",
        "For how long the chat that waits longest was seen waiting for an agent so far; 0 where none waits.",
        figures.longest_wait or 0.0,
    )
    yield gauge(
        "longest_wait_exact",
        "1: the beginning of the longest wait was observed, or nobody waits. 0: it is longer than was seen.",
        figures.longest_wait_exact is not False,
    )
    agents = {name for chat in chats if chat.health in {Health.OK, Health.FAILING} for name in chat.agents}
    yield gauge("agents", "Agents listed in a chat that is still there, told apart by nickname. Some may have left.", len(agents))


def _alarms_and_events(snapshot: Snapshot, monitor: Monitor) -> Iterator[Metric]:
    totals = monitor.totals
    holding = {(rule.name, severity, known): 0 for rule in RULES for severity in Severity for known in ("false", "true")}
    for alarm in snapshot.alarms:
        if alarm.holds:
            holding[alarm.rule, alarm.severity, str(alarm.acknowledged).lower()] += 1
    overloaded = sum(number for (rule, *_), number in holding.items() if rule == OVERLOAD.name)
    yield gauge("agents_overloaded", "Agents in more chats at once than the alarm rule overload allows.", overloaded)
    yield gauges("alarms", "Alarms that hold, by whether someone acknowledged them.", ("rule", "severity", "acknowledged"), holding)
    raised = {(rule.name, severity): totals.alarms_raised[rule.name, severity] for rule in RULES for severity in Severity}
    yield counters("alarms_raised", "Alarms raised; one that becomes critical is raised once more.", ("rule", "severity"), raised)
    events = {kind: totals.events[kind] for kind in EventKind}
    yield counters("events", "Differences seen between two polls of a chat, and what befell the monitor.", "kind", events)


def _polls(monitor: Monitor) -> Iterator[Metric]:
    statistics = monitor.statistics
    results = {ANSWERED: statistics.answered, **{kind: statistics.errors[kind] for kind in (*KINDS, INTERNAL_ERROR)}}
    yield counters("polls", "Polls that are over: answered, or by the kind of error that kept them from giving a chat.", "result", results)
    yield histograms(
        "poll_duration_seconds",
        "From sending a poll to its whole answer, or to knowing that none comes. Every poll is in it.",
        "result",
        {ANSWERED: statistics.durations[True], FAILED: statistics.durations[False]},
    )
    yield counter("requests_sent", "Requests sent; one that met a closed connection and was sent once more is two.", monitor.budget.used)


def _pace(snapshot: Snapshot) -> Iterator[Metric]:
    yield gauge("requests_per_second", "Polls sent per second over the last ten seconds.", snapshot.rate)
    yield gauge(
        "requests_per_second_limit",
        "Requests per second that are sent at the most now: less than was set where the server asked for less.",
        snapshot.rate_limit,
    )
    yield gauge("poll_interval_wanted_seconds", "Seconds between two polls of a chat, as set.", snapshot.wanted_interval)
    yield gauge("poll_interval_seconds", "The same as the limit allows it. Idle chats may be polled more rarely.", snapshot.interval)
    yield gauge("poll_lateness_seconds", "By how much polls come later than they are due: median of the last 50.", snapshot.lateness)
    yield gauges(
        "circuit",
        "1 for what is so. closed: polls go on as scheduled; outage, denied: none is answered; limited: the server asked for time.",
        "state",
        {circuit: snapshot.circuit is circuit for circuit in Circuit},
    )


def _answers_and_ends(monitor: Monitor) -> Iterator[Metric]:
    totals = monitor.totals
    yield counters(
        "chats_answered",
        "Chats whose first change from WaitingForAgent to Chatting was observed. unknown: not all of the wait was seen.",
        "in_time",
        {in_time: totals.answered[in_time] for in_time in InTime},
    )
    yield counters(
        "chats_ended",
        "Chats seen to end, after Chatting (handled) or right from waiting (abandoned). One that goes on after all can end again.",
        "ending",
        {ending: totals.ended[ending] for ending in Ended},
    )
    yield histograms(
        "time_to_answer_seconds",
        "How long answered chats had waited. exact false: at least so long, its beginning or end was not observed.",
        "exact",
        {str(exact).lower(): times for exact, times in totals.times_to_answer.items()},
    )


def _shift(snapshot: Snapshot) -> Iterator[Metric]:
    shift = snapshot.shift
    unknown = shift.answered - shift.answered_in_time - shift.answered_late
    in_time = {InTime.YES: shift.answered_in_time, InTime.NO: shift.answered_late, InTime.UNKNOWN: unknown}
    ended = {Ended.HANDLED: shift.handled, Ended.ABANDONED: shift.abandoned}
    yield gauge("service_level_seconds", "A chat answered within so many seconds counts as answered in time.", shift.service_level)
    yield gauge(
        "shift_start_timestamp_seconds",
        "Since when the figures of the shift are counted: midnight, or when watching began. With a history, a restart changes nothing.",
        shift.since,
    )
    yield gauges("shift_chats_answered", "As chatmon_chats_answered_total, of this shift: begins anew with it.", "in_time", in_time)
    yield gauges("shift_chats_ended", "Of this shift, each chat once, by its last end: begins anew with it.", "ending", ended)
    yield gauge(
        "shift_coverage_ratio",
        "Of the time between each chat's first and last sight in this shift, the share in which it was watched.",
        shift.coverage,
    )
    yield gauge("shift_time_to_answer_mean_seconds", "Of the chats answered in this shift, as far as was seen.", shift.time_to_answer_mean)
    yield gauge("shift_time_to_answer_p90_seconds", "What 90 of 100 of them did not exceed, as far as was seen.", shift.time_to_answer_p90)
    yield gauge(
        "shift_time_to_answer_exact",
        "1: both ends of all those waits were observed. 0: the true figures are as given or higher.",
        shift.time_to_answer_exact,
    )
    yield gauge(
        "shift_handling_time_mean_seconds",
        "Time in Chatting, of the chats handled in this shift that were observed in it from beginning to end.",
        shift.handling_time_mean,
    )


def _itself(snapshot: Snapshot, monitor: Monitor) -> Iterator[Metric]:
    troubles = dict.fromkeys((*ABOUTS, OTHER), 0)
    for about in snapshot.troubles:
        troubles[about if about in ABOUTS else OTHER] += 1
    yield gauges("troubles", "What is wrong beside the polls and lasts; chatmon itself says it in words.", "about", troubles)
    backlog = None if monitor.backlog is None else monitor.backlog()
    oldest = snapshot.now.utc if backlog is None or backlog.oldest is None else backlog.oldest
    lag = max(0.0, snapshot.now.utc - oldest)
    yield gauge(
        "history_events_waiting",
        "Events that are not written to the history yet. No sample: nothing is recorded.",
        None if backlog is None else backlog.events,
    )
    yield gauge("history_lag_seconds", "For how long the oldest of them has been waiting.", None if backlog is None else lag)
