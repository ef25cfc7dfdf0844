"""The one place where text from outside is made fit for a terminal.

Nicknames, labels and states are typed by strangers or fed by other systems. `clean` turns any of them into one printable line:
it cannot move the cursor, change colours, reorder its neighbours or hide characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
MAX_LENGTH = 1_000
"""Longer texts are cut to so many characters, the last of them an ellipsis."""
MAX_MARKS = 4
"""Combining characters kept behind one character: four serve the living scripts (Hebrew and Burmese use three), a flood serves nobody."""

_DROPPED = frozenset(
    chr(code)
    for code in (
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0),  # joiner and fillers: letters and marks without a shape
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),  # variation selectors: terminals do not agree on the width of what they change
        *range(0x1F3FB, 0x1F400),  # skin tones: two cells or none, depending on the terminal
    )
)
_FLAG_LETTERS = {0x1F1E6 + number: chr(ord("A") + number) for number in range(26)}
"""Regional indicators, two of which make a flag: terminals do not agree on the width of one, nor on that of two."""
_JOINING_HANGUL = frozenset(chr(code) for code in (*range(0x1161, 0x1200), *range(0xD7B0, 0xD800)))
"""Blocks of vowels and final consonants that stand in the cells of the consonant before them; some of their code points are unassigned."""
_BLANKS = frozenset("\u2800\U00013441\U00013442\U0001d159")
"""Symbols that are a cell or two of nothing: blank braille, blanks between hieroglyphs, the note without a head."""
_MARKS = frozenset({"Mn", "Me", "Mc"})
_SPACES = frozenset({"Zs", "Zl", "Zp"})
_UNPRINTABLE = frozenset({"Cc", "Cs", "Co", "Cn"})


@lru_cache(maxsize=8192)
def clean(text: str) -> str:
    """One printable line that says what `text` says.

    White space of every kind and what only looks like it becomes a space. Control characters, surrogates, private and unassigned
    characters become U+FFFD, wherever they stand; unassigned is what the Unicode version of this Python does not know, as nobody can
    say how wide a terminal draws it. Format characters (bidi overrides and isolates, zero-width characters), variation selectors and
    skin tones are dropped, floods of combining characters are thinned, flags become their letters, and what is longer than `MAX_LENGTH`
    is cut. Applying it twice changes nothing more. No character left changes the width of another: the cells of a result are the sum of
    the cells of its characters.
    """
    cut = len(text) > MAX_LENGTH
    line = text[:MAX_LENGTH]
    if not (line.isascii() and line.isprintable()):
        line = unicodedata.normalize("NFC", "".join(_kept(unicodedata.normalize("NFC", line.translate(_FLAG_LETTERS)))))
    line = line.strip()
    if cut or len(line) > MAX_LENGTH:
        return line[: MAX_LENGTH - 1].rstrip() + "…"
    return line


def _kept(text: str) -> Iterator[str]:
    marks = MAX_MARKS  # none may come first, or behind a space: it would hang on a character of someone else's
    for character in text:
        category = unicodedata.category(character)
        if category == "Cf" or character in _DROPPED:
            continue
        if category in _UNPRINTABLE and not character.isspace():
            marks = 0
            yield REPLACEMENT
        elif category in _MARKS or character in _JOINING_HANGUL:
            marks += 1
            if marks <= MAX_MARKS:
                yield character
        elif character.isspace() or category in _SPACES or character in _BLANKS:
            marks = MAX_MARKS
            yield " "
        else:
            marks = 0
            yield character
