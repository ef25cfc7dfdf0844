"""How the dashboard looks and behaves, as it was set: what the command line hands to the screens.

The words that can be chosen among stand here as plain data: a configuration is checked without the screens being imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Final

import msgspec

OWN_THEMES: Final = ("dark", "light")
THEMES: Final = (
    *OWN_THEMES,
    "ansi-dark",
    "ansi-light",
    "atom-one-dark",
    "atom-one-light",
    "catppuccin-frappe",
    "catppuccin-latte",
    "catppuccin-macchiato",
    "catppuccin-mocha",
    "dracula",
    "flexoki",
    "gruvbox",
    "monokai",
    "nord",
    "rose-pine",
    "rose-pine-dawn",
    "rose-pine-moon",
    "solarized-dark",
    "solarized-light",
    "textual-dark",
    "textual-light",
    "tokyo-night",
)
"""chatmon's own two, and those of Textual."""
NOTIFICATIONS: Final = ("off", "osc9", "osc777")
"""How a terminal is asked for a desktop notification; which of the two a terminal knows is its own affair."""
COLUMN_IDS: Final = ("sign", "pin", "state", "for", "customer", "agent", "seen", "chat", "label")
"""The columns of the board, in the order in which they stand unless told otherwise."""
SORT_ORDER_IDS: Final = ("worst", "state", "for", "customer", "agent", "seen", "chat", "label")
"""What the board can be sorted by."""
FILTER_KEYS: Final = ("f1", "f2", "f3", "f4")
"""The keys that filters can be saved under."""


class ScreenSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What was set for the screens. Every word is one of this module's; `filters` are of the filter language, by their keys.

    `profile` is the name of the deployment, where it has one. `timezone` is the one in which times of day are shown, None the machine's.
    `columns` are the board's columns in their order, none: as chatmon has them; `sort` None likewise. `keys` are the keys of bindings by
    the bindings' ids, as Textual writes keys, several with commas between them. `wallboard` is for a screen that nobody touches.
    """

    profile: str | None = None
    theme: str = "dark"
    timezone: tzinfo | None = None
    ascii: bool = False
    bell: bool = False
    notify: str = "off"
    columns: tuple[str, ...] = ()
    sort: str | None = None
    filters: Mapping[str, str] = {}
    keys: Mapping[str, str] = {}
    wallboard: bool = False
