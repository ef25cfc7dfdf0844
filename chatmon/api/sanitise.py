"""The one place where text from outside is made fit for a terminal.

Nicknames, labels and states are typed by strangers or fed by other systems. `clean` turns any of them into one printable line:
it cannot move the cursor, change colours, reorder its neighbours or hide characters.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
MAX_LENGTH = 1_000
"""Longer texts are cut to so many characters, the last of them an ellipsis."""
MAX_MARKS = 2
"""Combining marks kept behind one character: two serve every living script, a flood serves nobody."""

_VARIATION_SELECTORS = frozenset(chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
"""Dropped: terminals do not agree on the width of what they change."""
_SPACES = frozenset({"Zs", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me"})
_UNPRINTABLE = frozenset({"Cc", "Cs", "Co", "Cn"})


@lru_cache(maxsize=8192)
def clean(text: str) -> str:
    """One printable line that says what `text` says.

    White space of every kind becomes a space, control characters, surrogates and unassigned characters become U+FFFD,
    format characters (bidi overrides and isolates, zero-width characters) and variation selectors are dropped, floods of combining
    marks are thinned, and what is longer than `MAX_LENGTH` is cut. Applying it twice changes nothing more.
    """
    if len(text) > MAX_LENGTH:
        text = text[: MAX_LENGTH - 1] + "…"
    if text.isascii() and text.isprintable():
        return text.strip()
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if category in _MARKS:
            marks += 1
            if marks <= MAX_MARKS and kept and character not in _VARIATION_SELECTORS:
                kept.append(character)
            continue
        if category == "Cf":
            continue
        marks = 0
        if character.isspace() or category in _SPACES:
            kept.append(" ")
        elif category in _UNPRINTABLE:
            kept.append(REPLACEMENT)
        else:
            kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept)).strip()[:MAX_LENGTH]
