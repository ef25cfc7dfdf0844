"""From what a terminal sends to what Textual understands: keys, the mouse, the focus, pastes. Nothing else does anything.

Textual 8.2's own parser ends at a malformed key, types the replies of a terminal, and runs what a paste has in it.
"""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from textual import constants, events, messages
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._xterm_parser import XTermParser
from textual.keys import Keys
from textual.message import Message

from chatmon.monitor.own_fault import tell_own_fault
from chatmon.ui.input_units import ESC, InputUnits, Kind, Unit

KEY: Final = re.compile(r"\x1b\[([\d:]*)(?:;([\d:]*))?(?:;([\d:]*))?([u~A-HPQRS])")
"""A key of kitty's protocol (source: sw.kovidgoyal.net/kitty/keyboard-protocol): code, modifiers and event, text."""
OTHER_KEY: Final = re.compile(r"\x1b\[27;(\d{1,3});(\d{1,7})~")
"""A key as xterm's modifyOtherKeys reports it: modifiers, code."""
MOUSE: Final = re.compile(r"\x1b\[<\d{1,3};\d{1,4};\d{1,4}[Mm]")
WHOLE_UPDATES: Final = re.compile(r"\x1b\[\?2026;[1-4]\$y")
"""The one reply that is asked for: the terminal can show an update as a whole."""
CURSOR_REPORT: Final = re.compile(r"\x1b\[\d*;\d*R")
RELEASE: Final = 3
MAX_MODIFIERS: Final = 256
MAX_BUTTONS: Final = 127
MAX_CODE: Final = 0x10FFFF
PRIVATE_KEYS: Final = range(0xE000, 0xF900)
"""Keys without a character; Textual names those that it knows."""
LOCKS: Final = 0b11000000
"""Caps lock and num lock, which are no modifiers here."""
SHIFT: Final = 1


class TerminalInput:
    """Makes messages of the bytes that a terminal sends; bytes that are no UTF-8 are keys without a meaning."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._units = InputUnits(clock, escape_seconds=constants.ESCAPE_DELAY)
        self._parser = XTermParser()

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that are complete with this chunk."""
        return self._messages(self._units.feed(self._decode(data)))

    def tick(self) -> Iterator[Message]:
        """The messages that are complete because nothing followed; to be called several times a second."""
        return self._messages(self._units.expire())

    def _messages(self, units: Iterable[Unit]) -> Iterator[Message]:
        for unit in units:
            try:
                yield from list(self._messages_of(unit))
            except Exception as error:  # noqa: BLE001 - whatever one key is, the others still work
                tell_own_fault("what the terminal sent was not understood", error)

    def _messages_of(self, unit: Unit) -> Iterable[Message]:
        if unit.kind is Kind.PASTE:
            return [events.Paste(unit.text)] if unit.text else []
        sequence = unit.text
        if sequence == ESC:
            return [events.Key("escape", ESC)]
        if sequence == "\x1b[I":
            return [events.AppFocus()]
        if sequence == "\x1b[O":
            return [events.AppBlur()]
        if WHOLE_UPDATES.fullmatch(sequence):
            return [messages.TerminalSupportsSynchronizedOutput()]
        if sequence.startswith("\x1b[<"):
            return self._mouse(sequence)
        if CURSOR_REPORT.fullmatch(sequence):
            return []
        return self._keys(sequence)

    def _mouse(self, sequence: str) -> Iterable[Message]:
        if not MOUSE.fullmatch(sequence) or int(sequence[3:].partition(";")[0]) > MAX_BUTTONS:
            return []
        message = self._parser.parse_mouse_code(sequence)
        return [] if message is None else [message]

    def _keys(self, sequence: str) -> Iterable[Message]:
        named = ANSI_SEQUENCES_KEYS.get(sequence) if len(sequence) > len("\x1bx") else None
        if isinstance(named, tuple):
            return [events.Key(key.value, None) for key in named if key is not Keys.Ignore]
        if other := OTHER_KEY.fullmatch(sequence):
            sequence = f"\x1b[{other[2]};{other[1]}u"
        if parts := KEY.fullmatch(sequence):
            plain = plain_key(*parts.groups(default=""))
            return [] if plain is None else self._known(plain)
        if len(sequence) == len("\x1bx"):
            return self._known(sequence) or self._known(sequence[1], alt=True)
        return self._known(sequence)

    def _known(self, sequence: str, *, alt: bool = False) -> list[events.Key]:
        if sequence == "\N{REPLACEMENT CHARACTER}":
            return []
        return [key for key in self._parser._sequence_to_key_events(sequence, alt) if key.key != Keys.Ignore]


def plain_key(code: str, modifiers: str, text: str, end: str) -> str | None:
    """The key as Textual understands it, without sub-parameters; None where it is no key, or one that is let go."""
    number, *alternates = numbers(code)
    held, *event = numbers(modifiers)
    if event[:1] == [RELEASE] or (held or 0) > MAX_MODIFIERS or (number is None and alternates):
        return None
    number = 1 if number is None else number
    is_functional = f"{number}{end}" in FUNCTIONAL_KEYS
    characters = [character for character in numbers(text) if character is not None and is_character(character)]
    if end != "u":
        return f"{ESC}[{number};{held or ''}{end}" if is_functional else None
    if not (is_functional or is_character(number) or characters):
        return None
    bits = ((held or 1) - 1) & ~LOCKS
    if not characters and not is_functional:
        shifted = alternates[0] if bits == SHIFT and alternates else None
        if shifted is not None and is_character(shifted):
            characters = [shifted]
        elif not bits:
            characters = [number]
    if not (is_functional or is_character(number)):
        number = characters[0]
    return f"{ESC}[{number};{bits + 1 if bits else ''};{':'.join(map(str, characters))}u"


def numbers(parameter: str) -> list[int | None]:
    """The sub-parameters of a parameter; None where one is left out."""
    return [int(part) if part else None for part in parameter.split(":")]


def is_character(code: int) -> bool:
    """Whether a key of this code can be typed."""
    return 0x20 <= code <= MAX_CODE and not 0x7F <= code < 0xA0 and not 0xD800 <= code < 0xE000 and code not in PRIVATE_KEYS
