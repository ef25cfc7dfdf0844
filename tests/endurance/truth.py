"""What really happened: each chat's versions, one after the other, made from the contact centre's own log alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from chatmon.simulator.chats import IDLE_CAPABILITIES, LIVE_CAPABILITIES, CentreEvent, SimulatedChat

Person = tuple[str, str]
"""Nickname and type."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the API shows of a chat, without the order in which it lists it. `people` are sorted."""

    state: str | None
    people: tuple[Person, ...]
    capabilities: frozenset[str]

    def with_people(self, *, joined: tuple[Person, ...] = (), left: tuple[Person, ...] = ()) -> Shown:
        """The same after people joined and others left. ValueError where somebody leaves who is not there."""
        people = [*self.people, *joined]
        for one in left:
            people.remove(one)
        return replace(self, people=tuple(sorted(people)))


@dataclass(frozen=True, slots=True)
class Version:
    """How a chat was from `at` (UTC seconds) on; None once the API does not know it any more."""

    at: float
    shown: Shown | None


def shown_of(chat: SimulatedChat) -> Shown:
    """What is shown of a chat of the centre."""
    return Shown(chat.state, tuple(sorted((one.nickname, one.type) for one in chat.participants)), frozenset(chat.capabilities))


def after(shown: Shown, event: CentreEvent) -> Shown | None:
    """What is shown of a chat after something happened to it; None where it is gone."""
    agent, previous = ((name or "", "Agent") for name in (event.agent, event.previous_agent))
    match event.kind:
        case "answered":
            return replace(shown.with_people(joined=(agent,)), state="Chatting")
        case "transferred":
            return shown.with_people(joined=(agent,), left=(previous,))
        case "requeued":
            return replace(shown.with_people(left=(agent,)), state="WaitingForAgent")
        case "gave_up" | "left":
            return replace(shown, state="Idle", capabilities=frozenset(IDLE_CAPABILITIES))
        case "wrapped_up":
            return shown.with_people(left=(agent,))
        case "vanished":
            return None
    raise ValueError(f"nothing is {event.kind} that is there already")


class Truth:
    """Every chat's versions by its id, written on as things happen."""

    def __init__(self) -> None:
        self.versions: defaultdict[str, list[Version]] = defaultdict(list)

    @property
    def steps(self) -> int:
        """How often anything changed."""
        return sum(len(versions) - 1 for versions in self.versions.values())

    def found(self, chat: SimulatedChat, at: float) -> None:
        """A chat is there when the centre opens."""
        self.versions[chat.id].append(Version(at, shown_of(chat)))

    def happened(self, event: CentreEvent, at: float, chat: SimulatedChat | None) -> None:
        """Something happened; `chat` is how it is by now: it tells who beside the agents is in one that just arrived."""
        versions = self.versions[event.chat_id]
        if event.kind == "arrived":
            people = () if chat is None else tuple(person for person in shown_of(chat).people if person[1] != "Agent")
            versions.append(Version(at, Shown("WaitingForAgent", people, frozenset(LIVE_CAPABILITIES))))
            return
        shown = versions[-1].shown
        assert shown is not None, "nothing happens to a chat that is gone"
        versions.append(Version(at, after(shown, event)))
