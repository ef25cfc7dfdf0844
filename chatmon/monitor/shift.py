"""The figures of a shift: what happened since it began, counted from events and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from chatmon.monitor.chat import Chat
from chatmon.monitor.events import Event


class ShiftFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What happened since `since` (UTC seconds). Times are in seconds; None where there was nothing to count.

    `coverage` is from 0 to 1: of the time between each chat's first and last sight, how much was watched.
    """

    since: float
    service_level: float
    answered: int = 0
    answered_in_time: int = 0
    answered_late: int = 0
    abandoned: int = 0
    time_to_answer_mean: float | None = None
    time_to_answer_p90: float | None = None
    handled: int = 0
    handling_time_mean: float | None = None
    coverage: float | None = None
    handled_by: Mapping[str, int] = {}
    most_at_once: Mapping[str, int] = {}


class Shift:
    """Takes in events as they happen, or as they were recorded, in their order. Memory is bounded by `MAX_LIVES` and `MAX_SAMPLES`."""

    def __init__(self, *, since: float, service_level: float) -> None:
        self.since = since
        self.service_level = service_level

    def take(self, event: Event) -> None:
        """Take in one event. Those from before `since` count for nothing but tell how the chats were when the shift began."""
        return

    def begin(self, since: float) -> None:
        """A new shift: nothing is counted yet, and how the chats are is still known."""
        self.since = since

    def left(self, chat: Chat) -> None:
        """A chat is no longer on the board: how much of it was watched still counts."""
        return

    def figures(self, chats: Iterable[Chat]) -> ShiftFigures:
        """The figures, with the chats that are on the board now."""
        return ShiftFigures(since=self.since, service_level=self.service_level)
