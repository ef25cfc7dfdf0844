"""One chat's life inside the contact centre: what the API shows of it, and what it does not.

The one mutable thing in the model besides the heap. It knows how a chat may change, not when.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from chatmon.simulator.chats import (
    IDLE_CAPABILITIES,
    LIVE_CAPABILITIES,
    Move,
    ParticipantType,
    SimulatedChat,
    SimulatedParticipant,
    State,
)


@dataclass(slots=True, eq=False)
class Life:
    """A chat that is alive. ``stage`` counts its states and talks: what was planned in an earlier one is void.

    ``place``: the number of the agent whose place the chat takes, from the moment the agent reaches for it. ``agent``,
    ``agent_participant``: the agent's nickname and who that is in the chat, from joining until leaving. Times: seconds since the centre
    opened.
    """

    id: str
    label: str
    arrived: float
    state_since: float
    state: State = "WaitingForAgent"
    participants: tuple[SimulatedParticipant, ...] = ()
    stage: int = 0
    place: int | None = None
    agent: str | None = None
    agent_participant: SimulatedParticipant | None = None
    moves: tuple[Move, ...] = ()
    _joined: int = 0
    _snapshot: SimulatedChat | None = None

    def enter(self, state: State, now: float) -> None:
        """Go over to this state, which begins now. The customer has left a chat that is Idle."""
        self.stage += 1
        if state == "Idle" and self.moves:
            self._move(self.moves[0].who, now, came=False)
        self.state = state
        self.state_since = now
        self._snapshot = None

    def join(self, nickname: str, kind: ParticipantType, chance: Random, now: float) -> SimulatedParticipant:
        """Put somebody on the participant list, under the next free participant id. The customer is the first."""
        self._joined += 1
        newcomer = SimulatedParticipant(str(self._joined), nickname, kind)
        self._list((*self.participants, newcomer), chance)
        self._move(newcomer, now, came=True)
        return newcomer

    def agent_joins(self, nickname: str, chance: Random, now: float) -> None:
        """The agent of this nickname is in the chat from now on."""
        self.agent = nickname
        self.agent_participant = self.join(nickname, "Agent", chance, now)

    def agent_leaves(self, chance: Random, now: float, *, stays_listed: bool) -> None:
        """The chat has no agent any more, whether or not the participant list says so."""
        if self.agent_participant is not None:
            self._move(self.agent_participant, now, came=False)
        if not stays_listed:
            self._list((one for one in self.participants if one != self.agent_participant), chance)
        self.agent = self.agent_participant = None
        self._snapshot = None

    def snapshot(self) -> SimulatedChat:
        """The chat as it is now: the same object for as long as nothing changes."""
        if self._snapshot is None:
            self._snapshot = SimulatedChat(
                id=self.id,
                label=self.label,
                state=self.state,
                participants=self.participants,
                capabilities=IDLE_CAPABILITIES if self.state == "Idle" else LIVE_CAPABILITIES,
                agent=self.agent,
                arrived=self.arrived,
                state_since=self.state_since,
                moves=self.moves,
            )
        return self._snapshot

    def _move(self, who: SimulatedParticipant, now: float, *, came: bool) -> None:
        self.moves = (*self.moves, Move(now, who, came))

    def _list(self, participants: Iterable[SimulatedParticipant], chance: Random) -> None:
        shuffled = list(participants)
        chance.shuffle(shuffled)  # the API's order is not stable
        self.participants = tuple(shuffled)
        self._snapshot = None
