"""A TOML file with the line on which each of its keys stands, so that a mistake can be named by its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

import msgspec

from chatmon.api.sanitise import clean
from chatmon.bounded_files import read_at_most
from chatmon.config.origin import InvalidSetting

MAX_BYTES: Final = 256 * 1024
"""Of a configuration file; what is larger is not one."""

MAX_PARTS: Final = 16
"""Of a key with dots; the longest that means something has five."""
MAX_DEPTH: Final = 16
"""Of brackets within one another."""
MAX_WORD: Final = 1_000
"""Characters of a word without quotes: a key, or a number."""

Keys = tuple[str, ...]
"""The way to a value through the tables."""

_PLACE = re.compile(r"(?P<what>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)\Z", re.DOTALL)
_HEADER = re.compile(r"\s*\[")
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<text>\"{3}(?:\\.|[^\\])*?(?:\"{3,5}|\Z) | '{3}.*?(?:'{3,5}|\Z) | "(?:\\[^\n]|[^"\\\n])*"? | '[^'\n]*'?)
      | (?P<bracket>[\[\]{}])
      | (?P<dot>\.)
      | (?P<word>[\w+-]+)
      | (?P<separator>[,=])
      | (?P<end>\n)""",
    re.DOTALL | re.VERBOSE,
)
"""The tokens of TOML. They tell where a statement ends: at the end of a line outside texts, comments and brackets.

A text that does not end in valid TOML ends here with its line or with the file, so that reading on takes no longer than the file is.
"""


class TomlFile(msgspec.Struct, frozen=True):
    """What a file holds, and the lines, from 1 on, on which its keys begin."""

    path: Path
    table: Mapping[str, Any]
    lines: Mapping[Keys, int]

    def line(self, keys: Keys) -> int:
        """The line of a value, or, for one inside a list, of what it is in."""
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys, 1)

    def refuse(self, keys: Keys, what: str) -> NoReturn:
        """Raise `InvalidSetting` with the place of a value."""
        raise InvalidSetting(f"{clean(str(self.path))}:{self.line(keys)}: {what}")


def read_toml(path: Path) -> TomlFile:
    """The file. Raises `InvalidSetting` for what is no TOML, with the line where that shows, and `OSError` for what cannot be read."""
    import tomllib

    raw = read_at_most(path, MAX_BYTES + 1)
    name = clean(str(path))
    if len(raw) > MAX_BYTES:
        raise InvalidSetting(f"{name}: larger than {MAX_BYTES // 1024} KiB; that is no configuration file")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InvalidSetting(f"{name}:{line}: not UTF-8 text; TOML is written in UTF-8") from None
    if endless := _endless(text):
        raise InvalidSetting(f"{name}:{endless}; chatmon config init writes a file to begin with")
    try:
        return TomlFile(path, tomllib.loads(text), dict(_lines(text)))
    except ValueError as error:
        raise InvalidSetting(f"{name}:{_not_toml(str(error), text)}") from None


def _not_toml(error: str, text: str) -> str:
    """The line and what is wrong there, in tomllib's words."""
    found = _PLACE.match(error)
    last = max(1, len(text.splitlines()))
    line, column, what = (found["line"], f", at column {found['column']}", found["what"]) if found else (last, "", error)
    what = clean(what.removesuffix(" (at end of document)"))
    return f"{line}: no TOML: {what[:1].lower()}{what[1:]}{column}; texts stand in quotes, a table begins with [name]"


def _endless(text: str) -> str | None:
    """Where something is so deep or so long that parsing it would take all memory, and what; None where nothing is."""
    line, depth, dots = 1, 0, 0
    for token in _TOKEN.finditer(text):
        match token.lastgroup:
            case "bracket":
                depth, dots = max(0, depth + (1 if token[0] in "[{" else -1)), 0
            case "dot":
                dots += 1
            case "separator" | "end":
                dots = 0
            case "word" if len(token[0]) > MAX_WORD:
                return f"{line}: no TOML: a key or a number without end, of {len(token[0])} characters"
        if depth > MAX_DEPTH:
            return f"{line}: no TOML: keys or brackets within one another without end, more than {MAX_DEPTH} deep"
        if dots >= MAX_PARTS:
            return f"{line}: no TOML: keys or brackets within one another without end, a key of more than {MAX_PARTS} parts"
        line += token[0].count("\n")
    return None


def _lines(text: str) -> Iterator[tuple[Keys, int]]:
    """Each key and the line on which it is there first. The text is valid TOML: each of its statements can be parsed alone."""
    import tomllib

    seen: set[Keys] = set()
    inside: Keys = ()
    begun = 1
    for statement in _statements(text):
        table = tomllib.loads(statement)
        if _HEADER.match(statement):
            ways, inside = _ways(table, ()), _innermost(table)
        else:
            ways = _ways(table, inside)
        for keys in ways:
            if keys not in seen:
                seen.add(keys)
                yield keys, begun
        begun += statement.count("\n")


def _statements(text: str) -> Iterator[str]:
    """The statements, which are whole lines; one that is empty or a comment too."""
    begun, depth = 0, 0
    for token in _TOKEN.finditer(text):
        if token["bracket"]:
            depth += 1 if token["bracket"] in "[{" else -1
        elif token["end"] and depth == 0:
            yield text[begun : token.end()]
            begun = token.end()
    yield text[begun:]


def _innermost(table: Mapping[str, Any]) -> Keys:
    keys: Keys = ()
    inner: Any = table
    while isinstance(inner, dict) and inner:
        key, inner = next(iter(inner.items()))
        keys += (key,)
    return keys


def _ways(table: Mapping[str, Any], before: Keys) -> Iterator[Keys]:
    for key, value in table.items():
        keys = (*before, key)
        yield keys
        if isinstance(value, dict):
            yield from _ways(value, keys)
