"""What the screens of a replay share: the same as over live chats, made from a tape."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import NamedTuple

import msgspec

from chatmon.config.screen import ScreenSettings
from chatmon.monitor.clock import Clock
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi
from chatmon.monitor.pseudonyms import REAL_NAMES, Naming
from chatmon.monitor.snapshot import Snapshot
from chatmon.replay.player import Player
from chatmon.replay.tape import Tape
from chatmon.ui.chat_names import ChatName, ChatNames
from chatmon.ui.days import dated_time, day_of
from chatmon.ui.event_wording import event_text, merged
from chatmon.ui.keymap import keymap_in_replay
from chatmon.ui.session import MAX_PINS, Session

LISTED = 10_000
"""Events that are listed at the least, where there are so many, and half as many more at the most."""

TOLD_FROM = 5_000
"""Events: it is told how far the tape is wound only where that takes longer than to go back a little."""


class Winding(NamedTuple):
    """The tape is wound to a second of it: of `total` events, so many are `left` to play."""

    second: float
    total: int
    left: int

    @property
    def is_told(self) -> bool:
        """Whether it takes so long that somebody wonders."""
        return self.total > TOLD_FROM

    @property
    def percent(self) -> int:
        """How far it is wound."""
        return 100 * (self.total - self.left) // max(1, self.total)


class TapeLog:
    """The newest events of a tape's day up to a place on it. Which ones goes by the place alone."""

    def __init__(self, tape: Tape, total: int) -> None:
        self._tape = tape
        self.total = total
        step = LISTED // 2
        self.begins = max(0, (total // step) * step - LISTED)

    def since(self, total: int) -> tuple[Event, ...]:
        """The events after the first `total` ones of the day, as far as they are listed."""
        first = self._tape.first
        return tuple(self._tape.events[first + max(total, self.begins) : first + self.total])


class TapeNames(ChatNames):
    """The names of the chats of a tape, as they were recorded last: also of those that come later."""

    def __init__(self, monitor: Monitor, tape: Tape, naming: Naming) -> None:
        super().__init__(monitor.board, naming)
        self._tape = tape

    def _of_real(self, chat_id: str) -> ChatName:
        return ChatName(*self._tape.names.get(chat_id, ()))


class ReplaySession(Session):
    """One sitting before a tape. There is a monitor only for what goes wrong: it watches nothing."""

    def __init__(self, player: Player, settings: ScreenSettings, *, source: str, clock: Clock, naming: Naming = REAL_NAMES) -> None:
        self.player: Player = player
        self.second = player.second
        """The second of the tape that is shown: where the player stands, unless the tape is yet wound there."""
        self.winding: Winding | None = None
        self._pins: list[str] = []
        """The pinned chats in their order, also those that are not on the board where the player stands."""
        monitor = Monitor(_open_nothing, pace=Pace(), clock=clock, random=Random(0))
        super().__init__(monitor, msgspec.structs.replace(settings, keys=keymap_in_replay(settings.keys)), source=source, naming=naming)
        self.names = TapeNames(monitor, player.tape, naming)

    def _look(self) -> Snapshot:
        shown = self.naming.snapshot(self.player.film.look(self.second))
        return msgspec.structs.replace(shown, troubles=dict(self.monitor.troubles))

    def wind(self) -> bool:
        """Wind the tape on to where the player stands, as far as it goes at once; whether it is there, and can be shown."""
        film, second = self.player.film, self.player.second
        if film.wind(second):
            self.second, self.winding = second, None
            return True
        left = film.left(second)
        begun = self.winding if self.winding is not None and self.winding.second == second else Winding(second, left, left)
        self.winding = begun._replace(left=left)
        return False

    def renew(self) -> bool:
        """Take the snapshot of where the player stands; of where it stood as long as the tape is wound. False where it stays as it is."""
        if not self.wind() and self.player.film.left(self.second):
            return False  # what was known there has to be played anew: someone still records
        self.listing.renew()
        self._short_ids = None
        super().renew()
        self.pinned = [chat_id for chat_id in self._pins if chat_id in self.snapshot.chats][:MAX_PINS]
        return True

    def toggle_pin(self, chat_id: str) -> bool:
        """Pin a chat or unpin it; False where there is no place for another."""
        done = super().toggle_pin(chat_id)
        if chat_id in self._pins:
            self._pins.remove(chat_id)
        elif done:
            self._pins.append(chat_id)
        return done

    @property
    def events(self) -> TapeLog:
        """The events of the day up to what is shown."""
        return TapeLog(self.player.tape, self.snapshot.events)

    def timeline(self, chat_id: str) -> list[Event]:
        """The events of a chat up to there, oldest first."""
        tape = self.player.tape
        recorded = tape.of_chat(self.naming.real_chat(chat_id), tape.count(self.second))
        return list(map(self.naming.event, recorded))

    def happened(self, kind: EventKind | None = None) -> str:
        """What happened in the second that is shown, or of it what is of a kind, in one line: the first, and how much more."""
        tape, second = self.player.tape, self.second
        here = tape.events[tape.count(second - 1) : tape.count(second)]
        told = merged(self.naming.event(event) for event in here if kind in {None, event.kind})
        if not told:
            return ""
        first, more = told[0], f" (and {len(told) - 1} more)" if len(told) > 1 else ""
        chat = "" if first.chat is None else f"{self.short_ids.get(first.chat, first.chat[:8])}: "
        return f"{chat}{event_text(first)}{more}"

    @property
    def key_words(self) -> Mapping[str, str]:
        """What the key for playing does now."""
        return {"play": "stop"} if self.player.is_playing else {}

    @property
    def is_watched(self) -> bool:
        """Whether chatmon ran then."""
        return self.player.tape.is_watched(self.second)

    @property
    def why_no_chats(self) -> tuple[str, ...]:
        """That nobody watched then, or no chat was there."""
        if self.is_watched:
            return ("No chat had been seen yet." if not self.snapshot.events else "No chat was watched.",)
        gap, today = self.player.tape.unwatched(self.second), day_of(self.second, self.timezone)
        begin, end = (dated_time(utc, today, self.timezone) for utc in gap)
        return ("Nothing was watched then.", f"chatmon did not run from {begin} to {end}.", "What happened meanwhile nobody knows.")


async def _open_nothing(_: Monitor) -> ChatApi:
    raise AssertionError("a replay asks nobody")
