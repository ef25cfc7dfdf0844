"""What waits to be recorded."""

from __future__ import annotations

import msgspec


class Backlog(msgspec.Struct, frozen=True):
    """How many `events` wait to be recorded, and when the oldest of them happened (UTC seconds); None where none waits."""

    events: int
    oldest: float | None
