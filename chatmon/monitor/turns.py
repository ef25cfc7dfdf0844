"""The turns of all chats: when each of them is due, and whose turn it is."""

from __future__ import annotations

import heapq
import itertools
import math
from operator import itemgetter

from chatmon.monitor.outcome import Outcome

MAX_STALE_ENTRIES = 64
"""Entries in a heap that are no longer meant, beyond one for each chat, before it is built anew."""

_Entry = tuple[float, int, "Turn"]


class Turn:
    """One chat's place in the schedule; `due` is None while it is being polled, `outcome` before it was ever polled.

    It is polled once in `every` intervals, at its `phase` in them, from 0 to 1. `streak` polls had that outcome in a row, from `since` on.
    """

    __slots__ = ("chat_id", "due", "every", "in_flight", "outcome", "phase", "since", "streak")

    def __init__(self, chat_id: str, phase: float) -> None:
        self.chat_id = chat_id
        self.phase = phase
        self.every = 1
        self.due: float | None = None
        self.in_flight = False
        self.outcome: Outcome | None = None
        self.streak = 0
        self.since = -math.inf


class Turns:
    """Every chat's turn by the chat's id, and a heap of due times for each pace. Every time is in monotonic seconds.

    Where more chats are due than may be polled, the one that is latest by its own pace goes first: a chat that is polled every four
    intervals is as late after four seconds as another after one. So where the rate is short all wait longer in the same proportion.
    """

    def __init__(self) -> None:
        self.by_chat: dict[str, Turn] = {}
        self._heaps: dict[int, list[_Entry]] = {}
        self._count = itertools.count()

    @property
    def entries(self) -> int:
        """Entries in all heaps, those that are no longer meant among them."""
        return sum(map(len, self._heaps.values()))

    def put(self, turn: Turn, due: float) -> None:
        """Say when a chat is due; what was said before no longer counts."""
        turn.due = due
        heap = self._heaps.get(turn.every)
        if heap is None:
            heap = self._heaps[turn.every] = []
        heapq.heappush(heap, (due, next(self._count), turn))
        if len(heap) > 2 * len(self.by_chat) + MAX_STALE_ENTRIES:
            heap[:] = [entry for entry in heap if entry[2].due == entry[0]]
            heapq.heapify(heap)

    def first(self, now: float) -> Turn | None:
        """Whose turn it is or, where nobody is due yet, will be; None where there is nobody."""
        first, latest = None, -math.inf
        for every, heap in self._heaps.items():
            entry = _head(heap)
            if entry is not None and (first is None or (now - entry[0]) / every > latest):
                first, latest = entry[2], (now - entry[0]) / every
        return first

    def latest_answered(self, now: float) -> Turn | None:
        """Of those that are due and whose last poll was answered, the one that is latest by its own pace; None where there is none."""
        answered = (turn for turn in self.by_chat.values() if turn.outcome is Outcome.ANSWERED)
        late = [((turn.due - now) / turn.every, turn) for turn in answered if turn.due is not None and turn.due <= now]
        return min(late, key=itemgetter(0))[1] if late else None

    def earliest(self) -> float | None:
        """When the first chat is due; None where none is."""
        return min((entry[0] for heap in self._heaps.values() if (entry := _head(heap)) is not None), default=None)


def _head(heap: list[_Entry]) -> _Entry | None:
    """The first entry of a heap that is meant. Those of chats that were dropped or put elsewhere stay until they come up."""
    while heap:
        entry = heap[0]
        if entry[2].due == entry[0]:
            return entry
        heapq.heappop(heap)
    return None
