"""How alarms explain themselves: one line each, with the figures it rests on, that names nobody in the chat."""

from __future__ import annotations

import msgspec

from chatmon.api.resource import IDLE
from chatmon.monitor.alarm_conditions import Condition, Terms, agent_arrivals, is_current, seen_until
from chatmon.monitor.alarms import Severity, Thresholds
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.durations import clock, duration


class Case(msgspec.Struct, frozen=True):
    """A chat that is in alarm, with what the figures of its explanation rest on."""

    chat: Chat
    condition: Condition
    severity: Severity
    now: Moment
    terms: Terms


def _lasting(what: str, case: Case, limit: float | None, *, since: Moment, exact: bool) -> str:
    """For how long something has been so, as far as it was seen, and how long is too long."""
    until = seen_until(case.chat, case.now, case.terms.stale_after)
    lasted = clock(0.0 if until is None else until.since(since), exact=exact)
    critical = " (critical)" if case.severity is Severity.CRITICAL else ""
    if is_current(case.chat, case.now, case.terms.stale_after):
        return f"{what} {lasted}, longer than {limit:g} s{critical}"
    return f"{what} {lasted} when last seen, limit {limit:g} s{critical}"


def why_waiting(case: Case) -> str:
    """For how long a chat waits."""
    thresholds = case.terms.thresholds
    limit = thresholds.waiting_critical if case.severity is Severity.CRITICAL else thresholds.waiting_warn
    return _lasting("waiting", case, limit, since=case.condition.since, exact=case.chat.state_since_exact)


def why_unattended(case: Case) -> str:
    """For how long no agent is listed."""
    since, watched_since = case.condition.since, case.chat.watched_since
    exact = watched_since is not None and since.monotonic > watched_since.monotonic
    return _lasting("no agent listed for", case, case.terms.thresholds.unattended, since=since, exact=exact)


def why_requeued(case: Case) -> str:
    """For how long a chat waits again."""
    until = seen_until(case.chat, case.now, case.terms.stale_after) or case.condition.since
    lasted = until.since(case.condition.since)
    # As it happens there is no time to tell, and an event tells it as it was then.
    so_far = f", for {clock(lasted, exact=case.chat.state_since_exact)}" if lasted >= 1 else ""
    return f"waiting again after Chatting{so_far}"


def why_churn(case: Case) -> str:
    """How many agents there were."""
    return f"{len(agent_arrivals(case.chat))} different agents so far, limit {case.terms.thresholds.churn}"


def why_idle(case: Case) -> str:
    """For how long a chat is idle."""
    return _lasting("idle", case, case.terms.thresholds.idle, since=case.condition.since, exact=case.chat.state_since_exact)


def why_abandoned(case: Case) -> str:
    """How a chat ended, and when."""
    chat = case.chat
    seconds = case.now.since(case.condition.since)
    ago = f" {duration(seconds)} ago" if seconds >= 1 else ""
    if chat.state == IDLE or chat.observed is None or chat.state_since is None:
        return f"ended{ago} after waiting, never Chatting, no agent ever listed"
    waited = clock(chat.observed.since(chat.state_since), exact=chat.state_since_exact)
    return f"forgotten by the server{ago} while it waited, {waited} by then, never Chatting, no agent ever listed"


def why_unseen(case: Case) -> str:
    """For how long a chat was not seen, and why."""
    limit = max(case.terms.thresholds.unseen or 0.0, case.terms.stale_after)
    reason = "" if case.chat.error is None else f", last error: {case.chat.error.kind}"
    return f"not seen for {duration(case.now.since(case.condition.since))}, longer than {limit:g} s{reason}"


def why_overload(chats: int, thresholds: Thresholds) -> str:
    """Why an agent who is listed in so many chats that are Chatting has an alarm."""
    return f"in {chats} chats that are Chatting, more than {thresholds.overload}"
