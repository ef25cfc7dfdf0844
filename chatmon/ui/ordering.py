"""In which order chats stand on the board: sort orders as data, and what keeps the chats in one of them as they change."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

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


def _seen(chat: Chat) -> float:
    return _NEVER if chat.observed is None else chat.observed.monotonic


def _shown_since(chat: Chat, now: Moment) -> float:
    """Since when a chat is so as the column of clocks shows it, where some clocks stand and others go on."""
    seconds = time_shown(chat, now)
    return _NEVER if seconds is None else now.monotonic - seconds


class SortOrder(msgspec.Struct, frozen=True):
    """A way to sort the board: the column that shows it, and the key of a chat with its alarms at a moment, smallest first.

    `drifts` says that the key of a chat moves with the time, or with every poll, though nothing about the chat changed.
    """

    id: str
    title: str
    column: str
    key: Callable[[Chat, ChatAlarms, Moment], Any]
    drifts: bool = False


SORT_ORDERS: tuple[SortOrder, ...] = (
    SortOrder("worst", "worst first", "sign", _urgency),
    SortOrder("state", "state", "state", lambda chat, *_: (clean(chat.state or "\uffff"), _since(chat))),
    SortOrder("for", "longest in state", "for", lambda chat, _, now: _shown_since(chat, now), drifts=True),
    SortOrder("customer", "customer", "customer", lambda chat, *_: clean(chat.customer).casefold() or "\uffff"),
    SortOrder("agent", "agent", "agent", lambda chat, *_: [clean(name).casefold() for name in reversed(chat.agents)] or ["\uffff"]),
    SortOrder("seen", "seen longest ago", "seen", lambda chat, *_: _seen(chat), drifts=True),
    SortOrder("chat", "chat id", "chat", lambda chat, *_: chat.id),
    SortOrder("label", "label", "label", lambda chat, *_: clean(chat.label).casefold() or "\uffff"),
)


_Place = tuple[Any, str]
"""What a chat is sorted by, and its id: chats that are equal in an order stand by id."""


class Arrangement:
    """The chats that the filter `shows`, in an order. To place chats that changed costs by their number, not by that of all chats."""

    def __init__(self, order: SortOrder, shows: Callable[[Chat], bool]) -> None:
        self.order = order
        self.shows = shows
        self._places: dict[str, _Place] = {}
        self._sorted: list[_Place] = []

    def arrange(self, chats: Iterable[Chat], now: Moment, alarms: AlarmsByChat = NO_ALARMS) -> None:
        """Place these chats, and no others, as they are at `now`."""
        self._places = {chat.id: self._place(chat, now, alarms) for chat in filter(self.shows, chats)}
        self._sorted = sorted(self._places.values())

    def change(self, chat_ids: Iterable[str], chats: Mapping[str, Chat], now: Moment, alarms: AlarmsByChat = NO_ALARMS) -> None:
        """Place anew those of the chats that may have changed, come or gone."""
        for chat_id in chat_ids:
            before, chat = self._places.pop(chat_id, None), chats.get(chat_id)
            after = self._place(chat, now, alarms) if chat is not None and self.shows(chat) else None
            if after is not None:
                self._places[chat_id] = after
            if before == after:
                continue
            if before is not None:
                del self._sorted[bisect_left(self._sorted, before)]
            if after is not None:
                insort(self._sorted, after)

    def chat_ids(self, *, reverse: bool = False) -> list[str]:
        """The ids in the order, or the other way round."""
        chat_ids = [chat_id for _, chat_id in self._sorted]
        return chat_ids[::-1] if reverse else chat_ids

    def _place(self, chat: Chat, now: Moment, alarms: AlarmsByChat) -> _Place:
        return self.order.key(chat, alarms.get(chat.id, ()), now), chat.id


def keep_places(before: list[str], after: list[str]) -> list[str]:
    """The chats of `after` in the places they had `before`, new ones at the end: nothing moves under a hand that is navigating."""
    wanted = set(after)
    kept = [chat_id for chat_id in before if chat_id in wanted]
    known = set(kept)
    return kept + [chat_id for chat_id in after if chat_id not in known]
