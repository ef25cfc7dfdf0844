"""The tables of the configuration file as data: every key with what it means, what stands for it unless it is set, and how it is read.

Checking a file and writing a first one are made from this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from chatmon.config import readers
from chatmon.config.options import OPTIONS, Bounds, Option
from chatmon.config.readers import Reader
from chatmon.config.screen import COLUMN_IDS, FILTER_KEYS, NOTIFICATIONS, SORT_ORDER_IDS, THEMES


class Key(msgspec.Struct, frozen=True):
    """A key of a table. `default` is what is in force without it, as TOML, or, where that is nothing, an example of what could be.

    A path, also that of a program, is relative to the folder of the file.
    """

    name: str
    help: str
    default: str
    read: Reader
    is_path: bool = False
    is_example: bool = False

    @property
    def value(self) -> Any:
        """What is in force without the key; None for nothing."""
        import tomllib

        return None if self.is_example else tomllib.loads(f"value = {self.default}")["value"]


Table = Mapping[str, Key]

SECONDS: Final = Bounds(1, 604_800)
"""What an alarm may wait for: up to a week."""
AGENTS: Final = Bounds(2, 1_000, whole=True)
CHATS: Final = Bounds(1, 1_000, whole=True)
HISTORY_DAYS: Final = Bounds(1, 3_650)
DEFAULT_DAYS: Final = 30.0
DEFAULT_WAITING: Final = {"warn": 60, "critical": 180}
OFF: Final = "off"
ON_REQUEST: Final = "on-request"
TRANSCRIPTS: Final = (OFF, ON_REQUEST)
"""When the transcript of a chat is read."""


def _table(*keys: Key) -> Table:
    return {key.name: key for key in keys}


def _limit(bounds: Bounds) -> Reader:
    return readers.unless_off(readers.number(bounds), bounds.wanted)


def _option(option: Option) -> Key:
    if option.bounds is not None:
        read = readers.number(option.bounds)
    elif option.is_flag:
        read = readers.switch
    elif option.check is not None:
        read = readers.checked(option.check)
    else:
        read = readers.headers if option.repeatable else readers.text
    name = "headers" if option.repeatable else option.name
    return Key(name, option.help, option.default or option.example, read, option.is_path, is_example=option.default is None)


PROFILE: Final = _table(
    *(_option(option) for option in OPTIONS if option.in_profile),
    Key(
        "history",
        "Where events are recorded; false: nowhere. Without it, in the user's state folder.",
        '"history.sqlite3"',
        readers.unless_off(readers.text, "a path in quotes"),
        is_path=True,
        is_example=True,
    ),
    Key(
        "transcripts",
        "Whether a chat's messages may be read when you ask for it. The server keeps one cursor for a chat and moves it then: the "
        "customer's own client may never show what it had not fetched yet.",
        f'"{OFF}"',
        readers.word(TRANSCRIPTS),
    ),
    Key("history_days", "How many days the history is kept.", f"{DEFAULT_DAYS:g}", readers.number(HISTORY_DAYS)),
)
"""What is said of one deployment."""

ALARMS: Final = _table(
    Key(
        "waiting",
        "WaitingForAgent for so many seconds. A level that is left out stays as it is, and false is off; a number alone warns and is never "
        "critical.",
        f"{{ warn = {DEFAULT_WAITING['warn']}, critical = {DEFAULT_WAITING['critical']} }}",
        readers.waiting(SECONDS),
    ),
    Key("unattended", "Chatting with no agent listed for so many seconds.", "30", _limit(SECONDS)),
    Key("requeued", "Back from Chatting to WaitingForAgent.", "true", readers.switch),
    Key("churn", "So many different agents so far.", "3", _limit(AGENTS)),
    Key("idle", "Idle for over so many seconds.", "300", _limit(SECONDS)),
    Key("abandoned", "Ended without ever Chatting.", "true", readers.switch),
    Key("unseen", "No good poll for so many seconds.", "30", _limit(SECONDS)),
    Key("overload", "An agent in more than so many chats.", "4", _limit(CHATS)),
    Key("service_level", "No alarm: answered within so many seconds counts as in time.", "60", readers.number(SECONDS)),
    Key(
        "on_alarm",
        "A program that gets each alarm, as one JSON object, on standard input.",
        '["notify-send", "chatmon"]',
        readers.unless_off(readers.command, 'a program and its arguments, ["program", "argument"]'),
        is_path=True,
        is_example=True,
    ),
)
"""When a chat or an agent needs a person. Each rule can be switched off with false."""

UI: Final = _table(
    Key("theme", f"The colours: {', '.join(THEMES)}.", '"dark"', readers.word(THEMES)),
    Key("timezone", 'In which times of day are shown: "local", "utc" or a name such as "Europe/Berlin".', '"local"', readers.timezone),
    Key("ascii", "Draw with ASCII characters alone.", "false", readers.switch),
    Key("privacy", "Show pseudonyms for nicknames, chat ids and labels, whichever deployment is meant.", "false", readers.switch),
    Key("bell", "Ring the terminal's bell when an alarm is raised.", "false", readers.switch),
    Key("notify", "Ask the terminal for a desktop notification then.", '"off"', readers.word(NOTIFICATIONS)),
    Key(
        "columns",
        "The columns of the board, in their order.",
        "[" + ", ".join(f'"{column}"' for column in COLUMN_IDS) + "]",
        readers.words(COLUMN_IDS),
    ),
    Key("sort", f"What the board is sorted by at first: {', '.join(SORT_ORDER_IDS)}.", '"worst"', readers.word(SORT_ORDER_IDS)),
)
"""How the dashboard looks."""

FILTERS: Final = _table(
    *(
        Key(key, f"Shown when {key} is pressed.", f"'{text}'", readers.filter_text, is_example=True)
        for key, text in zip(FILTER_KEYS, ("state:waiting", "state:chatting", "state:idle", "health:failing"), strict=True)
    )
)
"""Filters of the board that a key shows."""

TABLES: Final[Mapping[str, Table]] = {"alarms": ALARMS, "ui": UI, "filters": FILTERS}
"""The tables that stand once in the file; `[alarms]` also in a profile."""
