"""Which chats to watch: ids from the arguments, from a file, from standard input.

An id is a secret: no message here repeats one, nor anything that may be one. It names the argument's position or the line instead.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from chatmon.api.errors import InvalidChatId
from chatmon.api.resource import parse_chat_id
from chatmon.api.sanitise import clean
from chatmon.config import typed_path

STANDARD_INPUT: Final = "-"
MAX_BYTES: Final = 16 * 1024 * 1024
"""Of a file with ids; what is larger is not one."""

LabelledChat = tuple[str, str]
"""An id and its label, which may be empty."""


class InvalidIds(ValueError):
    """The ids cannot be used; the message is one line that says where and what to do, and repeats no id."""


class Problem(NamedTuple):
    """A line that cannot be used: what is wrong with it, with its place, and what would mend it."""

    what: str
    remedy: str


class IdsList(NamedTuple):
    """What a text holds: the chats of its good lines, what is wrong with others, and those lines that name no chat, as they stand."""

    chats: tuple[LabelledChat, ...]
    problems: tuple[Problem, ...]
    bad_lines: tuple[str, ...]


class Chats(NamedTuple):
    """The chats that arguments and standard input name, and those that a file lists."""

    named: tuple[LabelledChat, ...]
    listed: tuple[LabelledChat, ...] = ()


def read_chats(arguments: Sequence[str], ids_file: str | None, *, tolerant: bool = False) -> Chats:
    """The chats to watch, each once. `-`, as argument or file, is standard input.

    Raises `InvalidIds` for what cannot be read, for what is no id, and for an id that is there twice; where it is `tolerant`, bad lines
    of the file are left out instead.
    """
    places: dict[str, str] = {}
    lists = [_sorted_out(((f"argument {number}", text, "") for number, text in enumerate(arguments, 1) if text != STANDARD_INPUT), places)]
    if STANDARD_INPUT in (*arguments, ids_file):
        lists.append(_read(STANDARD_INPUT, places))
    listed = None if ids_file in {None, STANDARD_INPUT} else _read(str(ids_file), places)
    for problem in (problem for one in (*lists, *([listed] if listed and not tolerant else [])) for problem in one.problems):
        raise InvalidIds(f"{problem.what}; {problem.remedy}")
    return Chats(tuple(chat for one in lists for chat in one.chats), listed.chats if listed else ())


def read_list(ids_file: str, named: Iterable[LabelledChat], *, whole_lines_only: bool = False) -> IdsList:
    """What a file lists beside the chats that are named already; places are told by the file's name without its folder.

    `whole_lines_only` leaves out a last line without an end, as of a file that is just being written. Raises `InvalidIds` for what
    cannot be read at all.
    """
    _, text = _text_of(ids_file)
    whole = text[: text.rfind("\n") + 1] if whole_lines_only else text
    return _sorted_out(
        _lines(clean(Path(ids_file).name), whole), {chat_id: "one that is named on the command line" for chat_id, _ in named}
    )


def _read(source: str, places: dict[str, str]) -> IdsList:
    name, text = _text_of(source)
    return _sorted_out(_lines(name, text), places)


def _sorted_out(lines: Iterable[tuple[str, str, str]], places: dict[str, str]) -> IdsList:
    """The good ones and the bad ones of lines, given as place, id and label; `places` are those of the ids that are known, and grows."""
    chats: list[LabelledChat] = []
    problems: list[Problem] = []
    bad_lines: list[str] = []
    for place, text, label in lines:
        try:
            (text + label).encode()
            chat_id = parse_chat_id(text)
        except InvalidChatId as error:
            problems.append(Problem(f"{place}: not the id of a chat: {error.reason}", "correct or remove it"))
            bad_lines.append(f"{text} {label}")
        except UnicodeEncodeError:
            problems.append(Problem(f"{place}: not UTF-8 text", "give a text file with one chat id a line"))
            bad_lines.append(f"{text} {label}")
        else:
            if chat_id in places:
                problems.append(Problem(f"{place}: the same id as {places[chat_id]}", "name each chat once"))
            else:
                places[chat_id] = place
                chats.append((chat_id, label))
    return IdsList(tuple(chats), tuple(problems), tuple(bad_lines))


def _lines(name: str, text: str) -> Iterable[tuple[str, str, str]]:
    """Place, id and label of each line that names a chat."""
    for number, line in enumerate(text.split("\n"), 1):  # splitlines would also split at characters inside a label
        chat_id, *rest = line.split(maxsplit=1) or [""]
        if not chat_id or chat_id.startswith("#"):
            continue
        label = rest[0].strip() if rest else ""
        yield f"{name}:{number}", chat_id, "" if label.startswith("#") else label


def _text_of(source: str) -> tuple[str, str]:
    """The name to call a source by, and its text."""
    if source == STANDARD_INPUT:
        name, raw = "standard input", _bytes_of_standard_input()
    else:
        name, raw = clean(source), _bytes_of(typed_path(source))
    if len(raw) > MAX_BYTES:
        raise InvalidIds(f"{name}: larger than {MAX_BYTES // 1024**2} MiB; give a file with one chat id a line")
    # What is no UTF-8 is that of its line alone.
    return name, raw.decode("utf-8-sig", "surrogateescape")


def _bytes_of_standard_input() -> bytes:
    if sys.stdin is None:  # as Python has it where there is none
        raise InvalidIds("standard input is closed; give the chat ids there, or in a file with --ids-file FILE")
    try:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    except OSError:
        raise InvalidIds("standard input cannot be read; give the chat ids there, or in a file with --ids-file FILE") from None


def _bytes_of(path: Path) -> bytes:
    # Where there is no such file the name may be a chat id that was meant as an argument: it is not repeated.
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InvalidIds(
            "the file with the chat ids does not exist; check --ids-file, CHATMON_IDS_FILE or ids_file in the profile"
        ) from None
    except IsADirectoryError:
        raise InvalidIds(f"{clean(str(path))} is a directory; give a file with one chat id a line") from None
    except PermissionError:
        raise InvalidIds(f"{clean(str(path))} may not be read; check its permissions") from None
    except (OSError, ValueError):
        raise InvalidIds(
            "the file with the chat ids cannot be read; check --ids-file, CHATMON_IDS_FILE or ids_file in the profile"
        ) from None
