"""What comes from a terminal, as events for Textual: keys, the mouse, pastes, the focus. Nothing that comes raises.

What a terminal replies presses no key. Of its replies one is of use: whether it can show an update all at once.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from textual import constants, events
from textual._xterm_parser import FOCUSIN, FOCUSOUT, XTermParser
from textual.keys import Keys, _character_to_key
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from chatmon.monitor.own_fault import tell_own_fault
from chatmon.ui.input_units import CSI, INTRODUCERS, Kind, Unit, UnitSplitter
from chatmon.ui.key_sequences import keys_for

ANY_SIZE: Final = (9999, 9999)
_MOUSE: Final = re.compile(r"\x1b\[<(\d{1,3});([1-9]\d{0,3});([1-9]\d{0,3})([Mm])")
"""A report of the mouse (mode 1006): button, column and line, both from 1."""
_MAX_BUTTON: Final = 127
"""Above are the buttons at the side of a mouse, which Textual takes for the left one."""
_MOTION: Final = 32
_SYNCHRONIZED: Final = re.compile(r"\x1b\[\?2026;[123]\$y")
"""Synchronized output is known to the terminal (https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036)."""
_PASTED_CONTROLS: Final = frozenset("\n\t")


class TerminalInput:
    """Give it bytes as they arrive, and call `tick` several times a second, when no more wait to be read.

    `size` tells how many columns and lines there are to point at.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, size: Callable[[], tuple[int, int]] = lambda: ANY_SIZE) -> None:
        self._size = size
        self._units = UnitSplitter(clock, escape_seconds=constants.ESCAPE_DELAY)
        self._parser = XTermParser()

    def feed(self, data: bytes) -> Iterator[Message]:
        """The events of what has arrived."""
        return self._events(self._units.feed(data))

    def tick(self) -> Iterator[Message]:
        """The events of what has stayed unfinished for too long, as a lone ESC has."""
        return self._events(self._units.expire())

    def _events(self, units: Iterable[Unit]) -> Iterator[Message]:
        for unit in units:
            try:
                messages = [message for message in self._messages(unit) if not _is_ignored(message)]
            except Exception as error:  # noqa: BLE001 - whatever one key is, the others still work
                tell_own_fault("what the terminal sent was not understood", error)
            else:
                yield from messages

    def _messages(self, unit: Unit) -> Iterable[Message]:
        match unit.kind:
            case Kind.CHARACTER:
                return self._parser._sequence_to_key_events(unit.text)
            case Kind.ESCAPE:
                return (events.Key(Keys.Escape.value, unit.text),)
            case Kind.ALT if unit.text in INTRODUCERS:  # which may be a reply cut off, and types nothing
                return [events.Key(key.key, None) for key in self._alt(unit.text)]
            case Kind.ALT:
                return self._alt(unit.text)
            case Kind.PASTE:
                pasted = _cleaned(unit.text)
                return (events.Paste(pasted),) if pasted else ()
            case Kind.SEQUENCE:
                return self._reported(unit.text)

    def _alt(self, character: str) -> Iterable[events.Key]:
        if character in INTRODUCERS and not character.isalpha():
            return (events.Key(f"alt+{_character_to_key(character)}", character),)  # Textual knows Alt with letters and digits alone
        listed = list(self._parser._sequence_to_key_events(f"\x1b{character}"))
        return listed or self._parser._sequence_to_key_events(character, alt=True)

    def _reported(self, sequence: str) -> Iterable[Message]:
        if sequence == FOCUSIN:
            return (events.AppFocus(),)
        if sequence == FOCUSOUT:
            return (events.AppBlur(),)
        if sequence.startswith(f"{CSI}<"):
            return self._pointed(sequence)
        if _SYNCHRONIZED.fullmatch(sequence):
            return (TerminalSupportsSynchronizedOutput(),)
        return keys_for(self._parser, sequence)

    def _pointed(self, report: str) -> Iterable[Message]:
        """What the mouse did. Outside the screen it may be dragged and let go, as if at the edge, but presses nothing: Textual
        would take the focus away."""
        if (mouse := _MOUSE.fullmatch(report)) is None:
            return ()
        button, *place = map(int, mouse.groups()[:3])
        within = [max(1, min(*pair)) for pair in zip(place, self._size(), strict=True)]
        is_press = mouse[4] == "M" and not button & _MOTION
        if button > _MAX_BUTTON or (is_press and within != place):
            return ()
        column, line = within
        event = self._parser.parse_mouse_code(f"{CSI}<{button};{column};{line}{mouse[4]}")
        return () if event is None else (event,)


def _is_ignored(message: Message) -> bool:
    return isinstance(message, events.Key) and message.key == Keys.Ignore.value


def _cleaned(pasted: str) -> str:
    """Pasted text without control characters and without what is no character; lines end as they do elsewhere."""
    lines = pasted.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in lines if one in _PASTED_CONTROLS or unicodedata.category(one) not in ("Cc", "Cs"))
