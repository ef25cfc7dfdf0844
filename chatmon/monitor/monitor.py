"""The monitor as one thing: board, schedule, poller and the connection they share, from the first watched chat to the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from random import Random

from chatmon.monitor.board import Board
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.clock import Clock
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.poller import ChatApi, Poller
from chatmon.monitor.schedule import Pace, Schedule
from chatmon.monitor.statistics import PollStatistics

OpenChatApi = Callable[["Monitor"], Awaitable[ChatApi]]
"""Opens the Chat API when polling begins; may import what is slow to import, and may watch and unwatch chats as it learns of them."""


class Monitor:
    """Watches chats. `run` polls until it is cancelled; everything else may be called before and while it runs, from the same loop."""

    def __init__(
        self,
        open_api: OpenChatApi,
        *,
        pace: Pace,
        clock: Clock,
        random: Random,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self.clock = clock
        self.on_notice: Callable[[str], None] | None = None
        """Called with one line when something beside the polls goes wrong that the user should know of."""
        now = clock.now().monotonic
        self.board = Board(interval=pace.interval, on_event=on_event)
        self.statistics = PollStatistics(now)
        self._schedule = Schedule(pace, random, now)
        self._open_api = open_api
        self._api: ChatApi | None = None
        self._poller: Poller | None = None

    @property
    def pace(self) -> Pace:
        """The pace that is wanted."""
        return self._schedule.pace

    @property
    def interval(self) -> float:
        """Seconds between two polls of a chat, as the total rate allows it."""
        return self._schedule.interval(self.clock.now().monotonic)

    @property
    def rate_limit(self) -> float:
        """Requests per second that are used at the most, now: less than the pace's where the server asked for less."""
        return self._schedule.budget.rate(self.clock.now().monotonic)

    @property
    def circuit(self) -> Circuit:
        """What the circuit breaker lets through."""
        return self._schedule.breaker.circuit

    @property
    def seconds_to_next_poll(self) -> float:
        """While the circuit is open: seconds until a poll is sent; else 0."""
        due = self._schedule.next_due()
        if due is None or self.circuit is Circuit.CLOSED:
            return 0.0
        return max(0.0, due - self.clock.now().monotonic)

    def watch(self, chats: Iterable[tuple[str, str | None]]) -> int:
        """Watch chats, given as ids and labels, where None leaves a label as it is; how many are new."""
        now = self.clock.now().monotonic
        new = [chat_id for chat_id, label in chats if self.board.watch(chat_id, label)]
        for chat_id in new:
            self._schedule.add(chat_id, now)
        self._wake()
        return len(new)

    def unwatch(self, chat_id: str) -> None:
        """Stop watching a chat and forget what is known of it."""
        self._schedule.remove(chat_id)
        if self.board.unwatch(chat_id) and self._api is not None:
            self._api.forget(chat_id)

    def tell(self, notice: str) -> None:
        """Tell whoever listens one printable line about something beside the polls, such as the list of chats."""
        if self.on_notice is not None:
            self.on_notice(notice)

    def poll_now(self, chat_id: str) -> None:
        """Poll a chat as soon as the budget allows."""
        self._schedule.poll_now(chat_id, self.clock.now().monotonic)
        self._wake()

    def change_interval(self, seconds: float) -> None:
        """Poll at another interval from now on."""
        self._schedule.change_interval(seconds, self.clock.now().monotonic)
        self.board.interval = self.interval
        self._wake()

    async def run(self) -> None:
        """Open the Chat API and poll until cancelled. Raises what opening it raises."""
        self._api = await self._open_api(self)
        self._poller = Poller(self._api, self.board, self._schedule, self.statistics, self.clock)
        self.board.record(Event(at=self.clock.now().utc, kind=EventKind.MONITOR_STARTED))
        try:
            await self._poller.run()
        finally:
            self.board.record(Event(at=self.clock.now().utc, kind=EventKind.MONITOR_STOPPED))
            await self._api.aclose()

    def _wake(self) -> None:
        if self._poller is not None:
            self._poller.wake()
