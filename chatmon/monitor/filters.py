"""The filter language: which chats to show, and with fields of their own which events.

    chris billing          every word is found somewhere in the chat
    state:waiting          the state, as the API names it, contains it
    agent:kristi           so do agent, customer, label, id and health
    "kristi s"             quotes hold words together, also behind a field: agent:"kristi s"
    !state:idle !test      an exclamation mark inverts

Upper and lower case are the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Generic, TypeVar

import msgspec

from chatmon.api.sanitise import clean
from chatmon.monitor.chat import Chat
from chatmon.monitor.observation import Health

Item = TypeVar("Item")

_TERM = re.compile(r'(?P<inverted>!?)(?:(?P<field>[A-Za-z]+):)?(?P<text>"[^"]*"?|[^\s"]+)?')


class InvalidFilter(ValueError):
    """The text is not of the filter language; the message says what is wrong and what would do."""


class _Term(msgspec.Struct, Generic[Item], frozen=True):
    inverted: bool
    searched: Callable[[Item], str]
    text: str

    def matches(self, item: Item) -> bool:
        return (self.text in self.searched(item).casefold()) is not self.inverted


class Filter(msgspec.Struct, Generic[Item], frozen=True):
    """A parsed filter; an empty one matches everything."""

    terms: tuple[_Term[Item], ...] = ()

    def matches(self, item: Item) -> bool:
        """Whether to show the item."""
        return all(term.matches(item) for term in self.terms)


class FilterLanguage(msgspec.Struct, Generic[Item], frozen=True):
    """What items can be found by: `fields` give the text behind a field's name, `everything` the text for words without one.

    `words` are all that a field can ever say, where that is known: what is found in none of them is a mistake.
    """

    fields: Mapping[str, Callable[[Item], str]]
    everything: Callable[[Item], str]
    words: Mapping[str, Collection[str]] = {}

    def parse(self, text: str) -> Filter[Item]:
        """The filter that a text means. Raises `InvalidFilter`."""
        terms: list[_Term[Item]] = []
        for match in _TERM.finditer(text):
            if not match[0]:
                continue
            name = match["field"].lower() if match["field"] else None
            if name is not None and name not in self.fields:
                raise InvalidFilter(f"no field {name!r}: there are {', '.join(self.fields)}")
            wanted = (match["text"] or "").strip('"').casefold()
            words = self.words.get(name or "", ())
            if words and not any(wanted in word or wanted in word.replace("_", " ") for word in words):
                raise InvalidFilter(f"no {name} like {clean(wanted)!r}: there are {', '.join(words)}")
            if wanted:
                searched = self.everything if name is None else self.fields[name]
                terms.append(_Term(inverted=bool(match["inverted"]), searched=searched, text=wanted))
        return Filter(tuple(terms))


def _everything(chat: Chat) -> str:
    participants = () if chat.resource is None else chat.resource.participants
    return "\n".join((clean(chat.state or ""), clean(chat.label), chat.id, *(clean(one.nickname) for one in participants)))


CHAT_FILTERS: FilterLanguage[Chat] = FilterLanguage(
    {
        "state": lambda chat: clean(chat.state or ""),
        "agent": lambda chat: "\n".join(map(clean, chat.agents)),
        "customer": lambda chat: clean(chat.customer),
        "label": lambda chat: clean(chat.label),
        "id": lambda chat: chat.id,
        "health": lambda chat: str(chat.health),
    },
    _everything,
    {"health": tuple(Health)},
)
FIELD_NAMES = tuple(CHAT_FILTERS.fields)
_NAMELESS = frozenset({"state", "health"})


def parse_filter(text: str) -> Filter[Chat]:
    """The filter of chats that a text means. Raises `InvalidFilter`."""
    return CHAT_FILTERS.parse(text)


def names_nobody(text: str) -> bool:
    """Whether a filter is about states and health alone, so that it can hold no name, label or id."""
    return all((match["field"] or "").lower() in _NAMELESS for match in _TERM.finditer(text) if match[0])
