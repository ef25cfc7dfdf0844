"""The figures of a shift: what happened since it began, counted from events and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final

import msgspec

from chatmon.monitor.chat import STALE_INTERVALS, Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.course import TELLING, Course, was_seen_to_end
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.steady_time import SteadyTime
from chatmon.monitor.tally import Tally
from chatmon.monitor.totals import Totals

MAX_COURSES: Final = 20_000
"""Chats under way whose course is remembered; those without an event for longest make room."""
MAX_ENDED: Final = 2_000
"""The same for chats that ended or left the board, and may come back."""
RESUMED_WITHIN: Final = 900.0
"""Seconds: a monitor that starts so long after the last event knows no more who is in a chat."""
COVERAGE_SECONDS: Final = 5.0
"""How old a coverage may be: reckoning it takes a look at every chat."""


class ShiftFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What happened since `since` (UTC seconds), as far as it was observed. Times are in seconds; None where there was nothing to count.

    A change counts from the poll that saw it, so that a time is right to within the interval of polling.

    - `answered`: chats whose first change from WaitingForAgent to Chatting was observed. A chat that was Chatting when it was first seen
      is none of them: its wait was not seen.
    - `time_to_answer_mean`, `time_to_answer_p90`: of how long those chats had waited by then, the mean, and what 90 of 100 did not
      exceed. `time_to_answer_exact` says that both ends of all those waits were observed; else the true figures are these or higher.
    - `answered_in_time`: those of them that waited no longer than `service_level`, with both ends observed; `answered_late`: those that
      waited longer, perhaps more so than was seen. Of the others nobody knows: they were seen to wait no longer than that, but not
      from the beginning, or not to the end.
    - `abandoned`: chats that were seen to end, as Idle or gone, right from WaitingForAgent, and were never seen Chatting or with an agent
      listed. One that nobody saw for a while before it ended is none of them: it may have been answered meanwhile.
    - `handled`: chats that ended after they had been seen Chatting. A chat ends when it is Idle, gone, or in a state that is neither
      WaitingForAgent nor Chatting; one that goes on after all counts once, by its last end.
    - `handling_time_mean`: of those that were observed in Chatting from beginning to end, the mean of all their time in it.
    - `handled_by`: by an agent's nickname, the chats that were Chatting with them listed; a chat counts for everyone who was.
    - `most_at_once`: by nickname, the most chats that were Chatting with them listed at one moment, each seen so before and after it.
    - `coverage`: of the time since `since` between each chat's first and last sight, the share in which it was watched, from 0 to 1.
    """

    since: float
    service_level: float
    answered: int = 0
    answered_in_time: int = 0
    answered_late: int = 0
    abandoned: int = 0
    time_to_answer_mean: float | None = None
    time_to_answer_p90: float | None = None
    time_to_answer_exact: bool | None = None
    handled: int = 0
    handling_time_mean: float | None = None
    coverage: float | None = None
    handled_by: Mapping[str, int] = {}
    most_at_once: Mapping[str, int] = {}

    @property
    def in_time_share(self) -> float | None:
        """Of the answered chats the share, from 0 to 1, that was answered in time as far as was seen: the true share is this or lower."""
        return (self.answered - self.answered_late) / self.answered if self.answered else None

    @property
    def in_time_share_exact(self) -> bool:
        """Whether `in_time_share` is the true share: of every answered chat it is known whether it was in time."""
        return self.answered == self.answered_in_time + self.answered_late


class Shift:
    """Takes in events as they happen, or as they were recorded, in their order: either way the figures are the same.

    Memory is bounded by `MAX_COURSES`, `MAX_ENDED` and what a `Tally` holds; what was counted stays so when its chat is forgotten.
    """

    def __init__(self, *, since: float, service_level: float) -> None:
        self.since = since
        self.service_level = service_level
        self._courses: dict[str, Course] = {}
        self._ended: dict[str, Course] = {}
        self._batch: list[Event] = []
        self._last_event = 0.0
        self._has_begun = False
        self._tally = Tally()
        self._totals = Totals()
        self._departed: dict[str, float] = {}
        self._departed_span = 0.0
        self._figures: ShiftFigures | None = None
        self._coverage: float | None = None
        self._covered_at: Moment | None = None
        self._steady: SteadyTime | None = None

    def anchor(self, now: Moment) -> None:
        """From now on time goes by the monotonic clock: whoever sets the wall clock changes no figure."""
        if self._steady is not None:
            self._last_event += self._steady.set_by
            for course in (*self._courses.values(), *self._ended.values()):
                course.state_began = None if course.state_began is None else course.state_began + self._steady.set_by
        self._steady = SteadyTime(now)

    def take(self, event: Event, now: Moment | None = None) -> None:
        """Take in one event. Those from before `since` count for nothing but tell how the chats were when the shift began.

        `now` is when an event that was not recorded is told.
        """
        if self._steady is not None and now is not None:
            event = self._steady.event(event, now)
        if event.kind is EventKind.MONITOR_STARTED and event.at - self._last_event > RESUMED_WITHIN:
            self._take_batch()
            for course in self._courses.values():
                self._disengage(course, self._last_event)
        self._last_event = event.at
        if not self._has_begun and event.at >= self.since:
            self.begin(self.since)
        if event.chat is not None and event.kind is EventKind.UNWATCHED:
            self.release(event.chat, event.at if event.not_before is None else event.not_before)
        if event.chat is None or event.kind not in TELLING:
            return
        # One look at a chat is told in several events, and in between the chat never was.
        if self._batch and (self._batch[0].at != event.at or self._batch[0].chat != event.chat):
            self._take_batch()
        self._batch.append(event)

    def count_for(self, totals: Totals) -> None:
        """From now on what is answered and what ends is counted there, too."""
        self._take_batch()
        self._totals = totals

    def begin(self, since: float) -> None:
        """A new shift: nothing is counted yet, and how the chats are is still known."""
        self._take_batch()
        self.since = since
        self._has_begun = True
        self._tally = Tally()
        self._departed = {}
        self._departed_span = 0.0
        self._figures = self._covered_at = None
        for course in (*self._courses.values(), *self._ended.values()):
            engaged, course.engaged, course.helped_by, course.ending = course.engaged, (), (), None
            self._tally.engage(course, engaged, at=since, seen=since, left=since)

    def left(self, chat: Chat) -> None:
        """A chat is no longer on the board: how much of it was watched still counts."""
        self._catch_up()
        self.release(chat.id, self._last_event if chat.observed is None else self._time_of(chat.observed))
        span = self._span(chat)
        self._departed_span += span - self._departed.pop(chat.id, 0.0)
        self._departed[chat.id] = span
        if len(self._departed) > MAX_ENDED:
            del self._departed[next(iter(self._departed))]
        self._figures = None

    def chatting(self) -> tuple[str, ...]:
        """The chats that are Chatting with someone, as far as is known."""
        self._catch_up()
        return tuple(chat_id for chat_id, course in self._courses.items() if course.engaged)

    def release(self, chat_id: str, seen: float) -> None:
        """A chat is looked at no more: with whom it is Chatting since it was `seen` last (UTC seconds) is not known."""
        self._take_batch()
        course = self._courses.pop(chat_id, None) or self._ended.pop(chat_id, None)
        if course is not None:
            self._disengage(course, seen)
            self._keep(chat_id, course, self._ended, MAX_ENDED)

    def _disengage(self, course: Course, seen: float) -> None:
        """With whom a chat is Chatting since it was `seen` last is not known."""
        self._tally.engage(course, (), at=seen, seen=seen, left=max(seen, self.since))

    def came_back(self, chat: Chat) -> None:
        """A chat is on the board again; until it is looked at it is taken to be as it was."""
        self._catch_up()
        course = self._courses.get(chat.id) or self._ended.get(chat.id)
        if course is not None:
            self._tally.engage(course, course.chatting_with, at=self._last_event, seen=self._last_event, left=self._last_event)
            self._figures = None

    def figures(self, chats: Iterable[Chat], now: Moment, *, coverage_seconds: float = COVERAGE_SECONDS) -> ShiftFigures:
        """The figures, with the chats that are on the board now.

        While nothing new is counted it is the same value until the coverage is `coverage_seconds` old.
        """
        self._catch_up()
        if self._covered_at is None or not 0.0 <= now.since(self._covered_at) < coverage_seconds:
            self._covered_at, self._coverage, self._figures = now, self._cover(chats, now), None
        if self._figures is None:
            self._figures = self.counted(self._coverage)
        return self._figures

    def waits_up_to(self, *seconds: float) -> tuple[int, ...]:
        """How many of the times to answer that are remembered are no longer than each of these."""
        self._catch_up()
        return tuple(map(self._tally.answer_times.up_to, seconds))

    def talk_times(self, now: float) -> dict[str, float]:
        """By nickname, the seconds for which chats were seen Chatting with them listed, all chats together.

        Those that are so still count up to `now` (UTC seconds), unless they were released.
        """
        self._catch_up()
        return {name: agent.talk_time(now) for name, agent in self._tally.agents.items()}

    def counted(self, coverage: float | None) -> ShiftFigures:
        """The figures as far as events tell; how much was watched, from 0 to 1, is reckoned by whoever knows."""
        self._catch_up()
        tally = self._tally
        return ShiftFigures(
            since=self.since,
            service_level=self.service_level,
            answered=tally.answered,
            answered_in_time=tally.in_time,
            answered_late=tally.late,
            abandoned=tally.abandoned,
            time_to_answer_mean=tally.answer_times.mean,
            time_to_answer_p90=tally.answer_times.p90,
            time_to_answer_exact=tally.answer_times.exact,
            handled=tally.handled,
            handling_time_mean=tally.handling_time_mean,
            coverage=coverage,
            handled_by={name: agent.handled for name, agent in tally.agents.items()},
            most_at_once={name: agent.most for name, agent in tally.agents.items()},
        )

    def _catch_up(self) -> None:
        if not self._has_begun:
            self.begin(self.since)
        self._take_batch()

    def _take_batch(self) -> None:
        batch, self._batch = self._batch, []
        if not batch or batch[0].chat is None:
            return
        chat_id, at = batch[0].chat, batch[0].at
        course = self._courses.pop(chat_id, None) or self._ended.pop(chat_id, None) or Course()
        seen = min((event.not_before for event in batch if event.not_before is not None), default=at)
        left = at
        for event in batch:
            if event.kind is EventKind.GONE and not was_seen_to_end(event, course.state_began):
                left = max(seen, self.since)  # nobody knows how long it went on
        self._follow(course, batch)
        self._tally.engage(course, course.chatting_with, at=at, seen=seen, left=left)
        if course.is_over:
            self._keep(chat_id, course, self._ended, MAX_ENDED)
        else:
            self._keep(chat_id, course, self._courses, MAX_COURSES)
        self._figures = None

    def _keep(self, chat_id: str, course: Course, kept: dict[str, Course], limit: int) -> None:
        kept[chat_id] = course
        if len(kept) > limit:
            self._disengage(kept.pop(next(iter(kept))), self._last_event)

    def _follow(self, course: Course, batch: Sequence[Event]) -> None:
        for event in batch:
            if event.kind is EventKind.GAP:
                unseen = min(event.lasted or 0.0, max(0.0, event.at - self.since))
                self._tally.unwatched += unseen
                self._tally.miss(course.engaged, unseen)
        progress = course.follow(batch)
        if progress.answer is not None:
            answer = progress.answer
            for counts in (self._tally, self._totals):
                counts.answer(answer.lasted or 0.0, exact=answer.lasted_exact is True, service_level=self.service_level)
        if progress.taken_back is not None:
            self._tally.take_back(progress.taken_back)
        if progress.ending is not None:
            self._tally.end(progress.ending)
            self._totals.end(progress.ending)

    def _cover(self, chats: Iterable[Chat], now: Moment) -> float | None:
        span, unseen_now = self._departed_span, 0.0
        for chat in chats:
            span += self._span(chat) - self._departed.get(chat.id, 0.0)
            if chat.failures >= STALE_INTERVALS and chat.gone_since is None and chat.observed is not None:
                unseen_now += now.since(chat.observed)
        whole = span + unseen_now
        return max(0.0, span - self._tally.unwatched) / whole if whole > 0 else None

    def _span(self, chat: Chat) -> float:
        """Seconds between the first and the last sight of a chat in this shift."""
        if chat.first_seen is None or chat.observed is None:
            return 0.0
        return max(0.0, chat.observed.since(chat.first_seen) - max(0.0, self.since - self._time_of(chat.first_seen)))

    def _time_of(self, moment: Moment) -> float:
        return moment.utc if self._steady is None else self._steady.of(moment)


def day_start(utc: float, timezone: tzinfo | None = None) -> float:
    """When the day that holds `utc` began in a time zone, None being the machine's: both in UTC seconds."""
    local = datetime.fromtimestamp(utc, timezone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp()
