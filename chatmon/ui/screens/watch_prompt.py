"""The question which chats to watch."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from textual import events
from textual.widgets import Input

from chatmon.api.errors import InvalidChatId
from chatmon.api.resource import parse_chat_id
from chatmon.api.sanitise import clean
from chatmon.monitor.chat_list import LINE_END, InvalidIds, LabelledChat, chat_list, lines_of
from chatmon.ui.screens.prompt import InvalidAnswer, Prompt

HIDDEN = "what is typed is not shown; "
BREAK = "⏎"
"""What stands for the end of a line in a field of one line."""
BETWEEN_IDS = re.compile(r"[\s,;\"']+")
KNOWN_IDS = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?=[A-Z]*[0-9])[0-9A-Za-z]{16}")
"""Ids in the forms that Genesys gives them: several in a line are several chats, and not one with a label."""


class LinesInput(Input):
    """A field that takes all lines of what is pasted; Textual's own takes the first."""

    def on_paste(self, event: events.Paste) -> None:
        """Insert the lines, with `BREAK` between them."""
        event.prevent_default().stop()
        lines = (line.strip() for line in LINE_END.split(event.text))
        self.replace(f" {BREAK} ".join(line for line in lines if line), *self.selection)


class WatchPrompt(Prompt[tuple[LabelledChat, ...]]):
    """Asks for an id and, after a space, a label, or for several lines of these. `hides` what is typed.

    Nothing typed means the chat that is `offered`. Where some lines are no ids, `watch` gets the others, and those stay in the field.
    """

    def __init__(self, offered: str, watch: Callable[[Sequence[LabelledChat]], int], *, hides: bool = False) -> None:
        hint = f"{clean(offered)}, or another chat id" if offered else "chat id, then a label if you like"
        super().__init__(
            "Watch a chat",
            LinesInput(placeholder=hint, compact=True, password=hides),
            f"{HIDDEN if hides else ''}Enter watches it, Esc does not",
        )
        self._offered = offered
        self._watch = watch

    def wanted(self, typed: str) -> tuple[LabelledChat, ...]:
        """The chats and their labels. Raises `InvalidAnswer`."""
        text = "\n".join(_apart(line) for line in (typed.strip() or self._offered).split(BREAK))
        try:
            read = chat_list(lines_of("", text))
        except InvalidIds as error:
            raise InvalidAnswer(f"{error}.") from None
        if not read.bad_lines and read.chats:
            return read.chats
        reason = _reason(read.bad_lines[0] if read.bad_lines else "")
        if not read.chats and len(read.bad_lines) < 2:
            raise InvalidAnswer(f"That cannot be a chat id: {reason}.")
        self._watch(read.chats)
        is_one = len(read.bad_lines) == 1
        what = "what is left cannot be a chat id" if is_one else f"the {len(read.bad_lines)} lines that are left cannot be chat ids"
        raise InvalidAnswer(f"Watched: {len(read.chats)}; {what}: {reason}.", rest=f" {BREAK} ".join(map(str.strip, read.bad_lines)))


def _apart(line: str) -> str:
    """A line of several ids as so many lines; any other line as it is."""
    words = [word for word in BETWEEN_IDS.split(line) if word]
    return "\n".join(words) if words and all(map(KNOWN_IDS.fullmatch, words)) else line


def _reason(line: str) -> str:
    """Why a line names no chat."""
    try:
        parse_chat_id((line.split(maxsplit=1) or [""])[0])
    except InvalidChatId as error:
        return error.reason
    return "it holds characters that are no text"
