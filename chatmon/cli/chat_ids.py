"""Which chats to watch: ids from the arguments, from a file, from standard input.

An id is a secret: no message here repeats one, nor anything that may be one. It names the argument's position or the line instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from chatmon.api.sanitise import clean
from chatmon.cli.ids_file import SETTINGS, STANDARD_INPUT, is_regular, read_followed, read_source, without_hanging
from chatmon.monitor.chat_list import ChatList, Line, chat_list, decode_list, lines_of
from chatmon.monitor.chat_list import InvalidIds as InvalidIds
from chatmon.monitor.chat_list import LabelledChat as LabelledChat


class Chats(NamedTuple):
    """The chats that arguments and standard input name, and those that a file lists."""

    named: tuple[LabelledChat, ...]
    listed: tuple[LabelledChat, ...] = ()


def is_followed(ids_file: str | None) -> bool:
    """Whether the file can change while it is followed: standard input and pipes are read once."""
    return ids_file is not None and ids_file != STANDARD_INPUT and without_hanging(lambda: is_regular(ids_file), ids_file, _say_nothing)


def _say_nothing(_: str) -> None:
    """For whoever says it elsewhere."""


def read_chats(
    arguments: Sequence[str],
    ids_file: str | None,
    *,
    tolerant: bool = False,
    follows: bool = False,
    origin: str = SETTINGS,
    say: Callable[[str], None] = _say_nothing,
) -> Chats:
    """The chats to watch, each once. `-`, as argument or file, is standard input; `origin` says what named the file.

    Signals end it while it waits for whoever writes the ids. Raises `InvalidIds` for what cannot be read, for what is no id, and for an
    id that is there twice with one label. Where it is `tolerant`, `say` gets a line about the bad lines of file and standard input
    instead, and the others count, unless there are none. Whoever `follows` the file hears of its bad lines later.
    """
    typed = [Line(f"argument {number}", text, "") for number, text in enumerate(arguments, 1) if text != STANDARD_INPUT]
    named = chat_list(typed)
    _refuse_problems(named)
    sources = [STANDARD_INPUT] if STANDARD_INPUT in (*arguments, ids_file) else []
    sources += [] if ids_file in {None, STANDARD_INPUT} else [str(ids_file)]
    places = {line.chat_id: line.place for line in typed}
    lists = []
    for source in sources:
        content = without_hanging(lambda source=source: read_source(source, origin), source, say)  # type: ignore[misc]
        read = _parsed("standard input" if source == STANDARD_INPUT else clean(source), content, places)
        places |= dict.fromkeys(dict(read.chats), "one on standard input")
        if not follows or source == STANDARD_INPUT:
            _settle_problems(read, say if tolerant else None)
        lists.append((source, read))
    chats_of_input = tuple(chat for source, read in lists if source == STANDARD_INPUT for chat in read.chats)
    listed = tuple(chat for source, read in lists if source != STANDARD_INPUT for chat in read.chats)
    return Chats(named.chats + chats_of_input, listed)


def read_list(ids_file: str, named: Iterable[LabelledChat], *, whole_lines_only: bool = False) -> ChatList:
    """What a file lists beside the chats that are named already; places are told by the file's name without its folder.

    `whole_lines_only` leaves out a last line without an end, as of a file that is just being written. Raises `InvalidIds` for what
    cannot be read at all.
    """
    content = read_followed(ids_file)
    places = {chat_id: "one that is named on the command line" for chat_id, _ in named}
    return _parsed(clean(Path(ids_file).name), content, places, whole_lines_only=whole_lines_only)


def problem_line(read: ChatList) -> str:
    """What is wrong with the lines of a list, in one line; empty where nothing is."""
    if not read.problems:
        return ""
    others = read.problem_count - 1
    more = f", and {others} more {'lines are' if others > 1 else 'line is'} wrong" if others else ""
    return f"{read.problems[0].what}{more}"


def _parsed(name: str, content: bytes, places: dict[str, str], *, whole_lines_only: bool = False) -> ChatList:
    text, problem = decode_list(name, content)
    if problem is not None:
        return ChatList((), (problem,), (), 1)
    if whole_lines_only:
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1]
    return chat_list(lines_of(name, text), places)


def _settle_problems(read: ChatList, say: Callable[[str], None] | None) -> None:
    if say is None or not read.chats:
        _refuse_problems(read)
    elif problem := problem_line(read):
        say(f"{problem}; the other lines count")


def _refuse_problems(read: ChatList) -> None:
    for problem in read.problems:
        raise InvalidIds(f"{problem.what}; {problem.remedy}")
