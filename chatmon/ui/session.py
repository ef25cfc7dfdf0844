"""What the screens share: the monitor, the snapshot on show, and what the user chose."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from chatmon.api.sanitise import clean
from chatmon.config.screen import ScreenSettings
from chatmon.monitor.chat import Chat
from chatmon.monitor.events import Event
from chatmon.monitor.filters import Filter, parse_filter
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.observation import Health
from chatmon.monitor.snapshot import Snapshot, take_snapshot
from chatmon.ui.columns import CellContext
from chatmon.ui.ordering import SORT_ORDERS, SortOrder
from chatmon.ui.short_ids import short_ids
from chatmon.ui.wording import UNNAMED

MAX_PINS = 9
"""As many as there are keys from 1 to 9."""
INTERVALS = (0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 30.0, 60.0)
"""Seconds between two polls of a chat, as `+` and `-` go through them."""


class Session:
    """One sitting before the board. Chats are known by id everywhere, so that a choice belongs to a chat, not to a place.

    `source` says in a few words what is being watched; `timezone` is the one in which times of day are shown (None: the machine's).
    """

    def __init__(self, monitor: Monitor, settings: ScreenSettings, *, source: str) -> None:
        self.monitor = monitor
        self.settings = settings
        self.source = source
        self.timezone = settings.timezone
        self.snapshot: Snapshot = take_snapshot(monitor)
        self.paused = False
        self.selected: str | None = None
        self.pinned: list[str] = []
        self.filter_text = ""
        self.shows: Callable[[Chat], bool] = Filter().matches
        self.order: SortOrder = SORT_ORDERS[0]
        self.reverse = False
        self.last_unwatched = ""
        self._short_ids: dict[str, str] = {}
        self._short_ids_of: frozenset[str] = frozenset()
        self._short_ids_in: Snapshot | None = None

    def renew(self) -> bool:
        """Take a new snapshot, unless the screen is paused; whether there is one."""
        if self.paused:
            return False
        self.snapshot = take_snapshot(self.monitor)
        self.pinned = [chat_id for chat_id in self.pinned if chat_id in self.snapshot.chats]
        return True

    def context(self) -> CellContext:
        """What cells are made from."""
        return CellContext(self.snapshot, self.short_ids, tuple(self.pinned))

    @property
    def short_ids(self) -> dict[str, str]:
        """Each chat's id as it is shown in lists; made anew only when chats came or went."""
        if self._short_ids_in is self.snapshot:
            return self._short_ids
        self._short_ids_in = self.snapshot
        if self._short_ids_of != self.snapshot.chats.keys():
            self._short_ids_of = frozenset(self.snapshot.chats)
            self._short_ids = short_ids(self._short_ids_of)
        return self._short_ids

    def chat(self, chat_id: str | None) -> Chat | None:
        """A chat as the snapshot has it."""
        return None if chat_id is None else self.snapshot.chats.get(chat_id)

    def timeline(self, chat_id: str) -> list[Event]:
        """The events of a chat up to the snapshot, oldest first."""
        events = list(self.monitor.board.timeline(chat_id))
        # A live snapshot has seen them all, whatever became of the wall clock since.
        return [event for event in events if event.at <= self.snapshot.now.utc] if self.paused else events

    def set_filter(self, text: str) -> None:
        """Show only the chats that the text means. Raises `InvalidFilter` and then keeps the filter as it was."""
        self.shows = parse_filter(text).matches
        self.filter_text = text.strip()

    def filter_by_agent(self, nickname: str) -> None:
        """Show only the chats in which an agent of exactly this nickname is listed, as the agents screen counts them.

        `filter_text` says it in the filter language as nearly as it can: that has no words for a nickname that is empty or holds quotes.
        """
        self.shows = lambda chat: nickname in chat.agents and chat.health in {Health.OK, Health.FAILING}
        self.filter_text = f'agent:"{clean(nickname).replace(chr(34), "") or UNNAMED}"'

    def next_order(self) -> None:
        """Sort by the next column."""
        self.order = SORT_ORDERS[(SORT_ORDERS.index(self.order) + 1) % len(SORT_ORDERS)]
        self.reverse = False

    def order_by(self, column: str) -> bool:
        """Sort by a column, or the other way round where it already is so; whether it can be sorted by."""
        order = next((one for one in SORT_ORDERS if one.column == column), None)
        if order is None:
            return False
        self.reverse = not self.reverse if order is self.order else False
        self.order = order
        return True

    def toggle_pin(self, chat_id: str) -> bool:
        """Pin a chat or unpin it; False where there is no place for another."""
        if chat_id in self.pinned:
            self.pinned.remove(chat_id)
            return True
        if len(self.pinned) >= MAX_PINS:
            return False
        self.pinned.append(chat_id)
        return True

    def watch(self, chat_id: str, label: str) -> bool:
        """Watch a chat; whether it is new."""
        is_new = bool(self.monitor.watch([(chat_id, label or None)]))
        self.last_unwatched = ""
        if not self.renew():
            self._show_own_doing({**self.snapshot.chats, chat_id: self.monitor.board.chat(chat_id)})
        return is_new

    def unwatch(self, chat_id: str) -> None:
        """Stop watching a chat; its id is remembered so that it can be taken back."""
        self.last_unwatched = chat_id
        self.monitor.unwatch(chat_id)
        if chat_id in self.pinned:
            self.pinned.remove(chat_id)
        if not self.renew():
            self._show_own_doing({**self.snapshot.chats, chat_id: None})

    def _show_own_doing(self, chats: dict[str, Chat | None]) -> None:
        """What the user does is shown at once, even on a paused screen; everything else there stays as it was."""
        self.snapshot = msgspec.structs.replace(self.snapshot, chats={one: chat for one, chat in chats.items() if chat is not None})

    def change_interval(self, step: int) -> float:
        """Go `step` places through `INTERVALS` and give the interval that is then in force, in seconds."""
        current = self.monitor.pace.interval
        faster = [seconds for seconds in INTERVALS if seconds < current]
        slower = [seconds for seconds in INTERVALS if seconds > current]
        chosen = current
        if step < 0 and faster:
            chosen = faster[-1]
        elif step > 0 and slower:
            chosen = slower[0]
        self.monitor.change_interval(chosen)
        return chosen
