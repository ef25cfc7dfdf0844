"""What a value of the configuration file may be: each reader takes one as TOML has it and gives it as it is used.

A reader raises ValueError that goes on after the key's name: what it needs, and what was found. Numbers and words to choose from are
repeated there; a text that may be a secret never is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, tzinfo
from typing import Any, Final

from chatmon.api.sanitise import clean
from chatmon.config.nearest import nearest
from chatmon.config.options import Bounds

Reader = Callable[[Any], Any]

LONGEST_SHOWN: Final = 40
"""Characters of a word that is repeated in a message."""


class Inside(ValueError):
    """What is wrong is the value of a key within the value."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def kind(value: object, *, may_be_secret: bool = False) -> str:
    """What was found, without its content unless that is a number that cannot be a secret."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return f"{value:g}" if abs(value) < 1e15 and not may_be_secret else "a number"
        case str():
            return "a text" if value.strip() else "an empty text"
        case list():
            return "a list" if value else "an empty list"
        case dict():
            return "a table"
    return "a date or time"


def shown(word: str) -> str:
    """A word that is no secret, in quotes and of a bearable length."""
    word = clean(word)
    return f'"{word if len(word) <= LONGEST_SHOWN else word[: LONGEST_SHOWN - 1] + "…"}"'


def shown_header(name: str) -> str:
    """A header's name where it is one; something else typed in its place may be a secret."""
    return name if len(name) <= LONGEST_SHOWN and name.isascii() and name.replace("-", "").isalnum() else "in question"


def text(value: object) -> str:
    """Any text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"needs a text in quotes; found {kind(value)}")
    return value.strip()


def checked(check: Callable[[str], object]) -> Reader:
    """A text that a check has nothing against."""

    def read(value: object) -> str:
        written = text(value)
        check(written)
        return written

    return read


def switch(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(f"needs true or false; found {kind(value)}")
    return value


def number(bounds: Bounds) -> Reader:
    """A number within bounds."""

    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int if bounds.whole else int | float) or not bounds.low <= value <= bounds.high:
            raise ValueError(f"needs {bounds.wanted}; found {kind(value)}")
        return value

    return read


def unless_off(read: Reader, wanted: str) -> Reader:
    """What another reader takes, or false, which is None."""

    def read_or_off(value: object) -> Any:
        if value is False:
            return None
        try:
            return read(value)
        except ValueError:
            raise ValueError(f"needs {wanted}, or false for off; found {kind(value)}") from None

    return read_or_off


def word(words: Iterable[str]) -> Reader:
    """One of a few words."""
    known = tuple(words)

    def read(value: object) -> str:
        if value in known:
            return str(value)
        found = shown(value) if isinstance(value, str) else kind(value)
        near = nearest(value, known) if isinstance(value, str) else ""
        raise ValueError(f"is one of {', '.join(known)}; found {found}{near}")

    return read


def words(known: Iterable[str]) -> Reader:
    """A list of some of a few words, each once."""
    one = word(known)

    def read(value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not value:
            raise ValueError(f"needs a list of words; found {kind(value)}")
        chosen = tuple(one(item) for item in value)
        twice = next((item for item in chosen if chosen.count(item) > 1), None)
        if twice is not None:
            raise ValueError(f"names {twice} twice; name each once")
        return chosen

    return read


def command(value: object) -> tuple[str, ...]:
    """A program and its arguments."""
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value) or not value[0].strip():
        raise ValueError(f'needs a program and its arguments, ["program", "argument"]; found {kind(value)}')
    return tuple(value)


Levels = Mapping[str, float | None]
"""Seconds until `warn` and `critical`; None is off."""


def waiting(bounds: Bounds) -> Reader:
    """The `Levels` of waiting that a table sets; a number is that of `warn` alone, and false is off for both."""
    seconds = unless_off(number(bounds), bounds.wanted)

    def read(value: object) -> Levels:
        if not isinstance(value, dict):
            return {"warn": unless_off(number(bounds), "{ warn = 60, critical = 180 } or a number of seconds")(value), "critical": None}
        unknown = next((key for key in value if key not in {"warn", "critical"}), None)
        if unknown is not None:
            raise Inside(unknown, f"has warn and critical; found {shown(unknown)}{nearest(unknown, ('warn', 'critical'))}")
        levels: dict[str, float | None] = {}
        for key in value:
            try:
                levels[key] = seconds(value[key])
            except ValueError as error:
                raise Inside(key, f"{key} {error}") from None
        return levels

    return read


def headers(value: object) -> tuple[tuple[str, str], ...]:
    """Names and values of headers, from a table or from a list of `"Name: value"`."""
    wanted = '{ Name = "value" } or ["Name: value"]'
    if isinstance(value, dict):
        for name, content in value.items():
            if not isinstance(content, str):
                raise Inside(name, f"needs {wanted}; the value of {shown(name)} is {kind(content, may_be_secret=True)}")
        return tuple((name.strip(), content.strip()) for name, content in value.items())
    if not isinstance(value, list):
        raise ValueError(f"needs {wanted}; found {kind(value, may_be_secret=True)}")
    pairs = []
    for place, item in enumerate(value, 1):
        name, colon, content = item.partition(":") if isinstance(item, str) else ("", "", "")
        if not colon or not name.strip():
            raise ValueError(f"needs {wanted}; number {place} of the list has no colon or no name")
        pairs.append((name.strip(), content.strip()))
    return tuple(pairs)


def timezone(value: object) -> tzinfo | None:
    """A time zone by its name; None for that of the machine."""
    if not isinstance(value, str):
        raise ValueError(f'needs "local", "utc" or a name such as "Europe/Berlin"; found {kind(value)}')
    if value.lower() in {"local", "utc"}:
        return UTC if value.lower() == "utc" else None
    from zoneinfo import ZoneInfo, available_timezones

    try:
        return ZoneInfo(value)
    except (OSError, LookupError, ValueError):  # what it raises for a directory, for no such file, and for no such name
        near = nearest(value, available_timezones())
        raise ValueError(f'needs "local", "utc" or a name such as "Europe/Berlin"; found {shown(value)}{near}') from None


def filter_text(value: object) -> str:
    """A text of the filter language."""
    from chatmon.monitor.filters import InvalidFilter, parse_filter

    wanted = text(value)
    try:
        parse_filter(wanted)
    except InvalidFilter as error:
        raise ValueError(f"is no filter: {error}; found {shown(wanted)}") from None
    return wanted
