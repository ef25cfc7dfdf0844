"""Truth and history of a chat side by side: is everything that happened while it was watched told, and told once?

What polls cannot see is not asked for: two changes between two polls are told as one, and one that was undone by the next poll not at
all. What happened while nobody watched may be told after the gap, as one, or not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from .told import Told
from .truth import Version

EARLY = 0.1
"""Seconds by which the clocks of two processes, one a machine's wall clock and one set by it, may differ."""

Stretch = tuple[float, float]
"""From, to (UTC seconds): a chat was watched without a gap."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What is honest. `answer`: seconds that an answer may be old when it is seen, the deadline of a poll.

    `undone`: seconds for which a chat may have been otherwise without any poll seeing it, in a stretch without a gap.
    """

    answer: float
    undone: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The steps from one version to the next, counted; sums of verdicts are verdicts.

    `watched`: those that lay in a watched stretch. They are `alone` in a batch of events, `together` with others in one, `undone` before
    a poll could see them, or `missing`. `beside`: told, though they did not surely lie in such a stretch but at its edge, in a gap, or were
    the chat's end. `unexplained`: batches of events that tell what did not happen, not then, or not again.
    """

    watched: int = 0
    alone: int = 0
    together: int = 0
    undone: int = 0
    missing: int = 0
    beside: int = 0
    unexplained: int = 0

    def __add__(self, other: Verdict) -> Verdict:
        return Verdict(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True, slots=True)
class _Path:
    """One way to read the history: the version it has come to, and how each step before it was told (`None`: it had no need to be)."""

    version: int
    steps: Mapping[int, str]


class Comparison:
    """One chat's versions, in their order, and the stretches in which it was watched."""

    def __init__(self, versions: Sequence[Version], stretches: Sequence[Stretch], tolerance: Tolerance) -> None:
        self._versions = versions
        self._stretches = stretches
        self._tolerance = tolerance

    def verdict(self, told: Sequence[Told]) -> Verdict:
        """How what is told compares with what happened."""
        paths: list[_Path] = []
        unexplained = 0
        for one in told:
            onward = [] if one.contradiction else self._onward(paths, one)
            if not onward:
                unexplained += 1
                onward = [_Path(index, paths[0].steps if paths else {}) for index in self._in_force(one.at) if self._shows(index, one)]
            paths = _one_for_each_version(onward) or paths
        verdicts = [self._counted(path, unexplained) for path in self._to_the_end(paths, told)]
        return min(verdicts, key=lambda verdict: verdict.missing, default=Verdict(unexplained=unexplained))

    def _onward(self, paths: Sequence[_Path], told: Told) -> list[_Path]:
        ends = [index for index in self._in_force(told.at) if self._shows(index, told)]
        if told.not_before is None:
            return [_Path(end, {}) for end in ends]
        # Of equal versions the chat may have been in another one by the time it was seen last.
        begins = [later for path in paths for later in self._unseen(path, told.not_before)]
        return [_Path(end, {**begin.steps, **_told_in(begin.version, end)}) for begin in begins for end in ends if begin.version < end]

    def _to_the_end(self, paths: Sequence[_Path], told: Sequence[Told]) -> list[_Path]:
        if not told or not self._stretches:
            return list(paths)
        last_seen = max(until for _, until in self._stretches)
        return [later for path in paths for later in self._unseen(path, last_seen)] or list(paths)

    def _unseen(self, path: _Path, seen: float) -> Iterator[_Path]:
        """The same path, gone on to whichever equal version was in force when the chat was seen, if the ones between may stay untold."""
        shown = self._versions[path.version].shown
        if shown is None:
            yield path
            return
        for index in self._in_force(seen):
            if index == path.version:
                yield path
            elif index > path.version and self._versions[index].shown == shown and self._may_be_undone(path.version + 1, index):
                yield _Path(index, {**path.steps, **dict.fromkeys(range(path.version + 1, index + 1), "undone")})

    def _may_be_undone(self, first: int, last: int) -> bool:
        begin, end = self._versions[first].at, self._versions[last].at
        return end - begin <= self._tolerance.undone or not any(since <= begin and end <= until for since, until in self._stretches)

    def _in_force(self, at: float) -> list[int]:
        """The versions that an answer seen at a time may have shown."""
        ends = [*(version.at for version in self._versions[1:]), math.inf]
        return [
            index
            for index, (version, end) in enumerate(zip(self._versions, ends, strict=True))
            if version.at <= at + EARLY and end > at - self._tolerance.answer
        ]

    def _shows(self, index: int, told: Told) -> bool:
        return self._versions[index].shown == told.shown

    def _counted(self, path: _Path, unexplained: int) -> Verdict:
        total = Verdict(unexplained=unexplained)
        for step in range(1, len(self._versions)):
            how = path.steps.get(step)
            if not self._was_watched(self._versions[step].at):
                total += Verdict(beside=int(how in {"alone", "together"}))
            else:
                total += Verdict(watched=1, **{how or "missing": 1})
        return total

    def _was_watched(self, at: float) -> bool:
        """Whether both a sight before and a sight after what happened at a time are sure."""
        return any(since + EARLY < at < until - self._tolerance.answer for since, until in self._stretches)


def _told_in(begin: int, end: int) -> dict[int, str]:
    how = "alone" if end - begin == 1 else "together"
    return dict.fromkeys(range(begin + 1, end + 1), how)


def _one_for_each_version(paths: Sequence[_Path]) -> list[_Path]:
    return list({path.version: path for path in reversed(paths)}.values())
