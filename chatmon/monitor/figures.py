"""The figures over all watched chats, counted from the board as it is."""

from __future__ import annotations

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


def count(chats: Iterable[Chat], now: Moment) -> Figures:
    """The figures of the chats at `now`."""
    counts: dict[str, int] = {}
    watched = 0
    waits: list[tuple[float, bool]] = []
    for chat in chats:
        watched += 1
        name = _STATE_FIELDS.get(chat.state or "", "other") if chat.health is Health.OK else str(chat.health)
        counts[name] = counts.get(name, 0) + 1
        if name == "waiting":
            waits.append((chat.time_in_state(now) or 0.0, chat.state_since_exact))
    longest, longest_exact = max(waits, key=_longest_then_least_sure, default=(None, None))
    return Figures(
        watched=watched,
        longest_wait=longest,
        longest_wait_exact=longest_exact,
        mean_wait=fsum(wait for wait, _ in waits) / len(waits) if waits else None,
        mean_wait_exact=all(exact for _, exact in waits) if waits else None,
        **counts,
    )


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
        joined = max(0.0, until.utc - min(one.since for one in here))
        if joined < seconds:
            return joined, True
    return seconds, chat.state_since_exact
