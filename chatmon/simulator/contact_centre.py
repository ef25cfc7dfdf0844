"""The life of a make-believe contact centre, without any clock, network or chance of its own.

Customers arrive, wait, are answered by agents who take a few chats at once, talk, are transferred, give up, leave; some time after Idle the
chat vanishes. A heap holds what is about to happen; ``advance`` works it off. Every draw is made while a happening is worked off, in the
order of the heap: so the same seed gives the same life, in however many steps the time is advanced.

The agents are a few too few. Arrivals follow the number of chats alive, so it is the waiting line that fills up what the agents cannot
take: someone always waits, and who asks for a rare skill waits too long.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from random import Random
from typing import Final
from uuid import UUID

from chatmon.simulator.chats import Agent, CentreEvent, EventKind, SimulatedChat
from chatmon.simulator.life import Life
from chatmon.simulator.names import CUSTOMER_NICKNAMES, HOSTILE_NICKNAMES, LABELS, SYSTEM_NICKNAME
from chatmon.simulator.staff import Staff, hire

# Mean seconds, with the sigma of a lognormal spread where one is given.
PICK_UP: Final = (4.0, 0.6)
TALK: Final = (170.0, 0.7)
PATIENCE: Final = (260.0, 0.8)
RARE_SKILL: Final = (45.0, 1.3)
"""How much later than its turn a chat is answered: the rarer the skill that it asks for, the longer."""
WRAP_UP: Final = (4.0, 14.0)
"""From, to: the agent is still busy with the chat after the customer has left."""
IDLE: Final = (20.0, 40.0)
"""From, to: until an idle chat vanishes."""
LINGER: Final = (320.0, 480.0)
"""The same for the few chats that the server is slow to forget."""

TRANSFERRED: Final = 0.10
REQUEUED: Final = 0.02
LINGERING: Final = 0.01
HOSTILE: Final = 0.01
WITH_SYSTEM: Final = 0.08

WARM_UP: Final = 600.0
"""Seconds of life before the opening: enough for the rush of the first minute to be talked off and forgotten."""
LIFE: Final = 235.0
"""Mean seconds from arrival to vanishing, at the wanted number of chats."""
BUSY_SHARE: Final = 0.78
"""Places of agents per chat alive: a little below what the arrivals ask for."""
RUSH: Final = 4.0
"""At most so many times the usual rate do customers arrive, when too few chats are alive."""


class ContactCentre:
    """A contact centre with about ``chats`` chats (1 or more) alive at once, whose whole life follows from ``seed``.

    It opens warm: time 0 is the end of a warm-up, and the chats of then arrived before. ``agents_stay_listed``: nobody is ever taken off a
    participant list, as in the recorded emulator of the API.
    """

    def __init__(self, *, chats: int, seed: int, agents_stay_listed: bool = False) -> None:
        if chats < 1:
            raise ValueError(f"a contact centre needs at least 1 chat, not {chats}")
        self._wanted = chats
        self._agents_stay_listed = agents_stay_listed
        self._chance = Random(seed)
        self._staff = Staff(hire(max(1, round(chats * BUSY_SHARE))))
        self._lives: dict[str, Life] = {}
        self._planned: list[tuple[float, int, Callable[[], None]]] = []
        self._waiting: list[tuple[float, int, Life, int]] = []
        self._handovers: deque[tuple[Life, int]] = deque()
        self._log: list[CentreEvent] = []
        self._serial = 0
        self._now = -WARM_UP
        self._plan_arrival()
        self.advance(0.0)

    @property
    def now(self) -> float:
        """Simulated seconds since the centre opened."""
        return self._now

    @property
    def agents(self) -> tuple[Agent, ...]:
        """Everybody on duty; the same people for the centre's whole life."""
        return self._staff.agents

    def chat(self, chat_id: str) -> SimulatedChat | None:
        """The chat as it is now; None if there never was one of this id or it has vanished."""
        life = self._lives.get(chat_id)
        return life.snapshot() if life else None

    def chat_ids(self) -> tuple[str, ...]:
        """The ids of all chats alive, in the order of their arrival."""
        return tuple(self._lives)

    def advance(self, to: float) -> tuple[CentreEvent, ...]:
        """Let time go on until ``to`` (seconds since the opening) and say what happened, in order.

        ValueError if that is before ``now``: time never goes back.
        """
        if not self._now <= to < math.inf:
            raise ValueError(f"time goes on only: it is {self._now} s, not {to} s")
        while self._planned and self._planned[0][0] <= to:
            self._now, _, happen = heappop(self._planned)
            happen()
        self._now = to
        log, self._log = self._log, []
        return tuple(log)

    # What happens to a chat

    def _arrive(self) -> None:
        chance = self._chance
        chat_id = str(UUID(int=chance.getrandbits(128), version=4))
        life = self._lives[chat_id] = Life(chat_id, chance.choice(LABELS), self._now, self._now)
        life.join(chance.choice(HOSTILE_NICKNAMES if chance.random() < HOSTILE else CUSTOMER_NICKNAMES), "Customer", chance, self._now)
        if chance.random() < WITH_SYSTEM:
            life.join(SYSTEM_NICKNAME, "External", chance, self._now)
        self._tell(life, "arrived")
        self._wait(life)

    def _wait(self, life: Life) -> None:
        life.enter("WaitingForAgent", self._now)
        turn = self._now + self._spread(RARE_SKILL)
        heappush(self._waiting, (turn, self._next_serial(), life, life.stage))
        self._plan(self._spread(PATIENCE), life, self._give_up)
        self._hand_out()

    def _give_up(self, life: Life) -> None:
        self._tell(life, "gave_up", waited=self._now - life.state_since)
        self._end(life)
        if life.place is not None:
            self._release(life)

    def _answer(self, life: Life) -> None:
        waited = self._now - life.state_since
        life.enter("Chatting", self._now)
        self._agent_joins(life)
        self._tell(life, "answered", agent=life.agent, waited=waited)
        self._talk(life)

    def _talk(self, life: Life) -> None:
        length, fate, part = self._spread(TALK), self._chance.random(), self._chance.uniform(0.2, 0.8)
        self._plan(length, life, self._leave)
        if fate < TRANSFERRED:
            self._plan(length * part, life, self._ask_transfer)
        elif fate < TRANSFERRED + REQUEUED:
            self._plan(length * part, life, self._requeue)

    def _ask_transfer(self, life: Life) -> None:
        """Hand over to an agent with a free place, now or, before anyone who waits, when there is one."""
        number = self._staff.take(self._chance, besides=life.place)
        if number is None:
            self._handovers.append((life, life.stage))
        else:
            self._transfer(life, number)

    def _transfer(self, life: Life, number: int) -> None:
        before, previous = life.place, life.agent
        life.stage += 1
        self._agent_leaves(life)
        life.place = number
        self._agent_joins(life)
        self._tell(life, "transferred", agent=life.agent, previous_agent=previous)
        self._talk(life)
        self._place_freed(before)

    def _requeue(self, life: Life) -> None:
        self._tell(life, "requeued", agent=life.agent)
        self._agent_leaves(life)
        number, life.place = life.place, None
        self._wait(life)
        self._place_freed(number)

    def _leave(self, life: Life) -> None:
        self._tell(life, "left", agent=life.agent)
        self._end(life)
        self._plan(self._chance.uniform(*WRAP_UP), life, self._wrap_up)

    def _wrap_up(self, life: Life) -> None:
        self._tell(life, "wrapped_up", agent=life.agent)
        self._agent_leaves(life)
        self._release(life)

    def _end(self, life: Life) -> None:
        life.enter("Idle", self._now)
        lingers = self._chance.random() < LINGERING
        self._plan(self._chance.uniform(*(LINGER if lingers else IDLE)), life, self._vanish)

    def _vanish(self, life: Life) -> None:
        del self._lives[life.id]
        self._tell(life, "vanished")

    # Who takes what

    def _hand_out(self) -> None:
        """Give the free places to those who wait, in turn; the agent needs some seconds to pick up."""
        while self._waiting:
            _, _, life, stage = self._waiting[0]
            if life.stage == stage:
                number = self._staff.take(self._chance)
                if number is None:
                    return
                life.place = number
                self._plan(self._spread(PICK_UP), life, self._answer)
            heappop(self._waiting)

    def _release(self, life: Life) -> None:
        number, life.place = life.place, None
        self._place_freed(number)

    def _place_freed(self, number: int | None) -> None:
        """A place of this agent is free: first for a chat that another agent wants to hand over, then for those who wait."""
        assert number is not None
        self._staff.release(number)
        self._handovers = deque((life, stage) for life, stage in self._handovers if life.stage == stage)
        for _ in range(len(self._handovers)):
            life, _ = self._handovers.popleft()
            taker = self._staff.take(self._chance, besides=life.place)
            if taker is not None:
                self._transfer(life, taker)
                return
            self._handovers.append((life, life.stage))
        self._hand_out()

    # How it is written down

    def _agent_joins(self, life: Life) -> None:
        assert life.place is not None
        life.agent_joins(self._staff.agents[life.place].nickname, self._chance, self._now)

    def _agent_leaves(self, life: Life) -> None:
        life.agent_leaves(self._chance, self._now, stays_listed=self._agents_stay_listed)

    def _tell(
        self,
        life: Life,
        kind: EventKind,
        agent: str | None = None,
        previous_agent: str | None = None,
        waited: float | None = None,
    ) -> None:
        self._log.append(CentreEvent(self._now, life.id, kind, life.label, agent, previous_agent, waited))

    # When

    def _plan_arrival(self) -> None:
        """Plan the next moment at which a customer may arrive: more often taken the fewer chats are alive."""
        delay = self._chance.expovariate(RUSH * self._wanted / LIFE)
        heappush(self._planned, (self._now + delay, self._next_serial(), self._may_arrive))

    def _may_arrive(self) -> None:
        shortage = (self._wanted - len(self._lives)) / self._wanted
        if self._chance.random() * RUSH < 1 + RUSH * shortage:
            self._arrive()
        self._plan_arrival()

    def _plan(self, delay: float, life: Life, act: Callable[[Life], None]) -> None:
        stage = life.stage

        def happen() -> None:
            if life.stage == stage:
                act(life)

        heappush(self._planned, (self._now + delay, self._next_serial(), happen))

    def _next_serial(self) -> int:
        self._serial += 1
        return self._serial

    def _spread(self, mean_sigma: tuple[float, float]) -> float:
        mean, sigma = mean_sigma
        return self._chance.lognormvariate(math.log(mean) - sigma * sigma / 2, sigma)
