"""Who is due when: one heap of due times, a phase for each chat, and what a poll's outcome means for the next one.

Healthy chats are polled at an even pace: each has a phase in the interval, and the phases of any number of chats lie evenly spread
(golden ratio sequence). A little jitter keeps many monitors from falling into step. Where the total rate does not allow the interval,
chats are polled in turn, as the rate has it.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import Counter
from collections.abc import Set
from enum import Enum, auto
from random import Random

import msgspec

from chatmon.api.resource import IDLE
from chatmon.monitor.breaker import MAX_LIMITED_SECONDS, Circuit, CircuitBreaker
from chatmon.monitor.budget import RateBudget
from chatmon.monitor.observation import DENIED, NOT_FOUND, RATE_LIMITED, UNAVAILABLE, PollError

JITTER = 0.05
"""Share of the interval by which a poll may be early or late."""
MAX_BACKOFF = 30.0
"""Seconds between two polls of a chat that fails on its own, at the most."""
RARE_SECONDS = 30.0
"""Between two polls of a chat that is denied, or that the server does not know though it did not end."""
MAX_STALE_ENTRIES = 64
"""Entries in the heap that are no longer meant, beyond one for each chat, before it is built anew."""
LAST_POLLS = 3
"""How often a chat is asked for after the server first said that it does not know it, before it is left alone or polled rarely."""
SATURATION = 0.9
"""Share of the total rate beyond which chats are polled in turn: phases cannot be kept when the rate leaves no room."""
_GOLDEN = (math.sqrt(5) - 1) / 2


class Pace(msgspec.Struct, frozen=True):
    """How often chats are polled: `interval` in seconds between two polls of a chat, `max_rate` in requests per second over all."""

    interval: float = 2.0
    max_rate: float = 100.0
    max_concurrency: int = 32


class Outcome(Enum):
    """What a poll's outcome means for the schedule."""

    ANSWERED = auto()
    FAILED = auto()
    LIMITED = auto()
    DENIED = auto()
    MISSING = auto()  # unknown to the server, though it was not seen to end
    ENDED = auto()  # unknown to the server after Idle: the normal end


_NOT_ANSWERED = frozenset({Outcome.FAILED, Outcome.LIMITED, Outcome.DENIED})


def outcome(error: PollError | None, last_state: str | None, *, asked_to_wait: bool = False) -> Outcome:
    """What a poll that met `error` means for the schedule of a chat whose last known state is `last_state`.

    A server that is not available and says for how long is `asked_to_wait` for, as one that limits the rate.
    """
    if error is None:
        return Outcome.ANSWERED
    if error.kind == NOT_FOUND:
        return Outcome.ENDED if last_state == IDLE else Outcome.MISSING
    if error.kind == RATE_LIMITED or (error.kind == UNAVAILABLE and asked_to_wait):
        return Outcome.LIMITED
    return Outcome.DENIED if error.kind == DENIED else Outcome.FAILED


class _Turn:
    """One chat's place in the schedule; `due` is None while it is being polled or left alone, `outcome` before it was ever polled."""

    __slots__ = ("due", "in_flight", "outcome", "phase", "streak")

    def __init__(self, phase: float) -> None:
        self.phase = phase
        self.due: float | None = None
        self.in_flight = False
        self.outcome: Outcome | None = None
        self.streak = 0

    @property
    def is_left_alone(self) -> bool:
        """Whether the chat is not polled any more."""
        return self.due is None and not self.in_flight


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
        self._added = itertools.count()
        self._polled: Counter[Outcome | None] = Counter()
        """The chats that are polled at all, by the outcome of the newest poll."""

    def __len__(self) -> int:
        return len(self._turns)

    def interval(self, now: float) -> float:
        """Seconds between two polls of a chat, as the total rate allows it."""
        return max(self.pace.interval, self._shortest_interval(now))

    def add(self, chat_id: str, now: float) -> None:
        """Take a chat in that is not there; it is due at once."""
        turn = _Turn(phase=(next(self._added) * _GOLDEN) % 1.0)
        self._turns[chat_id] = turn
        self._polled[None] += 1
        self._put(chat_id, turn, now)

    def remove(self, chat_id: str) -> None:
        """Drop a chat, if it is there."""
        turn = self._turns.pop(chat_id, None)
        if turn is not None and not turn.is_left_alone:
            self._polled[turn.outcome] -= 1

    def poll_now(self, chat_id: str, now: float) -> None:
        """Make a chat due before all others, because someone asked for it."""
        turn = self._turns.get(chat_id)
        if turn is not None and not turn.in_flight:
            self._polled[turn.outcome] += turn.is_left_alone
            self._put(chat_id, turn, -math.inf)
            self.breaker.let_one_through(now)

    def change_interval(self, seconds: float, now: float) -> None:
        """Poll at another interval from now on, in seconds, above 0."""
        self.pace = msgspec.structs.replace(self.pace, interval=seconds)
        for chat_id, turn in self._turns.items():
            if turn.outcome is Outcome.ANSWERED and turn.due is not None:
                slot = self._slot(turn, now, earliest=now)
                if slot < turn.due:
                    self._put(chat_id, turn, slot)

    def take(self, now: float) -> str | None:
        """The chat to poll now, if one is due and the breaker and the budget allow it. It is then in flight until `done`."""
        self._drop_stale_entries()
        if not self._heap or self._next_due() > now or not self.budget.may_send(now):
            return None
        _, _, chat_id = heapq.heappop(self._heap)
        turn = self._turns[chat_id]
        turn.due, turn.in_flight = None, True
        self.breaker.sent(now, self.pace.interval)
        return chat_id

    def next_due(self) -> float | None:
        """When the next chat is due or the open circuit lets one through; None where there is nothing to poll."""
        self._drop_stale_entries()
        return self._next_due() if self._heap else None

    def done(self, chat_id: str, now: float, outcome: Outcome, retry_after: float | None = None) -> None:
        """A poll is over: say when the chat is due again. `retry_after` is what the server asked for, in seconds."""
        turn = self._turns.get(chat_id)
        # A chat that was dropped and taken in again while it was being polled has a new turn, which waits for a poll of its own.
        if turn is not None and turn.in_flight:
            turn.in_flight = False
            self._polled[turn.outcome] -= 1
            turn.streak = turn.streak + 1 if turn.outcome is outcome else 1
            turn.outcome = outcome
            self._polled[outcome] += 1
            due = self._next(turn, now)
            if due is None:
                self._polled[outcome] -= 1
            else:
                # What the server asks for beside an answer about one chat is that chat's affair: the others go on.
                self._put(chat_id, turn, max(due, now + min(retry_after or 0.0, MAX_LIMITED_SECONDS)))
        self._tell_breaker(outcome, now, retry_after)

    def _next_due(self) -> float:
        """When the first chat in the heap may be polled."""
        due = self._heap[0][0]
        match self.breaker.circuit:
            case Circuit.CLOSED:
                return due
            case Circuit.OUTAGE:
                # Any chat can find out that the server is back: none of them has to wait for its own backoff first.
                return self.breaker.next_poll_at
        return max(due, self.breaker.next_poll_at)

    def _tell_breaker(self, outcome: Outcome, now: float, retry_after: float | None) -> None:
        if outcome is Outcome.LIMITED:
            self.breaker.limited(now, self.pace.interval if retry_after is None else retry_after)
            self.budget.slow_down(now, self.breaker.next_poll_at)
        elif outcome is Outcome.FAILED:
            self.breaker.failed(now, self.pace.interval, all_failed=self._all_in(_NOT_ANSWERED))
        elif outcome is Outcome.DENIED:
            self.breaker.denied(now, self.pace.interval, all_denied=self._all_in({Outcome.DENIED}))
        elif (closed := self.breaker.answered(now)) is not None:
            self._bring_back(now, _NOT_ANSWERED if closed is Circuit.DENIED else {Outcome.FAILED, Outcome.LIMITED})

    def _all_in(self, outcomes: Set[Outcome]) -> bool:
        """Whether the newest poll of every chat that is polled at all had one of these outcomes."""
        return sum(self._polled[one] for one in outcomes) == self._polled.total()

    def _bring_back(self, now: float, outcomes: Set[Outcome]) -> None:
        """The server works again: what failed with it, or had to wait, is polled within one interval, each chat at its own phase.

        Where the rate does not allow that, it is polled in turn, the longest overdue first.
        """
        in_turn = self._is_saturated(now)
        for chat_id, turn in self._turns.items():
            if turn.due is None or not (turn.outcome in outcomes or turn.due <= now):
                continue
            self._put(chat_id, turn, min(turn.due, now) if in_turn else self._slot(turn, now, earliest=now))

    def _next(self, turn: _Turn, now: float) -> float | None:
        """When a chat is due after the poll that is just over."""
        interval = self.pace.interval
        match turn.outcome:
            case Outcome.ANSWERED if self._is_saturated(now):
                return now + interval
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

    def _shortest_interval(self, now: float) -> float:
        """Seconds that the total rate needs for one poll of every chat that is polled at the interval, beside those polled rarely."""
        rate, polled = self.budget.rate(now), self._polled.total()
        rare = self._polled[Outcome.DENIED] + self._polled[Outcome.MISSING]
        spare = rate - rare / max(self.pace.interval, RARE_SECONDS)
        return min(polled / rate, (polled - rare) / spare) if spare > 0 else polled / rate

    def _is_saturated(self, now: float) -> bool:
        return self._shortest_interval(now) > SATURATION * self.pace.interval

    def _slot(self, turn: _Turn, now: float, *, earliest: float) -> float:
        """The first time from `earliest` on at which the chat's phase comes round, with a little jitter."""
        interval = self.pace.interval
        offset = turn.phase * interval
        slot = math.ceil((earliest - offset) / interval) * interval + offset
        return max(now, slot + self._random.uniform(-JITTER, JITTER) * interval)

    def _put(self, chat_id: str, turn: _Turn, due: float) -> None:
        turn.due = due
        heapq.heappush(self._heap, (due, next(self._count), chat_id))
        if len(self._heap) > 2 * len(self._turns) + MAX_STALE_ENTRIES:
            self._heap = [entry for entry in self._heap if self._is_current(entry)]
            heapq.heapify(self._heap)

    def _is_current(self, entry: tuple[float, int, str]) -> bool:
        turn = self._turns.get(entry[2])
        return turn is not None and turn.due == entry[0]

    def _drop_stale_entries(self) -> None:
        """Entries of chats that were dropped or put elsewhere stay in the heap until they come up or grow too many."""
        while self._heap and not self._is_current(self._heap[0]):
            heapq.heappop(self._heap)


def backoff(streak: int, interval: float, random: Random) -> float:
    """Seconds until a chat that failed `streak` times in a row is polled again: full jitter, but never sooner than a healthy one.

    One failure costs no more than its own poll: what is over by then is seen to be so an interval later.
    Source: exponential backoff with "full jitter", AWS Architecture Blog, 2015.
    """
    ceiling = min(max(MAX_BACKOFF, interval), interval * 2.0 ** min(streak - 1, 16))
    return max(interval, random.uniform(0.0, ceiling))
