"""In which order chats stand on the board: sort orders as data, and the one pure function that applies them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.api.sanitise import clean
from chatmon.monitor.chat import Chat
from chatmon.monitor.observation import Health
from chatmon.ui.wording import is_unattended

_HEALTH_RANKS = {Health.FAILING: 2, Health.DENIED: 3, Health.NOT_FOUND: 4, Health.PENDING: 8, Health.GONE: 9}
_STATE_RANKS = {WAITING: 0, CHATTING: 6, IDLE: 7}
_NEVER = float("inf")


def _rank(chat: Chat) -> int:
    """How soon a chat needs a person: waiting, chatting with nobody, not answering, unknown states, chatting, idle, not asked, gone."""
    if chat.health is not Health.OK:
        return _HEALTH_RANKS[chat.health]
    return 1 if is_unattended(chat) else _STATE_RANKS.get(chat.state or "", 5)


def _since(chat: Chat) -> float:
    return _NEVER if chat.state_since is None else chat.state_since.monotonic


@dataclass(frozen=True, slots=True)
class SortOrder:
    """A way to sort the board: the column that shows it, and the key of a chat, smallest first."""

    id: str
    title: str
    column: str
    key: Callable[[Chat], Any]


SORT_ORDERS: tuple[SortOrder, ...] = (
    SortOrder("worst", "worst first", "sign", lambda chat: (_rank(chat), _since(chat))),
    SortOrder("state", "state", "state", lambda chat: (clean(chat.state or "\uffff"), _since(chat))),
    SortOrder("for", "longest in state", "for", _since),
    SortOrder("customer", "customer", "customer", lambda chat: clean(chat.customer).casefold() or "\uffff"),
    SortOrder("agent", "agent", "agent", lambda chat: [clean(name).casefold() for name in reversed(chat.agents)] or ["\uffff"]),
    SortOrder("seen", "seen longest ago", "seen", lambda chat: _NEVER if chat.observed is None else chat.observed.monotonic),
    SortOrder("chat", "chat id", "chat", lambda chat: chat.id),
    SortOrder("label", "label", "label", lambda chat: clean(chat.label).casefold() or "\uffff"),
)


def arrange(chats: Iterable[Chat], shows: Callable[[Chat], bool], order: SortOrder, *, reverse: bool = False) -> list[str]:
    """The ids of the chats that the filter `shows`, in order; chats that are equal in it stand by id."""
    shown = sorted(filter(shows, chats), key=lambda chat: chat.id)
    shown.sort(key=order.key, reverse=reverse)
    return [chat.id for chat in shown]


def keep_places(before: list[str], after: list[str]) -> list[str]:
    """The chats of `after` in the places they had `before`, new ones at the end: nothing moves under a hand that is navigating."""
    wanted = set(after)
    kept = [chat_id for chat_id in before if chat_id in wanted]
    known = set(kept)
    return kept + [chat_id for chat_id in after if chat_id not in known]
