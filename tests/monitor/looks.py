"""What polls saw, in few words, and the events that it makes."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from chatmon.api import errors
from chatmon.api.resource import AGENT, CHATTING, CUSTOMER, IDLE, WAITING, ChatResource, Participant
from chatmon.monitor.board import Board
from chatmon.monitor.events import Event
from chatmon.monitor.observation import Observation, failed

from .fake_clock import moment

STATES = {"W": WAITING, "C": CHATTING, "I": IDLE, "N": None}
ERRORS = {"gone": errors.NotFound, "fail": errors.Timeout}


class Look(msgspec.Struct, frozen=True):
    """One poll: the second, the chat, and what it gave: a letter of `STATES`, a key of `ERRORS` or another state, with its agents."""

    at: float
    chat: str
    saw: str
    agents: tuple[str, ...] = ()


def looks_of(chat: str, text: str) -> list[Look]:
    """Looks at one chat, written as `0 W; 40 C Kristi; 100 gone`."""
    looks = []
    for part in text.split(";"):
        at, saw, *agents = part.split()
        looks.append(Look(float(at), chat, saw, tuple(agents)))
    return looks


def take_look(board: Board, look: Look) -> tuple[Event, ...]:
    """Take a look into the board: the events it makes."""
    board.watch(look.chat)
    at = moment(look.at)
    if look.saw in ERRORS:
        return board.apply(failed(look.chat, at, at, ERRORS[look.saw]("it did not work")))
    listed = tuple(Participant(str(number), name, AGENT) for number, name in enumerate(look.agents, 2))
    resource = ChatResource(STATES.get(look.saw, look.saw), (Participant("1", "Chris", CUSTOMER), *listed))
    return board.apply(Observation(look.chat, at, at, resource=resource, http_status=200))


def events_of(looks: Iterable[Look], *, interval: float) -> tuple[list[Event], Board]:
    """The events that the looks make, in order, and the board after them."""
    board = Board(interval=interval)
    return [event for look in looks for event in take_look(board, look)], board
