"""Where a value came from, and what is said when it cannot be used."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec


class InvalidSetting(ValueError):
    """A setting cannot be used; the message is one line that names its origin and what would do, never a value that may be a secret."""


class Layer(StrEnum):
    """Where a value can come from, the strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


class Origin(msgspec.Struct, frozen=True):
    """Where a value came from: `name` is the flag, the environment variable or the place in the file, empty for a default.

    `place` is that of a value from a file in full: file, line and key.
    """

    layer: Layer
    name: str = ""
    place: str = ""

    def __str__(self) -> str:
        return self.name or str(self.layer)

    @property
    def blamed(self) -> str:
        """What a mistake in the value begins with."""
        return self.place or str(self)


DEFAULT: Final = Origin(Layer.DEFAULT)
