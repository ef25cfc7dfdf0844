"""In how many chats each agent is at once, kept up to date chat by chat."""

from __future__ import annotations

from collections import Counter

from chatmon.api.resource import CHATTING
from chatmon.monitor.chat import Chat
from chatmon.monitor.observation import Health


class AgentChats:
    """The number of chats, Chatting as far as known, in which each agent is listed. Agents are told apart by nickname.

    `changed` holds the agents whose number changed since it was emptied.
    """

    def __init__(self) -> None:
        self.changed: set[str] = set()
        self._chats: Counter[str] = Counter()

    def __getitem__(self, nickname: str) -> int:
        return self._chats[nickname]

    def take(self, before: Chat | None, after: Chat | None) -> None:
        """A chat is no longer as it was; None where it was, or is, not watched."""
        were, are = _busy(before), _busy(after)
        for nickname in were - are:
            self._chats[nickname] -= 1
            if not self._chats[nickname]:
                del self._chats[nickname]
        for nickname in are - were:
            self._chats[nickname] += 1
        self.changed |= were ^ are


def _busy(chat: Chat | None) -> frozenset[str]:
    """The agents whom a chat keeps busy. One without a nickname cannot be told from another."""
    if chat is None or chat.state != CHATTING or chat.health is Health.GONE:
        return frozenset()
    return frozenset(nickname for nickname in chat.agents if nickname)
