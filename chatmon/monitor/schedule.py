"""Who is due when: one heap of due times, a phase for each chat, and what a poll's outcome means for the next one.

Healthy chats are polled at an even pace: each has a phase in the interval, and the phases of any number of chats lie evenly spread
(golden ratio sequence). A little jitter keeps many monitors from falling into step.
"""

from __future__ import annotations

import heapq
import itertools
import math
from enum import Enum, auto
from random import Random

import msgspec

from chatmon.monitor.breaker import Circuit, CircuitBreaker
from chatmon.monitor.budget import RateBudget
from chatmon.monitor.chat import Chat
from chatmon.monitor.observation import Health

JITTER = 0.05
"""Share of the interval by which a poll may be early or late."""
MAX_BACKOFF = 30.0
"""Seconds between two polls of a chat that fails on its own, at the most."""
RARE_SECONDS = 30.0
"""Between two polls of a chat that is denied, or that the server does not know though it did not end."""
LAST_POLLS = 3
"""How often a chat is asked for after the server first said that it does not know it, before it is left alone or polled rarely."""
_GOLDEN = (math.sqrt(5) - 1) / 2


class Pace(msgspec.Struct, frozen=True):
    """How often chats are polled: `interval` in seconds between two polls of a chat, `max_rate` in requests per second over all."""

    interval: float = 2.0
    max_rate: float = 100.0
    max_concurrency: int = 32


class Outcome(Enum):
    """What a poll's outcome means for the schedule."""

    ANSWERED = auto()
    FAILED = auto()  # an answer, yet no good one: the chat's own trouble
    UNREACHABLE = auto()  # no working server
    LIMITED = auto()
    DENIED = auto()
    MISSING = auto()  # unknown to the server, though it was not seen to end
    ENDED = auto()  # unknown to the server after Idle: the normal end


_UNREACHABLE_KINDS = frozenset({"timeout", "connect", "tls", "closed", "unavailable"})


def outcome(chat: Chat) -> Outcome:
    """What the newest poll of a chat means for the schedule."""
    match chat.health:
        case Health.OK | Health.PENDING:
            return Outcome.ANSWERED
        case Health.DENIED:
            return Outcome.DENIED
        case Health.GONE | Health.NOT_FOUND:
            return Outcome.ENDED if chat.state == "Idle" else Outcome.MISSING
    kind = "" if chat.error is None else chat.error.kind
    if kind == "rate_limited":
        return Outcome.LIMITED
    return Outcome.UNREACHABLE if kind in _UNREACHABLE_KINDS else Outcome.FAILED


class _Turn:
    """One chat's place in the schedule; `due` is None while it is being polled or left alone."""

    __slots__ = ("due", "in_flight", "outcome", "phase", "streak")

    def __init__(self, phase: float) -> None:
        self.phase = phase
        self.due: float | None = None
        self.in_flight = False
        self.outcome = Outcome.ANSWERED
        self.streak = 0


class Schedule:
    """Says which chat to poll next. Every time is in monotonic seconds."""

    def __init__(self, pace: Pace, random: Random, now: float) -> None:
        self.pace = pace
        self.budget = RateBudget(pace.max_rate, now)
        self.breaker = CircuitBreaker(random)
        self._random = random
        self._turns: dict[str, _Turn] = {}
        self._heap: list[tuple[float, int, str]] = []
        self._count = itertools.count()

    def __len__(self) -> int:
        return len(self._turns)

    def interval(self, now: float) -> float:
        """Seconds between two polls of a chat, as the total rate allows it."""
        return max(self.pace.interval, len(self._turns) / self.budget.rate(now))

    def add(self, chat_id: str, now: float) -> None:
        """Take a chat in; it is due at once."""
        turn = _Turn(phase=(next(self._count) * _GOLDEN) % 1.0)
        self._turns[chat_id] = turn
        self._put(chat_id, turn, now)

    def remove(self, chat_id: str) -> None:
        """Drop a chat, if it is there."""
        self._turns.pop(chat_id, None)

    def poll_now(self, chat_id: str, now: float) -> None:
        """Make a chat due before all others, because someone asked for it."""
        turn = self._turns.get(chat_id)
        if turn is not None and not turn.in_flight:
            self._put(chat_id, turn, now - self.pace.interval)
            self.breaker.let_one_through()

    def change_interval(self, seconds: float, now: float) -> None:
        """Poll at another interval from now on."""
        self.pace = msgspec.structs.replace(self.pace, interval=seconds)
        for chat_id, turn in self._turns.items():
            if turn.outcome is Outcome.ANSWERED and turn.due is not None:
                self._put(chat_id, turn, min(turn.due, self._slot(turn, now, earliest=now)))

    def take(self, now: float) -> str | None:
        """The chat to poll now, if one is due and the breaker and the budget allow it. It is then in flight until `done`."""
        self._drop_stale_entries()
        if not self._heap or self._heap[0][0] > now or not self.breaker.allows(now) or not self.budget.may_send(now):
            return None
        _, _, chat_id = heapq.heappop(self._heap)
        turn = self._turns[chat_id]
        turn.due, turn.in_flight = None, True
        self.breaker.sent(now, self.interval(now))
        return chat_id

    def next_due(self) -> float | None:
        """When the next chat is due or the open circuit lets one through; None where there is nothing to poll."""
        self._drop_stale_entries()
        if not self._heap:
            return None
        due = self._heap[0][0]
        return due if self.breaker.circuit is Circuit.CLOSED else max(due, self.breaker.next_poll_at)

    def done(self, chat_id: str, now: float, outcome: Outcome, retry_after: float | None = None) -> None:
        """A poll is over: say when the chat is due again. `retry_after` is what the server asked for, in seconds."""
        turn = self._turns.get(chat_id)
        self._tell_breaker(outcome, now, retry_after)
        if turn is None:
            return
        turn.in_flight = False
        turn.streak = turn.streak + 1 if turn.outcome is outcome else 1
        turn.outcome = outcome
        due = self._next(turn, now)
        if due is not None:
            self._put(chat_id, turn, due)

    def _tell_breaker(self, outcome: Outcome, now: float, retry_after: float | None) -> None:
        match outcome:
            case Outcome.UNREACHABLE if retry_after is None:
                self.breaker.unreachable(now, len(self._turns), self.interval(now))
            case Outcome.LIMITED | Outcome.UNREACHABLE:
                self.budget.slow_down(now)
                self.breaker.limited(now, self.interval(now) if retry_after is None else retry_after)
            case Outcome.DENIED:
                self.breaker.denied(now, len(self._turns))
            case _:
                if self.breaker.answered():
                    self._bring_back(now)

    def _bring_back(self, now: float) -> None:
        """The server works again: what failed with it is polled within one interval, each chat at its own phase."""
        for chat_id, turn in self._turns.items():
            if turn.outcome in {Outcome.UNREACHABLE, Outcome.DENIED, Outcome.LIMITED} and turn.due is not None:
                self._put(chat_id, turn, min(turn.due, self._slot(turn, now, earliest=now)))

    def _next(self, turn: _Turn, now: float) -> float | None:
        """When a chat is due after the poll that is just over."""
        interval = self.pace.interval
        match turn.outcome:
            case Outcome.ANSWERED:
                return self._slot(turn, now, earliest=now + interval / 2)
            case Outcome.MISSING | Outcome.ENDED if turn.streak <= LAST_POLLS:
                return now + interval * 2.0 ** (turn.streak - 1)
            case Outcome.ENDED:
                return None
            case Outcome.DENIED | Outcome.MISSING:
                return now + max(interval, RARE_SECONDS) * self._random.uniform(1.0, 1.0 + 2 * JITTER)
            case _:
                return now + backoff(turn.streak, interval, self._random)

    def _slot(self, turn: _Turn, now: float, *, earliest: float) -> float:
        """The first time from `earliest` on at which the chat's phase comes round, with a little jitter."""
        interval = self.pace.interval
        offset = turn.phase * interval
        slot = math.ceil((earliest - offset) / interval) * interval + offset
        return max(now, slot + self._random.uniform(-JITTER, JITTER) * interval)

    def _put(self, chat_id: str, turn: _Turn, due: float) -> None:
        turn.due = due
        heapq.heappush(self._heap, (due, next(self._count), chat_id))

    def _drop_stale_entries(self) -> None:
        """Entries of chats that were dropped or put elsewhere stay in the heap until they come up."""
        heap = self._heap
        while heap and ((turn := self._turns.get(heap[0][2])) is None or turn.due != heap[0][0]):
            heapq.heappop(heap)


def backoff(streak: int, interval: float, random: Random) -> float:
    """Seconds until a chat that failed `streak` times in a row is polled again: full jitter, but never sooner than a healthy one.

    Source: exponential backoff with "full jitter", AWS Architecture Blog, 2015.
    """
    ceiling = min(max(MAX_BACKOFF, interval), interval * 2.0 ** min(streak, 16))
    return max(interval, random.uniform(0.0, ceiling))
