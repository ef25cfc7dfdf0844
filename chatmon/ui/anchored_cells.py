"""Keeps each cell in its column where terminals do not agree on the width of a character.

Textual and a terminal may count spacing marks (Devanagari, Tamil), Thai vowels, joined letters and emoji differently: what follows on the
line would be shifted. Such a text is written over blank cells, and the cursor is put behind them: what is narrower than thought leaves
nothing old, and what is wider goes on into the blanks that follow it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len

_PLAIN: Final = (
    "\u0020-\u007e\u00a0-\u02ff\u0370-\u0482\u048a-\u058f\u2010-\u25ff"
    "\u2800-\u28ff\u3000-\u3029\u3030-\u3098\u309b-\u9fff\uac00-\ud7a3\uff01-\uff60"
)
"""Letters, signs, boxes, kana, ideographs and whole Hangul syllables: of these the width is the same everywhere."""
_PIECE: Final = re.compile(
    r"(?P<control>\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.?|[\x00-\x1f\x7f-\x9f])"
    f"|(?P<plain>[{_PLAIN}]+(?![^{_PLAIN}\x00-\x1f\x7f-\x9f])|[{_PLAIN}]+(?=[{_PLAIN}]))"
    f"|(?P<odd>(?:[{_PLAIN}]?[^{_PLAIN}\x00-\x1f\x7f-\x9f]+)+)(?P<blanks> *)",
    re.DOTALL,
)
_CURSOR: Final = re.compile(r"\x1b\[\d*(?:;(\d*))?H")
_ODD: Final = re.compile(f"[^{_PLAIN}\x00-\x1f\x7f-\x9f]")


def anchored(output: str) -> str:
    """The output with the cursor put in its column behind each text whose width is not the same everywhere."""
    return output if output.isascii() or not _ODD.search(output) else "".join(_anchored(output))


def _anchored(output: str) -> Iterator[str]:
    column: int | None = None
    for piece in _PIECE.finditer(output):
        text = piece[0]
        if piece["control"] is not None:
            if cursor := _CURSOR.fullmatch(text):
                column = int(cursor[1] or 1)
            elif text in "\r\n":
                column = 1 if text == "\r" else None
            yield text
        elif column is None:
            yield text
        elif piece["plain"] is not None:
            column += cell_len(text)
            yield text
        else:
            cells = cell_len(piece["odd"]) + len(piece["blanks"])
            yield f"{' ' * cells}\x1b[{column}G{piece['odd']}\x1b[{column + cells}G"
            column += cells
