"""What is said in a chat of the contact centre, made when someone asks for it.

It follows from the chat's id and from who came and went when: asking for it draws on no one's chance, and what was said stays said.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from chatmon.simulator.chats import SimulatedChat, SimulatedParticipant
from chatmon.simulator.sayings import GREETING, OF_AGENTS, OF_CUSTOMERS, OPENINGS, PLEASE_WAIT, WAITING

EntryType = Literal["Text", "Notice", "ParticipantJoined", "ParticipantLeft", "TypingStarted", "TypingStopped"]

OPENING: Final = 0.5
"""Seconds after which a customer's first words are there: they were typed before the chat was asked for."""
FIRST_WORDS: Final = (4.0, 8.0)
"""From, to: seconds between an agent's coming and the first words."""
ANSWER: Final = (6.0, 18.0)
"""The same between two who talk to each other."""
IMPATIENCE: Final = (25.0, 60.0)
"""The same between two words of someone who waits."""
TYPING: Final = (1.0, 4.0)
"""For so long somebody types before the words are there."""
MAX_WORDS: Final = 200
"""In one stretch; longer talks fall silent."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a chat's transcript, ``at`` seconds after the centre opened."""

    at: float
    who: SimulatedParticipant
    type: EntryType
    text: str | None = None


def talk_of(chat: SimulatedChat, now: float) -> tuple[Entry, ...]:
    """The transcript of a chat until ``now``, in order."""
    entries: list[Entry] = []
    present: dict[str, SimulatedParticipant] = {}
    for number, move in enumerate(chat.moves):
        entries.append(Entry(move.at, move.who, "ParticipantJoined" if move.came else "ParticipantLeft"))
        if move.came:
            present[move.who.type] = move.who
        else:
            present.pop(move.who.type, None)
        end = chat.moves[number + 1].at if number + 1 < len(chat.moves) else math.inf
        words = _words(chat, present, move.at, Random(f"{chat.id} {number}"))
        entries += [entry for entry in words if move.at <= entry.at < end and entry.at <= now]
    return tuple(sorted(entries, key=lambda entry: entry.at))


def _words(chat: SimulatedChat, present: dict[str, SimulatedParticipant], since: float, chance: Random) -> Iterator[Entry]:
    """What is said from one coming or going on, for as long as nobody else comes or goes."""
    customer, agent = present.get("Customer"), present.get("Agent")
    if customer is None:
        return
    if agent is None:
        yield from _waiting(chat, customer, present.get("External"), since, chance)
        return
    yield from _typed(agent, since + chance.uniform(*FIRST_WORDS), GREETING.format(agent=agent.nickname), chance)
    yield from _talking(customer, agent, since + FIRST_WORDS[1], chance)


def _waiting(
    chat: SimulatedChat, customer: SimulatedParticipant, system: SimulatedParticipant | None, since: float, chance: Random
) -> Iterator[Entry]:
    at = since
    if since == chat.arrived:
        yield Entry(since + OPENING, customer, "Text", OPENINGS[chat.label])
    if system is not None:
        yield Entry(since + FIRST_WORDS[1], system, "Notice", PLEASE_WAIT)
    for _ in range(MAX_WORDS):
        at += chance.uniform(*IMPATIENCE)
        yield from _typed(customer, at, chance.choice(WAITING), chance)


def _talking(customer: SimulatedParticipant, agent: SimulatedParticipant, at: float, chance: Random) -> Iterator[Entry]:
    speakers = ((customer, chance.sample(OF_CUSTOMERS, len(OF_CUSTOMERS))), (agent, chance.sample(OF_AGENTS, len(OF_AGENTS))))
    for number in range(MAX_WORDS):
        who, sayings = speakers[number % 2]
        at += chance.uniform(*ANSWER)
        yield from _typed(who, at, sayings[number // 2 % len(sayings)], chance)


def _typed(who: SimulatedParticipant, at: float, text: str, chance: Random) -> Iterator[Entry]:
    yield Entry(at - chance.uniform(*TYPING), who, "TypingStarted")
    yield Entry(at, who, "TypingStopped")
    yield Entry(at, who, "Text", text)
