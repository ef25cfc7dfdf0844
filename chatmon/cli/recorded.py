"""Which history a command reads, and by which names it shows what is in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from chatmon.config import Configuration, InvalidSetting, typed_path
from chatmon.config.configuration import find
from chatmon.config.sources import Sources
from chatmon.paths import NoHomeFolder

if TYPE_CHECKING:
    from chatmon.history.reader import HistoryReader
    from chatmon.monitor.pseudonyms import Naming


def reader_of(given: Mapping[str, object], configuration: Configuration) -> HistoryReader:
    """Reads the file that is meant: all of it, or what is of the profile's deployment. Raises `InvalidSetting`."""
    from chatmon.cli.history_file import default_path, source_of
    from chatmon.config.connection import deployment
    from chatmon.history.reader import HistoryReader

    meant = None if configuration.profile is None else deployment(Sources(given, os.environ, configuration))
    of_profile = configuration.options.get("history")
    named, _ = find("history", given, os.environ)
    named = named or (of_profile.value if of_profile else None)
    try:
        path = typed_path(named) if named else default_path()
    except NoHomeFolder as error:
        raise InvalidSetting(f"no history: {error.strerror}, or name a file with --history FILE") from None
    return HistoryReader(path, meant and source_of(*meant))


def naming_of(reader: HistoryReader, *, privacy: bool) -> Naming:
    """By which names to show; the pseudonyms are those of the screens over the same history. Raises `HistoryError`."""
    from chatmon.monitor.pseudonyms import REAL_NAMES, Pseudonyms

    return Pseudonyms(reader.pseudonym_key()) if privacy else REAL_NAMES
