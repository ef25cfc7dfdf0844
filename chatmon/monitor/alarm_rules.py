"""The rules behind the alarms, as data: what each means, from when on it holds for a chat, how it explains itself and what ends it.

A rule tells from which moment on it holds provided that nothing changes about the chat, so that a chat which does not change need not
be looked at again before that moment.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import NamedTuple

import msgspec

from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.monitor.alarms import Severity, Thresholds
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.durations import clock, duration
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


class Condition(msgspec.Struct, frozen=True):
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


class Case(msgspec.Struct, frozen=True):
    """A chat that is in alarm, with what the figures of its explanation rest on."""

    chat: Chat
    condition: Condition
    severity: Severity
    now: Moment
    terms: Terms


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule in words: `meaning` says when it holds, `limit` its thresholds, `clears` what ends an alarm of it.

    An alarm of a rule that is `settled_by_acknowledging` is about what happened once: it is over when the user knows of it.
    """

    name: str
    meaning: str
    limit: Callable[[Thresholds], str]
    clears: str
    settled_by_acknowledging: bool = False


class ChatRule(Rule, frozen=True, kw_only=True):
    """A rule about a chat.

    With `needs_sight` its time counts only for as long as the chat is seen; without, it goes on whatever becomes of the polls.
    """

    condition: Callable[[Chat, Terms], Condition | None]
    why: Callable[[Case], str]
    needs_sight: bool = True


class RuleRow(NamedTuple):
    """A rule as a line of a table: its name, when it holds, its thresholds, and what ends it."""

    name: str
    meaning: str
    limit: str
    clears: str


def is_current(chat: Chat, now: Moment, stale_after: float) -> bool:
    """Whether what is known of a chat is how it is now."""
    return chat.health is Health.OK and chat.observed is not None and not is_gap(chat.observed, now, stale_after)


def seen_until(chat: Chat, now: Moment, stale_after: float) -> Moment | None:
    """Up to when it is known how a chat is: up to now while polls succeed, else up to the last one that did."""
    return now if is_current(chat, now, stale_after) else chat.observed


def rule_rows(thresholds: Thresholds | None = None) -> tuple[RuleRow, ...]:
    """Every rule as a line of a table, with the default thresholds or others."""
    limits = thresholds or Thresholds()
    return tuple(RuleRow(rule.name, rule.meaning, rule.limit(limits), rule.clears) for rule in RULES)


def _after(since: Moment, seconds: float | None) -> float:
    return inf if seconds is None else since.monotonic + seconds


def _in_state(chat: Chat, state: str) -> Moment | None:
    """Since when a chat that is still there is in a state; None where it is in another."""
    return None if chat.state != state or chat.health is Health.GONE else chat.state_since


def _waiting(chat: Chat, terms: Terms) -> Condition | None:
    since = _in_state(chat, WAITING)
    warn, critical = terms.thresholds.waiting_warn, terms.thresholds.waiting_critical
    if since is None or warn is critical is None:
        return None
    return Condition(since, _after(since, warn), _after(since, critical))


def _unattended(chat: Chat, terms: Terms) -> Condition | None:
    since = chat.unattended_since
    if since is None or terms.thresholds.unattended is None or _in_state(chat, CHATTING) is None:
        return None
    return Condition(since, _after(since, terms.thresholds.unattended))


def _requeued(chat: Chat, terms: Terms) -> Condition | None:
    since = _in_state(chat, WAITING)
    return Condition(since, since.monotonic) if since is not None and chat.was_chatting and terms.thresholds.requeued else None


def _churn(chat: Chat, terms: Terms) -> Condition | None:
    limit = terms.thresholds.churn
    if limit is None or len(chat.presences) < limit or chat.health is Health.GONE or chat.state == IDLE:
        return None
    arrivals = _agent_arrivals(chat)
    if len(arrivals) < limit:
        return None
    since = _moment_of(chat, arrivals[limit - 1])
    return None if since is None else Condition(since, since.monotonic)


def _idle(chat: Chat, terms: Terms) -> Condition | None:
    since = _in_state(chat, IDLE)
    return None if since is None or terms.thresholds.idle is None else Condition(since, _after(since, terms.thresholds.idle))


def _abandoned(chat: Chat, terms: Terms) -> Condition | None:
    """An ending that lies in a gap makes no alarm: nobody knows what happened in it."""
    if not (terms.thresholds.abandoned and chat.was_waiting) or chat.was_chatting or _agent_arrivals(chat):
        return None
    if chat.state == IDLE and chat.state_since is not None:
        return Condition(chat.state_since, chat.state_since.monotonic if chat.state_since_exact else inf)
    if chat.state == WAITING and chat.health is Health.GONE and chat.gone_since is not None and chat.observed is not None:
        in_gap = is_gap(chat.observed, chat.gone_since, terms.stale_after)
        return Condition(chat.gone_since, inf if in_gap else chat.gone_since.monotonic)
    return None


def _unseen(chat: Chat, terms: Terms) -> Condition | None:
    limit = terms.thresholds.unseen
    if limit is None or chat.health in {Health.GONE, Health.NOT_FOUND, Health.DENIED}:
        return None
    since = chat.observed or terms.minded_since
    if chat.polled is None or since is None:
        # Not asked yet since the start: what is known is old, and that is nobody's fault.
        return None if chat.observed is None else Condition(chat.observed)
    begin = since if terms.minded_since is None or since.monotonic > terms.minded_since.monotonic else terms.minded_since
    return Condition(since, _after(begin, max(limit, terms.stale_after)))


def _agent_arrivals(chat: Chat) -> list[float]:
    """When each different agent, by id and nickname, was first listed (UTC seconds), in that order."""
    arrivals: dict[tuple[str, str], float] = {}
    for presence in chat.presences:
        if presence.participant.is_agent:
            arrivals.setdefault((presence.participant.id, presence.participant.nickname), presence.since)
    return list(arrivals.values())


def _moment_of(chat: Chat, utc: float) -> Moment | None:
    """A time of day at which the chat was seen, on both clocks; however the wall clock jumped since, between its first and last sight."""
    if chat.first_seen is None or chat.observed is None:
        return None
    monotonic = chat.observed.monotonic - (chat.observed.utc - utc)
    return Moment(min(max(monotonic, chat.first_seen.monotonic), chat.observed.monotonic), utc)


def _lasting(what: str, case: Case, limit: float | None, *, since: Moment, exact: bool) -> str:
    """For how long something has been so, as far as it was seen, and how long is too long."""
    until = seen_until(case.chat, case.now, case.terms.stale_after)
    lasted = clock(0.0 if until is None else until.since(since), exact=exact)
    critical = " (critical)" if case.severity is Severity.CRITICAL else ""
    if is_current(case.chat, case.now, case.terms.stale_after):
        return f"{what} {lasted}, longer than {limit:g} s{critical}"
    return f"{what} {lasted} when last seen, limit {limit:g} s{critical}"


def _why_waiting(case: Case) -> str:
    thresholds = case.terms.thresholds
    limit = thresholds.waiting_critical if case.severity is Severity.CRITICAL else thresholds.waiting_warn
    return _lasting("waiting", case, limit, since=case.condition.since, exact=case.chat.state_since_exact)


def _why_unattended(case: Case) -> str:
    since, watched_since = case.condition.since, case.chat.watched_since
    exact = watched_since is not None and since.monotonic > watched_since.monotonic
    return _lasting("no agent listed for", case, case.terms.thresholds.unattended, since=since, exact=exact)


def _why_requeued(case: Case) -> str:
    until = seen_until(case.chat, case.now, case.terms.stale_after) or case.condition.since
    return f"waiting again after Chatting, for {clock(until.since(case.condition.since), exact=case.chat.state_since_exact)}"


def _why_churn(case: Case) -> str:
    return f"{len(_agent_arrivals(case.chat))} different agents so far, limit {case.terms.thresholds.churn}"


def _why_idle(case: Case) -> str:
    return _lasting("idle", case, case.terms.thresholds.idle, since=case.condition.since, exact=case.chat.state_since_exact)


def _why_abandoned(case: Case) -> str:
    chat = case.chat
    ago = duration(case.now.since(case.condition.since))
    if chat.state == IDLE or chat.observed is None or chat.state_since is None:
        return f"ended {ago} ago after waiting, never Chatting, no agent ever listed"
    waited = clock(chat.observed.since(chat.state_since), exact=chat.state_since_exact)
    return f"forgotten by the server {ago} ago while it waited, {waited} by then, never Chatting, no agent ever listed"


def _why_unseen(case: Case) -> str:
    limit = max(case.terms.thresholds.unseen or 0.0, case.terms.stale_after)
    reason = "" if case.chat.error is None else f", last error: {case.chat.error.kind}"
    return f"not seen for {duration(case.now.since(case.condition.since))}, longer than {limit:g} s{reason}"


def why_overload(chats: int, thresholds: Thresholds) -> str:
    """Why an agent who is listed in so many chats that are Chatting has an alarm."""
    return f"in {chats} chats that are Chatting, more than {thresholds.overload}"


def _seconds(limit: float | None) -> str:
    return "off" if limit is None else f"{limit:g} s"


def _waiting_limit(thresholds: Thresholds) -> str:
    steps = (("warn", thresholds.waiting_warn), ("critical", thresholds.waiting_critical))
    return ", ".join(f"{seconds:g} s {severity}" for severity, seconds in steps if seconds is not None) or "off"


CHAT_RULES: tuple[ChatRule, ...] = (
    ChatRule(
        name="waiting",
        meaning="WaitingForAgent for longer than the limit",
        limit=_waiting_limit,
        clears="an agent takes the chat or the customer leaves",
        condition=_waiting,
        why=_why_waiting,
    ),
    ChatRule(
        name="unattended",
        meaning="Chatting for longer than the limit with no agent listed",
        limit=lambda thresholds: _seconds(thresholds.unattended),
        clears="an agent is listed or the chat is no longer Chatting",
        condition=_unattended,
        why=_why_unattended,
    ),
    ChatRule(
        name="requeued",
        meaning="back from Chatting to WaitingForAgent",
        limit=lambda thresholds: "on" if thresholds.requeued else "off",
        clears="an agent takes the chat again or the customer leaves",
        condition=_requeued,
        why=_why_requeued,
    ),
    ChatRule(
        name="churn",
        meaning="so many different agents so far, or more",
        limit=lambda thresholds: "off" if thresholds.churn is None else f"{thresholds.churn} agents",
        clears="the chat ends",
        condition=_churn,
        why=_why_churn,
    ),
    ChatRule(
        name="idle",
        meaning="Idle for longer than the limit",
        limit=lambda thresholds: _seconds(thresholds.idle),
        clears="the chat goes on or is gone",
        condition=_idle,
        why=_why_idle,
    ),
    ChatRule(
        name="abandoned",
        meaning="ended after waiting without ever Chatting, no agent ever listed",
        limit=lambda thresholds: "on" if thresholds.abandoned else "off",
        clears="it is acknowledged or the chat goes on after all",
        settled_by_acknowledging=True,
        condition=_abandoned,
        why=_why_abandoned,
        needs_sight=False,
    ),
    ChatRule(
        name="unseen",
        meaning="no poll has seen the chat for longer than the limit, and than 3 intervals",
        limit=lambda thresholds: _seconds(thresholds.unseen),
        clears="a poll sees the chat again, or the server denies it or no longer knows it",
        condition=_unseen,
        why=_why_unseen,
        needs_sight=False,
    ),
)
"""The rules about chats."""

OVERLOAD = Rule(
    name="overload",
    meaning="an agent, told apart by nickname, listed in more chats than that which are Chatting",
    limit=lambda thresholds: "off" if thresholds.overload is None else f"{thresholds.overload} chats",
    clears="enough of the chats end or are no longer the agent's",
)
"""The rule about agents."""

RULES: tuple[Rule, ...] = (*CHAT_RULES, OVERLOAD)
