"""The figures over all watched chats, counted from the board as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import fsum

import msgspec

from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.observation import Health


class Figures(msgspec.Struct, frozen=True):
    """Each watched chat counted once: by state where its health is ok (`other`: any other state), else by health.

    `longest_wait` and `mean_wait` are of the times, in seconds, for which the waiting chats have been seen waiting for an agent so far.
    `longest_wait_exact` says whether the beginning of the longest was observed, `mean_wait_exact` whether that of every one was; else
    the true figure is this or higher. All four are None where nobody waits.
    """

    watched: int = 0
    waiting: int = 0
    chatting: int = 0
    idle: int = 0
    other: int = 0
    pending: int = 0
    failing: int = 0
    denied: int = 0
    gone: int = 0
    not_found: int = 0
    longest_wait: float | None = None
    longest_wait_exact: bool | None = None
    mean_wait: float | None = None
    mean_wait_exact: bool | None = None


_STATE_FIELDS = {WAITING: "waiting", CHATTING: "chatting", IDLE: "idle"}


class Census:
    """Chats counted by state and health, kept up as they change: the figures cost what is waiting, not what is watched."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._waits: dict[str, tuple[Moment | None, bool]] = {}
        """Of each waiting chat since when it is so, and whether the beginning was observed."""

    def take(self, before: Chat | None, after: Chat | None) -> None:
        """A chat is another one than before; None is one that is not watched."""
        if before is not None:
            name = _counted_as(before)
            self._counts[name] -= 1
            if name == "waiting":
                del self._waits[before.id]
        if after is not None:
            name = _counted_as(after)
            self._counts[name] += 1
            if name == "waiting":
                self._waits[after.id] = (after.state_since, after.state_since_exact)

    @property
    def present(self) -> int:
        """The chats that the server is not known not to know."""
        return self._counts.total() - self._counts["gone"] - self._counts["not_found"]

    def figures(self, now: Moment) -> Figures:
        """The figures at `now`."""
        waits = [(0.0 if since is None else max(0.0, now.since(since)), exact) for since, exact in self._waits.values()]
        longest, longest_exact = max(waits, key=_longest_then_least_sure, default=(None, None))
        return Figures(
            watched=self._counts.total(),
            longest_wait=longest,
            longest_wait_exact=longest_exact,
            mean_wait=fsum(wait for wait, _ in waits) / len(waits) if waits else None,
            mean_wait_exact=all(exact for _, exact in waits) if waits else None,
            **self._counts,
        )


def count(chats: Iterable[Chat], now: Moment) -> Figures:
    """The figures of the chats at `now`."""
    census = Census()
    for chat in chats:
        census.take(None, chat)
    return census.figures(now)


def _counted_as(chat: Chat) -> str:
    """The field of `Figures` that counts a chat."""
    return _STATE_FIELDS.get(chat.state or "", "other") if chat.health is Health.OK else str(chat.health)


def _longest_then_least_sure(timed: tuple[float, bool]) -> tuple[float, bool]:
    time, exact = timed
    return time, not exact


class AgentLoad(msgspec.Struct, frozen=True):
    """One agent, told apart by nickname, and the chats they are listed in: how many by state.

    `longest` is the longest time, in seconds, for which one has been Chatting with them: where they were seen to join it, since then.
    `longest_exact` says whether its beginning was observed. Both are None where none is Chatting.
    """

    nickname: str
    chats: tuple[str, ...]
    chatting: int
    waiting: int
    idle: int
    other: int
    longest: float | None
    longest_exact: bool | None


def agents(chats: Iterable[Chat], now: Moment) -> tuple[AgentLoad, ...]:
    """Every agent listed in a chat that is still there, those with most chats first.

    Participant ids hold inside one chat only, so two agents of one nickname count as one; the API may still list someone who has left.
    """
    listed: dict[str, list[Chat]] = {}
    for chat in chats:
        if chat.health in {Health.OK, Health.FAILING}:
            for nickname in dict.fromkeys(chat.agents):
                listed.setdefault(nickname, []).append(chat)
    loads = (_load(nickname, theirs, now) for nickname, theirs in listed.items())
    return tuple(sorted(loads, key=lambda load: (-load.chatting, -len(load.chats), load.nickname.casefold())))


def _load(nickname: str, chats: list[Chat], now: Moment) -> AgentLoad:
    states = [_STATE_FIELDS.get(chat.state or "", "other") for chat in chats]
    times = [time for chat in chats if chat.state == CHATTING and (time := _time_with(chat, nickname, now)) is not None]
    longest, exact = max(times, key=_longest_then_least_sure, default=(None, None))
    return AgentLoad(
        nickname=nickname,
        chats=tuple(chat.id for chat in chats),
        chatting=states.count("chatting"),
        waiting=states.count("waiting"),
        idle=states.count("idle"),
        other=states.count("other"),
        longest=longest,
        longest_exact=exact,
    )


def _time_with(chat: Chat, nickname: str, now: Moment) -> tuple[float, bool] | None:
    """For how long a chat has been Chatting with an agent, in seconds, and whether the beginning was observed."""
    seconds = chat.time_in_state(now)
    if seconds is None or chat.observed is None:
        return None
    here = [one for one in chat.presences if one.left is None and one.participant.is_agent and one.participant.nickname == nickname]
    if here and all(one.since_exact for one in here):
        until = now if chat.health is Health.OK else chat.observed
        joined = max(one.until(until) for one in here)
        if joined < seconds:
            return joined, True
    return seconds, chat.state_since_exact
