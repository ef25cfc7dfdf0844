"""The word that was meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

TYPING_ERROR: Final = 0.7
"""How much alike two words are, from 0 to 1, where one may be the other with a typing error."""


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is meant, as the end of a sentence, if one is so near that it can only be a typing error; else nothing."""
    # Dashes are left out: they would make all options look alike.
    by_letters = {name.replace("-", ""): name for name in known}
    near = get_close_matches(word.replace("-", ""), by_letters, n=1, cutoff=TYPING_ERROR)
    return f"; did you mean {by_letters[near[0]]}?" if near else ""
