"""Each chat in one line: what its events tell of it from its first sight to its last."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from chatmon.api.resource import CHATTING


class ChatOutcome(StrEnum):
    """How a chat ended, as in output. `handled` and `abandoned` are those of the figures of a shift."""

    HANDLED = "handled"
    ABANDONED = "abandoned"
    GONE = "gone"
    """The server knows it no more, and it was neither handled nor abandoned as far as was seen."""
    ENDED = "ended"
    """Idle, or in another state that ends a chat, and neither handled nor abandoned as far as was seen."""
    UNWATCHED = "unwatched"
    """It was going on when it was watched no more."""
    OPEN = "open"
    """It was going on when it was seen last."""
    NEVER_SEEN = "never_seen"
    """No poll ever gave it."""


class Time(msgspec.Struct, frozen=True):
    """So many seconds, or, where that is not exact, at least so many: not all of it was observed."""

    seconds: float
    exact: bool


class ChatSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One chat. Times of day are in UTC seconds; None where they are not known.

    - `customers`, `agents`: the nicknames of those who were ever listed, each once, in the order of their joining.
    - `first_seen` is None where the first sight of it is not among the events; then no time of it is exact.
    - `last_seen`: when a poll gave it last; `last_event`: when something was last recorded of it.
    - `ended`: when it was seen to be over; None while it is not, and where it was over already when it was first seen. `gone`: when the
      server said that it does not know it any more.
    - `states`: how long it was in each state, by the state's name. A state that goes on is told up to `last_seen`, and not exact.
    - `answered`: its first change from WaitingForAgent to Chatting was observed. `waited`: how long it had waited by then; of a chat that
      was never seen Chatting all of its time in WaitingForAgent; None where neither is known.
    - `requeues`: how often it went back from Chatting to WaitingForAgent. `alarms`: how often each rule raised one.
    - `poll_failures`: streaks of failed polls, the denied ones among them. `gaps`: how often it was not seen for too long, and `unseen`
      for how many seconds in all.
    - `events`: how many events are recorded of it.
    """

    chat: str
    label: str
    outcome: ChatOutcome
    state: str | None
    customers: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    first_seen: float | None = None
    last_seen: float | None = None
    last_event: float
    ended: float | None = None
    gone: float | None = None
    states: Mapping[str, Time] = {}
    answered: bool = False
    waited: Time | None = None
    requeues: int = 0
    alarms: Mapping[str, int] = {}
    poll_failures: int = 0
    gaps: int = 0
    unseen: float = 0.0
    events: int = 0

    @property
    def chatting(self) -> Time | None:
        """All of its time in Chatting; None where it was never seen so."""
        return self.states.get(CHATTING)
