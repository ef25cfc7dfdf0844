"""Of several days a report says what the boards of those days said, and as much as the reports of its days together."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import UTC
from pathlib import Path
from random import Random
from typing import Final

import pytest

from chatmon.api.resource import ChatResource
from chatmon.monitor.alarms import Alarm, Severity
from chatmon.monitor.events import Event, EventKind
from chatmon.report.compilation import compile_report
from chatmon.report.report import Report
from tests.history.recording import CHATS, ENDED, LATE, LOST, SOURCE, WAITS, HandClock, Watch, reading, recalled, recorded

HOUR, DAY = 3_600.0, 86_400.0
THURSDAY: Final = 1_790_208_000.0
"""Midnight UTC."""
DAYS: Final = 7
STARTED: Final = (16.9, 24 + 8.0, 24 + 17.9, 4 * 24 + 8.0, 4 * 24 + 23.9, 6 * 24 + 0.2)
"""When chatmon was started, in hours since that midnight: nobody watched over the weekend, and one time it went on past midnight."""
STEP, STEPS = 5.0, 144
LASTING: Final = tuple(f"chat {number}" for number in range(8))
"""Chats that outlive every session."""
VISITS: Final[tuple[dict[int, ChatResource | Exception], ...]] = ({0: WAITS, 6: CHATS, 12: ENDED}, {0: WAITS, 6: LOST})
"""Chats that do not, by the step from which on they were so: one is handled, the other is abandoned."""
VISIT: Final = 18

Up = dict[tuple[str, str | None, str | None], Severity]


class Week:
    """A week in which chatmon was quit and started again, and what its boards `said`, by day and what it is about."""

    def __init__(self, path: Path, seed: int) -> None:
        self.path = path
        self.said = [Counter[str]() for _ in range(DAYS)]
        self.known_again = 0
        self._random = Random(seed)
        self._lasting: dict[str, ChatResource] = dict.fromkeys(LASTING, WAITS)

    async def record(self) -> None:
        for hours in STARTED:
            clock = HandClock(THURSDAY + hours * HOUR)
            watch = Watch(clock, *LASTING)
            known = recalled(self.path, clock.now(), *LASTING) if self.path.exists() else None
            async with recorded(self.path, watch, f"started after {hours} hours"):
                if known is not None:
                    known.hand_to(watch.monitor)
                    self.known_again += len(known.alarms)
                self._watch(watch, {} if known is None else up(known.alarms))

    def _watch(self, watch: Watch, before: Up) -> None:
        clock, board = watch.clock, watch.monitor.board
        board.record(Event(at=clock.now().utc, kind=EventKind.MONITOR_STARTED))
        for step in range(STEPS):
            self._say("overload time", clock.now().utc, round(STEP) * sum(rule == "overload" for rule, _, _ in before))
            clock.pass_by(STEP)
            for chat in LASTING:
                if self._random.random() < 0.03:
                    self._lasting[chat] = self._random.choice([WAITS, CHATS, CHATS, CHATS, ENDED])
                watch.polls(chat, LATE if self._random.random() < 0.02 else self._lasting[chat], after=0.0)
            self._visit(watch, *divmod(step, VISIT))
            watch.monitor.review()
            after = up(watch.monitor.alarms.alarms(clock.now()))
            for about, severity in after.items():
                self._say(f"{about[0]} raised", clock.now().utc, about not in before)
                is_worse = severity is Severity.CRITICAL and before.get(about) is not Severity.CRITICAL
                self._say(f"{about[0]} critical", clock.now().utc, is_worse)
            before = after
        board.record(Event(at=clock.now().utc, kind=EventKind.MONITOR_STOPPED))

    def _visit(self, watch: Watch, number: int, step: int) -> None:
        visit, chat, utc = VISITS[number % 2], f"{watch.clock.now().utc - step * STEP}", watch.clock.now().utc
        watch.monitor.watch([(chat, "visit")])
        watch.polls(chat, visit[max(since for since in visit if since <= step)], after=0.0)
        self._say("answered", utc, step == 6 and visit[6] is CHATS)
        self._say("abandoned", utc, step == 6 and visit[6] is LOST)
        self._say("handled", utc, visit.get(step) is ENDED)
        if step == VISIT - 1:
            watch.monitor.unwatch(chat)

    def _say(self, what: str, utc: float, times: int) -> None:
        self.said[int((utc - THURSDAY) // DAY)][what] += times

    def report(self, first: int, days: int = 1) -> Counter[str]:
        """What a report says of so many days."""
        since = THURSDAY + first * DAY
        with reading(self.path, SOURCE) as reader:
            return told(
                compile_report(
                    reader,
                    since=since,
                    until=since + days * DAY,
                    now=THURSDAY + DAYS * DAY,
                    timezone=UTC,
                    watched_in=UTC,
                    service_level=60.0,
                )
            )


def up(alarms: Iterable[Alarm]) -> Up:
    return {(alarm.rule, alarm.chat, alarm.agent): alarm.severity for alarm in alarms}


def told(report: Report) -> Counter[str]:
    visits = [one.figures for one in report.labels if one.label == "visit"]
    return Counter(
        {
            **{f"{one.rule} raised": one.raised for one in report.alarms},
            **{f"{one.rule} critical": one.critical for one in report.alarms},
            "overload time": round(sum(one.overload_time for one in report.agents)),
            "answered": sum(figures.answered for figures in visits),
            "abandoned": sum(figures.abandoned for figures in visits),
            "handled": sum(figures.handled for figures in visits),
        }
    )


@pytest.fixture(scope="module", params=[1, 2])
def week(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Week:
    week = Week(tmp_path_factory.mktemp("week") / "history.sqlite3", request.param)
    asyncio.run(week.record())
    return week


def test_in_that_week_enough_happened(week: Week) -> None:
    said = sum(week.said, Counter[str]())
    assert week.known_again > 5
    assert min(said[what] for what in ("overload raised", "waiting critical", "answered", "abandoned", "handled")) > 5
    assert said["overload time"] > 600


@pytest.mark.parametrize("day", range(DAYS))
def test_of_a_day_it_says_what_the_boards_said(week: Week, day: int) -> None:
    assert week.report(day) == week.said[day]


def test_of_several_days_it_says_what_they_said_together(week: Week) -> None:
    assert week.report(0, DAYS) == sum(week.said, Counter[str]())
    assert week.report(1, 4) == sum(week.said[1:5], Counter[str]())
