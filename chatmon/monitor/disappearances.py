"""Chats that the server no longer knows: the end of a chat, or a doubt about the server.

That one chat is not found is the end of that chat. That many are at once says more about the server, or a gateway before it, than about
the chats. The rules, for a chat that was seen and now is not found:

* It stays as it was until there were as many polls as other chats, or `ENOUGH_POLLS`, or it is not found once more, an interval later.
  Where the server gave another chat meanwhile, it is then gone, unless many are not found. Where it gave none by the time that every
  chat had its turn, the server is in doubt.
* Many are `MANY` chats and `MANY_SHARE` of all, or of the polls since, that are not found within a short time. Then the server is in
  doubt: these chats count as failing, with what is known of them, and are asked again rarely.
* A doubted chat that is given again is as before, and was never gone. One that stays unknown for `DOUBT_SECONDS` is gone where the
  server gives another chat meanwhile. Where it gives none, an Idle chat is gone all the same, since that is how chats end, but not after
  HTTP 400: what says only that the request was not understood is never an end by itself.
* Where fewer than `MANY` chats are there, no other could tell. An Idle one is gone at once, one in another state, or after HTTP 400, once
  it was not found `LAST_POLLS` times in a row.
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
ENOUGH_POLLS = 30
"""So many polls tell whether many chats are not found, where not all had their turn."""
LAST_POLLS = 3
"""How often a chat that did not end is not found, on a board of few chats, before it is gone."""
DOUBT_SECONDS = 120.0
"""For so long a doubted chat has to stay unknown before it counts as gone."""


class _Doubted(msgspec.Struct):
    """Since when a chat is not found, and when it was asked for last, in monotonic seconds."""

    since: float
    asked: float


class _Unconfirmed(msgspec.Struct):
    """A chat that is not found and may be gone: the poll that said so first, how often one did, and how many polls there were till then."""

    observation: Observation
    polls: int
    not_found: int
    times: int = 1


class Disappearances:
    """Decides what a chat that is not found means. Fed with the outcome of every poll, in their order."""

    def __init__(self) -> None:
        self._unconfirmed: dict[str, _Unconfirmed] = {}
        """Those that may be gone, the longest unknown first."""
        self._doubted: dict[str, _Doubted] = {}
        self._gone: deque[float] = deque()
        """When chats were found to be gone, of late, in monotonic seconds."""
        self._given = float("-inf")
        """When the newest poll that gave a chat was sent, in monotonic seconds."""
        self._polls = 0
        self._not_found_at_first = 0
        """How many polls there were, but for those of chats that were not found before, and how many of them did not find theirs."""

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
        is_not_found = observation.error is not None and observation.error.kind == NOT_FOUND
        self._polls += not is_not_found
        if observation.resource is not None:
            self._given = max(self._given, observation.begun.monotonic)
            if not (self._unconfirmed or self._doubted):
                return (observation,)
            return (*self._given_again(observation.chat_id), *self._decide(observation.at.monotonic, present, at_once), observation)
        if not is_not_found or chat is None or chat.resource is None or chat.gone_since is not None:
            # A chat that fails for another reason, or is not watched, no longer waits for a word on whether it is gone.
            self._unconfirmed.pop(observation.chat_id, None)
            return (observation,)
        if present < MANY and observation.chat_id not in self._doubted:
            return self._not_found_of_few(observation, chat)
        return self._not_found(observation, chat, present, at_once)

    def _given_again(self, chat_id: str) -> tuple[Observation, ...]:
        self._doubted.pop(chat_id, None)
        unconfirmed = self._unconfirmed.pop(chat_id, None)
        return () if unconfirmed is None else (_failing(unconfirmed.observation),)

    def _decide(self, now: float, present: int, at_once: float) -> tuple[Observation, ...]:
        """Those that are gone, or in doubt, now that enough is known."""
        gone: list[Observation] = []
        while present >= MANY and self._unconfirmed:
            oldest = next(iter(self._unconfirmed.values()))
            if not self._is_enough(oldest, present):
                break
            if self._are_many(now, present, at_once, since=oldest):
                return (*gone, *self._doubt_all())
            gone.append(self._confirm(oldest))
        return tuple(gone)

    def _is_enough(self, unconfirmed: _Unconfirmed, present: int) -> bool:
        is_told = self._given >= unconfirmed.observation.at.monotonic
        return is_told and (unconfirmed.times > 1 or self._polls - unconfirmed.polls >= min(present - 1, ENOUGH_POLLS))

    def _confirm(self, unconfirmed: _Unconfirmed) -> Observation:
        del self._unconfirmed[unconfirmed.observation.chat_id]
        self._gone.append(unconfirmed.observation.at.monotonic)
        return unconfirmed.observation

    def _not_found_of_few(self, observation: Observation, chat: Chat) -> tuple[Observation, ...]:
        is_end = chat.state == IDLE and observation.http_status != BAD_REQUEST
        if not is_end and self._again(observation).times < LAST_POLLS:
            return ()
        self._unconfirmed.pop(observation.chat_id, None)
        return (observation,)

    def _not_found(self, observation: Observation, chat: Chat, present: int, at_once: float) -> tuple[Observation, ...]:
        chat_id, now = observation.chat_id, observation.at.monotonic
        doubted = self._doubted.get(chat_id)
        if doubted is not None:
            if self._is_gone(doubted, observation, chat, present, at_once):
                del self._doubted[chat_id]
                return (observation,)
            doubted.asked = now
            return (_failing(observation),)
        unconfirmed = self._again(observation)
        is_told = self._given >= unconfirmed.observation.at.monotonic
        is_over = unconfirmed.times > 1 and now - unconfirmed.observation.at.monotonic >= at_once
        if (is_over and not is_told) or self._are_many(now, present, at_once):
            return self._doubt_all()
        return self._decide(now, present, at_once)

    def _again(self, observation: Observation) -> _Unconfirmed:
        """A chat is not found, perhaps once more."""
        unconfirmed = self._unconfirmed.get(observation.chat_id)
        if unconfirmed is not None:
            unconfirmed.times += 1
            return unconfirmed
        unconfirmed = _Unconfirmed(observation, self._polls, self._not_found_at_first)
        self._polls += 1
        self._not_found_at_first += 1
        self._unconfirmed[observation.chat_id] = unconfirmed
        return unconfirmed

    def _is_gone(self, doubted: _Doubted, observation: Observation, chat: Chat, present: int, at_once: float) -> bool:
        now = observation.at.monotonic
        is_long = now - doubted.since >= DOUBT_SECONDS
        if self._given > doubted.asked:
            # Before every chat had its turn nobody knows how many they are.
            return is_long or (now - doubted.since >= at_once and not self._are_many(now, present, at_once))
        return is_long and chat.state == IDLE and observation.http_status != BAD_REQUEST

    def _are_many(self, now: float, present: int, at_once: float, *, since: _Unconfirmed | None = None) -> bool:
        """Whether many are not found, of all chats or of the polls since one of them was not."""
        while self._gone and self._gone[0] < now - at_once:
            self._gone.popleft()
        number = len(self._unconfirmed) + len(self._doubted) + len(self._gone)
        if number >= max(MANY, MANY_SHARE * (present + len(self._gone))):
            return True
        if since is None:
            return False
        return self._not_found_at_first - since.not_found >= max(MANY, MANY_SHARE * (self._polls - since.polls))

    def _doubt_all(self) -> tuple[Observation, ...]:
        doubted = tuple(_failing(one.observation) for one in self._unconfirmed.values())
        for one in doubted:
            self._doubted[one.chat_id] = _Doubted(one.at.monotonic, one.at.monotonic)
        self._unconfirmed.clear()
        return doubted


def _failing(observation: Observation) -> Observation:
    """The outcome of a poll that found no chat, as a failure that may pass."""
    said = "" if observation.error is None else observation.error.message
    return msgspec.structs.replace(observation, error=PollError(UNAVAILABLE, f"{said}, nor others it knew just before"))
