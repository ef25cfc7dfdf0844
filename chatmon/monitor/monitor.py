"""The monitor as one thing: board, schedule, poller and the connection they share, from the first watched chat to the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from datetime import tzinfo
from random import Random

from chatmon.monitor.alarm_book import AlarmBook
from chatmon.monitor.alarms import Alarm, Thresholds
from chatmon.monitor.backlog import Backlog
from chatmon.monitor.board import Board
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.budget import RateBudget
from chatmon.monitor.clock import Clock
from chatmon.monitor.disappearances import Disappearances
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.memory import KnownChat, Memory
from chatmon.monitor.own_fault import tell_own_fault
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi, Poller
from chatmon.monitor.schedule import Schedule
from chatmon.monitor.sending import SendRight
from chatmon.monitor.shift import Shift, day_start
from chatmon.monitor.statistics import PollStatistics
from chatmon.monitor.totals import Totals
from chatmon.monitor.trends import TrendLog

OpenChatApi = Callable[["Monitor"], Awaitable[ChatApi]]
"""Opens the Chat API when polling begins; may import what is slow to import, and may watch and unwatch chats as it learns of them."""

EventListener = Callable[[Event], None]

REVIEW_SECONDS = 1.0
"""Between two looks at what time alone changes: alarms, trends, the interval that the rate allows."""
CHATS_UNKNOWN = "chats"
"""The trouble that the server is in doubt, since it suddenly knows none or few of the chats."""
CLOCK_SET_SECONDS = 5.0
"""Where the time of day moved by so much more or less than the time that passed, someone set the clock."""


class Monitor:
    """Watches chats. `run` polls until it is cancelled; everything else may be called before and while it runs, from the same loop.

    A shift begins at midnight of `timezone`, None being the machine's; the first one when the monitor is made, or when it is resumed.
    """

    def __init__(
        self,
        open_api: OpenChatApi,
        *,
        pace: Pace,
        clock: Clock,
        random: Random,
        on_event: EventListener | None = None,
        thresholds: Thresholds | None = None,
        timezone: tzinfo | None = None,
    ) -> None:
        self.clock = clock
        self.on_notice: Callable[[str], None] | None = None
        """Called with one line when something beside the polls goes wrong that the user should know of."""
        self.backlog: Callable[[], Backlog] | None = None
        """Tells what waits to be recorded; None where nothing is recorded."""
        now = clock.now()
        self.board = Board(interval=pace.interval, on_event=self._take_event)
        self.statistics = PollStatistics(now.monotonic)
        self.alarms = AlarmBook(thresholds or Thresholds(), now)
        self.totals = Totals()
        self.shift = Shift(since=now.utc, service_level=self.alarms.thresholds.service_level)
        self.shift.anchor(now)
        self.shift.count_for(self.totals)
        self.trends = TrendLog()
        self._timezone = timezone
        self._day = day_start(now.utc, timezone)
        self._last_told = now
        """When the time of day was looked at last."""
        self.troubles: dict[str, str] = {}
        """What is wrong beside the polls and lasts, in one printable line each, by what it is about."""
        self._listeners = [] if on_event is None else [on_event]
        self._memory = Memory()
        self._schedule = Schedule(pace, random, now.monotonic)
        self.send_right = SendRight(self._schedule.budget, clock)
        """What whoever sends requests acquires when one goes out."""
        self._disappearances = Disappearances()
        self._looked_at: frozenset[str] = frozenset()
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
    def lateness(self) -> float:
        """Seconds by which chats are polled later than they are due."""
        return self._schedule.lateness(self.clock.now().monotonic)

    @property
    def budget(self) -> RateBudget:
        """What holds the total rate."""
        return self._schedule.budget

    def may_send(self) -> bool:
        """Take the right to send one request now that is no poll of its own, if there is one."""
        return self.budget.may_send(self.clock.now().monotonic)

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
        """Watch chats, given as ids and labels, where None leaves a label as it is; how many are new.

        What was known of one when it was watched last is known again.
        """
        now = self.clock.now().monotonic
        new = [chat_id for chat_id, label in chats if self.board.watch(chat_id, label)]
        for chat_id in new:
            self._schedule.add(chat_id, now)
            known = self._memory.take(chat_id)
            if known is not None and self.board.resume(known):
                self.shift.came_back(known.chat)
        self._wake()
        self.board.interval = self.interval
        return len(new)

    def unwatch(self, chat_id: str) -> None:
        """Stop watching a chat: its alarms are over, and what is known of it is kept for when it is watched again."""
        now = self.clock.now()
        self._schedule.remove(chat_id)
        self._disappearances.forget(chat_id)
        for event in self.alarms.leave(chat_id, now):
            self.board.record(event)
        known = self.board.unwatch(chat_id, now)
        if known is None:
            return
        self._memory.keep([known])
        self.shift.left(known.chat)
        self.board.interval = self.interval
        if self._api is not None:
            self._api.forget(chat_id)

    def remember(self, chats: Iterable[KnownChat]) -> None:
        """Take in what was known of chats before a restart: at once for those that are watched and not asked yet, else once they are."""
        self._memory.keep(known for known in chats if not self.board.resume(known))

    def resume_shift(self, shift: Shift, alarms: Iterable[Alarm]) -> None:
        """Go on with the figures and alarms of before a restart."""
        self.shift = shift
        if shift.since < self._day:
            shift.begin(self._day)
        shift.anchor(self.clock.now())
        shift.count_for(self.totals)
        self.alarms.resume(alarms)

    def listen(self, listener: EventListener) -> None:
        """Have a listener called with every event from now on."""
        self._listeners.append(listener)

    def acknowledge(self, *, chat: str | None = None, agent: str | None = None, seconds: float | None = None) -> int:
        """The user knows of the alarms of a chat or an agent, for good or for so many seconds; for how many this is new."""
        events = self.alarms.acknowledge(chat=chat, agent=agent, now=self.clock.now(), seconds=seconds)
        for event in events:
            self.board.record(event)
        return sum(event.kind is EventKind.ALARM_ACKNOWLEDGED for event in events)

    def trouble(self, about: str, text: str | None) -> None:
        """Something beside the polls is wrong and lasts, or, with None, is over. It is told once for as long as it says the same."""
        if text is None:
            self.troubles.pop(about, None)
        elif self.troubles.get(about) != text:
            self.troubles[about] = text
            self.tell(text)

    def own_fault(self, about: str, what: str, error: Exception) -> None:
        """Something of chatmon's own went wrong and the rest goes on: it is recorded, and a lasting trouble that says what it ended."""
        self.trouble(about, f"{what}: {tell_own_fault(what, error)}")

    def tell(self, notice: str) -> None:
        """Tell whoever listens one printable line about something beside the polls, such as the list of chats."""
        if self.on_notice is not None:
            self.on_notice(notice)

    def poll_now(self, chat_id: str) -> float:
        """Poll a chat as soon as the budget allows; how many seconds that is to wait for because of what the server said."""
        self._schedule.poll_now(chat_id, self.clock.now().monotonic)
        self._wake()
        return self.seconds_to_next_poll

    def attend(self, chat_ids: Iterable[str]) -> None:
        """Someone looks at these chats, and at no others: whatever their state, they are polled at the interval."""
        self._looked_at = frozenset(chat_ids)
        self._attend()

    def _attend(self) -> None:
        """Let the schedule know which chats someone looks at or should."""
        if self._schedule.attend(self._looked_at | self.alarms.chats_in_alarm(), self.clock.now().monotonic):
            self._wake()

    def change_interval(self, seconds: float) -> None:
        """Poll at another interval from now on."""
        self._schedule.change_interval(seconds, self.clock.now().monotonic)
        self.board.interval = self.interval
        self._wake()

    async def run(self) -> None:
        """Open the Chat API and poll until cancelled. Raises what opening it raises."""
        self._api = await self._open_api(self)
        self._poller = Poller(self._api, self.board, self._schedule, self._disappearances, self.statistics, self.clock, self.own_fault)
        self.board.record(Event(at=self.clock.now().utc, kind=EventKind.MONITOR_STARTED))
        reviews = asyncio.create_task(self._review_on_and_on())
        try:
            await self._poller.run()
        finally:
            reviews.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reviews
            self.board.record(Event(at=self.clock.now().utc, kind=EventKind.MONITOR_STOPPED))
            await self._api.aclose()

    def review(self) -> None:
        """Look at what time alone changes. `run` does so about once a second."""
        now = self.clock.now()
        self.board.interval = self.interval
        self._keep_to_the_day(now.utc)
        is_asking = self.circuit is not Circuit.DENIED
        for event in self.alarms.review(self.board.chats, now, interval=self.board.interval, is_asking=is_asking):
            self.board.record(event)
        self._attend()
        self.trends.take(self.board.census.figures(now), now)
        self.trouble(CHATS_UNKNOWN, "many are unknown to the server at once, and asked for again" if self._disappearances.doubted else None)

    async def _review_on_and_on(self) -> None:
        never = asyncio.Event()
        while True:
            await self.clock.wait(never, REVIEW_SECONDS)
            try:
                self.review()
                self.trouble("alarms", None)
            except Exception as error:  # noqa: BLE001 - polling goes on whatever the review meets
                self.own_fault("alarms", "alarms and trends stand still", error)

    def _keep_to_the_day(self, utc: float) -> None:
        now, before = self.clock.now(), self._last_told
        self._last_told = now
        day = day_start(utc, self._timezone)
        if day == self._day:
            return
        # Of the day that a clock was set to nobody saw what happened before.
        was_set = abs(now.utc - before.utc - now.since(before)) > CLOCK_SET_SECONDS
        self.shift.begin(utc if was_set or day < self._day else day)
        self.shift.anchor(now)
        self._day = day

    def _take_event(self, event: Event) -> None:
        try:
            self._keep_to_the_day(event.at)
            self.totals.take(event)
            self.shift.take(event, self.clock.now())
        except Exception as error:  # noqa: BLE001 - what cannot be counted can be shown
            self.own_fault("figures", "the figures of the shift are not whole", error)
        for listener in self._listeners:
            try:
                listener(event)
            except Exception as error:  # noqa: BLE001 - whatever one listener meets, the others hear of the event
                self.own_fault("events", "an event did not get everywhere", error)

    def _wake(self) -> None:
        if self._poller is not None:
            self._poller.wake()
