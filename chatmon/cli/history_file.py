"""Which history file is meant, and whose chats in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from chatmon.config import Configuration, typed_path
from chatmon.config.configuration import find

if TYPE_CHECKING:
    from chatmon.history.reader import HistoryReader


def default_path() -> Path:
    """The file in the user's state folder."""
    from platformdirs import user_state_path

    return user_state_path("chatmon", appauthor=False) / "history.sqlite3"


def source_of(root: str, contact_centre: str) -> str:
    """What tells one deployment's chats from another's: the API root, and the contact centre where it is named."""
    return f"{root} {contact_centre}".rstrip()


def recorded(given: Mapping[str, object], configuration: Configuration) -> HistoryReader:
    """Reads the file that is meant: all of it, or what is of the profile's deployment. Raises `InvalidSetting`."""
    from chatmon.config.connection import deployment
    from chatmon.config.sources import Sources
    from chatmon.history.reader import HistoryReader

    meant = None if configuration.profile is None else deployment(Sources(given, os.environ, configuration))
    of_profile = configuration.options.get("history")
    named, _ = find("history", given, os.environ)
    named = named or (of_profile.value if of_profile else None)
    return HistoryReader(typed_path(named) if named else default_path(), meant and source_of(*meant))
