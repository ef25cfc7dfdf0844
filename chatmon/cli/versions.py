"""The versions that matter where something goes wrong: of chatmon, of what it stands on, and of the machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatmon.cli.usage import PROGRAM

LIBRARIES: Final = ("textual", "rich", "httpx", "aiohttp", "msgspec", "click", "platformdirs")
MISSING: Final = "is not installed"
_OF_EXTRA: Final = re.compile(r"(?P<library>[\w.-]+)[^;]*;.*\bextra\s*==\s*['\"](?P<extra>[\w.-]+)['\"]")
_FOR_DEVELOPERS: Final = "dev"


def versions() -> Iterator[tuple[str, str]]:
    """Names and versions. None of it is a word that a server, a file or a user said."""
    import platform
    import sqlite3

    yield platform.python_implementation(), platform.python_version()
    yield platform.system(), platform.release()
    for name in (PROGRAM, *LIBRARIES):
        yield name, _version(name)
    yield "SQLite", sqlite3.sqlite_version
    for library, extra in _extras():
        yield library, f"{_version(library)} (extra {extra})"


def _version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return MISSING


def _extras() -> Iterator[tuple[str, str]]:
    """The libraries that belong to an extra, and the extra's name."""
    from importlib.metadata import PackageNotFoundError, requires

    try:
        required = requires(PROGRAM) or []
    except PackageNotFoundError:
        return
    for requirement in required:
        found = _OF_EXTRA.match(requirement)
        if found and found["extra"] != _FOR_DEVELOPERS:
            yield found["library"], found["extra"]


def version_lines() -> Iterator[str]:
    """What `chatmon --version` prints. The first line is chatmon's own version alone, for scripts."""
    import os

    from chatmon.api.sanitise import clean

    told = dict(versions())
    yield f"{PROGRAM} {told.pop(PROGRAM)}"
    yield from (f"  {name} {version}" for name, version in told.items())
    yield f"  TERM {clean(os.environ.get('TERM', '')) or 'is not set'}"
