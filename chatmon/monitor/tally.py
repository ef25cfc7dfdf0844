"""What is counted in one shift."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from math import fsum
from typing import Final

import msgspec

from chatmon.monitor.course import Course, Ending

MAX_TIMES: Final = 10_000
"""Times to answer that are remembered, the newest ones: mean and p90 are theirs."""
MAX_AGENTS: Final = 5_000
"""Agents that are counted, the first ones."""
MAX_PEAKS: Final = 16
"""Moments at which an agent's chats were counted that may still turn out to have been fewer."""


class AnswerTimes:
    """The newest `MAX_TIMES` times to answer, in seconds, each with whether it is exact or was at least so long."""

    def __init__(self) -> None:
        self._newest: deque[tuple[float, bool]] = deque()
        self._ordered: list[float] = []
        self._exact = 0

    def add(self, seconds: float, *, exact: bool) -> None:
        """Add one; the oldest makes room where there is none."""
        self._newest.append((seconds, exact))
        insort(self._ordered, seconds)
        self._exact += exact
        if len(self._newest) > MAX_TIMES:
            oldest, was_exact = self._newest.popleft()
            del self._ordered[bisect_left(self._ordered, oldest)]
            self._exact -= was_exact

    @property
    def mean(self) -> float | None:
        """The mean; None where there is none."""
        return fsum(self._ordered) / len(self._ordered) if self._ordered else None

    @property
    def p90(self) -> float | None:
        """What 90 of 100 do not exceed; None where there is none."""
        return self._ordered[(90 * len(self._ordered) + 99) // 100 - 1] if self._ordered else None

    @property
    def exact(self) -> bool | None:
        """Whether all of them are; None where there is none."""
        return self._exact == len(self._ordered) if self._ordered else None

    def up_to(self, seconds: float) -> int:
        """How many of them are no longer than that."""
        return bisect_right(self._ordered, seconds)


class _Peak(msgspec.Struct):
    at: float
    chats: int


class AgentTally:
    """In how many chats an agent is Chatting now, was at most, and was in all, and for how long. Times are in UTC seconds.

    That a chat is over is known only once it is looked at again: what was counted at once meanwhile is then corrected, for the last
    `MAX_PEAKS` chats that came.
    """

    def __init__(self) -> None:
        self.chats = 0
        self.handled = 0
        self._talked = 0.0
        """The seconds of the chats that are over, less the times at which the others began."""
        self._most = 0
        self._peaks: deque[_Peak] = deque()

    @property
    def most(self) -> int:
        """The most chats at one moment."""
        return max(self._most, max((peak.chats for peak in self._peaks), default=0))

    def talk_time(self, now: float) -> float:
        """The seconds in all chats together, each as far as it was seen; those that go on count up to `now`."""
        return max(0.0, self._talked + self.chats * now)

    def miss(self, seconds: float) -> None:
        """For so many seconds one of the chats was not seen."""
        self._talked -= seconds

    def join(self, at: float) -> None:
        """The agent was seen Chatting in one more chat."""
        self.chats += 1
        self._talked -= at
        self._peaks.append(_Peak(at, self.chats))
        if len(self._peaks) > MAX_PEAKS:
            self._most = max(self._most, self._peaks.popleft().chats)

    def leave(self, seen: float, left: float) -> None:
        """The agent is Chatting in one chat less since `left`, and was seen to do so last at `seen`."""
        self.chats -= 1
        self._talked += left
        for peak in self._peaks:
            peak.chats -= peak.at > seen


class Tally:
    """The counts of one shift, which begin at nothing."""

    def __init__(self) -> None:
        self.answered = 0
        self.in_time = 0
        self.late = 0
        self.abandoned = 0
        self.handled = 0
        self.unwatched = 0.0
        """Seconds of all gaps in watching a chat."""
        self.answer_times = AnswerTimes()
        self.agents: dict[str, AgentTally] = {}
        self._handled_exactly = 0
        self._handling_time = 0.0

    @property
    def handling_time_mean(self) -> float | None:
        """Of the chats whose handling time is known, the mean in seconds."""
        return self._handling_time / self._handled_exactly if self._handled_exactly else None

    def answer(self, waited: float, *, exact: bool, service_level: float) -> None:
        """A chat was answered after it had waited for so many seconds, or, where that is not exact, for at least so many."""
        self.answered += 1
        self.late += waited > service_level
        self.in_time += exact and waited <= service_level
        self.answer_times.add(waited, exact=exact)

    def end(self, ending: Ending) -> None:
        """A chat ended."""
        self._count(ending, 1)

    def take_back(self, ending: Ending) -> None:
        """A chat that ended goes on after all."""
        self._count(ending, -1)

    def miss(self, nicknames: tuple[str, ...], seconds: float) -> None:
        """A chat that is Chatting with these agents was not seen for so many seconds."""
        for name in nicknames:
            self.agents[name].miss(seconds)

    def engage(self, course: Course, nicknames: tuple[str, ...], *, at: float, seen: float, left: float) -> None:
        """A chat is Chatting with these agents from `at` on, each named once, and with nobody else.

        It was seen last at `seen`; with those of before it was Chatting until `left`.
        """
        nicknames = tuple(name for name in nicknames if name in self.agents or len(self.agents) < MAX_AGENTS)
        if nicknames == course.engaged:
            return
        before, now, helped_by = set(course.engaged), set(nicknames), dict.fromkeys(course.helped_by)
        for name in course.engaged:
            if name not in now:
                self.agents[name].leave(seen, left)
        for name in nicknames:
            if name not in before:
                agent = self.agents.setdefault(name, AgentTally())
                agent.join(at)
                agent.handled += name not in helped_by
                helped_by[name] = None
        course.engaged, course.helped_by = nicknames, tuple(helped_by)

    def _count(self, ending: Ending, number: int) -> None:
        if not ending.handled:
            self.abandoned += number
            return
        self.handled += number
        if ending.handling_time is not None:
            self._handled_exactly += number
            self._handling_time += number * ending.handling_time
