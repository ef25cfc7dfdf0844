"""Paths as a user types them, and the folders of the user's that chatmon keeps files in."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path


class NoHomeFolder(OSError):
    """There is no folder of the user's: no home folder, and no variable that names one. `strerror` says what to set."""

    def __init__(self, variable: str) -> None:
        super().__init__(errno.ENOENT, f"there is no home folder; set HOME or {variable}")


def unset_empty_home() -> None:
    """Let an empty HOME be none, for this process and its children: Python takes the root of the file system for it."""
    if os.environ.get("HOME") == "":
        del os.environ["HOME"]


def typed_path(text: str) -> Path:
    """A path as a user typed it: `~` is the home folder, where there is one."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def config_folder() -> Path:
    """Where the user's configuration is. Raises `NoHomeFolder`."""
    from platformdirs import user_config_path

    return _of_user(user_config_path, "XDG_CONFIG_HOME")


def state_folder() -> Path:
    """Where what chatmon keeps is: history, screens, reports. Raises `NoHomeFolder`."""
    from platformdirs import user_state_path

    return _of_user(user_state_path, "XDG_STATE_HOME")


def log_folder() -> Path:
    """Where the log is. Raises `NoHomeFolder`."""
    from platformdirs import user_log_path

    return _of_user(user_log_path, "XDG_STATE_HOME")


def _of_user(folder: Callable[..., Path], variable: str) -> Path:
    try:
        path = folder("chatmon", appauthor=False)
    except RuntimeError:
        raise NoHomeFolder(variable) from None
    if not path.is_absolute():
        raise NoHomeFolder(variable)
    return path
