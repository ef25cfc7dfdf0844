"""Which chats to watch: ids from the arguments, from a file, from standard input.

An id is a secret: no message here repeats one, nor anything that may be one. It names the argument's position or the line instead.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

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


def read_chats(arguments: Sequence[str], ids_file: str | None, *, whole_lines_only: bool = False) -> tuple[LabelledChat, ...]:
    """The chats that the arguments and then the file name, each once. `-`, as argument or file, is standard input.

    `whole_lines_only` leaves out a last line without an end, as of a file that is just being written. Raises `InvalidIds`
    for what cannot be read, for what is no id, and for an id that is there twice.
    """
    places: dict[str, str] = {}
    chats: list[LabelledChat] = []

    def take(found: Iterable[tuple[str, str, str]]) -> None:
        for place, text, label in found:
            chat_id = _checked(text, place)
            if chat_id in places:
                raise InvalidIds(f"{place}: the same id as {places[chat_id]}; name each chat once")
            places[chat_id] = place
            chats.append((chat_id, label))

    take((f"argument {number}", text, "") for number, text in enumerate(arguments, 1) if text != STANDARD_INPUT)
    sources = ([STANDARD_INPUT] if STANDARD_INPUT in arguments else []) + ([ids_file] if ids_file else [])
    for source in dict.fromkeys(sources):
        name, text = _text_of(source)
        take(_lines(name, text[: text.rfind("\n") + 1] if whole_lines_only else text))
    return tuple(chats)


def _lines(name: str, text: str) -> Iterable[tuple[str, str, str]]:
    """Place, id and label of each line that names a chat."""
    for number, line in enumerate(text.split("\n"), 1):  # splitlines would also split at characters inside a label
        chat_id, *rest = line.split(maxsplit=1) or [""]
        if not chat_id or chat_id.startswith("#"):
            continue
        label = rest[0].strip() if rest else ""
        yield f"{name}:{number}", chat_id, "" if label.startswith("#") else label


def _checked(text: str, place: str) -> str:
    try:
        return parse_chat_id(text)
    except InvalidChatId as error:
        raise InvalidIds(f"{place}: not the id of a chat: {error.reason}; correct or remove it") from None


def _text_of(source: str) -> tuple[str, str]:
    """The name to call a source by, and its text."""
    if source == STANDARD_INPUT:
        name, raw = "standard input", _bytes_of_standard_input()
    else:
        name, raw = clean(source), _bytes_of(typed_path(source))
    if len(raw) > MAX_BYTES:
        raise InvalidIds(f"{name}: larger than {MAX_BYTES // 1024**2} MiB; give a file with one chat id a line")
    try:
        return name, raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InvalidIds(f"{name}:{line}: not UTF-8 text; give a text file with one chat id a line") from None


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
        raise InvalidIds("the file with the chat ids does not exist; check --ids-file or CHATMON_IDS_FILE") from None
    except IsADirectoryError:
        raise InvalidIds(f"{clean(str(path))} is a directory; give a file with one chat id a line") from None
    except PermissionError:
        raise InvalidIds(f"{clean(str(path))} may not be read; check its permissions") from None
    except (OSError, ValueError):
        raise InvalidIds("the file with the chat ids cannot be read; check --ids-file or CHATMON_IDS_FILE") from None
