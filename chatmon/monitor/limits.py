"""Whose limit it is that a server tells: a limit told by one chat alone is that chat's, by several different chats everybody's."""

from __future__ import annotations

SEVERAL = 3
"""So many different chats that are told of a limit make it everybody's."""
FEW_CHATS = 9
"""Where fewer are watched, two are enough."""
SPENT_SECONDS = 60.0
"""The few chats that made a limit everybody's do not make another one so for as long: a limit that is told to them alone is theirs."""
FEW_SHARE = 0.03
"""Where they are more than such a share of all, it is everybody's."""


class Limits:
    """Counts the chats that were told of a limit and are not known to be answered since. Every time is in monotonic seconds."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._spent: dict[str, float] = {}

    def told(self, chat_id: str, now: float, until: float, *, chats: int, is_first: bool) -> bool:
        """A chat's poll was told of a limit, which counts `until` a time; whether it is everybody's, where `chats` are watched.

        `is_first` says that the chat's poll before was not told: a chat that is told each time is counted once, however often it is
        asked, and one of many that is told now and then once in `SPENT_SECONDS`, or a few of them would hold up all others for ever.
        """
        self._spent = {chat: end for chat, end in self._spent.items() if end > now}
        if is_first and (chat_id not in self._spent or len(self._spent) > FEW_SHARE * chats):
            self._until[chat_id] = until
        self._until = {chat: end for chat, end in self._until.items() if end > now}
        if len(self._until) < min(chats, 2 if chats < FEW_CHATS else SEVERAL):
            return False
        self._spent |= dict.fromkeys(self._until, now + SPENT_SECONDS)
        self._until.clear()
        return True

    def answered(self, chat_id: str) -> None:
        """A chat's poll met no limit."""
        if self._until:
            self._until.pop(chat_id, None)
