"""How often chats are polled: the one rule by which some of them are polled more rarely than others."""

from __future__ import annotations

import msgspec

from chatmon.api.resource import IDLE


class Pace(msgspec.Struct, frozen=True):
    """How often chats are polled: `interval` in seconds between two polls of a chat, `max_rate` in requests per second over all.

    An Idle chat is polled once in `idle_every` intervals; 1 makes no difference between chats.
    """

    interval: float = 2.0
    max_rate: float = 100.0
    max_concurrency: int = 32
    idle_every: int = 4

    def every(self, state: str | None, *, is_attended: bool) -> int:
        """How many intervals lie between a poll that gave a chat in `state`, None where it gave none, and the next one.

        Only what is known to be Idle, and is neither looked at nor in alarm, may be polled more rarely than at the interval.
        """
        return self.idle_every if state == IDLE and not is_attended else 1
