"""The rules behind the alarms, as data: what each means, when it holds, how it explains itself and what ends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from chatmon.monitor import alarm_conditions, alarm_words
from chatmon.monitor.alarm_conditions import Condition, Terms
from chatmon.monitor.alarm_words import Case
from chatmon.monitor.alarms import Thresholds
from chatmon.monitor.chat import Chat


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


def rule_rows(thresholds: Thresholds | None = None) -> tuple[RuleRow, ...]:
    """Every rule as a line of a table, with the default thresholds or others."""
    limits = thresholds or Thresholds()
    return tuple(RuleRow(rule.name, rule.meaning, rule.limit(limits), rule.clears) for rule in RULES)


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
        condition=alarm_conditions.waiting,
        why=alarm_words.why_waiting,
    ),
    ChatRule(
        name="unattended",
        meaning="Chatting for longer than the limit with no agent listed",
        limit=lambda thresholds: _seconds(thresholds.unattended),
        clears="an agent is listed or the chat is no longer Chatting",
        condition=alarm_conditions.unattended,
        why=alarm_words.why_unattended,
    ),
    ChatRule(
        name="requeued",
        meaning="back from Chatting to WaitingForAgent",
        limit=lambda thresholds: "on" if thresholds.requeued else "off",
        clears="an agent takes the chat again or the customer leaves",
        condition=alarm_conditions.requeued,
        why=alarm_words.why_requeued,
    ),
    ChatRule(
        name="churn",
        meaning="so many different agents so far, or more",
        limit=lambda thresholds: "off" if thresholds.churn is None else f"{thresholds.churn} agents",
        clears="the chat ends",
        condition=alarm_conditions.churn,
        why=alarm_words.why_churn,
    ),
    ChatRule(
        name="idle",
        meaning="Idle for longer than the limit",
        limit=lambda thresholds: _seconds(thresholds.idle),
        clears="the chat goes on or is gone",
        condition=alarm_conditions.idle,
        why=alarm_words.why_idle,
    ),
    ChatRule(
        name="abandoned",
        meaning="ended after waiting without ever Chatting, no agent ever listed",
        limit=lambda thresholds: "on" if thresholds.abandoned else "off",
        clears="it is acknowledged, the chat goes on after all, or is no longer watched",
        settled_by_acknowledging=True,
        condition=alarm_conditions.abandoned,
        why=alarm_words.why_abandoned,
        needs_sight=False,
    ),
    ChatRule(
        name="unseen",
        meaning="no poll has seen the chat for longer than the limit, and than 3 of its intervals",
        limit=lambda thresholds: _seconds(thresholds.unseen),
        clears="a poll sees the chat again, or the server denies it or no longer knows it",
        condition=alarm_conditions.unseen,
        why=alarm_words.why_unseen,
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
