"""Tries faults against a monitor: each has a chat of its own, and neighbours in the same monitor fare well meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial

from chatmon.api.endpoint import Endpoint
from chatmon.api.resource import CHATTING, IDLE
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.chat import Chat
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.observation import Health
from tests.api.documents import chat_body
from tests.api.raw_server import RawServer, Script, answer
from tests.faults.matrix import PATIENT, STRANGER, Fault, served
from tests.faults.monitors import NEIGHBOURS, Calm, Healthy, new_id, until, watching

SECRET = "s3cret-value"
ENOUGH_POLLS = 8
"""Polls of a calm chat that a trial lasts for at least."""
SOON = 5
"""Polls of a calm chat within which one that failed is asked again, on a busy machine too; one that is asked rarely waits for a hundred."""
FAILURES = {EventKind.POLL_FAILED, EventKind.DENIED, EventKind.GONE}


def health_of(kind: str | None, *, seen: bool) -> Health:
    """The health after a poll, as the product's contract has it."""
    match kind:
        case None:
            return Health.OK
        case "denied":
            return Health.DENIED
        case "not_found":
            return Health.GONE if seen else Health.NOT_FOUND
    return Health.FAILING


@dataclass
class Course:
    """How a fault's chat fares: broken at its first poll, whole at the next, broken once more, and whole for good."""

    fault: Fault
    chat_id: str
    outcomes: list[str | None] = field(default_factory=list)
    looks: list[Chat] = field(default_factory=list)
    """The chat on the board after each poll that failed or was the first that did not."""
    waits: list[int] = field(default_factory=list)
    """Calm polls between a failure and the poll after it."""

    @property
    def is_broken(self) -> bool:
        """Whether the next request meets the fault: one that is none is met again and again."""
        return self.fault.kind is None or len(self.outcomes) in {0, 2}

    @property
    def is_over(self) -> bool:
        return len(self.outcomes) >= 4

    def complaints(self) -> Iterator[str]:
        """What was otherwise than the row has it."""
        kind = self.fault.kind
        if self.outcomes[:4] != [kind, None] * 2:
            yield f"outcomes {self.outcomes}"
        elif kind is None:
            last = self.looks[-1]
            if (last.health, last.failures, last.state) != (Health.OK, 0, self.fault.state):
                yield f"{last.health}, {last.failures} failures, {last.state}"
        else:
            yield from self._wrong_looks(kind)
            if not self.fault.is_rarely_asked and max(self.waits) > SOON:
                yield f"came back after {self.waits} intervals"

    def _wrong_looks(self, kind: str) -> Iterator[str]:
        expected = [(health_of(kind, seen=False), None), (Health.OK, CHATTING), (health_of(kind, seen=True), CHATTING), (Health.OK, IDLE)]
        if (found := [(look.health, look.state) for look in self.looks]) != expected:
            yield f"health and state {found}"
            return
        first, seen, again, _ = self.looks
        if again.resource is not seen.resource or again.state_since != seen.state_since or again.observed != seen.observed:
            yield "what was known is not what it was"
        for look in (first, again):
            if look.error is None or look.error.kind != kind or look.http_status != self.fault.status:
                yield f"{look.error} below {look.http_status}"
            elif not look.error.message.isprintable() or any(word in look.error.message for word in (self.chat_id, STRANGER, SECRET)):
                yield f"says {look.error.message!r}"


class Ward(Healthy):
    """A server that meets the chats of courses with their faults, and all others well."""

    def __init__(self, courses: Iterable[Course]) -> None:
        super().__init__()
        self._courses = {course.chat_id: course for course in courses}

    def script_of(self, chat_id: str) -> Script:
        course = self._courses.get(chat_id)
        if course is None:
            return super().script_of(chat_id)
        if course.is_broken:
            is_second = len(course.outcomes) % 2 == 1
            return served(course.fault.then if is_second and course.fault.then else course.fault.script, chat_id)
        return (answer(chat_body(chat_id, state=CHATTING if len(course.outcomes) < 2 else IDLE)),)


def _has_polls(polls: int, course: Course) -> bool:
    return len(course.outcomes) >= polls


class Trial:
    """All faults of a family at once, on one monitor."""

    def __init__(self, faults: Sequence[Fault], calm: Calm, *, deadline: float = PATIENT) -> None:
        self._calm = calm
        self._deadline = deadline
        self._courses = {new_id(number): Course(fault, new_id(number)) for number, fault in enumerate(faults)}
        self._neighbours = [new_id(number + len(faults)) for number in range(NEIGHBOURS)]
        self._failed_at: dict[str, int] = {}
        self._trouble = dict.fromkeys(self._neighbours, 0)
        self._monitor: Monitor

    async def run(self) -> list[str]:
        """Everything that was otherwise than the rows have it."""
        async with Ward(self._courses.values()) as server, self._watching(server) as self._monitor:
            self._monitor.listen(self._look)
            begun = self._calm.polls, Counter(server.polls)
            await self._until(lambda course: course.is_over or course.fault.is_rarely_asked)
            rare = [course for course in self._courses.values() if course.fault.is_rarely_asked]
            complaints = [f"{one.fault.name}: was asked again soon" for one in rare if len(one.outcomes) > 1]
            for polls in (3, 4):
                for course in rare:
                    self._monitor.poll_now(course.chat_id)
                await self._until(partial(_has_polls, polls))
            await self._calm.pass_by(max(1, ENOUGH_POLLS - (self._calm.polls - begun[0])))
            complaints += self._of_neighbours(self._calm.polls - begun[0], server.polls - begun[1])
            if self._monitor.circuit is not Circuit.CLOSED:
                complaints.append(f"the circuit is {self._monitor.circuit}")
        for course in self._courses.values():
            complaints += [f"{course.fault.name}: {complaint}" for complaint in course.complaints()]
        return [*complaints, *(f"asked for {line}" for line in server.strays), *self._of_others(server)]

    def _watching(self, server: RawServer) -> AbstractAsyncContextManager[Monitor]:
        endpoint = Endpoint(server.root, headers={"apikey": SECRET})
        return watching(endpoint, [*self._neighbours, *self._courses], self._take, deadline=self._deadline)

    def _take(self, chat_id: str, kind: str | None) -> None:
        """The outcome of a poll, before the board knows it."""
        course = self._courses.get(chat_id)
        if course is None:
            self._trouble[chat_id] += kind is not None
            return
        if chat_id in self._failed_at:
            course.waits.append(self._calm.polls - self._failed_at.pop(chat_id))
        course.outcomes.append(kind)
        if kind is not None:
            self._failed_at[chat_id] = self._calm.polls
        if course.is_over:
            asyncio.get_running_loop().call_soon(self._end, course)

    def _end(self, course: Course) -> None:
        chat = self._monitor.board.chat(course.chat_id)
        if chat is not None and course.fault.kind is None:
            course.looks.append(chat)
        self._monitor.unwatch(course.chat_id)

    def _look(self, event: Event) -> None:
        course = self._courses.get(event.chat or "")
        chat = self._monitor.board.chat(event.chat or "")
        if course is not None and chat is not None and event.kind in FAILURES | {EventKind.POLL_RECOVERED}:
            course.looks.append(chat)

    async def _until(self, holds: Callable[[Course], bool]) -> None:
        await until(lambda: all(map(holds, self._courses.values())))

    def _of_neighbours(self, calm: int, polls: Counter[str]) -> Iterator[str]:
        for chat_id in self._neighbours:
            chat = self._monitor.board.chat(chat_id)
            if chat is None or chat.health is not Health.OK or self._trouble[chat_id]:
                yield f"a neighbour was disturbed: {chat}"
            # On a busy machine one chat may be a few polls ahead of another.
            if calm - polls[chat_id] > 2 + calm // 4:
                yield f"a neighbour was polled {polls[chat_id]} times, a calm chat {calm} times"

    def _of_others(self, server: Healthy) -> Iterator[str]:
        for chat_id in server.polls.keys() - self._courses.keys() - set(self._neighbours):
            yield f"asked for {chat_id}, which nobody watches"
