"""The course that one chat took, as far as events told: what the figures of a shift rest on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from chatmon.api.resource import CHATTING, IDLE, WAITING, Participant
from chatmon.monitor.events import Event, EventKind

TELLING: Final = frozenset(
    {
        EventKind.FIRST_SEEN,
        EventKind.STATE_CHANGED,
        EventKind.PARTICIPANT_JOINED,
        EventKind.PARTICIPANT_LEFT,
        EventKind.POLL_RECOVERED,
        EventKind.GAP,
        EventKind.GONE,
    }
)
"""The kinds of events that tell of a chat's course."""


class Ending(msgspec.Struct, frozen=True):
    """How a chat ended: handled, or else abandoned; `handling_time` is in seconds, None where not all of it was observed."""

    handled: bool
    handling_time: float | None = None


class Progress(msgspec.Struct, frozen=True):
    """What one look at a chat changed: the event with which it was answered, the ending that it turned out not to have, and its ending."""

    answer: Event | None = None
    taken_back: Ending | None = None
    ending: Ending | None = None


class Course(msgspec.Struct):
    """What the events told of one chat so far.

    `state_began` is when its state was first seen (UTC seconds), `chatted` are the seconds of the stretches in Chatting that are over,
    and `chatted_exact` says that all of them were observed from beginning to end. `is_whole` says that its first sight is among the
    events. `ending` is how it ended, None while it goes on and where its end counts as nothing. `agents` are those listed, in the order
    of their joining. The rest belongs to the shift: `helped_by` are the agents it was counted for, `engaged` those with whom it is
    Chatting now.
    """

    state: str | None = None
    state_began: float | None = None
    agents: dict[Participant, None] = {}
    had_agent: bool = False
    was_chatting: bool = False
    is_gone: bool = False
    is_whole: bool = False
    chatted: float = 0.0
    chatted_exact: bool = True
    ending: Ending | None = None
    engaged: tuple[str, ...] = ()
    helped_by: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether the chat has ended. A state that an answer left out is no end."""
        return self.is_gone or self.state not in {WAITING, CHATTING, None}

    @property
    def chatting_with(self) -> tuple[str, ...]:
        """The nicknames of the agents listed while the chat is Chatting, each once."""
        if self.state != CHATTING or self.is_gone:
            return ()
        return tuple(dict.fromkeys(agent.nickname for agent in self.agents))

    def follow(self, look: Iterable[Event]) -> Progress:
        """Take in the events of one look at the chat, all `TELLING`: in between them the chat never was."""
        was_over, state_began, answer, change = self.is_over, self.state_began, None, None
        for event in look:
            if event.kind in {EventKind.STATE_CHANGED, EventKind.GONE}:
                change = event
                if self.is_answered_by(event):
                    answer = event
            self.take(event)
        if self.ending is not None and not self.has_ended_as(self.ending):
            taken_back, self.ending = self.ending, None
            return Progress(answer, taken_back=taken_back)
        if was_over or not self.is_over or change is None:
            return Progress(answer)
        self.ending = self.ended_by(change, state_began=state_began)
        return Progress(answer, ending=self.ending)

    def take(self, event: Event) -> None:
        """Take in one event of the chat."""
        match event.kind:
            case EventKind.FIRST_SEEN:
                self._begin(event)
            case EventKind.PARTICIPANT_JOINED if event.participant is not None and event.participant.is_agent:
                self.agents[event.participant] = None
                self.had_agent = True
            case EventKind.PARTICIPANT_LEFT if event.participant is not None:
                self.agents.pop(event.participant, None)
            case EventKind.POLL_RECOVERED:
                self.is_gone = False
            case EventKind.STATE_CHANGED | EventKind.GONE:
                self._change(event)

    def is_answered_by(self, event: Event) -> bool:
        """Whether an event, not taken in yet, is the chat's first change from WaitingForAgent to Chatting."""
        return (event.state_from, event.state_to) == (WAITING, CHATTING) and self.is_whole and not self.was_chatting

    def ended_by(self, event: Event, *, state_began: float | None) -> Ending | None:
        """What the end of the chat counts as, whose last event was taken in already; `state_began` is of the state that it ended."""
        if self.was_chatting:
            return Ending(handled=True, handling_time=self._handling_time(event))
        seen = was_seen_to_end(event, state_began)
        abandoned = event.state_from == WAITING and (self.is_gone or self.state == IDLE) and self.is_whole and not self.had_agent and seen
        return Ending(handled=False) if abandoned else None

    def has_ended_as(self, ending: Ending) -> bool:
        """Whether a chat that ended so has not gone on since, nor turned out to have had an agent."""
        return self.is_over and (ending.handled or not self.had_agent)

    def _begin(self, event: Event) -> None:
        # What happened between a first sight and another one nobody knows.
        self.is_whole = self.state_began is None
        self.state, self.state_began, self.is_gone = event.state_to, event.at, False
        self.agents = {} if event.resource is None else dict.fromkeys(event.resource.agents)
        self.had_agent |= bool(self.agents)
        self.was_chatting |= event.state_to == CHATTING

    def _change(self, event: Event) -> None:
        self.was_chatting |= CHATTING in {event.state_from, event.state_to}
        if event.kind is EventKind.GONE:
            self.is_gone = True
            return
        if event.state_from == CHATTING:
            self.chatted += event.lasted or 0.0
            self.chatted_exact &= event.lasted_exact is True
        # What a chat did while its state was left out is not known.
        self.chatted_exact &= event.state_to is not None
        self.state, self.state_began, self.is_gone = event.state_to, event.at, False

    def _handling_time(self, event: Event) -> float | None:
        exact, last = self.chatted_exact and self.is_whole, 0.0
        if event.kind is EventKind.GONE and event.state_from == CHATTING:
            exact, last = exact and event.lasted_exact is True, event.lasted or 0.0
        return self.chatted + last if exact else None


def was_seen_to_end(event: Event, state_began: float | None) -> bool:
    """Whether a state was watched to its end: `lasted` then reaches to the event, and else no farther than to `not_before`.

    Where it was watched from its beginning the event says so itself, whatever the wall clock was set to meanwhile.
    """
    if event.lasted_exact:
        return True
    if state_began is None or event.lasted is None or event.not_before is None:
        return False
    return state_began + event.lasted >= (event.not_before + event.at) / 2
