"""Makes a report from a history: the events go through the very shift that the board counts with, one after the other.

Memory is bounded by the hours that were watched, the chats that are watched at once, the agents and labels that are told apart, and by
what a shift holds: not by the number of events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import tzinfo
from itertools import groupby, pairwise
from typing import Final

from chatmon.history.reader import ChatStretch, HistoryReader
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.shift import Shift
from chatmon.monitor.tally import MAX_TIMES
from chatmon.monitor.trends import TrendSample
from chatmon.report.alarms_raised import AlarmsRaised, Overload
from chatmon.report.by_hour import ByHour
from chatmon.report.by_label import ByLabel
from chatmon.report.course import Course
from chatmon.report.hours import DAY, hours
from chatmon.report.report import AgentFigures, Report, WaitBand
from chatmon.report.watching import LEAST_GAP, Coverage, Gap, GapKind, Span, between, joined

BANDS: Final = (0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0)
"""The bounds between bands of waits, as multiples of the service level."""
TOLD_EVERY: Final = 1_000
"""Events between which nobody is told how many are read."""


def compile_report(
    reader: HistoryReader,
    *,
    since: float,
    until: float,
    now: float,
    timezone: tzinfo | None,
    watched_in: tzinfo | None,
    service_level: float,
    with_labels: bool = True,
    on_read: Callable[[float], None] = lambda _: None,
) -> Report:
    """What is recorded now of the time from `since` up to `until`, all in UTC seconds. Raises `HistoryError`.

    `service_level` are the seconds within which an answer is in time. `timezone` is the time zone whose hours are meant, `watched_in` the
    one by whose days the monitors went, None the machine's. Labels are told apart only `with_labels`: that takes a third of the time.
    `on_read` is called now and then with the share of the events, from 0 to 1, that is read.
    """
    behind = min(reader.next_position(), reader.position_before(until))
    sessions = [(session.since, session.until) for session in reader.sessions()]
    begin = max(since, min((started for started, _ in sessions), default=until))
    if begin >= until:
        begin, sessions = since, []
    compilation = _Compilation(begin, until, sessions, timezone, watched_in, service_level, with_labels=with_labels)
    first = reader.first_position_since(begin - DAY)
    for number, recorded in enumerate(reader.read_on(first, before=behind)):
        if number % TOLD_EVERY == 0:
            on_read((recorded.position - first) / (behind - first))
        if recorded.event.at < until:
            compilation.take(recorded.event, recorded.label)
    for day in _days(begin, until):
        for sample in reader.trends_since(day, before=min(day + DAY, until)):
            compilation.take_sample(sample)
    compilation.take_stretches(reader.stretches(begin, until))
    return compilation.report(asked_since=since, made_at=now)


def _days(since: float, until: float) -> Iterator[float]:
    while since < until:
        yield since
        since += DAY


class _Compilation:
    """Takes in what is recorded: first events, then samples of the trends, then stretches of watching."""

    def __init__(
        self,
        since: float,
        until: float,
        sessions: Sequence[Span],
        timezone: tzinfo | None,
        watched_in: tzinfo | None,
        service_level: float,
        *,
        with_labels: bool,
    ) -> None:
        self._since = since
        self._until = until
        self._ran = joined(sessions, since, until)
        self._watched = joined(sessions, since, until, apart=LEAST_GAP)
        self._whole = Shift(since=since, service_level=service_level)
        self._coverage = Coverage([since, until])
        self._by_hour = ByHour(tuple(hours(self._watched, since, until, timezone)), service_level)
        self._by_label = ByLabel(since, until, service_level) if with_labels else None
        self._alarms = AlarmsRaised(since, until, sessions, watched_in)
        self._course = Course(since, until)
        self._failing: set[str] = set()
        self._chats = 0
        self._seen_talking: dict[str, float] = {}
        """When the chats that are Chatting at the end were seen last."""

    def take(self, event: Event, label: str) -> None:
        """Take in an event; `label` is that of its chat."""
        self._whole.take(event)
        self._by_hour.take(event)
        if self._by_label is not None:
            self._by_label.take(event, label)
        self._follow_failing(event)
        severity = self._alarms.take(event)
        if severity is not None:
            self._course.raised(event.at, severity)

    def take_sample(self, sample: TrendSample) -> None:
        """Take in a sample of the trends."""
        self._course.take(sample)
        if sample.waiting is not None:
            self._by_hour.saw_waiting(sample.at, sample.waiting)

    def take_stretches(self, stretches: Iterable[ChatStretch]) -> None:
        """Take in all stretches in which chats were watched, chat by chat, once all events are taken in."""
        talking = dict.fromkeys(self._whole.chatting(), self._since)
        for _, group in groupby(stretches, key=lambda stretch: stretch.number):
            of_chat = list(group)
            last = of_chat[-1]
            spans = [(stretch.since, stretch.until) for stretch in of_chat]
            seen_last = self._should_be_seen(last)
            self._chats += 1
            self._coverage.add(spans, seen_last)
            self._by_hour.watched(spans, seen_last)
            if self._by_label is not None:
                self._by_label.watched(last.label, spans, seen_last)
            if last.chat in talking:
                talking[last.chat] = min(last.until, self._until)
        self._seen_talking = talking

    def _follow_failing(self, event: Event) -> None:
        if event.kind is EventKind.MONITOR_STARTED:
            self._failing.clear()
        elif event.chat is not None and event.kind in {EventKind.POLL_FAILED, EventKind.DENIED}:
            self._failing.add(event.chat)
        elif event.chat is not None and event.kind in _FAILING_NO_MORE:
            self._failing.discard(event.chat)

    def _should_be_seen(self, stretch: ChatStretch) -> float:
        """Up to when the chat of its last stretch should have been seen: where its polls fail, for as long as the monitor ran."""
        is_failing = stretch.chat in self._failing and stretch.until == stretch.seen_last and bool(self._ran)
        return max(stretch.seen_last, self._ran[-1][1]) if is_failing else stretch.seen_last

    def report(self, *, asked_since: float, made_at: float) -> Report:
        """What all that adds up to."""
        unanswered = self._course.unanswered(LEAST_GAP)
        gaps = [Gap(begin, end, GapKind.UNANSWERED) for begin, end in unanswered]
        if self._watched:
            unwatched = between(self._watched, self._since, self._until)
            gaps += [Gap(begin, end, GapKind.UNWATCHED) for begin, end in unwatched if end - begin >= LEAST_GAP]
        return Report(
            asked_since=asked_since,
            since=self._since,
            until=self._until,
            made_at=made_at,
            is_recorded=bool(self._watched),
            recorded=tuple(self._watched),
            gaps=tuple(sorted(gaps, key=lambda gap: gap.since)),
            chats=self._chats,
            figures=self._whole.counted(self._coverage.share(0)),
            most_waiting=self._course.most_waiting,
            longest_wait=self._course.longest_wait,
            waits=_bands(self._whole),
            times_remembered=MAX_TIMES,
            alarms=self._alarms.counts(),
            step=self._course.step,
            course=self._course.points(),
            hours=self._by_hour.figures(),
            agents=self._agents(),
            labels=() if self._by_label is None else self._by_label.figures(),
        )

    def _agents(self) -> tuple[AgentFigures, ...]:
        figures = self._whole.counted(None)
        # With whom a chat goes on Chatting after it was seen last nobody knows.
        for chat_id, seen in self._seen_talking.items():
            self._whole.release(chat_id, seen)
        talked, overloads = self._whole.talk_times(self._until), self._alarms.overloads()
        none = Overload()
        return tuple(
            AgentFigures(
                nickname=name,
                handled=handled,
                talk_time=talked.get(name, 0.0),
                most_at_once=figures.most_at_once.get(name, 0),
                overloads=overloads.get(name, none).times,
                overload_time=overloads.get(name, none).seconds,
            )
            for name, handled in figures.handled_by.items()
        )


_FAILING_NO_MORE: Final = {EventKind.FIRST_SEEN, EventKind.POLL_RECOVERED, EventKind.GONE, EventKind.UNWATCHED}


def _bands(shift: Shift) -> tuple[WaitBand, ...]:
    level = shift.service_level
    bounds = sorted({level if share == 1.0 else float(max(1, round(level * share))) for share in BANDS})
    up_to = shift.waits_up_to(*bounds, float("inf"))
    counts = [up_to[0], *(later - earlier for earlier, later in pairwise(up_to))]
    return tuple(WaitBand(over, most, count) for over, most, count in zip([None, *bounds], [*bounds, None], counts, strict=True))
