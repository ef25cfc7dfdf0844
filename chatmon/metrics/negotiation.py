"""Which of its two formats the metrics endpoint sends, from what a reader accepts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

OPENMETRICS: Final = "application/openmetrics-text"
PLAIN: Final = "text/plain"
_VERSIONS: Final[Mapping[str, frozenset[str]]] = {OPENMETRICS: frozenset({"0.0.1", "1.0.0"}), PLAIN: frozenset({"0.0.4"})}
"""Those of each format that a reader of what is sent understands."""
_ANYTHING: Final = "*/*"
_MEMBER: Final = re.compile(r'(?:[^",]|"(?:\\.|[^"\\])*"?)+')
_PARAMETER: Final = re.compile(r';\s*([^\s;=,"]+)\s*=\s*("(?:\\.|[^"\\])*"|[^\s;,"]*)\s*')
_QUALITY: Final = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")  # RFC 9110, section 12.4.2


class _Range(msgspec.Struct, frozen=True):
    """A media range of an Accept header; `quality` is from 0 (not acceptable) to 1."""

    type: str
    version: str | None
    quality: float

    def specificity(self, format_: str) -> int:
        """How exactly it names a format: the more exact of two ranges counts. -1 where it does not match at all."""
        if self.type == format_ and self.version is not None:
            return 3 if self.version in _VERSIONS[format_] else -1
        return {format_: 2, f"{format_.partition('/')[0]}/*": 1, _ANYTHING: 0}.get(self.type, -1)


def prefers_openmetrics(accept: str) -> bool:
    """Whether a reader with this Accept header gets OpenMetrics (RFC 9110, section 12.5.1).

    Of two that are equally welcome, OpenMetrics is sent to readers that name it, and plain text to all others.
    """
    ranges = tuple(_ranges(accept))
    wanted, is_named = _quality(ranges, OPENMETRICS)
    plain, _ = _quality(ranges, PLAIN)
    return wanted > plain or (is_named and wanted == plain > 0)


def _quality(ranges: tuple[_Range, ...], format_: str) -> tuple[float, bool]:
    """How welcome a format is, and whether it is named; 0 where nothing matches it."""
    best = max((range_.specificity(format_) for range_ in ranges), default=-1)
    if best < 0:
        return 0.0, False
    return max(range_.quality for range_ in ranges if range_.specificity(format_) == best), best >= 2


def _ranges(accept: str) -> Iterator[_Range]:
    """The ranges of the header. One with a quality that is none counts as not acceptable."""
    for member in _MEMBER.findall(accept):
        type_, semicolon, rest = member.partition(";")
        parameters = {name.lower(): value.strip('"') for name, value in _PARAMETER.findall(semicolon + rest)}
        written = parameters.get("q", "1")
        quality = float(written) if _QUALITY.fullmatch(written) else 0.0
        yield _Range(type_.strip().lower(), parameters.get("version"), quality)
