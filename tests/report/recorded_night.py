"""A night in the simulated contact centre, recorded by monitors in virtual time: one that is killed and started again, and an outage."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

from chatmon.api.errors import ChatApiError, NotFound, Timeout
from chatmon.api.resource import Answer
from chatmon.history.reader import HistoryReader
from chatmon.history.recall import recall
from chatmon.history.recorder import Recorder
from chatmon.history.writer import HistoryWriter
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.observation import answered, failed
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi
from chatmon.monitor.shift import Shift, day_start
from chatmon.simulator.contact_centre import ContactCentre
from tests.history.recording import SOURCE, HandClock
from tests.monitor.simulated_shift import resource_of

Span = tuple[float, float]
"""From when up to when, in seconds since the night began."""

ON_BOARD_WHEN_GONE = 20.0
FLUSHES = 30.0
"""Seconds between two flushes of the recorder."""


async def _never_opened(_: Monitor) -> ChatApi:
    raise AssertionError


class Night:
    """The monitor of a night that is recorded to a file; `utc` is when it begins, every chat is polled once in `step` seconds."""

    def __init__(self, path: Path, utc: float, *, chats: int, seed: int, step: float) -> None:
        self.path = path
        self.clock = HandClock(utc, 0.0)
        self._centre = ContactCentre(chats=chats, seed=seed)
        self._step = step
        self._gone: dict[str, float] = {}
        self._lives = 0
        self.monitor = self._new_monitor()

    def record(self, seconds: float, *, killed: Iterable[Span] = (), outages: Sequence[Span] = ()) -> Monitor:
        """Record so many seconds. While monitors are killed nobody watches, in an outage no chat answers. The last monitor, as it was."""
        asyncio.run(self._record(seconds, tuple(killed), outages))
        return self.monitor

    async def _record(self, seconds: float, killed: Sequence[Span], outages: Sequence[Span]) -> None:
        for end, start in (*killed, (seconds, seconds)):
            await self._live(end, outages)
            if start < seconds:
                self.clock.pass_by(start - end)
                self._centre.advance(self.clock.now().monotonic)
                known = [chat.id for chat in self.monitor.board.chats]
                self.monitor = self._new_monitor()
                self.monitor.watch((chat_id, None) for chat_id in known)
                self._recall(known)

    async def _live(self, until: float, outages: Sequence[Span]) -> None:
        self._lives += 1
        now = self.clock.now()
        writer = HistoryWriter(self.path, source=SOURCE, token=f"life {self._lives}", started=now.utc)
        recorder = Recorder(self.monitor, writer)
        self.monitor.board.record(Event(at=now.utc, kind=EventKind.MONITOR_STARTED))
        flushed = now.monotonic
        while self.clock.now().monotonic + self._step < until:
            self.clock.pass_by(self._step)
            at = self.clock.now().monotonic
            self._centre.advance(at)
            self._attend()
            self._poll(is_out=any(begin <= at < end for begin, end in outages))
            self.monitor.review()
            if at - flushed >= FLUSHES:
                await recorder.flush()
                flushed = at
        await recorder.aclose()

    def _attend(self) -> None:
        now = self.clock.now().monotonic
        alive = self._centre.chat_ids()
        self.monitor.watch((chat_id, chat.label) for chat_id in alive if (chat := self._centre.chat(chat_id)) is not None)
        for watched in list(self.monitor.board.chats):
            if watched.id in set(alive):
                self._gone.pop(watched.id, None)
            elif now - self._gone.setdefault(watched.id, now) >= ON_BOARD_WHEN_GONE:
                self.monitor.unwatch(watched.id)

    def _poll(self, *, is_out: bool) -> None:
        now = self.clock.now()
        for chat in list(self.monitor.board.chats):
            outcome: ChatApiError | Answer
            simulated = self._centre.chat(chat.id)
            if is_out:
                outcome = Timeout("no answer in time")
            elif simulated is None:
                outcome = NotFound("HTTP 404", http_status=404)
            else:
                outcome = Answer(resource_of(simulated), 200)
            if isinstance(outcome, ChatApiError):
                self.monitor.board.apply(failed(chat.id, now, now, outcome))
            else:
                self.monitor.board.apply(answered(chat.id, now, now, outcome))

    def _new_monitor(self) -> Monitor:
        return Monitor(_never_opened, pace=Pace(interval=self._step), clock=self.clock, random=Random(1))

    def _recall(self, watched: Sequence[str]) -> None:
        reader = HistoryReader(self.path, SOURCE)
        now = self.clock.now()
        shift = Shift(since=day_start(now.utc), service_level=self.monitor.alarms.thresholds.service_level)
        recall(reader, watched, shift, now).hand_to(self.monitor)
        reader.close()
