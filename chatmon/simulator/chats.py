"""The values that the contact centre hands out: chats, participants, agents, and what happened.

All frozen, so that whoever holds one holds a snapshot. Times are simulated seconds since the centre opened; what was so before the
opening has a negative time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

State = Literal["WaitingForAgent", "Chatting", "Idle"]
"""The documented states of a chat."""

ParticipantType = Literal["Customer", "Agent", "External"]

EventKind = Literal[
    "arrived", "answered", "transferred", "requeued", "gave_up", "left", "wrapped_up", "vanished"
]  # fmt: skip
"""What can happen to a chat.

- ``arrived``: a new id; the customer waits
- ``answered``: WaitingForAgent → Chatting, the agent joins
- ``transferred``: still Chatting; another agent joins, the one before leaves
- ``requeued``: Chatting → WaitingForAgent, the agent leaves
- ``gave_up``: WaitingForAgent → Idle, the customer leaves before an answer
- ``left``: Chatting → Idle, the customer leaves; the agent stays to wrap up
- ``wrapped_up``: still Idle; the agent leaves
- ``vanished``: the API no longer knows the id
"""

LIVE_CAPABILITIES: Final = ("SendMessage", "SendStartTypingNotification", "SendStopTypingNotification", "Complete")
"""The operations of a chat that is not over, in the order of the documentation's samples."""

IDLE_CAPABILITIES: Final[tuple[str, ...]] = ()
"""Nothing can be said once the customer is gone. (An emulator keeps all four; fewer make the change visible.)"""


@dataclass(frozen=True, slots=True)
class SimulatedParticipant:
    """One line of a chat's participant list. ``participant_id`` counts up from "1" inside one chat."""

    participant_id: str
    nickname: str
    type: ParticipantType


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody came into a chat or went from it, ``at`` seconds after the centre opened."""

    at: float
    who: SimulatedParticipant
    came: bool


@dataclass(frozen=True, slots=True)
class SimulatedChat:
    """A chat as it is at one moment; a change makes a new object, so that ``is`` tells whether anything changed.

    ``participants`` stand in the order in which the API lists them, which is neither that of joining nor stable over changes. ``agent`` is
    the nickname of the agent whose load the chat counts to, None while nobody has answered and after the wrap-up. ``arrived``,
    ``state_since``: seconds. ``moves``: who came and went so far, in order, whatever the list of participants says.
    """

    id: str
    label: str
    state: State
    participants: tuple[SimulatedParticipant, ...]
    capabilities: tuple[str, ...]
    agent: str | None
    arrived: float
    state_since: float
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class CentreEvent:
    """One thing that happened, ``at`` seconds after the centre opened.

    ``agent`` is who joined (answered, transferred) or left (requeued, wrapped_up) or was there (left); ``previous_agent`` who handed
    the chat over (transferred); ``waited`` the seconds in WaitingForAgent that ended now (answered, gave_up). None where it has no meaning.
    """

    at: float
    chat_id: str
    kind: EventKind
    label: str
    agent: str | None = None
    previous_agent: str | None = None
    waited: float | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent on duty, and how many chats at once this one takes (``limit``)."""

    nickname: str
    limit: int
