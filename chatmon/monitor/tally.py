"""What is counted in one shift."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from math import fsum
from typing import Final

import msgspec

from chatmon.monitor.course import Course, Ending

MAX_TIMES: Final = 10_000
"""Times to answer that are remembered, the newest ones: mean and p90 are theirs."""
MAX_AGENTS: Final = 5_000
"""Agents that are counted, the first ones."""


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


class AgentTally(msgspec.Struct):
    """In how many chats an agent is Chatting now, was at most, and was in all."""

    chats: int = 0
    most: int = 0
    handled: int = 0


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

    def engage(self, course: Course, nicknames: tuple[str, ...]) -> None:
        """A chat is Chatting with these agents from now on, each named once, and with nobody else."""
        nicknames = tuple(name for name in nicknames if name in self.agents or len(self.agents) < MAX_AGENTS)
        for name in course.engaged:
            self.agents[name].chats -= name not in nicknames
        for name in nicknames:
            if name not in course.engaged:
                agent = self.agents.setdefault(name, AgentTally())
                agent.chats += 1
                agent.most = max(agent.most, agent.chats)
                if name not in course.helped_by:
                    agent.handled += 1
                    course.helped_by += (name,)
        course.engaged = nicknames

    def _count(self, ending: Ending, number: int) -> None:
        if not ending.handled:
            self.abandoned += number
            return
        self.handled += number
        if ending.handling_time is not None:
            self._handled_exactly += number
            self._handling_time += number * ending.handling_time
