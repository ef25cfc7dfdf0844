"""Chats that the server no longer knows: the end of a chat, or a doubt about the server.

That one chat is not found is the end of that chat. That many are at once says more about the server, or a gateway before it, than about
the chats. The rules:

* A chat that was seen and now is not found counts as gone once the server gives another chat at a later request: until then it stays as
  it was, for an interval at most. Where fewer than `MANY` chats are there, no other could tell, and it is gone at once.
* Where `MANY` chats and `MANY_SHARE` of all are not found within a short time, or one is not found twice and none is given in between,
  the server is in doubt: they count as failing, with what is known of them, and are asked again rarely.
* A doubted chat that is given again is as before, and was never gone. One that stays unknown for `DOUBT_SECONDS` is gone where the
  server gives another chat meanwhile. Where it gives none, an Idle chat is gone all the same, since that is how chats end, but not after
  HTTP 400: what says only that the request was not understood is never an end by itself.
"""

from __future__ import annotations

from collections import deque

import msgspec

from chatmon.api.resource import IDLE
from chatmon.monitor.chat import Chat
from chatmon.monitor.observation import BAD_REQUEST, NOT_FOUND, UNAVAILABLE, Observation, PollError

MANY = 3
"""So many chats that are not found at once are a doubt about the server, if they are `MANY_SHARE` of all."""
MANY_SHARE = 1 / 3
DOUBT_SECONDS = 120.0
"""For so long a doubted chat has to stay unknown before it counts as gone."""


class _Doubted(msgspec.Struct):
    """Since when a chat is not found, and when it was asked for last, in monotonic seconds."""

    since: float
    asked: float


class Disappearances:
    """Decides what a chat that is not found means. Fed with the outcome of every poll, in their order."""

    def __init__(self) -> None:
        self._unconfirmed: dict[str, Observation] = {}
        """Those that are gone once the server gives another chat."""
        self._doubted: dict[str, _Doubted] = {}
        self._gone: deque[float] = deque()
        """When chats were found to be gone, of late, in monotonic seconds."""
        self._given = float("-inf")
        """When the newest poll that gave a chat was sent, in monotonic seconds."""

    @property
    def doubted(self) -> int:
        """How many chats are unknown to the server at once, and count as failing until it is sure that they are gone."""
        return len(self._doubted)

    def forget(self, chat_id: str) -> None:
        """Keep nothing more of a chat."""
        self._unconfirmed.pop(chat_id, None)
        self._doubted.pop(chat_id, None)

    def judge(self, observation: Observation, chat: Chat | None, *, present: int, at_once: float) -> tuple[Observation, ...]:
        """What the board is to take in now that a poll is over: its outcome, perhaps another or none instead, and those that waited for it.

        `chat` is what was known before, None where it is no longer watched; `present` the number of chats that are not gone. What
        happens within `at_once` seconds happens at once.
        """
        if observation.resource is not None:
            return self._given_again(observation, present, at_once)
        is_disappearance = (
            observation.error is not None
            and observation.error.kind == NOT_FOUND
            and chat is not None
            and chat.resource is not None
            and chat.gone_since is None
        )
        if not is_disappearance or chat is None:
            # A chat that fails for another reason, or is not watched, no longer waits for a word on whether it is gone.
            self._unconfirmed.pop(observation.chat_id, None)
            return (observation,)
        return self._not_found(observation, chat, present, at_once)

    def _given_again(self, observation: Observation, present: int, at_once: float) -> tuple[Observation, ...]:
        self._given = max(self._given, observation.begun.monotonic)
        if not (self._unconfirmed or self._doubted):
            return (observation,)
        self._doubted.pop(observation.chat_id, None)
        own = self._unconfirmed.pop(observation.chat_id, None)
        before = () if own is None else (_failing(own),)
        confirmed = [one for one in self._unconfirmed.values() if one.at.monotonic <= observation.begun.monotonic]
        if not confirmed:
            return (*before, observation)
        if self._are_many(observation.at.monotonic, present, at_once):
            return (*before, *self._doubt_all(), observation)
        for one in confirmed:
            del self._unconfirmed[one.chat_id]
            self._gone.append(one.at.monotonic)
        return (*before, *confirmed, observation)

    def _not_found(self, observation: Observation, chat: Chat, present: int, at_once: float) -> tuple[Observation, ...]:
        chat_id, now = observation.chat_id, observation.at.monotonic
        doubted = self._doubted.get(chat_id)
        if doubted is not None:
            if self._is_gone(doubted, observation, chat, present, at_once):
                del self._doubted[chat_id]
                return (observation,)
            doubted.asked = now
            return (_failing(observation),)
        if present < MANY:
            return (observation,)
        is_again = chat_id in self._unconfirmed
        self._unconfirmed.setdefault(chat_id, observation)
        if is_again or self._are_many(now, present, at_once):
            return self._doubt_all()
        return ()

    def _is_gone(self, doubted: _Doubted, observation: Observation, chat: Chat, present: int, at_once: float) -> bool:
        now = observation.at.monotonic
        is_long = now - doubted.since >= DOUBT_SECONDS
        if self._given > doubted.asked:
            return is_long or not self._are_many(now, present, at_once)
        return is_long and chat.state == IDLE and observation.http_status != BAD_REQUEST

    def _are_many(self, now: float, present: int, at_once: float) -> bool:
        while self._gone and self._gone[0] < now - at_once:
            self._gone.popleft()
        number = len(self._unconfirmed) + len(self._doubted) + len(self._gone)
        return number >= max(MANY, MANY_SHARE * (present + len(self._gone)))

    def _doubt_all(self) -> tuple[Observation, ...]:
        doubted = tuple(map(_failing, self._unconfirmed.values()))
        for one in doubted:
            self._doubted[one.chat_id] = _Doubted(one.at.monotonic, one.at.monotonic)
        self._unconfirmed.clear()
        return doubted


def _failing(observation: Observation) -> Observation:
    """The outcome of a poll that found no chat, as a failure that may pass."""
    said = "" if observation.error is None else observation.error.message
    return msgspec.structs.replace(observation, error=PollError(UNAVAILABLE, f"{said}, nor others it knew just before"))
