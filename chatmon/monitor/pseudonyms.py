"""By which names chats and people are shown and printed: their own, or pseudonyms.

Whoever shows something asks a `Naming` for it first and then works with what that gave: what is not there cannot be shown, searched for,
sorted by or copied. The board, the alarms and the history always have the real names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import msgspec

from chatmon.api.resource import AGENT, CUSTOMER, ChatResource, Participant
from chatmon.monitor.alarms import Alarm, Severity
from chatmon.monitor.chat import Chat, Presence
from chatmon.monitor.events import Event

if TYPE_CHECKING:  # which pulls in all that polls: whoever prints events does not need it
    from chatmon.monitor.snapshot import Snapshot

KEY_BYTES: Final = 32
MAX_NAMES: Final = 50_000
"""Pseudonyms of one kind that are remembered; those that were asked for first make room, and come out the same when asked for again."""
MAX_MADE: Final = 10_000

Value = TypeVar("Value")


class Naming:
    """Shows everything by its own name. `hides` says whether pseudonyms stand in the place of names."""

    hides = False

    def chat_id(self, chat_id: str) -> str:
        """The id by which a chat is shown."""
        return chat_id

    def real_chat(self, shown: str) -> str:
        """The id of the chat that is shown by an id; an id that was never shown is taken for a real one."""
        return shown

    def real_agent(self, shown: str) -> str:
        """The nickname of the agent who is shown by a name."""
        return shown

    def agent(self, nickname: str) -> str:
        """The name by which an agent is shown; empty for one without a nickname."""
        return nickname

    def customer(self, nickname: str) -> str:
        """The name by which a customer is shown; empty for one without a nickname."""
        return nickname

    def label(self, label: str) -> str:
        """What is shown for a chat's label; empty where there is none."""
        return label

    def chat(self, chat: Chat) -> Chat:
        """A chat as it is shown."""
        return chat

    def event(self, event: Event) -> Event:
        """An event as it is shown."""
        return event

    def alarm(self, alarm: Alarm) -> Alarm:
        """An alarm as it is shown."""
        return alarm

    def snapshot(self, snapshot: Snapshot) -> Snapshot:
        """A look at everything as it is shown."""
        return snapshot


REAL_NAMES: Final = Naming()

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Those of Crockford's base 32: none is taken for another."""
_ID_DIGITS: Final = 16
_SHORT_NUMBER: Final = 3
"""Participants' ids that are numbers of so few digits count up from 1 in each chat and tell nothing."""


class Pseudonyms(Naming):
    """Shows pseudonyms for chat ids, nicknames, labels and whatever participants' ids are no small numbers.

    Under one key the same name always has the same pseudonym, and without the key nobody can tell which. Agents are told apart by
    nickname, so two of them never share a pseudonym in one run: where the usual number of letters does not tell them apart, the second
    one has more. The pseudonyms of chats are of 64 bits. Two customers out of thousands may share one: nothing is counted by it.

    A label is hidden, too: it is the user's own word, but nobody can know that it does not name a customer. Chats of the same label
    still show the same. States, types and capabilities are the API's words and stay.
    """

    hides = True

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._ids = _Names(lambda chat_id: self._digest("chat", chat_id).hex().upper()[:_ID_DIGITS])
        self._agents = _Names(self._agent)
        self._customers = _Names(lambda nickname: f"Cust {self._code('customer', nickname, 5)}")
        self._others = _Names(lambda nickname: f"Person {self._code('person', nickname, 5)}")
        self._labels = _Names(lambda label: f"#{self._code('label', label, 5)}")
        self._participant_ids = _Names(lambda participant_id: self._code("participant", participant_id, 8))
        self._resources = _Made(self._resource)
        self._presences = _Made(self._listed)
        self._events = _Made(self._event)
        self._alarms: tuple[tuple[Alarm, ...], tuple[Alarm, ...]] = (), ()
        """Those of the last snapshot: as they are, and as they are shown."""
        self._chats: Mapping[str, tuple[Chat, Chat]] = {}
        """The chats of the last snapshot by their real ids: as they are, and as they are shown."""
        self._on_board: Mapping[str, str] = {}
        """Their real ids by those that are shown: a chat that is there can be meant for as long as it is."""

    def chat_id(self, chat_id: str) -> str:
        return self._ids.of(chat_id)

    def real_chat(self, shown: str) -> str:
        return self._on_board.get(shown) or self._ids.real(shown)

    def real_agent(self, shown: str) -> str:
        return self._agents.real(shown)

    def customer(self, nickname: str) -> str:
        return nickname and self._customers.of(nickname)

    def label(self, label: str) -> str:
        return label and self._labels.of(label)

    def chat(self, chat: Chat) -> Chat:
        return msgspec.structs.replace(
            chat,
            id=self.chat_id(chat.id),
            label=self.label(chat.label),
            resource=None if chat.resource is None else self._resources.of(chat.resource),
            presences=self._presences.of(chat.presences) if chat.presences else (),
        )

    def event(self, event: Event) -> Event:
        return self._events.of(event)

    def alarm(self, alarm: Alarm) -> Alarm:
        return msgspec.structs.replace(
            alarm,
            chat=None if alarm.chat is None else self.chat_id(alarm.chat),
            agent=alarm.agent and self._agents.of(alarm.agent),
        )

    def snapshot(self, snapshot: Snapshot) -> Snapshot:
        """Of the chats, only those that are not as they were in the last snapshot cost more than a glance."""
        before = self._chats
        self._chats = {
            chat_id: known if (known := before.get(chat_id)) is not None and known[0] is chat else (chat, self.chat(chat))
            for chat_id, chat in snapshot.chats.items()
        }
        self._on_board = {shown.id: chat_id for chat_id, (_, shown) in self._chats.items()}
        if snapshot.alarms is not self._alarms[0]:
            self._alarms = snapshot.alarms, tuple(sorted(map(self.alarm, snapshot.alarms), key=_alarm_order))
        shift = snapshot.shift
        return msgspec.structs.replace(
            snapshot,
            chats={shown.id: shown for _, shown in self._chats.values()},
            alarms=self._alarms[1],
            shift=msgspec.structs.replace(
                shift, handled_by=self._by_agent(shift.handled_by), most_at_once=self._by_agent(shift.most_at_once)
            ),
        )

    def agent(self, nickname: str) -> str:
        return nickname and self._agents.of(nickname)

    def _by_agent(self, numbers: Mapping[str, int]) -> dict[str, int]:
        return {self.agent(nickname): number for nickname, number in numbers.items()}

    def _event(self, event: Event) -> Event:
        return msgspec.structs.replace(
            event,
            chat=None if event.chat is None else self.chat_id(event.chat),
            participant=None if event.participant is None else self._participant(event.participant),
            resource=None if event.resource is None else self._resources.of(event.resource),
            agent=event.agent and self._agents.of(event.agent),
        )

    def _resource(self, resource: ChatResource) -> ChatResource:
        return msgspec.structs.replace(
            resource,
            id=None if resource.id is None else self.chat_id(resource.id),
            participants=tuple(map(self._participant, resource.participants)),
        )

    def _listed(self, presences: tuple[Presence, ...]) -> tuple[Presence, ...]:
        return tuple(msgspec.structs.replace(one, participant=self._participant(one.participant)) for one in presences)

    def _participant(self, participant: Participant) -> Participant:
        is_number = participant.id.isdecimal() and len(participant.id) <= _SHORT_NUMBER
        shown_id = participant.id if is_number or not participant.id else self._participant_ids.of(participant.id)
        names = {AGENT: self._agents, CUSTOMER: self._customers}.get(participant.type, self._others)
        return Participant(shown_id, participant.nickname and names.of(participant.nickname), participant.type)

    def _agent(self, nickname: str) -> str:
        name = "Agent "
        for letters in range(6, 26):
            name = f"Agent {self._code('agent', nickname, letters)}"
            if self._agents.real(name) in {name, nickname}:
                break
        return name

    def _code(self, kind: str, text: str, letters: int) -> str:
        number = int.from_bytes(self._digest(kind, text))
        return "".join(_LETTERS[number >> 5 * place & 31] for place in range(letters))

    def _digest(self, kind: str, text: str) -> bytes:
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=self._key, person=kind.encode()).digest()


def _alarm_order(alarm: Alarm) -> tuple[bool, bool, float, str]:
    """That of the snapshot; agents whose alarms began together would else stand in the order of their real names."""
    return alarm.acknowledged, alarm.severity is Severity.WARN, alarm.since.monotonic, alarm.agent or ""


class _Names:
    """Names and their pseudonyms, both ways; for any thread."""

    def __init__(self, make: Callable[[str], str]) -> None:
        self._make = make
        self._shown: dict[str, str] = {}
        self._real: dict[str, str] = {}
        self._lock = Lock()

    def of(self, name: str) -> str:
        shown = self._shown.get(name)
        if shown is not None:
            return shown
        with self._lock:
            shown = self._make(name)
            if len(self._shown) >= MAX_NAMES:
                oldest = next(iter(self._shown))
                self._real.pop(self._shown.pop(oldest), None)
            self._shown[name] = shown
            self._real[shown] = name
        return shown

    def real(self, shown: str) -> str:
        return self._real.get(shown, shown)


class _Made(Generic[Value]):
    """What was made of frozen values, by their identity: most are asked for again and again. Begun anew when it is too much."""

    def __init__(self, make: Callable[[Value], Value]) -> None:
        self._make = make
        self._made: dict[int, tuple[Value, Value]] = {}

    def of(self, value: Value) -> Value:
        # The value is kept beside what was made of it, so that no other one can have its identity.
        known = self._made.get(id(value))
        if known is not None:
            return known[1]
        if len(self._made) >= MAX_MADE:
            self._made.clear()
        made = self._make(value)
        self._made[id(value)] = (value, made)
        return made
