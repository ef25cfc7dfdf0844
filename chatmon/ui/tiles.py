"""The figures over all chats as tiles: what each says, and what it leads to. The widget that paints them knows nothing of figures."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.monitor.alarms import Severity
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.observation import Health
from chatmon.monitor.snapshot import Snapshot
from chatmon.monitor.trends import squeeze
from chatmon.ui import glyphs
from chatmon.ui.alarm_marks import is_pressing
from chatmon.ui.shares import in_time, watched
from chatmon.ui.times import clock

SHOW_ALARMS = "app.show_alarms"


class Shown(msgspec.Struct, frozen=True):
    """What a tile says of its figure: its value, what is said below it (the longest first), and how it moved, each in its style.

    `filter` shows on the board what it counts; None where no filter can.
    """

    value: str
    below: tuple[str, ...] = ()
    style: str = ""
    trend: tuple[float | None, ...] = ()
    trend_style: str = ""
    filter: str | None = None


class Look(msgspec.Struct, frozen=True):
    """A snapshot with what the tiles count of it: `known` are the chats by last known state, where the polls alone would hide them."""

    snapshot: Snapshot
    known: Counter[str] | None
    longest_known: float | None


class Tile(msgspec.Struct, frozen=True):
    """A figure with its place among the others: `width`, `grow`, `most` and `drop` are as `placing` has them.

    `name` may hold `{level}`, the seconds of the service level. `low` is the width where all stand on one line. `action` is what a click
    does where there is no filter.
    """

    name: str
    width: int
    low: int
    show: Callable[[Look], Shown]
    grow: int = 0
    most: int = 0
    drop: int = 0
    action: str = ""


def look_at(snapshot: Snapshot) -> Look:
    """How to look at a snapshot: while most chats do not answer, the last known states are counted, and marked so."""
    if not is_uncertain(snapshot):
        return Look(snapshot, None, None)
    chats = [chat for chat in snapshot.chats.values() if chat.health not in {Health.GONE, Health.NOT_FOUND} and chat.resource is not None]
    waits = [chat.time_in_state(snapshot.now) or 0.0 for chat in chats if chat.state == WAITING]
    return Look(snapshot, Counter(chat.state or "" for chat in chats), max(waits, default=None))


def is_uncertain(snapshot: Snapshot) -> bool:
    """Whether counting only the chats that answer would mislead: in an outage, where they are the smaller part, after a restart."""
    figures = snapshot.figures
    if figures.pending and any(chat.health is Health.PENDING and chat.resource is not None for chat in snapshot.chats.values()):
        return True
    silent = figures.failing + figures.denied
    answering = figures.waiting + figures.chatting + figures.idle + figures.other
    return silent > 0 and (silent > answering or snapshot.circuit in {Circuit.OUTAGE, Circuit.DENIED})


def _state(look: Look, state: str, number: int, word: str, trend: tuple[float | None, ...], below: tuple[str, ...] = ()) -> Shown:
    """A figure that counts a state; `word` is its style as well as its name in the filter."""
    if not look.snapshot.is_watched:
        return _unknown(trend, word)
    if look.known is not None:
        return Shown(f"{look.known[state]}?", below, "failing", trend, word, f"state:{word}")
    return Shown(str(number), below, word if number else "dim", trend, word, f"state:{word} health:ok")


def _unknown(trend: tuple[float | None, ...] = (), word: str = "") -> Shown:
    """What is said of a figure where nobody watched."""
    return Shown(glyphs.NOTHING, (), "dim", trend, word)


def _waiting(look: Look) -> Shown:
    figures = look.snapshot.figures
    below: tuple[str, ...] = ()
    if look.known is not None:
        below = () if look.longest_known is None else (f"longest {clock(look.longest_known, exact=False)}",)
    elif figures.longest_wait is not None:
        longest = f"longest {clock(figures.longest_wait, exact=bool(figures.longest_wait_exact))}"
        below = (f"{longest}  mean {clock(figures.mean_wait, exact=bool(figures.mean_wait_exact))}", longest)
    return _state(look, WAITING, figures.waiting, "waiting", look.snapshot.trends.waiting, below)


def _longest_wait(look: Look) -> Shown:
    figures = look.snapshot.figures
    if look.known is not None:
        return Shown(clock(look.longest_known, exact=False), (), "failing" if look.known[WAITING] else "dim")
    mean = () if figures.mean_wait is None else (f"mean {clock(figures.mean_wait, exact=bool(figures.mean_wait_exact))}",)
    longest = clock(figures.longest_wait, exact=bool(figures.longest_wait_exact))
    return Shown(longest, mean, "dim" if figures.longest_wait is None else _wait_style(look.snapshot))


def _wait_style(snapshot: Snapshot) -> str:
    """The style of the worst alarm about waiting, or that of waiting."""
    found = {alarm.severity for alarm in snapshot.alarms if alarm.rule == "waiting" and alarm.holds}
    return "critical" if Severity.CRITICAL in found else "warn" if found else "waiting"


def _chatting(look: Look) -> Shown:
    return _state(look, CHATTING, look.snapshot.figures.chatting, "chatting", look.snapshot.trends.chatting)


def _idle(look: Look) -> Shown:
    other = look.snapshot.figures.other
    below = (f"{other} in other states", f"{other} other") if other else ()
    return _state(look, IDLE, look.snapshot.figures.idle, "idle", look.snapshot.trends.idle, below)


def _failing(look: Look) -> Shown:
    figures = look.snapshot.figures
    number = figures.failing + figures.denied + figures.not_found
    below = _counted((figures.denied, "denied"), (figures.not_found, "not found"), (figures.pending, "not asked"))
    trend = look.snapshot.trends.failing
    if not look.snapshot.is_watched:
        return _unknown(trend, "failing")
    return Shown(str(number), below, "failing" if number else "dim", trend, "failing", "!health:ok !health:pending !health:gone")


def _alarms(look: Look) -> Shown:
    if not look.snapshot.is_watched:
        return _unknown()
    holding = [alarm for alarm in look.snapshot.alarms if alarm.holds]
    pressing = [alarm for alarm in holding if is_pressing(alarm)]
    critical = sum(alarm.severity is Severity.CRITICAL for alarm in pressing)
    below = _counted((critical, "critical"), (len(holding) - len(pressing), "known"))
    return Shown(str(len(pressing)), below, "critical" if critical else "warn" if pressing else "dim")


def _counted(*parts: tuple[int, str]) -> tuple[str, ...]:
    """What there is of several things in words, the most of them first, then ever fewer."""
    said = [f"{number} {word}" for number, word in parts if number]
    return tuple(", ".join(said[:most]) for most in range(len(said), 0, -1))


def _answered(look: Look) -> Shown:
    shift = look.snapshot.shift
    seen, share = watched(shift), in_time(shift)
    return Shown(share, (f"of {shift.answered}, {seen}", seen), "bright") if share else Shown(glyphs.NOTHING, (seen,), "dim")


def _abandoned(look: Look) -> Shown:
    number = look.snapshot.shift.abandoned
    return Shown(str(number), (), "bright" if number else "dim")


def _to_answer(look: Look) -> Shown:
    shift = look.snapshot.shift
    exact = bool(shift.time_to_answer_exact)
    below = () if shift.time_to_answer_p90 is None else (f"p90 {clock(shift.time_to_answer_p90, exact=exact)}",)
    return Shown(clock(shift.time_to_answer_mean, exact=exact), below, "bright" if below else "dim")


def _handling(look: Look) -> Shown:
    shift = look.snapshot.shift
    below = (f"of {shift.handled}",) if shift.handled else ()
    return Shown(clock(shift.handling_time_mean, exact=True), below, "dim" if shift.handling_time_mean is None else "bright")


def _gone(look: Look) -> Shown:
    if not look.snapshot.is_watched:
        return _unknown()
    return Shown(str(look.snapshot.figures.gone), (), "dim", filter="health:gone")


TILES: tuple[Tile, ...] = (
    Tile("Waiting", 21, 27, _waiting, grow=4, most=32),
    Tile("Chatting", 13, 14, _chatting, grow=1, most=20, drop=3),
    Tile("Idle", 13, 10, _idle, grow=1, most=20, drop=5),
    Tile("Failing", 14, 12, _failing, grow=1, most=26, drop=2),
    Tile("Alarms", 14, 11, _alarms, grow=1, most=24, drop=1, action=SHOW_ALARMS),
    Tile("Answered ≤{level} s", 18, 23, _answered, grow=1, most=24, drop=4),
    Tile("Abandoned", 12, 14, _abandoned, drop=6),
    Tile("To answer", 13, 17, _to_answer, drop=7),
    Tile("Handling", 12, 16, _handling, drop=8),
    Tile("Gone", 8, 9, _gone, drop=9),
)
"""Every tile in its order; where there is little room those that matter least are left out."""

LOW_TILES = tuple(msgspec.structs.replace(tile, width=tile.low, grow=0) for tile in TILES)
"""The same for one line."""

LARGE_TILES: tuple[Tile, ...] = (
    Tile("Waiting", 15, 0, _waiting, grow=2, most=24),
    Tile("Longest wait", 26, 0, _longest_wait, grow=1, most=30),
    Tile("Alarms", 15, 0, _alarms, grow=2, most=24, drop=1),
    Tile("Chatting", 15, 0, _chatting, grow=2, most=24, drop=2),
    Tile("Idle", 11, 0, _idle, grow=1, most=20, drop=5),
    Tile("Failing", 11, 0, _failing, grow=1, most=20, drop=3),
    Tile("Answered ≤{level} s", 20, 0, _answered, grow=1, most=24, drop=4),
)
"""The figures that are written large, for a screen on the wall; `low` and `action` mean nothing there."""

LEAST_TREND = 4
"""Terminal cells below which a trend is not drawn."""


def trend_text(values: Sequence[float | None], cells: int) -> str:
    """The values as a line of small bars, blank where nobody watched; nothing where there is no room."""
    if cells < LEAST_TREND:
        return ""
    squeezed = squeeze(values, cells)
    highest = max((value for value in squeezed if value is not None), default=0.0)
    return "".join(" " if value is None else step_sign(value, highest) for value in squeezed)


def step_sign(value: float, highest: float) -> str:
    """The small bar of a value beside others of which `highest` is the highest."""
    steps = len(glyphs.STEPS) - 1
    return glyphs.STEPS[math.ceil(value / highest * steps) if highest > 0 else 0]
