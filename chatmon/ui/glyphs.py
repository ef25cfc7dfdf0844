"""The signs that say again what colour and word say. Each is one terminal cell wide and has an ASCII stand-in for `--ascii`."""

from __future__ import annotations

from typing import Final

WAITING: Final = "◔"
CHATTING: Final = "●"
IDLE: Final = "○"
OTHER: Final = "◇"
PENDING: Final = "·"
WARN: Final = "▲"
FAILING: Final = "✕"
GONE: Final = "∅"
JOINED: Final = "+"
LEFT: Final = "−"
CHANGED: Final = "→"
AT_LEAST: Final = "≥"
AT_MOST: Final = "≤"
NOTHING: Final = "–"
SEPARATOR: Final = "·"
CURSOR: Final = "▌"
BAR: Final = "▎"
ASCENDING: Final = "↑"
DESCENDING: Final = "↓"
BACKWARD: Final = "←"
ELLIPSIS: Final = "…"
UNWATCHED: Final = "╌"
PLAYING: Final = "▶"
STOPPED: Final = "‖"
TIMES: Final = "×"
POSITION: Final = "┃"
PINS: Final = "¹²³⁴⁵⁶⁷⁸⁹"
STEPS: Final = "▁▂▃▄▅▆▇█"
"""From low to high, for lines of small bars."""
SHADE: Final = "▒"
"""Another part of a bar than that of the highest step."""

_ASCII = str.maketrans(
    {
        WAITING: "o",
        CHATTING: "*",
        IDLE: ".",
        OTHER: "?",
        SEPARATOR: "-",
        WARN: "!",
        FAILING: "x",
        GONE: "-",
        LEFT: "-",
        CHANGED: ">",
        AT_LEAST: ">",
        AT_MOST: "<",
        NOTHING: "-",
        CURSOR: ">",
        BAR: "|",
        ASCENDING: "^",
        DESCENDING: "v",
        BACKWARD: "<",
        ELLIPSIS: "~",
        UNWATCHED: "-",
        PLAYING: ">",
        STOPPED: "=",
        TIMES: "x",
        POSITION: "|",
        SHADE: "x",
        **{pin: str(number) for number, pin in enumerate(PINS, 1)},
        **dict(zip(STEPS, "_.:-=+*#", strict=True)),
    }
)


def to_ascii(text: str) -> str:
    """The text with every sign of the program's own as its ASCII stand-in, cell for cell. What others wrote stays as it is."""
    return text if text.isascii() else text.translate(_ASCII)
