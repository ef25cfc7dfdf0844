"""Which keys the sequences of a terminal stand for.

Textual's parser knows the names of the keys, but takes a sequence apart loosely: it raises on sub-parameters and on numbers that are no
character, presses a key that is released, and finds characters in what are function keys. So each sequence is checked here first, by
the kitty keyboard protocol (https://sw.kovidgoyal.net/kitty/keyboard-protocol/) and XTerm's control sequences
(https://invisible-island.net/xterm/ctlseqs/ctlseqs.html), and written plainly for Textual.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS, IgnoredSequence
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._xterm_parser import XTermParser
from textual.events import Key
from textual.keys import Keys

_EXTENDED: Final = re.compile(
    r"\x1b\[(?P<code>\d{0,7})(?::(?P<shifted>\d{0,7}))?(?::\d{0,7})?"
    r"(?:;(?P<modifiers>\d{0,3})(?::(?P<event>\d{0,2}))?(?:;(?P<text>[\d:]*))?)?(?P<final>[u~A-FHPQS])"
)
"""Code point and its alternatives, modifiers and type of the event, code points of the text."""
_F3: Final = "\x1b[R"
"""With parameters it is where the cursor is, in reply."""
_PRESSED: Final = frozenset({"", "1", "2"})
"""Types of event: pressed, and repeated while it is held down."""
_SHIFT, _MODIFIERS = 1, 0b111111
"""Bits of the modifiers, less one; the two above these are Caps Lock and Num Lock."""
_MAX_MODIFIERS: Final = 256
_OTHER_KEYS: Final = "27~"
"""XTerm's `modifyOtherKeys`: the code point of the key comes last."""
_PRIVATE_KEYS: Final = range(57344, 63744)
"""Code points that the protocol keeps for functional keys."""


def keys_for(parser: XTermParser, sequence: str) -> Iterable[Key]:
    """The keys pressed by a CSI or SS3 sequence; none for what is no key, or a key let go."""
    if extended := _EXTENDED.fullmatch(sequence):
        plain = _plain(**extended.groupdict(default=""))
        if plain is not None:
            return parser._sequence_to_key_events(plain)
        if extended["event"] is not None:
            return ()
    elif sequence == _F3:
        return (Key("f3", None),)
    if sequence.endswith(("u", "R")) and sequence.startswith("\x1b["):
        return ()
    return _listed(parser, sequence)


def _listed(parser: XTermParser, sequence: str) -> Iterable[Key]:
    """The keys of a sequence that Textual lists as it is."""
    keys = ANSI_SEQUENCES_KEYS.get(sequence, ())
    if isinstance(keys, IgnoredSequence):
        return ()
    if isinstance(keys, str):
        return parser._sequence_to_key_events(keys)
    return [Key(key.value, None) for key in keys if key is not Keys.Ignore]


def _plain(*, code: str, shifted: str, modifiers: str, event: str, text: str, final: str) -> str | None:
    """The sequence without alternatives and types of event; none for what is not a key that is pressed."""
    if event not in _PRESSED or not 1 <= int(modifiers or "1") <= _MAX_MODIFIERS:
        return None
    pressed = (int(modifiers or "1") - 1) & _MODIFIERS
    if f"{code}{final}" == _OTHER_KEYS and text:
        code, text, final = text, "", "u"
        if not code.isdecimal():
            return None
    key = int(code or "1")
    written = [character for character in text.split(":") if _is_typed(character)]
    if not written and pressed == _SHIFT and _is_typed(shifted):
        written = [shifted]
    if f"{key}{final}" not in FUNCTIONAL_KEYS and not (final == "u" and (_is_typed(str(key)) or (key == 0 and written))):
        return None
    if written:
        return f"\x1b[{key};{pressed + 1};{':'.join(written)}{final}"
    return f"\x1b[{key};{pressed + 1}{final}" if pressed else f"\x1b[{key}{final}"


def _is_typed(code: str) -> bool:
    """Whether a number is the code point of a character that a key may type."""
    if not code or len(code) > len("1114111"):
        return False
    number = int(code)
    if number in _PRIVATE_KEYS or number > 0x10FFFF:
        return False
    return not (number < 0x20 or 0x7F <= number <= 0x9F or 0xD800 <= number <= 0xDFFF)
