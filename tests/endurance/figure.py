"""What a run gives, how it is judged, and how it is printed."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from chatmon.cli.running import TERMINATED

from .comparison import Verdict
from .neighbour import Neighbour
from .program import Look, Program

WARM_UP = 20.0
"""Seconds of a life that do not count: everything is imported, asked for once and known."""
FULL = 600.0
"""Seconds of a life in which it fills what it keeps to look back on: 10,000 events, 1,000 chats that left."""
SHORTEST = 20.0
"""Seconds after either which a life must have to be judged."""
MOST_MEGABYTES = 150.0
MOST_FILLING = 16.0
"""Megabytes that a life may grow by, from its first third to its last, until it is full: what it keeps takes no more."""
MOST_GROWTH = 2.0
"""The same of a life from then on: it is flat."""
MOST_SOCKETS = 36
"""32 connections at once, the event loop's own pair, and one connection that is being closed while another is opened."""
MOST_FILES_MORE = 2
"""The history's journal is opened and closed."""
LEAST_WATCHED = 0.25
"""Share of all that happened: a run in which next to nothing was watched proves nothing."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, and what is wanted of it where something is."""

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def reached(self) -> bool:
        """Whether it is as wanted."""
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    def line(self) -> str:
        """One line of text."""
        text = f"{self.name:<56}{self.value:>9.6g} {self.unit:<4}"
        if self.most is None and self.least is None:
            return text.rstrip()
        wanted = f"≤ {self.most:g}" if self.most is not None else f"≥ {self.least:g}"
        return f"{text}  {'ok' if self.reached else 'MISSED'}, target {wanted}"

    def json(self) -> dict[str, object]:
        """The same for a machine."""
        return {**asdict(self), "reached": self.reached}


def of_history(name: str, verdict: Verdict, happened: int) -> Iterator[Figure]:
    """What a program's history is worth."""
    yield Figure(f"{name}: of what happened, watched", verdict.watched / happened if happened else 0.0, least=LEAST_WATCHED)
    yield Figure(f"{name}: watched changes", verdict.watched)
    yield Figure(f"{name}:   told once, alone", verdict.alone)
    yield Figure(f"{name}:   told once, with others between the same polls", verdict.together)
    yield Figure(f"{name}:   undone before a poll could see them", verdict.undone)
    yield Figure(f"{name}:   missing", verdict.missing, most=0)
    yield Figure(f"{name}: changes told beside: edges, gaps, ends", verdict.beside)
    yield Figure(f"{name}: told twice, or what did not happen", verdict.unexplained, most=0)


def of_process(program: Program) -> Iterator[Figure]:
    """What a program's lives were like."""
    name = program.name
    looks = [look for life in program.lives for look in life]
    judged = [life for one in program.lives if is_long_enough(life := since(one, WARM_UP))]
    yield Figure(f"{name}: killed and started again", program.kills, least=1)
    yield Figure(f"{name}: ended by itself", program.ended_by_itself, most=0)
    yield Figure(f"{name}: did not end when it was asked to", int(program.last_code != TERMINATED), most=0)
    yield Figure(f"{name}: crash reports", program.crash_reports, most=0)
    yield Figure(f"{name}: lives long enough to be judged", len(judged), least=1)
    yield Figure(f"{name}: longest of them", max((life[-1].at for life in judged), default=0.0), "s")
    yield Figure(f"{name}: memory, most", max((look.megabytes for look in looks), default=0.0), "MB", most=MOST_MEGABYTES)
    filling = [[look for look in life if look.at < FULL] for life in judged]
    yield Figure(f"{name}: memory, growth while a life fills", max(map(growth, filling), default=0.0), "MB", most=MOST_FILLING)
    full = [life for one in judged if is_long_enough(life := since(one, FULL))]
    if full:
        yield Figure(f"{name}: memory, growth in a life from then on", max(map(growth, full)), "MB", most=MOST_GROWTH)
    yield Figure(f"{name}: sockets, most", max((look.sockets for look in looks), default=0), most=MOST_SOCKETS)
    more = max((max(look.files for look in life) - min(look.files for look in life) for life in judged), default=0)
    yield Figure(f"{name}: other descriptors, spread in a life", more, most=MOST_FILES_MORE)


def of_neighbour(name: str, neighbour: Neighbour) -> Iterator[Figure]:
    """What the other program of a history did and found."""
    for step, times in sorted(neighbour.steps.items()):
        yield Figure(f"{name}: another program's {step.replace('_', ' ')}", times)
    yield Figure(f"{name}: steps of the other program", neighbour.steps.total(), least=1)
    yield Figure(f"{name}: the other program found damage", neighbour.damaged, most=0)
    yield Figure(f"{name}: the other program ended by itself", int(neighbour.ended_by_itself), most=0)


def since(life: Sequence[Look], seconds: float) -> list[Look]:
    """The looks at a life that is at least so old."""
    return [look for look in life if look.at >= seconds]


def is_long_enough(life: Sequence[Look]) -> bool:
    """Whether a part of a life can be judged."""
    return len(life) > 2 and life[-1].at - life[0].at >= SHORTEST


def growth(life: Sequence[Look]) -> float:
    """Megabytes by which a life's last third holds more than its first, by their medians."""
    third = max(1, len(life) // 3)
    first, last = (statistics.median(look.megabytes for look in part) for part in (life[:third], life[-third:]))
    return last - first
