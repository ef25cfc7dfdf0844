"""Secrets that are kept elsewhere: a value may be `env:VARIABLE` or `file:PATH`, and is then read from there."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from chatmon.api.sanitise import clean
from chatmon.bounded_files import read_at_most, why_unreadable
from chatmon.paths import typed_path

WANTED: Final = "env:VARIABLE or file:PATH"
MAX_BYTES: Final = 64 * 1024
"""Of a file with a secret: no server takes as long a header."""
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_ENDING: Final = re.compile(r"\.[A-Za-z]{1,8}")
_BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
"""Of UTF-16, which some editors write."""


class Unreadable(ValueError):
    """What is kept there cannot be used: `state` is what is wrong with the place, `advice` what to do.

    `kind` is env or file, `name` the variable or the file, empty where that may be the secret itself.
    """

    def __init__(self, kind: str, name: str, state: str, advice: str) -> None:
        super().__init__(f"{name or kind} {state}; {advice}")
        self.kind, self.name, self.state, self.advice = kind, name, state, advice

    def about(self, what: str) -> str:
        """The line that says so of `what` is kept there."""
        if not self.name:
            place = f"the {'file for' if self.kind == 'file' else 'environment variable of'} {what}"
            return f"{place} {self.state}; {self.advice}"
        is_file = self.kind == "file"
        place = f"the file for {what}, {self.name}," if is_file else f"the environment variable {self.name}, which {what} names,"
        return f"{place} {self.state}; {self.advice}"


def is_reference(value: str) -> bool:
    """Whether a value says where it is kept, and is none itself."""
    return value.startswith(("env:", "file:"))


def check_reference(value: str) -> None:
    """ValueError where a value is no reference; it is not repeated, since it may be the secret itself."""
    if not is_reference(value):
        raise ValueError(f"needs {WANTED}, where the secret is kept, and not the secret itself")


def shown_reference(reference: str) -> str:
    """A reference as it may be shown: what is no name of a variable may be the secret itself."""
    kind, _, place = reference.partition(":")
    return reference if kind == "file" or _VARIABLE.fullmatch(place.strip()) else f"{kind}:***"


def place_of(reference: str, folder: Path | None) -> str:
    """The variable or the file that is meant, as it may be shown."""
    kind, _, place = reference.partition(":")
    return f"the environment variable {_variable(place)}" if kind == "env" else f"the file {_file(place, folder)}"


def read_reference(reference: str, environment: Mapping[str, str], folder: Path | None) -> str:
    """What is kept there, without the end of its line. A path that is not absolute is one of the `folder`. Raises `Unreadable`."""
    kind, _, place = reference.partition(":")
    value = (_of_variable(place, environment) if kind == "env" else _of_file(place, folder)).rstrip("\r\n")
    name = _variable(place) if kind == "env" else _file(place, folder)
    if not value.strip():
        raise Unreadable(kind, name, "is empty", "it needs to hold the secret")
    if not value.isprintable():
        raise Unreadable(kind, name, "holds more than one line, or a control character", "it needs to hold the secret alone")
    return value


def _variable(place: str) -> str:
    """The name of a variable; empty where it is none."""
    return place.strip() if _VARIABLE.fullmatch(place.strip()) else ""


def _file(place: str, folder: Path | None) -> str:
    """The file as it may be shown; empty where there is none and what was typed may as well be the secret: with digits, and no path."""
    path, typed = _path(place, folder), typed_path(place.strip())
    is_path = (typed.is_absolute() and len(typed.parts) > 2) or _ENDING.fullmatch(typed.suffix) is not None
    looks_like_one = is_path or not any(map(str.isdecimal, place))
    return clean(str(path)) if looks_like_one or os.path.lexists(path) else ""


def _of_variable(place: str, environment: Mapping[str, str]) -> str:
    name = _variable(place)
    if not name:
        raise Unreadable("env", "", "has no name that a variable can have", "it looks like env:GWS_API_KEY")
    if name not in environment:
        raise Unreadable("env", name, "is not set", "export it")
    return environment[name]


def _of_file(place: str, folder: Path | None) -> str:
    if not place.strip():
        raise Unreadable("file", "", "is not named", "it looks like file:key.txt")
    name = _file(place, folder)
    try:
        content = read_at_most(_path(place, folder), MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise Unreadable("file", name, why_unreadable(error), "check its path and its permissions") from None
    if len(content) > MAX_BYTES:
        raise Unreadable("file", name, f"is larger than {MAX_BYTES // 1024} KiB", "it needs to hold the secret alone")
    if content.startswith(_BYTE_ORDER_MARKS):
        raise Unreadable("file", name, "is in UTF-16", "save it in UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("file", name, "is no text in UTF-8", "it needs to hold the secret alone") from None


def _path(place: str, folder: Path | None) -> Path:
    return (folder or Path()) / typed_path(place.strip())
