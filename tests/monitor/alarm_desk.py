"""A board whose chats say what a test lets them say, second by second, and the book of its alarms."""

from __future__ import annotations

from chatmon.api.resource import AGENT, CHATTING, CUSTOMER, IDLE, WAITING, ChatResource, Participant
from chatmon.monitor.alarm_book import AlarmBook
from chatmon.monitor.alarms import Alarm, Thresholds
from chatmon.monitor.board import Board
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import Observation, PollError

from .fake_clock import UTC_START

INTERVAL = 2.0
CUSTOMER_CHRIS = Participant("1", "Chris", CUSTOMER)

Answer = ChatResource | str | None
"""What a poll brings: a chat, the kind of an error, or, with None, that there is no poll."""


def chat_with(state: str, *agents: str) -> ChatResource:
    """A chat in which these agents are listed, each by an id of their own."""
    listed = tuple(Participant(f"{number}-{name}", name, AGENT) for number, name in enumerate(agents, 2))
    return ChatResource(state, (CUSTOMER_CHRIS, *listed))


WAITS = chat_with(WAITING)
SERVED = chat_with(CHATTING, "Kristi")
ALONE = chat_with(CHATTING)
ENDED = chat_with(IDLE)


class AlarmDesk:
    """Each second polls every chat and reviews the alarms. `at` is the time in seconds since the start."""

    def __init__(self, thresholds: Thresholds | None = None, *, at: float = 0.0) -> None:
        self.at = at
        self.wall_clock_jump = 0.0
        self.board = Board(interval=INTERVAL)
        self.book = AlarmBook(thresholds or Thresholds(), self.now)
        self.events: list[Event] = []
        self.answers: dict[str, Answer] = {}

    @property
    def now(self) -> Moment:
        return Moment(self.at, UTC_START + self.at + self.wall_clock_jump)

    def says(self, answer: Answer, seconds: float, *, chat: str = "a") -> list[str]:
        """Let a chat say something for so many seconds; what happened to alarms meanwhile, as in `told`."""
        before = len(self.events)
        self.board.watch(chat)
        self.answers[chat] = answer
        for _ in range(int(seconds)):
            self.at += 1.0
            self._poll()
            self.events += self.book.review(self.board.chats, self.now, interval=INTERVAL)
        return told(self.events[before:])

    def _poll(self) -> None:
        for chat_id, answer in self.answers.items():
            if answer is None:
                continue
            seen = answer if isinstance(answer, ChatResource) else None
            error = PollError(answer, "no") if isinstance(answer, str) else None
            self.board.apply(Observation(chat_id, self.now, self.now, resource=seen, error=error))

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        return self.book.alarms(self.now)

    @property
    def alarm(self) -> Alarm:
        """The one alarm there is."""
        (alarm,) = self.alarms
        return alarm

    def acknowledge(self, seconds: float | None = None, *, chat: str | None = "a", agent: str | None = None) -> list[str]:
        events = self.book.acknowledge(chat=chat, agent=agent, now=self.now, seconds=seconds)
        self.events += events
        return told(events)


def told(events: list[Event] | tuple[Event, ...]) -> list[str]:
    """What happened to alarms, in short: `+waiting warn`, `-waiting warn`, `ack waiting warn`."""
    signs = {EventKind.ALARM_RAISED: "+", EventKind.ALARM_CLEARED: "-", EventKind.ALARM_ACKNOWLEDGED: "ack "}
    return [f"{signs[event.kind]}{event.rule} {event.severity}" for event in events]
