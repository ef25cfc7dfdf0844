"""Files and folders that their owner alone can read, whatever the umask is."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def make_folder(path: Path) -> None:
    """Make a folder, and those it lies in as far as they are missing. Raises OSError; `FileExistsError` where something else is there."""
    # `Path.mkdir` would make those it lies in as the umask has it.
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    path.mkdir(exist_ok=True)


def opener(path: str, flags: int) -> int:
    """Opens a file for `open`, and makes it where there is none."""
    return os.open(path, flags, FILE_MODE)
