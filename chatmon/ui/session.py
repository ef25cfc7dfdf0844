"""What the screens share: the monitor, the snapshot on show, and what the user chose and does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from chatmon.config.screen import ScreenSettings
from chatmon.history.reader import HistoryReader
from chatmon.monitor.alarms import Alarm
from chatmon.monitor.board import EventLog, ReadableLog
from chatmon.monitor.chat import Chat
from chatmon.monitor.chat_list import LabelledChat
from chatmon.monitor.events import Event
from chatmon.monitor.filters import names_nobody
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.pseudonyms import REAL_NAMES, Naming
from chatmon.monitor.snapshot import Snapshot, take_snapshot
from chatmon.monitor.transcripts import Transcripts
from chatmon.ui.alarm_marks import NO_ALARMS, AlarmsByChat, Subject, alarms_by_chat
from chatmon.ui.chat_names import ChatNames
from chatmon.ui.columns import CellContext
from chatmon.ui.keymap import OFF, key_of
from chatmon.ui.listing import Listing
from chatmon.ui.short_ids import ShortIds

MAX_PINS = 9
"""As many as there are keys from 1 to 9."""
NO_CHATS = (
    "No chat is watched.",
    "Press {watch} to watch one, or start chatmon with ids:",
    "chatmon watch ID   or   chatmon watch --ids-file FILE",
)
INTERVALS = (0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 30.0, 60.0)
"""Seconds between two polls of a chat, as `+` and `-` go through them."""


class Session:
    """One sitting before the board. Chats are known by id everywhere, so that a choice belongs to a chat, not to a place.

    `source` says in a few words what is being watched; `history` reads what was recorded of it, None where nothing is; `timezone` is
    the one in which times of day are shown (None: the machine's). `naming` says by which names chats and people are shown: those are
    what the screens know, and only here do they become the monitor's again. `transcripts` reads those of chats, None where that is off.
    """

    def __init__(
        self,
        monitor: Monitor,
        settings: ScreenSettings,
        *,
        source: str,
        history: HistoryReader | None = None,
        naming: Naming = REAL_NAMES,
        transcripts: Transcripts | None = None,
    ) -> None:
        self.monitor = monitor
        self.transcripts = None if naming.hides else transcripts  # what people write cannot be given by pseudonyms
        self.warned_of_transcripts = False
        """Whether the user was told, in this sitting, what reading a transcript may do."""
        self.naming = naming
        self.settings = settings
        self.source = source
        self.history = history
        self.timezone = settings.timezone
        self.names = ChatNames(monitor.board, naming)
        monitor.listen(self.names.take)
        self.snapshot: Snapshot = self._look()
        self.paused = False
        self._events_kept = monitor.board.events
        self._selected: str | None = None
        self._opened: str | None = None
        self._attended: frozenset[str] = frozenset()
        self.pinned: list[str] = []
        self._expected_pins: tuple[str, ...] = ()
        self.listing = Listing(settings.sort)
        self.last_unwatched = ""
        self._short_ids: ShortIds | None = None
        self.trouble_since: dict[str, float] = dict.fromkeys(self.snapshot.troubles, self.snapshot.now.utc)
        """Since when, in UTC seconds, something beside the polls is wrong, by what it is about."""
        self._alarms: AlarmsByChat = NO_ALARMS
        self._alarms_in: Snapshot | None = None

    def _look(self) -> Snapshot:
        """Everything as it is now, by the names that are shown."""
        return self.naming.snapshot(take_snapshot(self.monitor))

    @property
    def why_no_chats(self) -> tuple[str, ...]:
        """Why the board is empty where no filter makes it so, in lines."""
        return tuple(one.format(watch=self.key("watch")) for one in NO_CHATS)

    @property
    def key_words(self) -> Mapping[str, str]:
        """Words for what keys do now, by action, where it is not what they do mostly."""
        return {"pause": "resume"} if self.paused else {}

    def is_off(self, binding: str) -> bool:
        """Whether a binding has no key for the time being."""
        return self.settings.keys.get(binding) == OFF

    def renew(self) -> bool:
        """Take a new snapshot, unless the screen is paused; whether there is one."""
        if self.paused:
            return False
        changes = self.monitor.board.take_changes()
        if changes.chats is None:
            self.listing.renew()
        else:
            self.listing.touch(map(self.naming.chat_id, changes.chats))
        if changes.membership:
            self._short_ids = None
        self.snapshot = self._look()
        now = self.snapshot.now.utc
        self.trouble_since = {about: self.trouble_since.get(about, now) for about in self.snapshot.troubles}
        self.pinned = [chat_id for chat_id in self.pinned if chat_id in self.snapshot.chats]
        self._pin_expected()
        self._attend()
        return True

    @property
    def selected(self) -> str | None:
        """The chat that the board's selection is on."""
        return self._selected

    @selected.setter
    def selected(self, chat_id: str | None) -> None:
        self._selected = chat_id
        self._attend()

    def open(self, chat_id: str | None) -> None:
        """A chat is shown full screen, or, with None, is no more."""
        self._opened = chat_id
        self._attend()

    def _attend(self) -> None:
        """Let the monitor know at which chats someone looks."""
        chats = frozenset(one for one in (self._selected, self._opened, *self.pinned) if one is not None)
        if chats != self._attended:
            self._attended = chats
            self.monitor.attend(map(self.naming.real_chat, chats))

    def key(self, binding: str) -> str:
        """The first key of a binding, by its id, as the help writes it."""
        return key_of(binding, self.settings.keys)

    def toggle_pause(self) -> None:
        """Keep the screen as it is, or go on."""
        self.paused = not self.paused
        self._events_kept = _as_it_is(self.monitor.board.events) if self.paused else self.monitor.board.events
        self.renew()

    @property
    def events(self) -> ReadableLog:
        """The events in memory; on a paused screen as they were, whatever made room for others since."""
        return self._events_kept

    def context(self) -> CellContext:
        """What cells are made from."""
        return CellContext(self.snapshot, self.short_ids, tuple(self.pinned), self.alarms)

    @property
    def alarms(self) -> AlarmsByChat:
        """The alarms of the snapshot that are about chats, by chat."""
        if self._alarms_in is not self.snapshot:
            self._alarms_in = self.snapshot
            before, after = self._alarms, alarms_by_chat(self.snapshot.alarms)
            self.listing.touch(chat_id for chat_id in before.keys() | after.keys() if before.get(chat_id) != after.get(chat_id))
            self._alarms = after
        return self._alarms

    def alarms_of(self, subject: Subject) -> tuple[Alarm, ...]:
        """The alarms about a chat or an agent, the worst first."""
        if subject.chat is not None:
            return self.alarms.get(subject.chat, ())
        return tuple(alarm for alarm in self.snapshot.alarms if subject.has(alarm))

    def arranged(self) -> list[str]:
        """The chats that the filter shows, in the order of the board."""
        return self.listing.chat_ids(self.snapshot, self.alarms)

    def acknowledge(self, subject: Subject, *, seconds: float | None = None) -> int:
        """The user knows of the alarms of a chat or an agent, for good or for so many seconds; how many they did not know yet."""
        chat = None if subject.chat is None else self.naming.real_chat(subject.chat)
        agent = None if subject.agent is None else self.naming.real_agent(subject.agent)
        number = self.monitor.acknowledge(chat=chat, agent=agent, seconds=seconds)
        if not self.renew():
            until = None if seconds is None else self.monitor.clock.now().utc + seconds
            known = (
                msgspec.structs.replace(alarm, acknowledged=True, snoozed_until=until) if subject.has(alarm) else alarm
                for alarm in self.snapshot.alarms
            )
            alarms = tuple(sorted(known, key=lambda alarm: alarm.acknowledged))
            self.snapshot = msgspec.structs.replace(self.snapshot, alarms=alarms)
        return number

    @property
    def short_ids(self) -> ShortIds:
        """Each chat's id as it is shown in lists; looked at anew only when chats came or went."""
        if self._short_ids is None:
            self._short_ids = ShortIds(self.snapshot.chats)
        return self._short_ids

    def chat(self, chat_id: str | None) -> Chat | None:
        """A chat as the snapshot has it."""
        return None if chat_id is None else self.snapshot.chats.get(chat_id)

    def timeline(self, chat_id: str) -> list[Event]:
        """The events of a chat up to the snapshot, oldest first."""
        events = list(map(self.naming.event, self.monitor.board.timeline(self.naming.real_chat(chat_id))))
        # A live snapshot has seen them all, whatever became of the wall clock since.
        return [event for event in events if event.at <= self.snapshot.now.utc] if self.paused else events

    @property
    def all_pins(self) -> tuple[str, ...]:
        """The pinned chats, and those that will be pinned when they come."""
        return (*self.pinned, *self._expected_pins)

    def expect_pins(self, chat_ids: Iterable[str]) -> None:
        """Pin chats that are watched, or will be before the first round of polls is over. Others are forgotten then."""
        self._expected_pins = tuple(dict.fromkeys(chat_ids))
        self._pin_expected()

    def _pin_expected(self) -> None:
        chats = self.snapshot.chats
        come = [chat_id for chat_id in self._expected_pins if chat_id in chats and chat_id not in self.pinned]
        self.pinned += come[: MAX_PINS - len(self.pinned)]
        is_first_round = not chats or self.snapshot.figures.pending > 0
        self._expected_pins = tuple(chat_id for chat_id in self._expected_pins if chat_id not in chats) if is_first_round else ()

    def toggle_pin(self, chat_id: str) -> bool:
        """Pin a chat or unpin it; False where there is no place for another."""
        if chat_id in self.pinned:
            self.pinned.remove(chat_id)
        elif len(self.pinned) < MAX_PINS:
            self.pinned.append(chat_id)
        else:
            return False
        self._attend()
        return True

    @property
    def saved_filters(self) -> Mapping[str, str]:
        """The filters that were set, by their keys; where names are hidden, only those that can name nobody."""
        return {key: text for key, text in self.settings.filters.items() if not self.naming.hides or names_nobody(text)}

    def watch(self, chat_id: str, label: str) -> bool:
        """Watch a chat, given as to `watch_all`; whether it is new."""
        return bool(self.watch_all([(chat_id, label)]))

    def watch_all(self, chats: Sequence[LabelledChat]) -> int:
        """Watch chats, given by their real ids or as they were shown when they were watched last; how many are new."""
        real = [(self.naming.real_chat(chat_id), label or None) for chat_id, label in chats]
        new = self.monitor.watch(real)
        self.last_unwatched = ""
        if not self.renew():
            watched = [chat for chat_id, _ in real if (chat := self.monitor.board.chat(chat_id)) is not None]
            self._show_own_doing({**self.snapshot.chats, **{self.naming.chat_id(chat.id): self.naming.chat(chat) for chat in watched}})
        return new

    def shown_id(self, chat_id: str) -> str:
        """The id by which a chat is shown, given as `watch` takes it."""
        return self.naming.chat_id(self.naming.real_chat(chat_id))

    def poll_now(self, chat_id: str) -> float:
        """Poll a chat as soon as the rate allows; how many seconds that is to wait for because of what the server said."""
        return self.monitor.poll_now(self.naming.real_chat(chat_id))

    def unwatch(self, chat_id: str) -> None:
        """Stop watching a chat; its id is remembered so that it can be taken back."""
        self.last_unwatched = chat_id
        self.monitor.unwatch(self.naming.real_chat(chat_id))
        if chat_id in self.pinned:
            self.pinned.remove(chat_id)
        if not self.renew():
            self._show_own_doing({**self.snapshot.chats, chat_id: None})

    def _show_own_doing(self, chats: dict[str, Chat | None]) -> None:
        """What the user does is shown at once, even on a paused screen; everything else there stays as it was."""
        self.listing.touch(chat_id for chat_id, chat in chats.items() if self.snapshot.chats.get(chat_id) is not chat)
        self._short_ids = None
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


def _as_it_is(log: EventLog) -> EventLog:
    """A log of the same events to which no others come."""
    kept = EventLog()
    for event in log.since(0):
        kept.append(event)
    kept.total = log.total
    return kept
