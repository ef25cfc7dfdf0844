"""A transcript as lines: who said what, who came and went; who types is a state and stands at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from rich.cells import cell_len, chop_cells

from chatmon.api.sanitise import clean
from chatmon.api.transcript import FIRST, JOINED, LEFT, NOT_TYPING, NOTICE, REJOINED, TEXT, TYPING, Message
from chatmon.ui import glyphs
from chatmon.ui.lines import EMPTY, Line, Span, cut, line
from chatmon.ui.times import time_of_day
from chatmon.ui.wording import UNNAMED, Sign, nickname

INDENT = "   "
TIME_WIDTH = 10
"""Terminal cells of a time of day and the gap behind it."""
MIN_WIDTH = 8
PIECE = 500
"""Characters of a word that are cleaned at once: what is longer than a text may be would lose its end."""

_HAPPENED = {
    JOINED: (Sign(glyphs.JOINED, "chatting"), "{who} joined{role}"),
    REJOINED: (Sign(glyphs.JOINED, "chatting"), "{who} joined again{role}"),
    LEFT: (Sign(glyphs.LEFT, "dim"), "{who} left"),
    NOTICE: (Sign(glyphs.SEPARATOR, "dim"), "notice of {who}"),
}
_OTHER = (Sign(glyphs.OTHER, "dim"), "{kind} of {who}")
_UNREADABLE = (Sign(glyphs.OTHER, "failing"), "a message from {who} that cannot be read")


def transcript_lines(messages: Sequence[Message], width: int, *, timezone: tzinfo | None) -> list[Line]:
    """Messages in the order of their indexes, in lines of at most `width` terminal cells; what one person said on end stands together.

    Times stand before them where the server tells any.
    """
    before = TIME_WIDTH if any(message.at is not None for message in messages) else 0
    room = max(MIN_WIDTH, width - len(INDENT) - before - 1)  # a scroll bar may stand over the last cell
    lines: list[Line] = []
    expected, speaker, is_speech = FIRST, None, False
    for message in messages:
        if message.index > expected:
            lines.append(_missing(expected, message.index - 1))
            is_speech = False
        expected = max(expected, message.index + 1)
        if message.type in {TYPING, NOT_TYPING}:
            continue
        if not message.is_speech:
            lines += [EMPTY] if is_speech else []
        elif not is_speech or message.sender != speaker:
            lines += _heading(message, is_first=not lines)
        is_speech, speaker = message.is_speech, message.sender
        spans = _told(message, room)
        time = "" if message.at is None else time_of_day(message.at, timezone)
        lines += [line(INDENT, Span((time if number == 0 else "").ljust(before), "dim"), *one) for number, one in enumerate(spans)]
    return [cut(one, width) for one in lines]


def typing_now(messages: Sequence[Message]) -> list[str]:
    """Who was typing when the messages were read, by name. Whoever says something or leaves types no longer."""
    typing: dict[tuple[str, str], str] = {}
    for message in messages:
        if message.sender is None:
            continue
        who = message.sender.id, message.sender.type
        if message.type == TYPING:
            typing[who] = nickname(message.sender)
        elif message.type in {NOT_TYPING, TEXT, LEFT}:
            typing.pop(who, None)
    return list(typing.values())


def typing_words(names: Sequence[str]) -> str:
    """Who types, in words; empty where nobody does."""
    if not names:
        return ""
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} typing"


def wrapped(text: str, width: int) -> list[str]:
    """What a stranger typed, in clean lines of at most `width` terminal cells; lines of its own stay, and a word too wide is broken."""
    return [part for typed in text.splitlines() for part in _wrapped_line(typed, width)] or [""]


def _wrapped_line(typed: str, width: int) -> Iterator[str]:
    if len(typed) <= width and cell_len(whole_line := " ".join(clean(typed).split())) <= width:
        yield whole_line  # as most are
        return
    shown = ""
    for written in typed.split():
        word = "".join(clean(written[start : start + PIECE]) for start in range(0, len(written), PIECE))
        if shown and cell_len(f"{shown} {word}") <= width:
            shown = f"{shown} {word}"
            continue
        if shown:
            yield shown
        *whole, shown = chop_cells(word, width) or [""]
        yield from whole
    yield shown


def _missing(first: int, last: int) -> Line:
    entries = f"entry {first} was" if first == last else f"entries {first} to {last} were"
    return line(INDENT, Span(f"{glyphs.UNWATCHED * 3} {entries} not given {glyphs.UNWATCHED * 3}", "failing"))


def _heading(message: Message, *, is_first: bool) -> list[Line]:
    kind = "" if message.sender is None else clean(message.sender.type)
    heading = line(INDENT, Span(_who(message), "bright strong"), "  ", Span(kind, "dim"))
    return [heading] if is_first else [EMPTY, heading]


def _told(message: Message, room: int) -> Iterator[tuple[Span, ...]]:
    """The lines of one message, without what stands before each."""
    if message.is_speech:
        for part in wrapped(message.text, room - 2):
            yield Span("  "), Span(part)
        return
    sign, words = _HAPPENED.get(message.type, _OTHER) if message.is_readable else _UNREADABLE
    kind = "" if message.sender is None else clean(message.sender.type)
    what = words.format(who=_who(message), role=f" as {kind}" if kind else "", kind=clean(message.type) or "(no type)")
    for number, part in enumerate(wrapped(f"{what}: {message.text}" if message.text.strip() else what, room - 2)):
        yield Span(sign.glyph if number == 0 else " ", sign.style), Span(" "), Span(part, "dim")


def _who(message: Message) -> str:
    return UNNAMED if message.sender is None else nickname(message.sender)
