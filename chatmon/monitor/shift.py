"""The figures of a shift: what happened since it began, counted from events and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo

import msgspec

from chatmon.monitor.chat import Chat
from chatmon.monitor.events import Event


class ShiftFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What happened since `since` (UTC seconds), as far as it was observed. Times are in seconds; None where there was nothing to count.

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
    - `handled_by`: by an agent's nickname, the chats that were seen Chatting with them listed; a chat counts for everyone who was.
    - `most_at_once`: by nickname, the most chats that were Chatting with them listed at one moment, as the polls saw it.
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


def day_start(utc: float, timezone: tzinfo | None = None) -> float:
    """When the day that holds `utc` began in a time zone, None being the machine's: both in UTC seconds."""
    local = datetime.fromtimestamp(utc, timezone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp()
