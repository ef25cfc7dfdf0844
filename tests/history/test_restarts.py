"""Whether chatmon runs on or is ended and started again in between: what it knows in the end is the same."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from chatmon.api.resource import ChatResource
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.shift import Shift, ShiftFigures, day_start

from .recording import CHATS, ENDED, LATE, LOST, NOON, WAITS, HandClock, Watch, recalled, recorded

NAMES = tuple(f"chat {number}" for number in range(6))
ANSWERS: tuple[ChatResource | Exception, ...] = (WAITS, CHATS, CHATS, ENDED, LATE, LOST)
STEPS = 400
RESTARTS = 10

Step = tuple[str, ChatResource | Exception, float]


def a_shift(random: Random) -> list[Step]:
    """Polls of a few chats that wait, are answered, fail, end and begin anew; now and then nobody looks for a while.

    Every time is a multiple of 1/64 s: clocks that are shifted against each other then differ by no rounding.
    """
    outcomes: dict[str, ChatResource | Exception] = dict.fromkeys(NAMES, WAITS)
    steps: list[Step] = []
    for number in range(STEPS):
        name = NAMES[number % len(NAMES)]
        if random.random() < 0.15:
            outcomes[name] = random.choice(ANSWERS)
        steps.append((name, outcomes[name], random.randrange(7, 58) / 64 if random.random() < 0.99 else 30.0))
    # How long a chat has failed a new process finds out anew: in the end all are seen.
    return steps + [(name, CHATS, 0.125) for name in NAMES]


class Known(msgspec.Struct, frozen=True):
    """What a monitor knows in the end; moments as seconds before then, by the monotonic clock."""

    chats: list[dict[str, Any]]
    timelines: list[tuple[Event, ...]]
    figures: ShiftFigures


def known_to(watch: Watch) -> Known:
    now = watch.clock.now()
    figures = watch.monitor.shift.figures(watch.monitor.board.chats, now)
    return Known(
        [plain(chat, now) for chat in watch.monitor.board.chats],
        [watch.monitor.board.timeline(name) for name in NAMES],
        figures,
    )


def plain(chat: Chat, now: Moment) -> dict[str, Any]:
    fields = {name: getattr(chat, name) for name in chat.__struct_fields__}
    for name in ("polled", "latency", "http_status", "error", "failures", "health"):
        del fields[name]  # of the last poll, which a new process has not made yet
    return {name: now.since(value) if isinstance(value, Moment) else value for name, value in fields.items()}


def of_the_chats(timelines: list[tuple[Event, ...]]) -> list[list[Event]]:
    """The events of the chats themselves: how their polls fare, a new process finds out anew."""
    of_polls = {EventKind.POLL_FAILED, EventKind.POLL_RECOVERED, EventKind.DENIED}
    return [[event for event in timeline if event.kind not in of_polls] for timeline in timelines]


def begun(clock: HandClock) -> Watch:
    watch = Watch(clock, *NAMES)
    watch.monitor.resume_shift(Shift(since=day_start(NOON, UTC), service_level=60.0), ())
    return watch


@pytest.mark.parametrize("seed", range(5))
async def test_ten_restarts_change_no_clock_no_presence_no_timeline_and_no_figure(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    steps = a_shift(random)
    restarts = sorted(random.sample(range(1, STEPS), RESTARTS))

    in_one_go = begun(HandClock())
    for step in steps:
        in_one_go.polls(*step)

    path = tmp_path / "history.sqlite3"
    clock = HandClock()
    for number, (begin, end) in enumerate(zip([0, *restarts], [*restarts, len(steps)], strict=True)):
        watch = begun(clock)
        if number:
            recalled(path, clock.now(), *NAMES).hand_to(watch.monitor)
        async with recorded(path, watch, token=str(number)) as recorder:
            for step in steps[begin:end]:
                watch.polls(*step)
                if random.random() < 0.2:
                    await recorder.flush()
            now = clock.now()
            clock = HandClock(now.utc, float(random.randrange(1_000_000)))
    watch.clock = HandClock(now.utc, now.monotonic)

    expected, found = known_to(in_one_go), known_to(watch)
    assert found.chats == expected.chats
    assert of_the_chats(found.timelines) == of_the_chats(expected.timelines)
    assert msgspec.structs.replace(found.figures, since=expected.figures.since) == expected.figures
    assert expected.figures.answered > 0


@pytest.mark.parametrize(("state", "longest"), [(CHATS, 6.0), (ENDED, 24.0)])
async def test_a_restart_is_a_gap_where_it_takes_a_chat_longer_than_three_of_its_own_intervals(
    tmp_path: Path, state: ChatResource, longest: float
) -> None:
    for number, (pause, gaps) in enumerate([(longest, 0), (longest + 0.5, 1)]):
        path, watch = tmp_path / f"{number}.sqlite3", Watch(HandClock(), "a")
        async with recorded(path, watch):
            watch.polls("a", state)
        again = Watch(HandClock(watch.clock.now().utc), "a")
        recalled(path, again.clock.now(), "a").hand_to(again.monitor)
        again.polls("a", state, after=pause)

        assert [event.kind for event in again.events].count(EventKind.GAP) == gaps
