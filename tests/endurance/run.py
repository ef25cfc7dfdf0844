"""The run: a contact centre in trouble, a recorder without a screen and a dashboard that watch it, and what their histories hold."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing
from pathlib import Path
from random import Random

from chatmon.history.reader import HistoryReader
from chatmon.monitor.events import Event

from .centre import Centre
from .comparison import Comparison, Stretch, Tolerance, Verdict
from .figure import Figure, of_history, of_neighbour, of_process
from .neighbour import Neighbour
from .program import Program
from .told import told_of
from .truth import Truth

INTERVAL = 5.0
"""Seconds between two polls of a chat: 100 requests a second, the default rate, are just enough for 500."""
TIMEOUT = 2.0
"""Seconds that one exchange may take: shorter than the longest slow answers."""
UNDONE = 3 * INTERVAL
"""Seconds in which a chat that is not Idle is seen, or there is a gap."""


def run(minutes: float, chats: int, seed: int, folder: Path, *, alone: bool = False) -> Iterator[Figure]:
    """The figures of a run of so many minutes. Unless chatmon is `alone`, another program uses each history all the time."""
    centre = Centre(chats, seed, folder / "chats.ids")
    programs, neighbours = asyncio.run(_run(centre, minutes * 60, seed, folder, alone=alone))
    yield Figure("chats", chats)
    yield Figure("changes of chats by the simulator's own log", centre.truth.steps, least=1)
    yield Figure("troubles switched on", centre.troubles, least=1)
    yield Figure("simulator broke", int(centre.broke), most=0)
    for program in programs:
        program.write_looks()
        yield from of_history(program.name, compared(program.history, centre.truth), centre.truth.steps)
        yield from of_process(program)
    for program, neighbour in zip(programs, neighbours, strict=False):
        yield from of_neighbour(program.name, neighbour)


def _programs(centre: Centre, folder: Path) -> list[Program]:
    pace = ("--url", centre.url, "--ids-file", str(centre.ids_file), "--interval", str(INTERVAL), "--timeout", str(TIMEOUT))
    return [
        Program("poll", ("poll", "--follow", *pace), folder / "poll"),
        Program("watch", ("watch", *pace), folder / "watch", in_terminal=True),
    ]


async def _run(centre: Centre, seconds: float, seed: int, folder: Path, *, alone: bool) -> tuple[list[Program], list[Neighbour]]:
    await centre.start()
    programs = _programs(centre, folder)
    neighbours = [] if alone else [Neighbour(program.history, seed + number) for number, program in enumerate(programs)]
    try:
        async with AsyncExitStack() as stack:
            for neighbour in neighbours:
                await stack.enter_async_context(neighbour.running())
            await asyncio.gather(*(program.run(seconds, Random(seed + number)) for number, program in enumerate(programs)))
    finally:
        await centre.stop()
    return programs, neighbours


def compared(history: Path, truth: Truth) -> Verdict:
    """How a history compares with what happened to every chat that was there."""
    events: defaultdict[str, list[Event]] = defaultdict(list)
    with closing(HistoryReader(history)) as reader:
        for recorded in reader.read_on():
            if recorded.event.chat is not None:
                events[recorded.event.chat].append(recorded.event)
    watched = stretches(history)
    tolerance = Tolerance(answer=TIMEOUT, undone=UNDONE)
    total = Verdict(unexplained=len(events.keys() - truth.versions.keys()))
    for chat_id, versions in truth.versions.items():
        total += Comparison(versions, watched[chat_id], tolerance).verdict(list(told_of(events[chat_id])))
    return total


def stretches(history: Path) -> defaultdict[str, list[Stretch]]:
    """The stretches in which each chat was watched, by its id."""
    found: defaultdict[str, list[Stretch]] = defaultdict(list)
    with closing(sqlite3.connect(f"file:{history}?mode=ro", uri=True)) as connection:
        query = "SELECT chats.id, since, until FROM coverage JOIN chats ON chats.number = coverage.chat ORDER BY since"
        for chat_id, since, until in connection.execute(query):
            found[chat_id].append((since, until))
    return found
