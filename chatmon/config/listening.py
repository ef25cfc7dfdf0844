"""An address to listen on, as it is written in a setting."""

from __future__ import annotations

import re
from typing import Final

import msgspec

LOOPBACK: Final = "127.0.0.1"
OFF: Final = "off"
MAX_PORT: Final = 65_535
WANTED: Final = f"HOST:PORT, PORT alone for 127.0.0.1, [IPv6]:PORT, or off; a port is from 0 (any free one) to {MAX_PORT}"

_WRITTEN: Final = re.compile(r"(?:(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<host>[A-Za-z0-9][A-Za-z0-9._-]*))?:)?(?P<port>[0-9]{1,5})")


class ListenAddress(msgspec.Struct, frozen=True):
    """A host, by its name or its number, and a port; port 0 is any free one."""

    host: str
    port: int


def listen_address(text: str) -> ListenAddress | None:
    """The address that is meant; None for `off`. Where no host is named, it is this machine alone.

    ValueError says what would do and does not repeat the text: it may be a secret gone astray.
    """
    text = text.strip()
    if text.lower() == OFF:
        return None
    written = _WRITTEN.fullmatch(text)
    if written is None or int(written["port"]) > MAX_PORT:
        raise ValueError(f"needs {WANTED}")
    return ListenAddress(written["six"] or written["host"] or LOOPBACK, int(written["port"]))
