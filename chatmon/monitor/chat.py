"""One watched chat and what is known of it: a frozen value that the board replaces and everyone else reads."""

from __future__ import annotations

import msgspec

from chatmon.api.resource import CUSTOMER, ChatResource, Participant
from chatmon.monitor.clock import Moment
from chatmon.monitor.observation import Health, PollError


class Presence(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A participant's time in a chat, in UTC seconds.

    `since_exact` is False where they were there when the chat was first seen; `left` is None while they are listed. `since_monotonic` is
    `since` in monotonic seconds, which durations are measured by; None where a history of before tells the time of day alone. It says
    nothing of the presence itself, and another process has another: presences are equal whatever it is.
    """

    participant: Participant
    since: float
    since_exact: bool
    left: float | None = None
    since_monotonic: float | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Presence) and self._shown() == other._shown()

    def __hash__(self) -> int:
        return hash(self._shown())

    def _shown(self) -> tuple[object, ...]:
        return self.participant, self.since, self.since_exact, self.left

    def until(self, moment: Moment) -> float:
        """Seconds from the joining to a later moment."""
        if self.since_monotonic is None:
            return max(0.0, moment.utc - self.since)
        return max(0.0, moment.monotonic - self.since_monotonic)


class Chat(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A watched chat: the last resource that was seen of it, since when, and how its polls fare.

    `state_since` is when the present state was first seen; `state_since_exact` says that the change itself was observed, between two
    polls. `gone_since` is when the server first said that it does not know the chat any more; None again once it is seen. `latency` is
    that of the last poll in seconds, `failures` the length of the present streak of failed polls.

    `was_waiting` and `was_chatting` say that it was ever seen so; `unattended_since` is since when it is Chatting with no agent listed.
    `watched_since` is when the present stretch without gaps began, `watched_before` the seconds of the stretches before it, and
    `unwatched` the seconds of the gaps between them.

    When it was seen last, its next poll was promised for `every` intervals later, of `interval` seconds each as the rate allowed it then.
    """

    id: str
    label: str = ""
    health: Health = Health.PENDING
    resource: ChatResource | None = None
    state_since: Moment | None = None
    state_since_exact: bool = False
    presences: tuple[Presence, ...] = ()
    first_seen: Moment | None = None
    observed: Moment | None = None
    gone_since: Moment | None = None
    polled: Moment | None = None
    latency: float | None = None
    http_status: int | None = None
    error: PollError | None = None
    failures: int = 0
    was_waiting: bool = False
    was_chatting: bool = False
    unattended_since: Moment | None = None
    watched_since: Moment | None = None
    watched_before: float = 0.0
    unwatched: float = 0.0
    every: int = 1
    interval: float = 0.0

    @property
    def state(self) -> str | None:
        """The last known state, as the API names it."""
        return None if self.resource is None else self.resource.state

    @property
    def customer(self) -> str:
        """The nickname of the first customer listed, not cleaned; empty where there is none."""
        participants = () if self.resource is None else self.resource.participants
        return next((participant.nickname for participant in participants if participant.type == CUSTOMER), "")

    @property
    def agents(self) -> tuple[str, ...]:
        """The nicknames of the agents listed, not cleaned."""
        return () if self.resource is None else tuple(agent.nickname for agent in self.resource.agents)

    def time_in_state(self, now: Moment) -> float | None:
        """Seconds in the present state as far as they were watched: up to now while polls succeed, else up to the last one that did."""
        if self.state_since is None or self.observed is None:
            return None
        until = now if self.health is Health.OK else self.observed
        return max(0.0, until.since(self.state_since))

    @property
    def watched(self) -> float:
        """Seconds for which the chat was watched without gaps, from its first sight to its last."""
        if self.watched_since is None or self.observed is None:
            return self.watched_before
        return self.watched_before + max(0.0, self.observed.since(self.watched_since))

    def age(self, now: Moment) -> float | None:
        """Seconds since the chat was last seen."""
        return None if self.observed is None else max(0.0, now.since(self.observed))

    def stale_after(self, interval: float) -> float:
        """Seconds without a sight of the chat that are too many: three of its intervals, where `interval` is the one in force.

        Where that was longer when the chat was seen last, nothing is missed that was promised.
        """
        return STALE_INTERVALS * self.every * max(interval, self.interval)

    def is_stale(self, now: Moment, interval: float) -> bool:
        """Whether what is known is more than three of the chat's intervals old, where `interval` is the one in force."""
        age = self.age(now)
        return age is not None and age > self.stale_after(interval)


STALE_INTERVALS = 3
"""A chat that was not seen for so many of its intervals is stale."""
