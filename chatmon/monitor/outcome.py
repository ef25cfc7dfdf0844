"""What the outcome of a poll means for when its chat is polled next."""

from __future__ import annotations

from enum import Enum, auto

from chatmon.api.resource import IDLE
from chatmon.monitor.observation import BAD_REQUEST, DENIED, NOT_FOUND, RATE_LIMITED, UNAVAILABLE, PollError


class Outcome(Enum):
    """What a poll's outcome means for the schedule."""

    ANSWERED = auto()
    FAILED = auto()
    LIMITED = auto()
    DENIED = auto()
    UNAUTHENTICATED = auto()  # denied for who asks, whatever chat is asked for
    MISSING = auto()  # unknown to the server, though it was not seen to end
    ENDED = auto()  # unknown to the server after Idle: the normal end
    DOUBTED = auto()  # unknown to the server, which is doubted: see `disappearances`


UNAUTHORIZED = 401
"""The HTTP status that is about who asks. Source: RFC 9110, 15.5.2."""


def outcome(error: PollError | None, last_state: str | None, *, asked_to_wait: bool = False, http_status: int | None = None) -> Outcome:
    """What a poll that met `error` means for the schedule of a chat whose last known state is `last_state`.

    A server that is not available and says for how long is `asked_to_wait` for, as one that limits the rate. HTTP 400 alone is never an
    end: it says that the request was not understood.
    """
    if error is None:
        return Outcome.ANSWERED
    if error.kind == NOT_FOUND:
        return Outcome.ENDED if last_state == IDLE and http_status != BAD_REQUEST else Outcome.MISSING
    if error.kind == RATE_LIMITED or (error.kind == UNAVAILABLE and asked_to_wait):
        return Outcome.LIMITED
    if error.kind != DENIED:
        return Outcome.FAILED
    return Outcome.UNAUTHENTICATED if http_status == UNAUTHORIZED else Outcome.DENIED
