"""Which of several things that want to stand beside each other find room, and how much each gets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar


class Placeable(Protocol):
    """Something that wants `width` terminal cells and is never shrunk below; `grow` is its share of what is left over, up to `most`.

    Things are dropped from the highest `drop` down where there is too little room; 0 is never dropped.
    """

    @property
    def width(self) -> int: ...
    @property
    def grow(self) -> int: ...
    @property
    def most(self) -> int: ...
    @property
    def drop(self) -> int: ...


Thing = TypeVar("Thing", bound=Placeable)


def allot(things: Sequence[Thing], room: int, *, gap: int) -> list[tuple[Thing, int]]:
    """The things that fit into `room` terminal cells, in their order, each with its width; `gap` cells lie between two."""
    kept = list(things)
    while len(kept) > 1 and sum(thing.width + gap for thing in kept) - gap > room:
        victim = max(kept, key=lambda thing: thing.drop)
        if victim.drop == 0:
            break
        kept.remove(victim)
    widths = [thing.width for thing in kept]
    spare = room - sum(widths) - gap * (len(kept) - 1)
    while spare > 0:
        before = spare
        for index, thing in enumerate(kept):
            step = max(0, min(thing.grow, spare, thing.most - widths[index]))
            widths[index] += step
            spare -= step
        if spare == before:
            break
    return list(zip(kept, widths, strict=True))
