"""Where the history is unless it is named, and what tells whose chats are in it."""

from __future__ import annotations

from pathlib import Path

from chatmon.paths import state_folder


def default_path() -> Path:
    """The file in the user's state folder. Raises `NoHomeFolder`."""
    return state_folder() / "history.sqlite3"


def source_of(root: str, contact_centre: str) -> str:
    """What tells one deployment's chats from another's: the API root, and the contact centre where it is named."""
    return f"{root} {contact_centre}".rstrip()
