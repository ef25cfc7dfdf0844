"""What the command palette finds beside commands: chats, by id, customer, agent and label."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual.binding import BindingType
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from chatmon.api.sanitise import clean
from chatmon.monitor.chat import Chat
from chatmon.ui.keys import MODAL_KEYS
from chatmon.ui.screens.latest_size import LatestSize
from chatmon.ui.session import Session
from chatmon.ui.wording import state_word

MAX_OFFERED = 8
"""Chats offered before anything is typed."""
SEARCHED_AT_ONCE = 100
"""Chats that are searched before the screen gets its turn."""


class Palette(LatestSize, CommandPalette):
    """Textual's own, in a window whose size may change."""

    BINDINGS: ClassVar[list[BindingType]] = [*MODAL_KEYS]


class ChatProvider(Provider):
    """Jumps to a chat on the board."""

    session: Session
    jump: Callable[[str], None]

    async def discover(self) -> Hits:
        """The pinned chats, and the selected one."""
        offered = dict.fromkeys([*self.session.pinned, *([self.session.selected] if self.session.selected else [])])
        for chat_id in list(offered)[:MAX_OFFERED]:
            chat = self.session.chat(chat_id)
            if chat is not None:
                yield DiscoveryHit(Content(self._title(chat)), partial(self.jump, chat_id), text=self._title(chat), help="go to the chat")

    async def search(self, query: str) -> Hits:
        """The chats whose id, customer, agents or label are like the query."""
        matcher = self.matcher(query)
        for number, chat in enumerate(self.session.snapshot.chats.values(), 1):
            if number % SEARCHED_AT_ONCE == 0:
                await asyncio.sleep(0)
            title = self._title(chat)
            searched = f"{title} {chat.id}"
            score = matcher.match(searched)
            if score > 0:
                yield Hit(score, Content(title), partial(self.jump, chat.id), text=searched, help="go to the chat")

    def _title(self, chat: Chat) -> str:
        parts = (
            clean(self.session.short_ids.get(chat.id, chat.id)),
            clean(chat.customer),
            ", ".join(map(clean, chat.agents)),
            clean(chat.label),
            state_word(chat),
        )
        return "  ".join(part for part in parts if part)


def chat_provider(session: Session, jump: Callable[[str], None]) -> type[Provider]:
    """The provider for one session; `jump` is called with the id of the chosen chat."""
    return type("SessionChatProvider", (ChatProvider,), {"session": session, "jump": staticmethod(jump)})
