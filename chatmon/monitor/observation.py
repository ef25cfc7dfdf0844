"""What one poll saw."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from chatmon.api.errors import ChatApiError, Denied, NotFound, RateLimited, Unavailable
from chatmon.api.resource import Answer, ChatResource
from chatmon.monitor.clock import Moment
from chatmon.monitor.own_fault import own_fault

DENIED = Denied.kind
NOT_FOUND = NotFound.kind
RATE_LIMITED = RateLimited.kind
UNAVAILABLE = Unavailable.kind
BAD_REQUEST = 400
"""The HTTP status of a request that was not understood: of some servers the word for a chat that they do not know."""
INTERNAL_ERROR = "internal"
"""The kind of an error that is chatmon's own fault, not the API's."""


class PollError(msgspec.Struct, frozen=True, gc=False):
    """Why a poll gave no chat: `kind` as in JSON output, `message` one printable line without secrets."""

    kind: str
    message: str


class Observation(msgspec.Struct, frozen=True, gc=False):
    """The outcome of one poll: a `resource`, or an `error`. `begun` is when it was sent, `at` when its outcome was known."""

    chat_id: str
    begun: Moment
    at: Moment
    resource: ChatResource | None = None
    error: PollError | None = None
    http_status: int | None = None
    retry_after: float | None = None

    @property
    def latency(self) -> float:
        """Seconds the exchange took."""
        return self.at.since(self.begun)


def answered(chat_id: str, begun: Moment, at: Moment, answer: Answer) -> Observation:
    """The observation of a poll that gave a chat."""
    return Observation(chat_id, begun, at, resource=answer.resource, http_status=answer.http_status)


def failed(chat_id: str, begun: Moment, at: Moment, error: Exception) -> Observation:
    """The observation of a poll that gave none. What is no `ChatApiError` is chatmon's own fault and named as such."""
    if isinstance(error, ChatApiError):
        poll_error = PollError(error.kind, error.message)
        return Observation(chat_id, begun, at, error=poll_error, http_status=error.http_status, retry_after=error.retry_after)
    return Observation(chat_id, begun, at, error=PollError(INTERNAL_ERROR, f"chatmon's own fault: {own_fault(error)}"))


class Health(StrEnum):
    """How the polls of a chat fare, apart from the chat's state."""

    PENDING = "pending"
    OK = "ok"
    FAILING = "failing"
    DENIED = "denied"
    GONE = "gone"
    NOT_FOUND = "not_found"


def health_after(observation: Observation, *, before_gone: bool = False, seen_before: bool) -> Health:
    """The health of a chat whose newest poll is `observation`; `seen_before` says whether any poll ever gave it.

    A chat that was gone stays so (`before_gone`) when a poll fails for another reason: that says nothing new of it.
    """
    if observation.error is None:
        return Health.OK
    if observation.error.kind == DENIED:
        return Health.DENIED
    if observation.error.kind == NOT_FOUND:
        return Health.GONE if seen_before else Health.NOT_FOUND
    return Health.GONE if before_gone else Health.FAILING
