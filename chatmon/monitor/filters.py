"""The filter language: which chats to show.

    chris billing          every word is found somewhere in the chat
    state:waiting          the state, as the API names it, contains it
    agent:kristi           so do agent, customer, label, id and health
    "kristi s"             quotes hold words together, also behind a field: agent:"kristi s"
    !state:idle !test      an exclamation mark inverts

Upper and lower case are the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from chatmon.api.sanitise import clean
from chatmon.monitor.chat import Chat

_TERM = re.compile(r'(?P<inverted>!?)(?:(?P<field>[A-Za-z]+):)?(?P<text>"[^"]*"?|[^\s"]+)?')

_FIELDS: dict[str, Callable[[Chat], str]] = {
    "state": lambda chat: clean(chat.state or ""),
    "agent": lambda chat: "\n".join(map(clean, chat.agents)),
    "customer": lambda chat: clean(chat.customer),
    "label": lambda chat: clean(chat.label),
    "id": lambda chat: chat.id,
    "health": lambda chat: str(chat.health),
}
FIELD_NAMES = tuple(_FIELDS)


class InvalidFilter(ValueError):
    """The text is not of the filter language; the message says what is wrong and what would do."""


@dataclass(frozen=True, slots=True)
class _Term:
    inverted: bool
    field: str | None
    text: str

    def matches(self, chat: Chat) -> bool:
        found = self.text in (_FIELDS[self.field](chat) if self.field else _everything(chat)).casefold()
        return found is not self.inverted


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter; an empty one matches every chat."""

    terms: tuple[_Term, ...] = ()

    def matches(self, chat: Chat) -> bool:
        """Whether to show the chat."""
        return all(term.matches(chat) for term in self.terms)


def parse_filter(text: str) -> Filter:
    """The filter that a text means. Raises `InvalidFilter`."""
    terms: list[_Term] = []
    for match in _TERM.finditer(text):
        if not match[0]:
            continue
        field = match["field"].lower() if match["field"] else None
        if field is not None and field not in _FIELDS:
            raise InvalidFilter(f"no field {field!r}: there are {', '.join(FIELD_NAMES)}")
        wanted = (match["text"] or "").strip('"').casefold()
        if wanted:
            terms.append(_Term(inverted=bool(match["inverted"]), field=field, text=wanted))
    return Filter(tuple(terms))


def _everything(chat: Chat) -> str:
    participants = () if chat.resource is None else chat.resource.participants
    return "\n".join((clean(chat.state or ""), clean(chat.label), chat.id, *(clean(one.nickname) for one in participants)))
