"""Who is due when: a phase for each chat, and what a poll's outcome means for the next one.

Healthy chats are polled at an even pace: each has a phase in its interval, and the phases of any number of chats lie evenly spread
(golden ratio sequence). A little jitter keeps many monitors from falling into step. Where the total rate does not allow the interval,
chats are polled in turn, as the rate has it. Chats that are polled more rarely have an interval of their own, a multiple of the others'.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, deque
from collections.abc import Set
from random import Random

import msgspec

from chatmon.monitor.breaker import MAX_LIMITED_SECONDS, Circuit, CircuitBreaker
from chatmon.monitor.budget import RateBudget
from chatmon.monitor.limits import Limits
from chatmon.monitor.outcome import Outcome
from chatmon.monitor.pace import Pace
from chatmon.monitor.turns import Turn, Turns

JITTER = 0.05
"""Share of the interval by which a poll may be early or late."""
MAX_BACKOFF = 30.0
"""Seconds between two polls of a chat that fails, at the most."""
FEW_FAILING = 0.125
"""The share of the concurrency up to which failing chats are polled at the interval: by then even those that hang keep nobody waiting."""
RARE_SECONDS = 30.0
"""Between two polls of a chat that is denied, or that the server does not know though it did not end."""
ENDED_SECONDS = 300.0
"""Between two polls of a chat that ended, at the most: the pauses double up to that."""
ENDED_SHARE = 0.1
"""The share of the total rate that chats which ended may use: beyond it their pauses grow."""
DOUBTED_SECONDS = 2.0
"""Between two polls, over all chats that vanished together, where the interval is shorter and each would be asked for more rarely."""
LAST_POLLS = 3
"""How often a chat is asked for after the server first said that it does not know it, before it is polled rarely."""
LIMIT_INTERVALS = 2
"""For so many intervals, as they are in force, it is remembered which chats were told of a limit: all had their turn in that time."""
SATURATION = 0.9
"""Share of the total rate beyond which chats are polled in turn: phases cannot be kept when the rate leaves no room."""
LATE_POLLS = 50
"""So many polls tell whether chats are polled when they are due."""
_GOLDEN = (math.sqrt(5) - 1) / 2
BACK_WITHIN = 0.7
"""The share of the interval in which every chat is asked again once the server is back from an outage."""
_DENIED = frozenset({Outcome.DENIED, Outcome.UNAUTHENTICATED})
_NOT_ANSWERED = frozenset({Outcome.FAILED, Outcome.LIMITED, *_DENIED})
_RARE = frozenset({Outcome.MISSING, Outcome.DOUBTED, *_DENIED})
_UNKNOWN = frozenset({Outcome.MISSING, Outcome.ENDED, Outcome.DOUBTED})


class Schedule:
    """Says which chat to poll next. Every time is in monotonic seconds."""

    def __init__(self, pace: Pace, random: Random, now: float) -> None:
        self.pace = pace
        self.budget = RateBudget(pace.max_rate, now)
        self.breaker = CircuitBreaker(random)
        self._random = random
        self._turns = Turns()
        self._added = itertools.count()
        self._attended: Set[str] = frozenset()
        self._polled: Counter[Outcome | None] = Counter()
        """The chats by the outcome of the newest poll."""
        self._limits = Limits()
        self._brought_back_at = -math.inf
        self._slow = 0
        """Those that are polled more rarely than at the interval."""
        self._late: deque[float] = deque(maxlen=LATE_POLLS)

    def __len__(self) -> int:
        return len(self._turns.by_chat)

    def interval(self, now: float) -> float:
        """Seconds between two polls of a chat, as the total rate allows it; those polled more rarely have a multiple of it."""
        return max(self.pace.interval, self._shortest_interval(now))

    def every(self, chat_id: str, state: str | None) -> int:
        """How many intervals lie between a poll that gave a chat in `state`, None where it gave none, and the next one."""
        return self.pace.every(state, is_attended=chat_id in self._attended)

    def add(self, chat_id: str, now: float) -> None:
        """Take a chat in that is not there; it is due at once."""
        turn = Turn(chat_id, phase=(next(self._added) * _GOLDEN) % 1.0)
        self._turns.by_chat[chat_id] = turn
        self._polled[None] += 1
        self._turns.put(turn, now)

    def remove(self, chat_id: str) -> None:
        """Drop a chat, if it is there."""
        turn = self._turns.by_chat.pop(chat_id, None)
        if turn is not None:
            self._polled[turn.outcome] -= 1
            self._limits.answered(chat_id)
            self._set_every(turn, 1)
            turn.due = None

    def poll_now(self, chat_id: str, now: float) -> None:
        """Make a chat due before all others, because someone asked for it."""
        turn = self._turns.by_chat.get(chat_id)
        if turn is not None and not turn.in_flight:
            self._turns.put(turn, -math.inf)
            self.breaker.let_one_through(now)

    def attend(self, chats: Set[str], now: float) -> bool:
        """From now on these chats and no others are polled at the interval whatever their state; whether one is due sooner for that.

        One that was polled more rarely is due at its next phase in the interval. One that is not among them any more is polled once
        more at the time that was meant.
        """
        newly, self._attended = chats - self._attended, chats
        turns = [turn for chat_id in newly if (turn := self._turns.by_chat.get(chat_id)) is not None and turn.every > 1]
        for turn in turns:
            self._set_every(turn, 1)
            if turn.due is not None:
                self._turns.put(turn, min(turn.due, self._slot(turn, now, earliest=now)))
        return bool(turns)

    def change_interval(self, seconds: float, now: float) -> None:
        """Poll at another interval from now on, in seconds, above 0."""
        self.pace = msgspec.structs.replace(self.pace, interval=seconds)
        self._late.clear()
        keeps_phases = not self._is_saturated(now)
        for turn in self._turns.by_chat.values():
            if turn.outcome is Outcome.ANSWERED and turn.due is not None:
                slot = self._slot(turn, now, earliest=now)
                # What is overdue waited its turn at the other interval.
                if slot < turn.due or (keeps_phases and turn.due < now):
                    self._turns.put(turn, slot)

    def take(self, now: float) -> str | None:
        """The chat to poll now, if one is due and the breaker and the budget allow it. It is then in flight until `done`."""
        turn = self._turns.first(now)
        if turn is None or turn.due is None or self._allowed(turn.due) > now or not self.budget.may_send(now):
            return None
        if self.breaker.circuit is Circuit.OUTAGE and turn.due != -math.inf:
            # What always failed, or was never asked, tells nothing of an outage that may be none.
            turn = self._turns.latest_answered(now) or turn
        self._note_lateness(turn, now)
        turn.due, turn.in_flight = None, True
        self.breaker.sent(now, self.pace.interval, len(self))
        return turn.chat_id

    def lateness(self, now: float) -> float:
        """Seconds by which chats are polled later than they are due: the median of the last `LATE_POLLS` polls.

        What waits because of the rate, as all do that are asked for the first time or polled in turn, is not late.
        """
        return sorted(self._late)[len(self._late) // 2] if self._late and not self._is_saturated(now) else 0.0

    def _note_lateness(self, turn: Turn, now: float) -> None:
        if turn.due is None or turn.due == -math.inf or turn.outcome is None:  # asked for, by someone or for the first time
            return
        if self.breaker.circuit is Circuit.CLOSED and not self._is_saturated(now):
            self._late.append(now - turn.due)

    def next_due(self) -> float | None:
        """When the next chat is due or the open circuit lets one through; None where there is nothing to poll."""
        due = self._turns.earliest()
        return None if due is None else self._allowed(due)

    def done(self, chat_id: str, now: float, outcome: Outcome, retry_after: float | None = None, every: int = 1) -> None:
        """A poll is over: say when the chat is due again. `retry_after` is what the server asked for, in seconds.

        `every` is how many intervals after a poll that was answered the next one is to be.
        """
        turn = self._turns.by_chat.get(chat_id)
        before, since = (None, now) if turn is None else (turn.outcome, turn.since)
        # A chat that was dropped and taken in again while it was being polled has a new turn, which waits for a poll of its own.
        if turn is not None and turn.in_flight:
            turn.in_flight = False
            self._polled[turn.outcome] -= 1
            goes_on = before is outcome or (before in _UNKNOWN and outcome in _UNKNOWN)
            turn.streak, turn.since = (turn.streak + 1, turn.since) if goes_on else (1, now)
            turn.outcome = outcome
            self._polled[outcome] += 1
            self._set_every(turn, every if outcome is Outcome.ANSWERED else 1)
            # What the server asks for beside an answer about one chat is that chat's affair: the others go on.
            self._turns.put(turn, max(self._next(turn, now), now + min(retry_after or 0.0, MAX_LIMITED_SECONDS)))
        if outcome is Outcome.LIMITED:
            self._note_limit(chat_id, now, retry_after, before)
        else:
            self._limits.answered(chat_id)
            self._tell_breaker(outcome, now, before)
        if before in _UNKNOWN and outcome is Outcome.ANSWERED:
            self._bring_back_unknown(now, since)

    def _set_every(self, turn: Turn, every: int) -> None:
        if turn.every != every:
            self._slow += (every > 1) - (turn.every > 1)
            turn.every = every

    def _allowed(self, due: float) -> float:
        """When a chat that is due may be polled."""
        match self.breaker.circuit:
            case Circuit.CLOSED if not self.breaker.asks_alone:
                return due
            case Circuit.OUTAGE:
                # Any chat can find out that the server is back: none of them has to wait for its own backoff first.
                return self.breaker.next_poll_at
        return max(due, self.breaker.next_poll_at)

    def _note_limit(self, chat_id: str, now: float, retry_after: float | None, before: Outcome | None) -> None:
        seconds = self.pace.interval if retry_after is None else min(retry_after, MAX_LIMITED_SECONDS)
        until = now + max(seconds, LIMIT_INTERVALS * self.interval(now))
        is_first = before is not Outcome.LIMITED
        if self._limits.told(chat_id, now, until, chats=len(self), is_first=is_first) or self.breaker.concerns_all:
            self.breaker.limited(now, seconds)
            self.budget.slow_down(now, self.breaker.next_poll_at)
        else:
            self.breaker.limited_alone(now)

    def _tell_breaker(self, outcome: Outcome, now: float, before: Outcome | None) -> None:
        """`before` is the outcome of the chat's poll before."""
        interval, chats, longest = self.pace.interval, max(1, len(self)), self.longest_interval(now)
        if outcome is Outcome.FAILED:
            all_failed = self._all_in(_NOT_ANSWERED)
            is_news = before is not Outcome.FAILED
            self.breaker.failed(now, interval, chats, all_failed=all_failed, longest=longest, is_news=is_news)
        elif outcome in _DENIED:
            is_locked_out = outcome is Outcome.UNAUTHENTICATED
            self.breaker.denied(
                now,
                interval,
                all_denied=self._all_in(_DENIED),
                longest=longest,
                is_of_all=is_locked_out,
                was_answered=before is Outcome.ANSWERED,
            )
        elif (closed := self.breaker.answered(now)) is not None:
            self._bring_back(now, closed)

    def longest_interval(self, now: float) -> float:
        """Seconds in which every chat that answers has its turn, as the total rate allows it."""
        return self.interval(now) * (self.pace.idle_every if self._slow else 1)

    def _all_in(self, outcomes: Set[Outcome]) -> bool:
        """Whether the newest poll of every chat that has not ended had one of these outcomes."""
        return sum(self._polled[one] for one in outcomes) == self._polled.total() - self._polled[Outcome.ENDED]

    def _bring_back(self, now: float, closed: Circuit) -> None:
        """The server works again: what failed with it, or had to wait, is polled within its interval, each chat at its own phase.

        Where the rate does not allow that, it is polled in turn, the longest overdue first.
        """
        outcomes = _NOT_ANSWERED if closed is Circuit.DENIED else {Outcome.FAILED, Outcome.LIMITED}
        share = BACK_WITHIN if closed is Circuit.OUTAGE else 1.0
        in_turn = self._shortest_interval(now) > SATURATION * share * self.pace.interval
        self._late.clear()
        for turn in self._turns.by_chat.values():
            if turn.due is not None and (turn.outcome in outcomes or turn.due <= now):
                self._turns.put(turn, min(turn.due, now) if in_turn else now + turn.phase * share * turn.every * self.pace.interval)

    def _bring_back_unknown(self, now: float, since: float) -> None:
        """The server knows a chat again that it did not `since` a time: those that vanished with it or later are soon asked for."""
        if now - self._brought_back_at < self.pace.interval:
            return
        self._brought_back_at = now
        vanished_with_it = since - self.longest_interval(now)
        for turn in self._turns.by_chat.values():
            if turn.outcome in _UNKNOWN and turn.since >= vanished_with_it and turn.due is not None:
                self._turns.put(turn, min(turn.due, now + (1.0 + turn.phase) * BACK_WITHIN * self.pace.interval))

    def _next(self, turn: Turn, now: float) -> float:
        """When a chat is due after the poll that is just over."""
        interval = turn.every * self.pace.interval
        match turn.outcome:
            case Outcome.ANSWERED if self._is_saturated(now):
                return now + interval
            case Outcome.ANSWERED:
                return self._slot(turn, now, earliest=now + interval / 2)
            case Outcome.DOUBTED:
                return now + max(interval, self._doubted_pause(turn.streak, interval) * self._random.uniform(0.5, 1.5))
            case Outcome.MISSING | Outcome.ENDED if turn.streak <= LAST_POLLS:
                return now + interval * 2.0 ** (turn.streak - 1)
            case Outcome.ENDED:
                # Those that ended together are not asked for together ever after.
                pause = min(self._ended_pause(now), interval * 2.0 ** min(turn.streak - 1, 16))
                return now + pause * self._random.uniform(0.8, 1.2)
            case Outcome.LIMITED:
                return now + backoff(turn.streak, interval, self._random)
            case Outcome.DENIED | Outcome.UNAUTHENTICATED | Outcome.MISSING:
                return now + max(interval, RARE_SECONDS) * self._random.uniform(1.0, 1.0 + 2 * JITTER)
            case _ if self._polled[Outcome.FAILED] <= self._few:
                return now + interval
            case _:
                return now + backoff(turn.streak, interval, self._random)

    @property
    def _few(self) -> int:
        """So many chats that fail say nothing about the server, and take no more of its time or of the concurrency than if they did not."""
        return max(1, int(self.pace.max_concurrency * FEW_FAILING))

    def _shortest_interval(self, now: float) -> float:
        """Seconds that the total rate needs for one poll of every chat that is polled at the interval, and its share of the slower ones.

        Those that are polled rarely are beside them.
        """
        rate = self.budget.rate(now)
        rare = sum(self._polled[outcome] for outcome in _RARE)
        ended = self._polled[Outcome.ENDED]
        polls = self._polled.total() - self._slow * (1 - 1 / self.pace.idle_every)
        spare = rate - rare / max(self.pace.interval, RARE_SECONDS) - ended / self._ended_pause(now)
        return min(polls / rate, (polls - rare - ended) / spare) if spare > 0 else polls / rate

    def _doubted_pause(self, streak: int, interval: float) -> float:
        """Seconds until a chat that vanished with others is asked for again: rarely, but one of all soon finds out that they are back."""
        longest = min(RARE_SECONDS, self._polled[Outcome.DOUBTED] * max(interval, DOUBTED_SECONDS))
        return min(longest, interval * 2.0 ** min(streak - 1, 16))

    def _ended_pause(self, now: float) -> float:
        """Seconds between two polls of a chat that ended long ago."""
        return max(ENDED_SECONDS, self.pace.interval, self._polled[Outcome.ENDED] / (ENDED_SHARE * self.budget.rate(now)))

    def _is_saturated(self, now: float) -> bool:
        return self._shortest_interval(now) > SATURATION * self.pace.interval

    def _slot(self, turn: Turn, now: float, *, earliest: float) -> float:
        """The first time from `earliest` on at which the chat's phase comes round, with a little jitter."""
        interval = turn.every * self.pace.interval
        offset = turn.phase * interval
        slot = math.ceil((earliest - offset) / interval) * interval + offset
        return max(now, slot + self._random.uniform(-JITTER, JITTER) * interval)


def backoff(streak: int, interval: float, random: Random) -> float:
    """Seconds until a chat that failed `streak` times in a row is polled again: full jitter, but never sooner than a healthy one.

    One failure costs no more than its own poll: what is over by then is seen to be so an interval later.
    Source: exponential backoff with "full jitter", AWS Architecture Blog, 2015.
    """
    ceiling = min(max(MAX_BACKOFF, interval), interval * 2.0 ** min(streak - 1, 16))
    return max(interval, random.uniform(0.0, ceiling))
