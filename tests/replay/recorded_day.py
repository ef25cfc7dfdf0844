"""A shift of the simulated contact centre, watched by a real monitor and recorded by the real recorder, without a second going by."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC
from pathlib import Path
from random import Random

import msgspec

from chatmon.api.errors import ChatApiError, NotFound, Timeout
from chatmon.api.resource import Answer, decode
from chatmon.history.reader import HistoryReader
from chatmon.history.recall import recall
from chatmon.history.recorder import Recorder
from chatmon.history.writer import HistoryWriter
from chatmon.monitor.alarms import Thresholds
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.observation import answered, failed
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi
from chatmon.monitor.shift import Shift, day_start
from chatmon.monitor.snapshot import Snapshot, take_snapshot
from chatmon.simulator.contact_centre import ContactCentre
from chatmon.simulator.server import represent

MORNING = 1_795_334_400.0
"""Eight o'clock UTC on Sunday 22 November 2026."""
SOURCE = "https://gws.example.com/api/v2"
STEP = 2.0
"""Seconds between two polls of a chat."""
FORGET_AFTER = 20.0


class Breaks(msgspec.Struct, frozen=True):
    """What went wrong meanwhile, in seconds since the beginning: chatmon was killed and started again, the server gave no answer."""

    restarts: tuple[tuple[float, float], ...] = ()
    outages: tuple[tuple[float, float], ...] = ()


class Day(msgspec.Struct, frozen=True):
    """A file that was recorded, and what was to be seen live at some seconds since the beginning."""

    path: Path
    live: dict[float, Snapshot]
    events: int


class _Clock:
    """Stands where it was put."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> Moment:
        return Moment(1_000.0 + self.seconds, MORNING + self.seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:  # noqa: ARG002 - no time passes
        await event.wait()


async def _never(_: Monitor) -> ChatApi:
    raise AssertionError


class _Shift:
    def __init__(self, path: Path, *, chats: int, seed: int, breaks: Breaks, thresholds: Thresholds) -> None:
        self.path, self.breaks, self.thresholds = path, breaks, thresholds
        self.clock = _Clock()
        self.centre = ContactCentre(chats=chats, seed=seed)
        self.vanished: dict[str, float] = {}
        self.sessions = 0

    def begin(self) -> tuple[Monitor, Recorder]:
        """A monitor that knows again what was recorded, as the program starts it."""
        self.sessions += 1
        monitor = Monitor(_never, pace=Pace(interval=STEP), clock=self.clock, random=Random(1), thresholds=self.thresholds, timezone=UTC)
        now = self.clock.now()
        writer = HistoryWriter(self.path, source=SOURCE, token=f"session {self.sessions}", started=now.utc)
        writer.open()
        self.follow(monitor)
        reader = HistoryReader(self.path, SOURCE)
        watched = [chat.id for chat in monitor.board.chats]
        shift = Shift(since=day_start(now.utc, UTC), service_level=self.thresholds.service_level)
        recall(reader, watched, shift, now).hand_to(monitor)
        reader.close()
        recorder = Recorder(monitor, writer)
        monitor.board.record(Event(at=now.utc, kind=EventKind.MONITOR_STARTED))
        return monitor, recorder

    def follow(self, monitor: Monitor) -> None:
        monitor.watch((chat_id, chat.label) for chat_id in self.centre.chat_ids() if (chat := self.centre.chat(chat_id)) is not None)
        for chat_id, at in self.vanished.items():
            if self.clock.seconds - at > FORGET_AFTER:
                monitor.unwatch(chat_id)

    def poll_all(self, monitor: Monitor) -> None:
        is_out = any(begin <= self.clock.seconds < end for begin, end in self.breaks.outages)
        now = self.clock.now()
        for chat in list(monitor.board.chats):
            outcome = Timeout("no whole answer within 5 s") if is_out else self.outcome(chat.id)
            if isinstance(outcome, ChatApiError):
                monitor.board.apply(failed(chat.id, now, now, outcome))
            else:
                monitor.board.apply(answered(chat.id, now, now, outcome))

    def outcome(self, chat_id: str) -> Answer | ChatApiError:
        simulated = self.centre.chat(chat_id)
        resource = None if simulated is None else decode(represent(simulated).body).chat
        return NotFound("unknown to the server", http_status=404) if resource is None else Answer(resource, 200)

    def advance(self, seconds: float) -> None:
        self.clock.seconds += seconds
        for event in self.centre.advance(self.clock.seconds):
            if event.kind == "vanished":
                self.vanished[event.chat_id] = event.at


async def _record(shift: _Shift, seconds: float, looks: set[float]) -> Day:
    live: dict[float, Snapshot] = {}
    monitor, recorder = shift.begin()
    restarts = list(shift.breaks.restarts)
    while shift.clock.seconds <= seconds:
        if restarts and shift.clock.seconds >= restarts[0][0]:
            await recorder.aclose()
            shift.advance(restarts.pop(0)[1])
            monitor, recorder = shift.begin()
        shift.follow(monitor)
        shift.poll_all(monitor)
        monitor.review()
        if shift.clock.seconds in looks:
            live[shift.clock.seconds] = take_snapshot(monitor)
        await recorder.flush()
        shift.advance(STEP / 2)
        monitor.review()
        shift.advance(STEP / 2)
    monitor.board.record(Event(at=shift.clock.now().utc, kind=EventKind.MONITOR_STOPPED))
    total = monitor.board.events.total
    await recorder.aclose()
    return Day(shift.path, live, total)


def record_day(
    path: Path,
    *,
    seconds: float,
    chats: int,
    seed: int = 4,
    looks: Iterable[float] = (),
    breaks: Breaks | None = None,
    thresholds: Thresholds | None = None,
) -> Day:
    """Record so many seconds of a shift to a file; `looks` are multiples of `STEP`."""
    shift = _Shift(path, chats=chats, seed=seed, breaks=breaks or Breaks(), thresholds=thresholds or Thresholds())
    return asyncio.run(_record(shift, seconds, set(looks)))
