"""A list of chats as text: one id a line, an optional label after white space, `#` comments.

An id is a secret: no message here repeats one, nor anything that may be one. It names the line instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from chatmon.api.errors import InvalidChatId
from chatmon.api.resource import parse_chat_id

MAX_CHATS: Final = 100_000
"""Chats on one list; at 100 requests a second, a round over so many takes a quarter of an hour."""
MAX_LINES: Final = 500_000
"""Lines of any kind; a file that is only appended to is begun anew now and then."""
MAX_BAD_LINES: Final = 10_000
"""Lines that name no chat; a text with more of them is something else."""
MAX_PROBLEMS: Final = 100
"""Problems that are kept; the others are counted."""

LINE_END: Final = re.compile(r"\r\n|\n|\r")
"""`str.splitlines` would also split at characters inside a label."""
UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
"""The byte order marks of UTF-16, little and big endian; the first also begins UTF-32 (source: Unicode Standard, section 23.8)."""

LabelledChat = tuple[str, str]
"""An id and its label, which may be empty."""


class InvalidIds(ValueError):
    """The ids cannot be used; the message is one line that says where and what to do, and repeats no id."""


class Problem(NamedTuple):
    """A line that cannot be used: what is wrong with it, with its place, and what would mend it."""

    what: str
    remedy: str


class ChatList(NamedTuple):
    """The chats of the good lines, what is wrong with others, and those lines that name no chat, as they stand.

    At most `MAX_PROBLEMS` are kept; `problem_count` counts them all.
    """

    chats: tuple[LabelledChat, ...]
    problems: tuple[Problem, ...]
    bad_lines: tuple[str, ...]
    problem_count: int


class Line(NamedTuple):
    """A line that is to name a chat: its place, the id and the label."""

    place: str
    chat_id: str
    label: str


def decode_list(name: str, content: bytes) -> tuple[str, Problem | None]:
    """The text of a list, and what is wrong with all of it. Bytes that are no UTF-8 spoil their line alone."""
    if content.startswith(UTF_16):
        return "", Problem(f"{name}: UTF-16 text", "save it as UTF-8")
    return content.decode("utf-8-sig", "surrogateescape"), None


def lines_of(name: str, text: str) -> Iterator[Line]:
    """The lines that are to name a chat. They end in LF, CR LF or CR. Raises `InvalidIds` for more than `MAX_LINES`."""
    for number, line in enumerate(_split(text), 1):
        if number > MAX_LINES:
            raise InvalidIds(f"{name}: more than {MAX_LINES:,} lines; give the chats that are alive now")
        chat_id, *rest = line.split(maxsplit=1) or [""]
        if not chat_id or chat_id.startswith("#"):
            continue
        label = rest[0].strip() if rest else ""
        yield Line(f"{name}:{number}" if name else f"line {number}", chat_id, "" if label.startswith("#") else label)


def chat_list(lines: Iterable[Line], known: Mapping[str, str] | None = None) -> ChatList:
    """The good lines and the bad ones; `known` are the places of the ids that are listed elsewhere.

    An id that is repeated with another label gets that label: whoever appends to a file cannot change its lines.
    Raises `InvalidIds` for more than `MAX_CHATS` chats or `MAX_BAD_LINES` bad lines.
    """
    places = dict(known or {})
    chats: dict[str, str] = {}
    problems: list[Problem] = []
    bad_lines: list[str] = []
    problem_count = 0
    for line in lines:
        problem = _problem_of(line)
        if problem is not None:
            bad_lines.append(f"{line.chat_id} {line.label}")
        elif line.chat_id in chats and line.label not in {"", chats[line.chat_id]}:
            chats[line.chat_id] = line.label
        elif line.chat_id in places:
            problem = Problem(f"{line.place}: the same id as {places[line.chat_id]}", "name each chat once")
        else:
            places[line.chat_id] = line.place
            chats[line.chat_id] = line.label
        if problem is not None:
            problem_count += 1
            problems += [problem] if problem_count <= MAX_PROBLEMS else []
        _check_size(line, chats, bad_lines)
    return ChatList(tuple(chats.items()), tuple(problems), tuple(bad_lines), problem_count)


def _check_size(line: Line, chats: Mapping[str, str], bad_lines: list[str]) -> None:
    if len(chats) > MAX_CHATS:
        raise InvalidIds(f"{line.place}: more than {MAX_CHATS:,} chats; give those that are alive now")
    if len(bad_lines) > MAX_BAD_LINES:
        raise InvalidIds(f"{line.place}: more than {MAX_BAD_LINES:,} lines are no chat ids; give a text file with one chat id a line")


def _problem_of(line: Line) -> Problem | None:
    if "\0" in line.chat_id or "\0" in line.label:
        return Problem(f"{line.place}: null characters, as UTF-16 text has them", "save it as UTF-8")
    try:
        (line.chat_id + line.label).encode()
        parse_chat_id(line.chat_id)
    except InvalidChatId as error:
        return Problem(f"{line.place}: not the id of a chat: {error.reason}", "correct or remove it")
    except UnicodeEncodeError:
        return Problem(f"{line.place}: not UTF-8 text", "give a text file with one chat id a line")
    return None


def _split(text: str) -> Iterator[str]:
    """The lines of a text one after the other: a list of them all would take several times its memory."""
    start = 0
    for end in LINE_END.finditer(text):
        yield text[start : end.start()]
        start = end.end()
    yield text[start:]
