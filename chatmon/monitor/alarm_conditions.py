"""What alarms are made of: what is so about a chat, since when, and from when on that is an alarm.

A condition tells from which moment on it is one provided that nothing changes about the chat, so that a chat which does not change need
not be looked at again before that moment.
"""

from __future__ import annotations

from math import inf

import msgspec

from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.monitor.alarms import Severity, Thresholds
from chatmon.monitor.chat import Chat, Presence
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import is_gap
from chatmon.monitor.observation import Health


class Terms(msgspec.Struct, frozen=True):
    """What a rule needs to know beside the chat.

    `stale_after` is in seconds: what was not seen for longer is stale. `minded_since` is since when someone watches the chat at all,
    without a pause; None where that does not matter.
    """

    thresholds: Thresholds
    stale_after: float
    minded_since: Moment | None = None


class Condition(msgspec.Struct, frozen=True, gc=False):
    """Something that is so about a chat since `since`, and makes an alarm of a severity from `warn` and from `critical` on.

    Both are in monotonic seconds; infinity is never.
    """

    since: Moment
    warn: float = inf
    critical: float = inf

    def severity(self, seconds: float) -> Severity | None:
        """The severity at a monotonic time; None where it is not yet an alarm."""
        if seconds >= self.critical:
            return Severity.CRITICAL
        return Severity.WARN if seconds >= self.warn else None

    def next_step(self, seconds: float) -> float:
        """When, after a monotonic time, it becomes an alarm or a worse one."""
        return min((step for step in (self.warn, self.critical) if step > seconds), default=inf)


def is_current(chat: Chat, now: Moment, stale_after: float) -> bool:
    """Whether what is known of a chat is how it is now."""
    return chat.health is Health.OK and chat.observed is not None and not is_gap(chat.observed, now, stale_after)


def seen_until(chat: Chat, now: Moment, stale_after: float) -> Moment | None:
    """Up to when it is known how a chat is: up to now while polls succeed, else up to the last one that did."""
    return now if is_current(chat, now, stale_after) else chat.observed


def _after(since: Moment, seconds: float | None) -> float:
    return inf if seconds is None else since.monotonic + seconds


def _in_state(chat: Chat, state: str) -> Moment | None:
    """Since when a chat that is still there is in a state; None where it is in another."""
    return None if chat.state != state or chat.health is Health.GONE else chat.state_since


def waiting(chat: Chat, terms: Terms) -> Condition | None:
    """WaitingForAgent."""
    since = _in_state(chat, WAITING)
    warn, critical = terms.thresholds.waiting_warn, terms.thresholds.waiting_critical
    if since is None or (warn is None and critical is None):
        return None
    return Condition(since, _after(since, warn), _after(since, critical))


def unattended(chat: Chat, terms: Terms) -> Condition | None:
    """Chatting with no agent listed."""
    since = chat.unattended_since
    if since is None or terms.thresholds.unattended is None or _in_state(chat, CHATTING) is None:
        return None
    return Condition(since, _after(since, terms.thresholds.unattended))


def requeued(chat: Chat, terms: Terms) -> Condition | None:
    """Back from Chatting to WaitingForAgent."""
    since = _in_state(chat, WAITING)
    return Condition(since, since.monotonic) if since is not None and chat.was_chatting and terms.thresholds.requeued else None


def churn(chat: Chat, terms: Terms) -> Condition | None:
    """Many different agents so far, and not ended."""
    limit = terms.thresholds.churn
    if limit is None or len(chat.presences) < limit or chat.health is Health.GONE or chat.state == IDLE:
        return None
    arrivals = agent_arrivals(chat)
    if len(arrivals) < limit:
        return None
    since = _moment_of_joining(chat, arrivals[limit - 1])
    return None if since is None else Condition(since, since.monotonic)


def idle(chat: Chat, terms: Terms) -> Condition | None:
    """Idle."""
    since = _in_state(chat, IDLE)
    return None if since is None or terms.thresholds.idle is None else Condition(since, _after(since, terms.thresholds.idle))


def abandoned(chat: Chat, terms: Terms) -> Condition | None:
    """Ended after waiting, without ever Chatting. An ending that lies in a gap makes no alarm: nobody knows what happened in it."""
    if not (terms.thresholds.abandoned and chat.was_waiting) or chat.was_chatting or agent_arrivals(chat):
        return None
    if chat.state == IDLE and chat.state_since is not None:
        return Condition(chat.state_since, chat.state_since.monotonic if chat.state_since_exact else inf)
    if chat.state == WAITING and chat.health is Health.GONE and chat.gone_since is not None and chat.observed is not None:
        in_gap = is_gap(chat.observed, chat.gone_since, terms.stale_after)
        return Condition(chat.gone_since, inf if in_gap else chat.gone_since.monotonic)
    return None


def unseen(chat: Chat, terms: Terms) -> Condition | None:
    """Not seen by any poll, though the server does not refuse the chat."""
    limit = terms.thresholds.unseen
    if limit is None or chat.health in {Health.GONE, Health.NOT_FOUND, Health.DENIED}:
        return None
    since = chat.observed or terms.minded_since
    if chat.polled is None or since is None:
        # Not asked yet since the start: what is known is old, and that is nobody's fault.
        return None if chat.observed is None else Condition(chat.observed)
    begin = since if terms.minded_since is None or since.monotonic > terms.minded_since.monotonic else terms.minded_since
    return Condition(since, _after(begin, max(limit, terms.stale_after)))


def agent_arrivals(chat: Chat) -> list[Presence]:
    """The first presence of each different agent, told apart by nickname, in the order of their joining."""
    arrivals: dict[str, Presence] = {}
    for presence in chat.presences:
        if presence.participant.is_agent:
            arrivals.setdefault(presence.participant.nickname, presence)
    return list(arrivals.values())


def _moment_of_joining(chat: Chat, presence: Presence) -> Moment | None:
    """When someone joined; where the time of day alone is known, between the chat's first and last sight."""
    if chat.first_seen is None or chat.observed is None:
        return None
    monotonic = presence.since_monotonic
    if monotonic is None:
        monotonic = chat.observed.monotonic - (chat.observed.utc - presence.since)
    return Moment(min(max(monotonic, chat.first_seen.monotonic), chat.observed.monotonic), presence.since)
