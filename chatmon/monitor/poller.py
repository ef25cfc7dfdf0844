"""Runs the schedule against a Chat API: takes what is due, asks, and hands every outcome to the board."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from chatmon.api.errors import ChatApiError, Denied, InvalidChatId
from chatmon.api.resource import Answer
from chatmon.monitor.board import Board
from chatmon.monitor.breaker import ALONE_SECONDS, LOCKED_OUT, LONG_STREAK, MAX_LIMITED_SECONDS
from chatmon.monitor.budget import RateBudget
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Clock, Moment
from chatmon.monitor.disappearances import Disappearances
from chatmon.monitor.limits import Limits
from chatmon.monitor.observation import Health, Observation, answered, failed
from chatmon.monitor.outcome import Outcome, outcome
from chatmon.monitor.own_fault import tell_own_fault
from chatmon.monitor.schedule import Schedule
from chatmon.monitor.sending import waited
from chatmon.monitor.statistics import PollStatistics

TICK = 0.05
"""Seconds between two looks at the schedule: polls that are due together are launched together, which costs less than one by one."""
BATCH = 32
"""About so many polls are launched together at the most: the ticks are shorter where more chats are due. Keys wait for no longer batch."""
SHORTEST_TICK = 0.01
MAX_WAIT = 1.0
"""Seconds after which the schedule is looked at again in any case."""


OnFault = Callable[[str, str, Exception], None]
"""Takes an own fault: what it is about, what it ended, and the exception."""


class ChatApi(Protocol):
    """What the poller asks for chats; `chatmon.api.client.ChatClient` is one."""

    async def get(self, chat_id: str) -> Answer:
        """One answer, or a `ChatApiError`."""

    def forget(self, chat_id: str) -> None:
        """Keep nothing more of a chat."""

    async def aclose(self) -> None:
        """Close every connection."""


class Poller:
    """Polls for as long as it runs; whatever one chat's poll meets, the others go on."""

    def __init__(
        self,
        client: ChatApi,
        board: Board,
        schedule: Schedule,
        disappearances: Disappearances,
        statistics: PollStatistics,
        clock: Clock,
        on_fault: OnFault,
    ) -> None:
        self._client = client
        self._board = board
        self._schedule = schedule
        self._disappearances = disappearances
        self._statistics = statistics
        self._clock = clock
        self._on_fault = on_fault
        self._tasks: set[asyncio.Task[None]] = set()
        self._fault: BaseException | None = None
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Look at the schedule at once: it was changed."""
        self._wake.set()

    async def run(self) -> None:
        """Poll until cancelled; polls in flight are then abandoned. What the schedule itself raises ends it and is raised here."""
        try:
            while self._fault is None:
                self._wake.clear()
                now = self._clock.now().monotonic
                self._board.interval = self._schedule.interval(now)
                self._launch(now)
                await self._clock.wait(self._wake, self._seconds_to_next_look(now))
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        raise self._fault

    def _launch(self, now: float) -> None:
        while len(self._tasks) < self._schedule.pace.max_concurrency:
            chat_id = self._schedule.take(now)
            if chat_id is None:
                return
            task = asyncio.create_task(self._poll_in_turn(chat_id))
            self._tasks.add(task)
            task.add_done_callback(self._over)

    def _seconds_to_next_look(self, now: float) -> float:
        tick = min(TICK, max(SHORTEST_TICK, BATCH * self._board.interval / max(1, len(self._schedule))))
        # What is in flight has no due time yet, and may get one that is sooner than all others.
        if self._tasks:
            return tick
        due = self._schedule.next_due()
        return MAX_WAIT if due is None else max(tick, min(due - now, MAX_WAIT))

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._fault = task.exception()
            self._wake.set()

    async def _poll_in_turn(self, chat_id: str | None) -> None:
        """Poll a chat, and then whichever is due: a task that is running costs less than a new one."""
        while chat_id is not None:
            self._statistics.sent(self._clock.now().monotonic)
            observation = await observe(self._client, chat_id, self._clock)
            now = observation.at.monotonic
            every = self._schedule.every(chat_id, None if observation.resource is None else observation.resource.state)
            observation = self._apply(observation, every)
            self._statistics.over(observation.latency, None if observation.error is None else observation.error.kind)
            chat = self._board.chat(chat_id)
            if chat is None:
                self._client.forget(chat_id)
            self._schedule.done(chat_id, now, _meaning(observation, chat), observation.retry_after, every)
            chat_id = self._schedule.take(now)

    def _apply(self, observation: Observation, every: int) -> Observation:
        """Have the board take in what the outcome of a poll means, for other chats too; give the outcome as the poll met it."""
        chat = self._board.chat(observation.chat_id)
        present, at_once = self._board.census.present, self._schedule.longest_interval(observation.at.monotonic)
        for meant in self._disappearances.judge(observation, chat, present=present, at_once=at_once):
            taken_in = self._take_in(meant, every)
            if meant is observation:
                observation = taken_in
        return observation

    def _take_in(self, observation: Observation, every: int) -> Observation:
        try:
            return take_in(self._board, observation, every)
        except Exception as error:  # noqa: BLE001 - the chat stays as it was and grows old, and the others go on
            self._on_fault("answers", "what is known of a chat stands still", error)
            return observation


def _meaning(observation: Observation, chat: Chat | None) -> Outcome:
    """What a poll means for the schedule; `chat` is what is known after it."""
    last_state = None if chat is None else chat.state
    is_asked_to_wait = observation.retry_after is not None
    meaning = outcome(observation.error, last_state, asked_to_wait=is_asked_to_wait, http_status=observation.http_status)
    if meaning in {Outcome.MISSING, Outcome.ENDED} and chat is not None and chat.health not in {Health.GONE, Health.NOT_FOUND}:
        return Outcome.DOUBTED
    return meaning


async def observe(client: ChatApi, chat_id: str, clock: Clock) -> Observation:
    """Ask for one chat once. Whatever goes wrong is in the observation: nothing is raised but the end of the task itself.

    The time for which the request waited for the right to be sent is not part of the exchange.
    """
    begun = clock.now()
    waited.set(0.0)
    try:
        answer = await client.get(chat_id)
    except (ChatApiError, InvalidChatId) as error:
        return failed(chat_id, _later(begun, waited.get()), clock.now(), error)
    except Exception as error:  # noqa: BLE001 - whatever one chat's poll meets, the others go on
        tell_own_fault("a poll ended unexpectedly", error)
        return failed(chat_id, _later(begun, waited.get()), clock.now(), error)
    return answered(chat_id, _later(begun, waited.get()), clock.now(), answer)


def _later(begun: Moment, seconds: float) -> Moment:
    return Moment(begun.monotonic + seconds, begun.utc + seconds) if seconds else begun


def take_in(board: Board, observation: Observation, every: int = 1) -> Observation:
    """Have the board take in an observation, and give what it took in: where it cannot, a poll that failed by chatmon's own fault.

    `every` is as `Board.apply` has it. Raises what the board then meets.
    """
    try:
        board.apply(observation, every)
    except Exception as error:  # noqa: BLE001 - whatever one chat's answer meets, the others go on
        tell_own_fault("an answer was not taken in", error)
        observation = failed(observation.chat_id, observation.begun, observation.at, error)
        board.apply(observation)
    return observation


async def poll_round(client: ChatApi, board: Board, clock: Clock, budget: RateBudget, *, max_concurrency: int) -> None:
    """Ask for every chat on the board once, within the budget and the concurrency.

    A server that asks for time is given it: for the one chat where that is told of it alone, for all where several are, or where nothing
    was answered yet. Once it denied a few chats and answered none, the rest is not asked.
    """
    manners = _Manners(budget, len(board))
    waiting = iter([chat.id for chat in board.chats])
    never = asyncio.Event()

    async def work() -> None:
        for chat_id in waiting:
            while not manners.is_denied and not manners.may_send(clock.now().monotonic):
                await clock.wait(never, SHORTEST_TICK)
            if manners.is_denied:
                now = clock.now()
                board.apply(failed(chat_id, now, now, Denied("not asked: the server denied access to the others")))
                continue
            observation = take_in(board, await observe(client, chat_id, clock))
            manners.learn(observation)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(max_concurrency, len(board))):
            group.create_task(work())


class _Manners:
    """What one round has learnt of the server so far."""

    def __init__(self, budget: RateBudget, chats: int) -> None:
        self._budget = budget
        self._chats = chats
        self._limits = Limits()
        self._not_before = 0.0
        self._limited_until = 0.0
        self._denied: Counter[Outcome] = Counter()
        self._gives_an_answer = False
        """Whether something else than a denial was the outcome of a poll."""

    @property
    def is_denied(self) -> bool:
        if self._gives_an_answer:
            return False
        return self._denied.total() >= LONG_STREAK or self._denied[Outcome.UNAUTHENTICATED] >= LOCKED_OUT

    def may_send(self, now: float) -> bool:
        if now < max(self._not_before, self._limited_until) or not self._budget.may_send(now):
            return False
        if not self._gives_an_answer:
            self._not_before = now + ALONE_SECONDS
        return True

    def learn(self, observation: Observation) -> None:
        meaning = _meaning(observation, None)
        now = observation.at.monotonic
        if meaning is Outcome.LIMITED:
            is_of_several = self._limits.told(observation.chat_id, now, math.inf, chats=self._chats, is_first=True)
            if self._gives_an_answer and not is_of_several:
                return
            self._limited_until = max(self._limited_until, now + min(observation.retry_after or 0.0, MAX_LIMITED_SECONDS))
            self._budget.slow_down(now, self._limited_until)
        elif meaning in {Outcome.DENIED, Outcome.UNAUTHENTICATED}:
            self._denied[meaning] += 1
            self._not_before = now
        else:
            self._gives_an_answer = True
            self._not_before = now
