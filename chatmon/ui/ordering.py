"""In which order chats stand on the board: sort orders as data, and the one pure function that applies them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.api.sanitise import clean
from chatmon.monitor.alarms import Severity
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.observation import Health
from chatmon.ui.alarm_marks import NO_ALARMS, AlarmsByChat, ChatAlarms, is_pressing, worst
from chatmon.ui.wording import time_shown

_ALARM_RANKS = {Severity.CRITICAL: 0, Severity.WARN: 1}
_STATE_RANKS = {WAITING: 2, CHATTING: 7, IDLE: 8}
_OTHER_RANK = 6
_HEALTH_RANKS = {Health.FAILING: 3, Health.DENIED: 4, Health.NOT_FOUND: 5, Health.PENDING: 9, Health.GONE: 10}
_NEVER = float("inf")


def _urgency(chat: Chat, alarms: ChatAlarms, _: Moment) -> tuple[int, int, float]:
    """How soon a chat needs a person: alarms the user does not know of, waiting, not answering, unknown states, chatting, idle, not
    asked, gone; within the same the longest first. Where only the last known state is there, it counts before the time does.
    """
    alarm = worst(alarms)
    if alarm is not None and is_pressing(alarm):
        return _ALARM_RANKS[alarm.severity], 0, alarm.since.monotonic
    state = _STATE_RANKS.get(chat.state or "", _OTHER_RANK)
    return (state, 0, _since(chat)) if chat.health is Health.OK else (_HEALTH_RANKS[chat.health], state, _since(chat))


def _since(chat: Chat) -> float:
    return _NEVER if chat.state_since is None else chat.state_since.monotonic


def _shown_since(chat: Chat, now: Moment) -> float:
    """Since when a chat is so as the column of clocks shows it, where some clocks stand and others go on."""
    seconds = time_shown(chat, now)
    return _NEVER if seconds is None else now.monotonic - seconds


@dataclass(frozen=True, slots=True)
class SortOrder:
    """A way to sort the board: the column that shows it, and the key of a chat with its alarms at a moment, smallest first."""

    id: str
    title: str
    column: str
    key: Callable[[Chat, ChatAlarms, Moment], Any]


SORT_ORDERS: tuple[SortOrder, ...] = (
    SortOrder("worst", "worst first", "sign", _urgency),
    SortOrder("state", "state", "state", lambda chat, *_: (clean(chat.state or "\uffff"), _since(chat))),
    SortOrder("for", "longest in state", "for", lambda chat, _, now: _shown_since(chat, now)),
    SortOrder("customer", "customer", "customer", lambda chat, *_: clean(chat.customer).casefold() or "\uffff"),
    SortOrder("agent", "agent", "agent", lambda chat, *_: [clean(name).casefold() for name in reversed(chat.agents)] or ["\uffff"]),
    SortOrder("seen", "seen longest ago", "seen", lambda chat, *_: _NEVER if chat.observed is None else chat.observed.monotonic),
    SortOrder("chat", "chat id", "chat", lambda chat, *_: chat.id),
    SortOrder("label", "label", "label", lambda chat, *_: clean(chat.label).casefold() or "\uffff"),
)


def arrange(
    chats: Iterable[Chat],
    shows: Callable[[Chat], bool],
    order: SortOrder,
    now: Moment,
    *,
    reverse: bool = False,
    alarms: AlarmsByChat = NO_ALARMS,
) -> list[str]:
    """The ids of the chats that the filter `shows`, in the order that holds `now`; chats that are equal in it stand by id."""
    shown = sorted(filter(shows, chats), key=lambda chat: chat.id)
    shown.sort(key=lambda chat: order.key(chat, alarms.get(chat.id, ()), now), reverse=reverse)
    return [chat.id for chat in shown]


def keep_places(before: list[str], after: list[str]) -> list[str]:
    """The chats of `after` in the places they had `before`, new ones at the end: nothing moves under a hand that is navigating."""
    wanted = set(after)
    kept = [chat_id for chat_id in before if chat_id in wanted]
    known = set(kept)
    return kept + [chat_id for chat_id in after if chat_id not in known]
