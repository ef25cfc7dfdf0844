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
    ParticipantType,
    SimulatedChat,
    SimulatedParticipant,
    State,
)


@dataclass(slots=True, eq=False)
class Life:
    """A chat that is alive. ``stage`` counts its states and talks: what was planned in an earlier one is void.

    ``place``: the number of the agent whose place the chat takes, from the moment the agent reaches for it. ``agent``,
    ``agent_participant``: the agent's nickname and participant id, from joining until leaving. Times: seconds since the centre opened.
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
    agent_participant: str | None = None
    _joined: int = 0
    _snapshot: SimulatedChat | None = None

    def enter(self, state: State, now: float) -> None:
        """Go over to this state, which begins now."""
        self.stage += 1
        self.state = state
        self.state_since = now
        self._snapshot = None

    def join(self, nickname: str, kind: ParticipantType, chance: Random) -> str:
        """Put somebody on the participant list, under the next free participant id, which is returned."""
        self._joined += 1
        newcomer = SimulatedParticipant(str(self._joined), nickname, kind)
        self._list((*self.participants, newcomer), chance)
        return newcomer.participant_id

    def agent_joins(self, nickname: str, chance: Random) -> None:
        """The agent of this nickname is in the chat from now on."""
        self.agent = nickname
        self.agent_participant = self.join(nickname, "Agent", chance)

    def agent_leaves(self, chance: Random, *, stays_listed: bool) -> None:
        """The chat has no agent any more, whether or not the participant list says so."""
        if not stays_listed:
            self._list((one for one in self.participants if one.participant_id != self.agent_participant), chance)
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
            )
        return self._snapshot

    def _list(self, participants: Iterable[SimulatedParticipant], chance: Random) -> None:
        shuffled = list(participants)
        chance.shuffle(shuffled)  # the API's order is not stable
        self.participants = tuple(shuffled)
        self._snapshot = None
