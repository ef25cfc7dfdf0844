"""A shift begins with the day of the screen's time zone."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from random import Random

from chatmon.api.resource import CHATTING, WAITING, ChatResource
from chatmon.monitor.events import EventKind
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi
from chatmon.monitor.shift import Shift, ShiftFigures
from chatmon.monitor.snapshot import take_snapshot

from .fake_chat_api import FakeChatApi
from .fake_clock import UTC_START, FakeClock, in_virtual_time

# Virtual time begins at 01:46:40 UTC; in this zone the next day begins 100 s later.
ZONE = timezone(timedelta(hours=24) - timedelta(seconds=UTC_START % 86400 + 100))
MIDNIGHT = UTC_START + 100


def monitor_of(api: FakeChatApi, clock: FakeClock) -> Monitor:
    async def open_api(_: Monitor) -> ChatApi:
        return api

    monitor = Monitor(open_api, pace=Pace(interval=2.0), clock=clock, random=Random(1), timezone=ZONE)
    monitor.watch([("a", None), ("b", None)])
    return monitor


def answered_at(**seconds: float) -> FakeChatApi:
    return FakeChatApi(lambda chat_id, now: ChatResource(CHATTING if now >= seconds[chat_id] else WAITING))


def figures_after(seconds: float, api: FakeChatApi, *, set_clock: dict[float, float] | None = None) -> ShiftFigures:
    """The figures after so many seconds; the time of day is moved at some of them."""

    async def main() -> ShiftFigures:
        clock = FakeClock()
        monitor = monitor_of(api, clock)
        running = asyncio.create_task(monitor.run())
        for at, by in sorted((set_clock or {}).items()):
            await asyncio.sleep(at - clock.now().monotonic)
            clock.set_utc(by)
        await asyncio.sleep(seconds - clock.now().monotonic)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return take_snapshot(monitor).shift

    return in_virtual_time(main())


def test_the_test_begins_just_before_midnight() -> None:
    assert datetime.fromtimestamp(MIDNIGHT, ZONE).strftime("%H:%M:%S") == "00:00:00"
    assert datetime.fromtimestamp(UTC_START, UTC).strftime("%H:%M:%S") == "01:46:40"


def test_nothing_is_claimed_of_the_time_before_the_monitor_was_started() -> None:
    figures = figures_after(50, answered_at(a=20, b=400))
    assert (figures.since, figures.answered) == (UTC_START, 1)


def test_at_midnight_a_new_shift_begins() -> None:
    figures = figures_after(150, answered_at(a=20, b=400))
    assert (figures.since, figures.answered) == (MIDNIGHT, 0)
    figures = figures_after(500, answered_at(a=20, b=400))
    assert (figures.since, figures.answered) == (MIDNIGHT, 1)


def test_a_wall_clock_that_is_set_over_midnight_begins_a_day_and_claims_nothing_of_the_time_before() -> None:
    figures = figures_after(60, answered_at(a=20, b=400), set_clock={50: 100})
    assert UTC_START + 150 <= figures.since <= UTC_START + 152
    assert figures.answered == 0
    figures = figures_after(80, answered_at(a=20, b=75), set_clock={50: 100, 70: -100})
    assert UTC_START + 70 <= figures.since <= UTC_START + 72
    assert figures.answered == 1


def test_a_shift_of_yesterday_that_is_resumed_after_midnight_begins_anew() -> None:
    async def main() -> tuple[float, float]:
        clock = FakeClock()
        monitor = monitor_of(answered_at(a=0, b=0), clock)
        monitor.resume_shift(Shift(since=UTC_START - 500, service_level=60), [])
        before = monitor.shift.since
        await asyncio.sleep(150)
        monitor.review()
        monitor.resume_shift(Shift(since=UTC_START - 500, service_level=60), [])
        return before, monitor.shift.since

    assert in_virtual_time(main()) == (UTC_START - 500, MIDNIGHT)


def test_an_event_of_the_new_day_is_counted_to_it_however_late_the_monitor_notices_midnight() -> None:
    async def main() -> list[float]:
        clock = FakeClock()
        monitor = monitor_of(answered_at(a=0, b=0), clock)
        since: list[float] = []
        monitor.listen(lambda event: since.append(monitor.shift.since) if event.kind is EventKind.MONITOR_STARTED else None)
        await asyncio.sleep(100.5)
        running = asyncio.create_task(monitor.run())
        await asyncio.sleep(0.1)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return since

    assert in_virtual_time(main()) == [MIDNIGHT]
