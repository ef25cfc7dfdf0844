"""The agents on duty and their free places: who can take one more chat.

A place is one of the chats that an agent may have at once. The list of free places holds each agent once per place, so a load above
the limit cannot be written down, and an agent with more places free is the likelier one to get the next chat.
"""

from __future__ import annotations

import math
from random import Random
from typing import Final

from chatmon.simulator.chats import Agent
from chatmon.simulator.names import agent_name

USUAL_LIMIT: Final = 4
"""Chats at once that most agents take."""

_EAGER: Final = 6  # of so many agents, one takes a chat more than usual and one a chat less


def hire(places: int) -> tuple[Agent, ...]:
    """As many agents as it takes for so many chats at once; their limits add up to ``places`` (1 or more)."""
    count = math.ceil(places / USUAL_LIMIT)
    limits = [places // count + (number < places % count) for number in range(count)]
    for eager in range(0, count - 1, _EAGER):
        if limits[eager] == limits[eager + 1] == USUAL_LIMIT:
            limits[eager] += 1
            limits[eager + 1] -= 1
    return tuple(Agent(agent_name(number), limit) for number, limit in enumerate(limits))


class Staff:
    """Which places are free. Agents are spoken of by their number, the index in ``agents``."""

    def __init__(self, agents: tuple[Agent, ...]) -> None:
        self.agents = agents
        self._free = [number for number, agent in enumerate(agents) for _ in range(agent.limit)]

    def take(self, chance: Random, besides: int | None = None) -> int | None:
        """Take a free place, not one of the agent ``besides``; None if there is none."""
        if not self._free:
            return None
        place = chance.randrange(len(self._free))
        if self._free[place] == besides:
            others = [other for other, number in enumerate(self._free) if number != besides]
            if not others:
                return None
            place = chance.choice(others)
        self._free[place], self._free[-1] = self._free[-1], self._free[place]
        return self._free.pop()

    def release(self, number: int) -> None:
        """Give back a place of the agent with this number."""
        self._free.append(number)
