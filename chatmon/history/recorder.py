"""Records what a monitor sees while it runs: the event loop only takes notes, a thread of its own writes them down."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, tzinfo
from typing import Final, TypeVar

import msgspec

from chatmon.detached import DetachedExecutor
from chatmon.history.errors import HistoryDamaged, HistoryError, HistoryRefused
from chatmon.history.writer import DAY, DEFAULT_DAYS, Batch, HistoryWriter
from chatmon.monitor.backlog import Backlog
from chatmon.monitor.chat import Chat
from chatmon.monitor.events import Event
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.own_fault import tell_own_fault
from chatmon.monitor.trends import MOVING_TRENDS, TrendSample
from chatmon.starvation import result_within

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

FLUSH_SECONDS: Final = 0.4
"""Between the end of one flush and the next one."""
RETRY_SECONDS: Final = 2.0
"""The same while the file cannot be written."""
CLOSING_SECONDS: Final = 1.0
"""For so long the last flush is waited for."""
MAX_QUEUED: Final = 20_000
"""Events that wait for a disk that takes none; the oldest make room. As many chats wait at the most."""
TROUBLE: Final = "history"
"""What the monitor's lasting trouble is about."""
DAMAGE: Final = "damaged history"
"""The same for what was recorded and may be lost: that lasts though recording goes on."""


class Recorder:
    """Writes the events of a monitor, what is known of its chats and how long they were watched, from its making on.

    Where the file cannot be written, a lasting trouble of the monitor says so, and it is tried again with all that waits; one that is
    refused is left alone until it is another. What is older than `days` days is deleted. `timezone` is that of the times of day in
    troubles, None the machine's.
    """

    def __init__(self, monitor: Monitor, writer: HistoryWriter, *, days: float = DEFAULT_DAYS, timezone: tzinfo | None = None) -> None:
        self._monitor = monitor
        self._writer = writer
        self._days = days
        self._timezone = timezone
        self._thread = DetachedExecutor(1, "history")
        self._events: deque[tuple[int, Event]] = deque(maxlen=MAX_QUEUED)
        self._last = 0
        """The ordinal of the newest event."""
        self._last_written = 0
        self._lost = 0
        self._changed: dict[str, Chat] = {}
        """Chats that are not written yet as they are now; some have left the board since."""
        self._written: dict[str, Chat] = {}
        self._trends: dict[int, TrendSample] = {}
        """Those that were written last and may still change, by number."""
        self._beginnings = writer.beginnings
        self._failing_since: float | None = None
        self._is_refused = False
        self._damage: str | None = None
        """What another program overwrote last."""
        self._begun = monitor.clock.now()
        self._forget_after = 0.0
        """Seconds from `_begun` on, by the monotonic clock: a wall clock that is set back puts nothing off."""
        monitor.listen(self._take)
        monitor.backlog = self.backlog
        self._task = asyncio.create_task(self._flush_on_and_on())

    def backlog(self) -> Backlog:
        """The events that are not written yet."""
        return Backlog(len(self._events), self._events[0][1].at if self._events else None)

    async def aclose(self) -> None:
        """Write what is left, and close the file."""
        self._task.cancel()
        # Handed over before anything is waited for: even a second cancellation leaves the thread to its work.
        ended = self._thread.submit(self._end, self._next_batch())
        self._thread.shutdown(wait=False)
        with suppress(asyncio.CancelledError):
            await self._task
        try:
            await result_within(CLOSING_SECONDS, ended)
        except (HistoryError, TimeoutError) as error:
            if self._is_refused and isinstance(error, HistoryRefused):
                return  # the trouble says it
            reason = str(error) or f"the disk took longer than {CLOSING_SECONDS:g} s"
            lost = self._lost + self._last - self._last_written
            logger.error("the history was not written to its end; events lost: %d", lost)
            self._monitor.tell(f"the history was not written to its end, {lost} events are lost: {reason}")

    def _end(self, batch: Batch) -> None:
        try:
            self._writer.write(batch)
        finally:
            self._writer.close()

    def _take(self, event: Event) -> None:
        self._last += 1
        self._events.append((self._last, event))
        chat = None if event.chat is None else self._monitor.board.chat(event.chat)
        if chat is not None and chat.observed is not None:
            self._changed[chat.id] = chat  # it may leave the board before the next flush

    async def _flush_on_and_on(self) -> None:
        never = asyncio.Event()
        while True:
            await self._monitor.clock.wait(never, FLUSH_SECONDS if self._failing_since is None else RETRY_SECONDS)
            try:
                await self.flush()
            except Exception as error:  # noqa: BLE001 - it is tried again, with what comes
                self._mark(tell_own_fault("the history was not written", error))

    async def flush(self) -> None:
        """Write what is new. It happens by itself, and never twice at a time."""
        batch = self._next_batch()
        now = self._monitor.clock.now()
        try:
            await self._in_thread(lambda: self._writer.write(batch))
            self._settle(batch)
            lasted = now.since(self._begun)
            if lasted >= self._forget_after:
                may_be_more = await self._in_thread(lambda: self._writer.forget(self._days, now.utc, lasted))
                self._forget_after = lasted + (0.0 if may_be_more else DAY)
        except HistoryError as error:
            self._is_refused = isinstance(error, HistoryRefused)
            self._mark(str(error))
            if isinstance(error, HistoryDamaged):
                self._damage = f"at {self._time_of_day(now.utc)} {error}"
        except Exception as error:  # noqa: BLE001 - what cannot be written today cannot be written tomorrow: the rest can
            self._mark(tell_own_fault("a part of the history was not written", error))
            self._drop(batch)

    def _next_batch(self) -> Batch:
        """What is to be written now. It stays noted until it is.

        All events are in it that led to the chats as they are in it: whoever is killed after it goes on from there, and tells neither
        less nor anything twice.
        """
        if self._beginnings != self._writer.beginnings:
            self._beginnings = self._writer.beginnings
            self._written.clear()
            self._trends.clear()
        seen: list[Chat] = []
        for chat in self._monitor.board.chats:
            written = self._written.get(chat.id)
            if chat is written or chat.observed is None:
                continue
            if written is None or _has_changed(written, chat):
                self._changed[chat.id] = chat
            elif chat.observed is not written.observed:
                seen.append(chat)
        while len(self._changed) > MAX_QUEUED:
            del self._changed[next(iter(self._changed))]
        events = tuple(self._events)
        now = self._monitor.clock.now()
        trends = tuple(sample for sample in self._monitor.trends.newest(now) if not self._is_recorded(sample))
        return Batch(now.utc, events, tuple(self._changed.values()), tuple(seen), trends)

    def _is_recorded(self, sample: TrendSample) -> bool:
        recorded = self._trends.get(sample.number)
        return recorded is not None and msgspec.structs.replace(sample, at=recorded.at) == recorded

    def _settle(self, batch: Batch) -> None:
        """A batch was written."""
        if batch.events:
            self._lost += batch.events[0][0] - self._last_written - 1
            self._last_written = batch.events[-1][0]
        self._trends = {**self._trends, **{sample.number: sample for sample in batch.trends}}
        while len(self._trends) > MOVING_TRENDS:
            del self._trends[min(self._trends)]
        self._drop(batch)
        self._failing_since = None
        if TROUBLE in self._monitor.troubles:
            self._monitor.trouble(TROUBLE, None)
            self._monitor.trouble(DAMAGE, self._damage)
            self._monitor.tell(f"the history is written again{f'; {self._lost} events are lost' if self._lost else ''}")

    def _drop(self, batch: Batch) -> None:
        """A batch needs no further thought."""
        while batch.events and self._events and self._events[0][0] <= batch.events[-1][0]:
            self._events.popleft()
        for chat in (*batch.chats, *batch.seen):
            self._written[chat.id] = chat
            if self._changed.get(chat.id) is chat:
                del self._changed[chat.id]
        board = self._monitor.board
        if len(self._written) > 2 * len(board):
            self._written = {chat_id: chat for chat_id, chat in self._written.items() if chat_id in board}

    def _mark(self, reason: str) -> None:
        now = self._monitor.clock.now().utc
        self._failing_since = now if self._failing_since is None else self._failing_since
        since = self._time_of_day(self._failing_since)
        is_full = len(self._events) == MAX_QUEUED
        losing = " (so much waits to be written that the oldest events are lost)" if is_full else ""
        self._monitor.trouble(TROUBLE, f"nothing is recorded since {since}{losing}: {reason}")

    def _time_of_day(self, utc: float) -> str:
        return f"{datetime.fromtimestamp(utc, self._timezone):%H:%M:%S}"

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _has_changed(written: Chat, chat: Chat) -> bool:
    """Whether more of a chat changed than when it was polled and seen. What did not change is the very same object."""
    return not (
        chat.resource is written.resource
        and chat.state_since is written.state_since
        and chat.presences is written.presences
        and chat.watched_since is written.watched_since
        and chat.gone_since is written.gone_since
        and chat.unattended_since is written.unattended_since
        and chat.label == written.label
    )
