"""What a terminal sends, cut into complete units by the grammar of ECMA-48: characters, control sequences, replies, pastes.

Replies of a terminal (OSC, DCS, APC, PM, SOS) end here: nothing of theirs is ever typed. Pure but for the clock that is handed in.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Final, NamedTuple

ESC: Final = "\x1b"
ESCAPE_SECONDS: Final = 0.1
"""After this time a lone ESC is the key, and not the beginning of a sequence."""
UNFINISHED_SECONDS: Final = 1.0
"""After this time without its end a sequence is dropped: the keyboard works again."""
PASTE_SECONDS: Final = 2.0
"""After this time of silence a paste is over, also where its end never came."""
MAX_SEQUENCE: Final = 64
"""Characters of a control sequence; a longer one is dropped. The longest that a key needs has some 30."""
MAX_PASTE: Final = 1024 * 1024
"""Characters of a paste; the rest is dropped."""
PASTE_START: Final = "\x1b[200~"
PASTE_END: Final = "\x1b[201~"

_STRING: Final = re.compile("\x1b[]PX^_]")
_STRING_END: Final = re.compile("\x1b\\\\|[\x07\x9c\x18\x1a]|(?=\x03|\x1b[^\\\\])")
"""ST or BEL; CAN and SUB abort; Ctrl-C is always a key, and ESC begins something else."""
_SEQUENCE: Final = re.compile(
    "\x1b(?:"
    r"\[\[[ -~]"  # the function keys of a Linux console
    r"|\[M[^\x00-\x1f\x7f]{3}"  # the mouse, in the oldest of its reports
    r"|\[(?!\[|M)[ -?]*[@-~]|\[M(?=[\x00-\x1f\x7f])"
    r"|O[0-9;]*[@-~]"
    r"|[^][OPX^_\x1b])",
    re.DOTALL,
)
_BEGUN: Final = re.compile(r"\x1b(?:\[(?:\[|M[^\x00-\x1f\x7f]{0,2}|[ -?]*)?|O[0-9;]*|[]PX^_])?\Z")
_BEGINNING: Final = re.compile(r"\x1b(?:\[\[|\[[ -?]*|O[0-9;]*)")
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class Kind(Enum):
    """What a unit is."""

    SEQUENCE = "a character, or a sequence that begins with ESC"
    PASTE = "pasted text"


class Unit(NamedTuple):
    """A complete piece of input."""

    kind: Kind
    text: str


class _State(Enum):
    GROUND = "between two units"
    STRING = "within a reply"
    PASTE = "within a paste"


class InputUnits:
    """Cuts input into units, across whatever chunks it comes in.

    `feed` takes the next chunk; `expire`, called several times a second, ends what was begun and not finished in time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, escape_seconds: float = ESCAPE_SECONDS) -> None:
        self._clock = clock
        self._escape_seconds = escape_seconds
        self._state = _State.GROUND
        self._begun = ""
        """What may be the beginning of something longer."""
        self._pasted: list[str] = []
        self._room = MAX_PASTE
        self._deadline: float | None = None

    def feed(self, text: str) -> Iterator[Unit]:
        """The units that are complete with this chunk."""
        text = self._begun + text
        self._begun = ""
        place = 0
        while place < len(text):
            unit: Unit | None = None
            if self._state is _State.STRING:
                place = self._skip_string(text, place)
            elif self._state is _State.PASTE:
                place, unit = self._read_paste(text, place)
            elif "\x80" <= text[place] <= "\x9f":  # the short form of ESC and a letter
                text, place = ESC + chr(ord(text[place]) - 0x40) + text[place + 1 :], 0
            else:
                place, unit = self._read_unit(text, place)
            if unit is not None:
                yield unit
        self._deadline = self._next_deadline()

    def expire(self) -> Iterator[Unit]:
        """What was begun and is not going to be finished: a lone ESC is the key, a key after it was pressed with Alt."""
        if self._deadline is None or self._clock() < self._deadline:
            return
        state, begun = self._state, self._begun
        self._state, self._begun, self._deadline = _State.GROUND, "", None
        if state is _State.PASTE:
            self._paste(begun)
            yield self._end_paste()
        elif state is _State.GROUND and len(begun) <= len("\x1b["):
            yield Unit(Kind.SEQUENCE, begun)

    def _next_deadline(self) -> float | None:
        now = self._clock()
        if self._state is _State.PASTE:
            return now + PASTE_SECONDS
        if self._state is _State.STRING:
            return now + UNFINISHED_SECONDS if self._deadline is None else self._deadline
        if self._begun:
            return now + (self._escape_seconds if len(self._begun) <= len("\x1b[") else UNFINISHED_SECONDS)
        return None

    def _read_unit(self, text: str, place: int) -> tuple[int, Unit | None]:
        if text[place] != ESC:
            return place + 1, Unit(Kind.SEQUENCE, text[place])
        if _STRING.match(text, place) and place + 2 < len(text):
            self._state = _State.STRING
            self._deadline = None
            return place + 2, None
        if found := _SEQUENCE.match(text, place):
            sequence = found[0]
            if sequence == PASTE_START:
                self._state = _State.PASTE
                self._room = MAX_PASTE
                return found.end(), None
            return found.end(), Unit(Kind.SEQUENCE, sequence) if len(sequence) <= MAX_SEQUENCE else None
        if _BEGUN.match(text, place):
            self._begun = text[place : place + MAX_SEQUENCE + 1]
            return len(text), None
        # No sequence has such a character in it: the character counts, what was begun does not.
        broken = _BEGINNING.match(text, place)
        return (place + 1, Unit(Kind.SEQUENCE, ESC)) if broken is None else (max(broken.end(), place + 1), None)

    def _skip_string(self, text: str, place: int) -> int:
        if found := _STRING_END.search(text, place):
            self._state = _State.GROUND
            return found.end()
        self._begun = ESC if text.endswith(ESC) else ""
        return len(text)

    def _read_paste(self, text: str, place: int) -> tuple[int, Unit | None]:
        end = text.find(PASTE_END, place)
        if end >= 0:
            self._paste(text[place:end])
            return end + len(PASTE_END), self._end_paste()
        kept = next(
            length
            for length in range(min(len(PASTE_END) - 1, len(text) - place), -1, -1)
            if PASTE_END.startswith(text[len(text) - length :])
        )
        self._begun = text[len(text) - kept :]
        self._paste(text[place : len(text) - kept])
        return len(text), None

    def _paste(self, text: str) -> None:
        text = text[: self._room]
        self._room -= len(text)
        self._pasted.append(text)

    def _end_paste(self) -> Unit:
        self._state = _State.GROUND
        lines = "".join(self._pasted).replace("\r\n", "\n").replace("\r", "\n")
        self._pasted.clear()
        return Unit(Kind.PASTE, _CONTROLS.sub("", lines))
