"""The environment variables that Textual and rich read: which of them a dashboard honours, and which it refuses."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Final

from chatmon.cli.running import WEB_DRIVER
from chatmon.cli.usage import refuse

COLOR_SYSTEMS: Final = ("auto", "standard", "256", "truecolor", "windows")
"""Source: rich 15, `console`."""
HONOURED: Final = frozenset({"TEXTUAL_DRIVER", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_ANIMATIONS", "TEXTUAL_DISABLE_KITTY_KEY"})
NUMBERS: Final = ("COLUMNS", "LINES", "ROWS", "ESCDELAY")
MAX_DIGITS: Final = 5


def prepare_to_draw(environment: MutableMapping[str, str]) -> None:
    """Remove what would drive the dashboard or write down what it shows; to be called before Textual is imported.

    Raises `click.UsageError` where a variable that is honoured says something that cannot be.
    """
    _check(environment)
    for name in [name for name in environment if name == "TEXTUAL" or (name.startswith("TEXTUAL_") and name not in HONOURED)]:
        del environment[name]
    for name in NUMBERS:
        value = environment.get(name, "0")
        if not (value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS):
            del environment[name]


def _check(environment: MutableMapping[str, str]) -> None:
    if environment.get("TEXTUAL_COLOR_SYSTEM", "auto") not in COLOR_SYSTEMS:
        refuse(f"TEXTUAL_COLOR_SYSTEM is none of {', '.join(COLOR_SYSTEMS)}: set one of them, or unset it")
    if environment.get("TEXTUAL_DRIVER", WEB_DRIVER) != WEB_DRIVER:
        refuse("TEXTUAL_DRIVER names a driver that chatmon cannot draw with: unset it")
    if "TEXTUAL_LOG" in environment:
        refuse("TEXTUAL_LOG would write chat ids and names into a file: unset it")
