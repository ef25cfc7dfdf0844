"""By which names a command shows and prints chats and people, and where the key of their pseudonyms is."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from chatmon.bounded_files import read_at_most
from chatmon.history.errors import HistoryError
from chatmon.monitor.pseudonyms import KEY_BYTES, REAL_NAMES, Naming, Pseudonyms
from chatmon.paths import state_folder
from chatmon.private_files import write_new

if TYPE_CHECKING:
    from chatmon.cli.history import History

KEY_FILE: Final = "pseudonyms.key"


def naming(history: History | None, *, privacy: bool) -> Naming:
    """Real names, or, for `privacy`, the pseudonyms of a history; without one those of the user's state folder."""
    return Pseudonyms(_key_of(history)) if privacy else REAL_NAMES


def naming_of_run(history: History | None, *, privacy: bool) -> Naming:
    """The same for whoever talks to no deployment: without a history there is a key for this run alone."""
    if privacy and history is None:
        return Pseudonyms(secrets.token_bytes(KEY_BYTES))
    return naming(history, privacy=privacy)


def _key_of(history: History | None) -> bytes:
    if history is None:
        return _kept_key()
    try:
        return history.reader.pseudonym_key()
    except HistoryError:
        pass  # perhaps it is not made yet, or of an earlier version
    try:
        history.writer.open()
        return history.reader.pseudonym_key()
    except HistoryError:
        return _kept_key()  # whoever records says what is wrong with the file
    finally:
        history.reader.close()


def _kept_key() -> bytes:
    """The key in the user's state folder, made where there is none; one for this run where that cannot be."""
    new = secrets.token_bytes(KEY_BYTES)
    with suppress(OSError):
        path = state_folder() / KEY_FILE
        if not path.exists():
            with suppress(FileExistsError):  # another chatmon was quicker
                write_new(path, new)
        kept = read_at_most(path, KEY_BYTES + 1)
        if len(kept) == KEY_BYTES:
            return kept
    return new
