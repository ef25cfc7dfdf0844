"""Splits what a terminal sends into complete units, whatever pieces it arrives in.

The grammar is that of ECMA-48 (https://ecma-international.org/publications-and-standards/standards/ecma-48/) as terminals use it:
characters, ESC and a character (Alt), CSI and SS3 sequences, bracketed pastes. Control strings (OSC, DCS, APC, PM, SOS) are what a
terminal replies, never what a person types: they are dropped as they arrive. 8-bit introducers count like their 7-bit forms.
"""

from __future__ import annotations

import codecs
import math
import time
from collections.abc import Callable, Generator, Iterator
from enum import Enum, auto
from typing import Final, NamedTuple

ESCAPE_SECONDS: Final = 0.1
"""How long ESC, alone or with an introducer, waits for the rest of a sequence before it is a key."""
UNFINISHED_SECONDS: Final = 1.0
"""How long a sequence or a control string may stay unfinished before it is dropped."""
PASTE_SECONDS: Final = 2.0
"""How long a paste may stall before it counts as finished."""
SLOWEST: Final = 100.0
"""Characters a second: what arrives more slowly is typed by a person, and prolongs nothing unfinished for ever."""
MAX_SEQUENCE: Final = 256
"""Characters of a sequence; a longer one is read to its end and dropped."""
MAX_PASTE: Final = 1024 * 1024
"""Characters kept of a paste; the rest is dropped."""

ESC, CSI, SS3 = "\x1b", "\x1b[", "\x1bO"
PASTE_START, PASTE_END = "\x1b[200~", "\x1b[201~"
_BEL, _CANCEL, _STRING_END = "\x07", frozenset("\x18\x1a"), frozenset("\x9c\udc9c")
_INTERRUPT = "\x03"
"""Ctrl-C is a key wherever it comes, but for a paste."""
_OSC = "\x1b]"
_STRINGS = frozenset("]PX^_")
INTRODUCERS: Final = frozenset("[O") | _STRINGS
"""Characters that begin something longer behind ESC, unless they were pressed with Alt."""
_INTRODUCERS = {0x8F: SS3, 0x90: "\x1bP", 0x98: "\x1bX", 0x9B: CSI, 0x9D: _OSC, 0x9E: "\x1b^", 0x9F: "\x1b_"}
_EIGHT_BIT = {chr(base + code): introducer for code, introducer in _INTRODUCERS.items() for base in (0, 0xDC00)}
"""As a character of UTF-8, or as a stray byte, which the decoder turns into a surrogate."""
_BYTE = "\udcff"
"""A stray byte without a meaning."""
_X10_MOUSE, _X10_BYTES = "\x1b[M", 3
_LINUX_FUNCTION_KEY = "\x1b[["
_RXVT_SHIFTED = frozenset(f"\x1b[{number}$" for number in (2, 3, 5, 6, 7, 8))
"""rxvt ends its Shift keys with an intermediate character."""


class Kind(Enum):
    """What a unit is."""

    CHARACTER = auto()
    ESCAPE = auto()
    ALT = auto()
    SEQUENCE = auto()
    PASTE = auto()


class Unit(NamedTuple):
    """One complete unit; for `ALT` the text is the character alone, for `PASTE` what was pasted."""

    kind: Kind
    text: str


class UnitSplitter:
    """Give it bytes as they arrive, and call `expire` when no more wait to be read."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, escape_seconds: float = ESCAPE_SECONDS) -> None:
        self._clock = clock
        self._escape_seconds = escape_seconds
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._is_broken = False
        self._unfinished = ""
        """The sequence so far, the introducer of a control string, or the last characters of a paste."""
        self._is_string = False
        self._is_paste = False
        self._pasted: list[str] = []
        self._room = MAX_PASTE
        self._may_be_key = False
        """Whether what is unfinished may be all that a person pressed."""
        self._patience = 0.0
        self._deadline = math.inf

    def feed(self, data: bytes) -> Iterator[Unit]:
        """Split what has arrived. Raises nothing, whatever it is."""
        text = self._decode(data)
        now = self._clock()
        # What keeps flowing is not unfinished; what trickles does not hold off the deadline.
        self._deadline = min(now + self._patience, self._deadline + len(text) / SLOWEST) if self._is_waiting else math.inf
        position = 0
        while position < len(text):
            if self._is_paste:
                position = yield from self._paste(text, position)
                continue
            character = self._alone(text[position])
            position += 1
            if self._is_string:
                yield from self._string(character)
            elif self._unfinished:
                yield from self._sequence(character)
            else:
                yield from self._ground(character)

    def expire(self) -> Iterator[Unit]:
        """End what has stayed unfinished for too long: ESC is a key then, and a paste is as long as it is."""
        if not self._is_waiting or self._clock() < self._deadline:
            return
        unfinished, is_key, is_paste = self._unfinished, self._may_be_key, self._is_paste
        if is_paste:
            self._keep(unfinished.partition(ESC)[0])
            yield self._end_paste()
        self._reset()
        if is_key and unfinished == ESC:
            yield Unit(Kind.ESCAPE, ESC)
        elif is_key:
            yield Unit(Kind.ALT, unfinished[1:])

    @property
    def _is_waiting(self) -> bool:
        return bool(self._unfinished) or self._is_paste

    def _wait(self, unfinished: str, *, may_be_key: bool, patience: float = UNFINISHED_SECONDS) -> None:
        self._unfinished = unfinished
        self._may_be_key = may_be_key
        self._patience = self._escape_seconds if may_be_key else patience
        self._deadline = self._clock() + self._patience

    def _continue(self, unfinished: str) -> None:
        """Wait for more of what can no longer be a key."""
        if self._may_be_key:
            self._wait(unfinished, may_be_key=False)
        else:
            self._unfinished = unfinished

    def _reset(self) -> None:
        self._unfinished = ""
        self._is_string = self._is_paste = False
        self._deadline = math.inf

    def _alone(self, character: str) -> str:
        """The next character; of a broken one, the bytes behind its first control nothing."""
        is_rest = self._is_broken and _is_byte(character)
        self._is_broken = is_rest or "\udcc0" <= character <= "\udcff"
        return _BYTE if is_rest else character

    def _ground(self, character: str) -> Iterator[Unit]:
        if character == ESC:
            self._wait(ESC, may_be_key=True)
        elif introducer := _EIGHT_BIT.get(character):
            self._wait(introducer, may_be_key=False)
            self._is_string = introducer[1] in _STRINGS
        elif not _is_stray(character):
            yield Unit(Kind.CHARACTER, character)

    def _string(self, character: str) -> Iterator[Unit]:
        if character == _INTERRUPT:
            self._reset()
            yield Unit(Kind.CHARACTER, character)
        elif character == ESC:
            # Most likely the first half of the terminator; whatever else it is, the string has ended.
            self._is_string = False
            self._wait(ESC, may_be_key=False)
        elif character in _CANCEL or character in _STRING_END or (character == _BEL and self._unfinished == _OSC):
            self._reset()
        else:
            self._continue(self._unfinished)

    def _sequence(self, character: str) -> Iterator[Unit]:
        if character in _CANCEL:
            self._reset()
        elif character == ESC:
            if self._unfinished == ESC and self._may_be_key:
                yield Unit(Kind.ESCAPE, ESC)
            self._wait(ESC, may_be_key=True)
        elif self._unfinished == ESC:
            yield from self._after_escape(character)
        elif self._unfinished.startswith(SS3):
            if "0" <= character <= ";":
                self._append(character)
            else:
                yield from self._end_sequence(character)
        else:
            yield from self._control_sequence(character)

    def _after_escape(self, character: str) -> Iterator[Unit]:
        if character in INTRODUCERS:
            self._wait(ESC + character, may_be_key=self._may_be_key)
            self._is_string = character in _STRINGS
            return
        self._reset()
        if _is_stray(character):
            yield from self._ground(character)
        elif character != "\\":  # with ESC the end of a string, of which nothing is left
            yield Unit(Kind.ALT, character)

    def _control_sequence(self, character: str) -> Iterator[Unit]:
        sequence = self._unfinished + character
        if self._unfinished.startswith(_X10_MOUSE) and character >= " ":
            self._append(character)
            if len(self._unfinished[len(_X10_MOUSE) :].encode("utf-8", "surrogateescape")) >= _X10_BYTES:
                self._reset()
        elif sequence in (_X10_MOUSE, _LINUX_FUNCTION_KEY):
            self._append(character)
        elif self._unfinished == _LINUX_FUNCTION_KEY or sequence in _RXVT_SHIFTED or not " " <= character <= "?":
            yield from self._end_sequence(character)
        else:
            self._append(character)

    def _append(self, character: str) -> None:
        self._continue(self._unfinished + character if len(self._unfinished) <= MAX_SEQUENCE else self._unfinished)

    def _end_sequence(self, character: str) -> Iterator[Unit]:
        """Complete a sequence; a character that ends none counts by itself, and what was begun does not."""
        sequence = self._unfinished + character
        self._reset()
        if sequence == PASTE_START:
            self._is_paste = True
            self._pasted, self._room = [], MAX_PASTE
            self._wait("", may_be_key=False, patience=PASTE_SECONDS)
        elif not "$" <= character <= "~":
            yield from self._ground(character)
        elif len(sequence) <= MAX_SEQUENCE:
            yield Unit(Kind.SEQUENCE, sequence)

    def _paste(self, text: str, position: int) -> Generator[Unit, None, int]:
        """Take in pasted text from a position on, and return where it ends."""
        kept = len(self._unfinished)
        pasted = self._unfinished + text[position:]
        end = pasted.find(PASTE_END)
        if end < 0:
            split = max(0, len(pasted) - len(PASTE_END) + 1)
            self._keep(pasted[:split])
            self._unfinished = pasted[split:]
            return len(text)
        self._keep(pasted[:end])
        yield self._end_paste()
        self._reset()
        return position + end + len(PASTE_END) - kept

    def _keep(self, text: str) -> None:
        self._pasted.append(text[: self._room])
        self._room -= len(self._pasted[-1])

    def _end_paste(self) -> Unit:
        pasted, self._pasted = "".join(self._pasted), []
        return Unit(Kind.PASTE, pasted)


def _is_byte(character: str) -> bool:
    """Whether this stands for a byte that is no UTF-8."""
    return "\ud800" <= character <= "\udfff"


def _is_stray(character: str) -> bool:
    """Whether this is a byte that is no UTF-8, or a C1 control: nobody types either."""
    return "\x80" <= character <= "\x9f" or _is_byte(character)
