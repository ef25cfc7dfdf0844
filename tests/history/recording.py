"""A monitor that is recorded, with a clock that stands still until it is moved, and polls that are handed to it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC
from pathlib import Path
from random import Random
from typing import Any

from chatmon.api.errors import NotFound, Timeout
from chatmon.api.resource import AGENT, CHATTING, CUSTOMER, IDLE, WAITING, Answer, ChatResource, Participant
from chatmon.history.reader import HistoryReader
from chatmon.history.recall import Recalled, recall
from chatmon.history.recorder import Recorder
from chatmon.history.writer import HistoryWriter
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.observation import answered, failed
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi
from chatmon.monitor.shift import Shift, day_start

NOON = 1_000_036_800.0
"""A noon in UTC, in seconds since 1970."""
SOURCE = "https://gws.example.com/api/v2"
CHRIS, KRISTI = Participant("1", "Chris", CUSTOMER), Participant("2", "Kristi", AGENT)
WAITS = ChatResource(state=WAITING, participants=(CHRIS,), capabilities=("SendMessage",))
CHATS = ChatResource(state=CHATTING, participants=(CHRIS, KRISTI), capabilities=("SendMessage", "Complete"))
ENDED = ChatResource(state=IDLE, participants=(CHRIS, KRISTI))
LOST = NotFound("HTTP 404", http_status=404)
LATE = Timeout("no answer in time")


class HandClock:
    """Stands still until it is moved; whoever waits on it waits for ever. Each process has a monotonic clock of its own."""

    def __init__(self, utc: float = NOON, monotonic: float = 1_000.0) -> None:
        self._now = Moment(monotonic, utc)

    def now(self) -> Moment:
        return self._now

    async def wait(self, event: asyncio.Event, seconds: float) -> None:  # noqa: ARG002 - the shape of Clock
        await event.wait()

    def pass_by(self, seconds: float) -> None:
        self._now = Moment(self._now.monotonic + seconds, self._now.utc + seconds)

    def set_utc(self, by: float) -> None:
        self._now = Moment(self._now.monotonic, self._now.utc + by)


async def _never_opened(_: Monitor) -> ChatApi:
    raise AssertionError


class Watch:
    """A monitor that polls nothing by itself."""

    def __init__(self, clock: HandClock, *chats: str) -> None:
        self.clock = clock
        self.events: list[Event] = []
        self.notices: list[str] = []
        self.monitor = Monitor(_never_opened, pace=Pace(), clock=clock, random=Random(1), on_event=self.events.append)
        self.monitor.on_notice = self.notices.append
        self.monitor.watch((chat, f"label of {chat}") for chat in chats)

    def polls(self, chat: str, outcome: ChatResource | Exception, after: float = 1.0) -> None:
        """A poll of a chat, so many seconds after what happened last."""
        self.clock.pass_by(after)
        now = self.clock.now()
        if isinstance(outcome, Exception):
            self.monitor.board.apply(failed(chat, now, now, outcome))
        else:
            every = self.monitor.pace.every(outcome.state, is_attended=False)
            self.monitor.board.apply(answered(chat, now, now, Answer(outcome, 200)), every)

    def chat(self, chat: str) -> Any:
        return self.monitor.board.chat(chat)


def writer(path: Path, clock: HandClock, token: str = "first", source: str = SOURCE) -> HistoryWriter:
    return HistoryWriter(path, source=source, token=token, started=clock.now().utc)


@asynccontextmanager
async def recorded(path: Path, watch: Watch, token: str = "first", **options: Any) -> Any:
    """The recorder of a monitor; closed in the end."""
    recorder = Recorder(watch.monitor, writer(path, watch.clock, token), **options)
    try:
        yield recorder
    finally:
        await recorder.aclose()


@contextmanager
def reading(path: Path, source: str | None = None) -> Iterator[HistoryReader]:
    reader = HistoryReader(path, source)
    try:
        yield reader
    finally:
        reader.close()


def events_in(path: Path) -> list[Event]:
    """Every event of a file in its order."""
    with reading(path) as reader:
        return [recorded.event for recorded in reader.read_on()]


def recalled(path: Path, now: Moment, *watched: str, source: str | None = SOURCE) -> Recalled:
    """What is known from a file, days being those of UTC."""
    shift = Shift(since=day_start(now.utc, UTC), service_level=60.0)
    with reading(path, source) as reader:
        return recall(reader, watched, shift, now)


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    """What a query of another program finds."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()
