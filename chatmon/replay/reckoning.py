"""Which alarms would have been raised by other thresholds: the rules over a recorded day, looked at once a second."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor

import msgspec

from chatmon.monitor.alarm_book import AlarmBook
from chatmon.monitor.alarms import Thresholds
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import Health
from chatmon.replay.scene import INTERVAL, Scene
from chatmon.replay.tape import Tape


def reckoned(tape: Tape, thresholds: Thresholds, *, tell: Callable[[float], None] | None = None) -> Tape:
    """The tape with the alarms that these thresholds would have raised in place of those that were.

    The looks lie on whole seconds while chatmon ran, and so depend on the history alone. What the user acknowledged then is
    acknowledged, where there is an alarm of it. A look takes the longer the more chats there are: `tell` takes which share of the day is
    looked through, 0 to 1.
    """
    return tape.with_alarms(_Reckoning(tape, thresholds).alarms(tell))


class _Reckoning:
    def __init__(self, tape: Tape, thresholds: Thresholds) -> None:
        self._tape = tape
        self._scene = Scene(tape, thresholds)
        self._book = AlarmBook(thresholds, Moment(tape.since, tape.since))
        self._known: dict[str, tuple[Chat, Chat]] = {}
        """The chats as the scene has them, and as they are looked at."""

    def alarms(self, tell: Callable[[float], None] | None) -> list[Event]:
        """The events of the alarms, in their order."""
        tape, events = self._tape, list[Event]()
        for session in tape.sessions:
            second = max(float(ceil(session.begin)), tape.begin)
            while second <= min(floor(session.end), tape.end):
                events += self._review(second)
                if tell is not None:
                    tell((second - tape.begin) / max(1.0, tape.end - tape.begin))
                second += 1.0
        return events

    def _review(self, second: float) -> list[Event]:
        now, scene, events = Moment(second, second), self._scene, list[Event]()
        played = self._tape.count(second)
        for acknowledged in self._play(played):
            seconds = None if acknowledged.until is None else max(0.0, acknowledged.until - second)
            events += self._book.acknowledge(chat=acknowledged.chat, agent=acknowledged.agent, now=now, seconds=seconds)
        chats = [self._looked_at(chat, second) for chat in scene.known_chats()]
        return [*events, *self._book.review(chats, now, interval=INTERVAL)]

    def _play(self, played: int) -> list[Event]:
        """Play the scene on; what the user acknowledged meanwhile."""
        begin = self._scene.played
        while self._scene.played < played:
            self._scene.play_one()
        return [event for event in self._tape.events[begin:played] if event.kind is EventKind.ALARM_ACKNOWLEDGED]

    def _looked_at(self, chat: Chat, second: float) -> Chat:
        """A chat whose polls succeed is seen to the end of its stretch: until then nothing about it is old."""
        known, shown = self._known.get(chat.id, (None, chat))
        if known is chat:
            return shown
        until = self._tape.seen_until(chat.id, second) if chat.health is Health.OK else None
        if until is not None and chat.observed is not None and until > chat.observed.utc:
            shown = msgspec.structs.replace(chat, observed=Moment(chat.observed.monotonic + until - chat.observed.utc, until))
        else:
            shown = chat
        self._known[chat.id] = (chat, shown)
        return shown
