"""One look at everything the monitor knows: a frozen value that screens paint and that pausing simply does not renew."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from chatmon.monitor.alarms import Alarm
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.figures import Figures
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.shift import ShiftFigures
from chatmon.monitor.trends import Trends


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The board and the state of polling at `now`.

    `interval` is in seconds, as the total rate allows it, `wanted_interval` as it was set; an Idle chat is polled once in `idle_every` of
    them unless someone looks at it or should. Polls come `lateness` seconds later than they are due, be it that the server
    is slow or this machine. `rate` and `rate_limit` are requests per second; `latency_p95` is in seconds;
    `next_poll_in` the seconds until a poll is sent while the circuit is open. `alarms` are the worst first. `troubles` are lasting ones
    beside the polls, by what they are about: the history, the list of chats. What `is_recorded` is a look at the past: when single polls
    saw a chat is not known then, only that none was missed. Where nobody watched then, `is_watched` is
    False, and that there are no chats says nothing.
    """

    now: Moment
    chats: Mapping[str, Chat]
    figures: Figures
    interval: float
    wanted_interval: float
    idle_every: int
    rate: float
    rate_limit: float
    latency_p95: float | None
    lateness: float
    circuit: Circuit
    next_poll_in: float
    events: int
    alarms: tuple[Alarm, ...]
    shift: ShiftFigures
    trends: Trends
    troubles: Mapping[str, str]
    is_recorded: bool = False
    is_watched: bool = True

    def is_stale(self, chat: Chat) -> bool:
        """Whether what is known of a chat is more than three of its intervals old."""
        return chat.is_stale(self.now, self.interval)


def take_snapshot(monitor: Monitor) -> Snapshot:
    """What the monitor knows now. Chats are frozen values: only the references to them are copied."""
    now = monitor.clock.now()
    chats = monitor.board.copy()
    return Snapshot(
        now=now,
        chats=chats,
        figures=monitor.board.census.figures(now),
        interval=monitor.interval,
        wanted_interval=monitor.pace.interval,
        idle_every=monitor.pace.idle_every,
        rate=monitor.statistics.rate(now.monotonic),
        rate_limit=monitor.rate_limit,
        latency_p95=monitor.statistics.latency_p95(),
        lateness=monitor.lateness,
        circuit=monitor.circuit,
        next_poll_in=monitor.seconds_to_next_poll,
        events=monitor.board.events.total,
        alarms=monitor.alarms.alarms(now),
        shift=monitor.shift.figures(chats.values(), now),
        trends=monitor.trends.trends(now),
        troubles=dict(monitor.troubles),
    )
