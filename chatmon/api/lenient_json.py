"""JSON as it also comes: almost well-formed, and with values of other types than documented.

Decoding by type is quick and strict. What it refuses is read again here, so that one odd field does not make a whole answer unreadable.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Final

MAX_DIGITS: Final = 300
"""Digits of a whole number that is still written out; a longer one stays as it came."""
_ESCAPES: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
"""A JSON escape; the group matches half a surrogate pair."""
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_WHOLE_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,9}")


def parse(body: bytes) -> object:
    """The value of a body of JSON, in UTF-8, UTF-16 or UTF-32, with or without a byte order mark.

    Bytes and escapes that are no character become U+FFFD. Control characters within a text and numbers that are none (NaN, Infinity) are
    let through; the latter are None. Raises `ValueError` where it is not JSON, and `RecursionError` where it is nested too deeply.
    """
    return _decoder.decode(body.decode(json.detect_encoding(body), "replace").removeprefix("\N{BYTE ORDER MARK}"))


def whole_characters(written: bytes) -> bytes:
    """JSON with U+FFFD for every escape of half a surrogate pair."""
    return _ESCAPES.sub(lambda escape: rb"\ufffd" if escape[1] else escape[0], written)


def text_of(value: object) -> str | None:
    """A text, or what a number or truth value says; None for everything else. No number is rounded."""
    match value:
        case str():
            return _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
        case bool():
            return "true" if value else "false"
        case Decimal() if value.is_finite() and value == value.to_integral_value() and value.adjusted() < MAX_DIGITS:
            return str(int(value))
        case int() | Decimal():
            return str(value)
        case _:
            return None


def integer_of(value: object) -> int | None:
    """A whole number, also one that is written as a text or with a fraction of zero; None for everything else."""
    text = None if isinstance(value, bool) else text_of(value)
    return int(text) if text is not None and _WHOLE_NUMBER.fullmatch(text.strip()) else None


def list_of(value: object) -> list[object]:
    """The entries of a list. A text or an object where a list belongs is its only entry: some converters write lists of one so."""
    match value:
        case list():
            return value
        case str() | dict() if value:
            return [value]
        case _:
            return []


def fields_of(value: object) -> dict[str, object] | None:
    """The fields of an object; None for everything else."""
    return value if isinstance(value, dict) else None


def _number(written: str) -> Decimal | str:
    """A number as it was written: neither rounded, nor refused because it is long."""
    if len(written) > MAX_DIGITS:
        return written
    try:
        return Decimal(written)
    except InvalidOperation:  # an exponent beyond every number
        return written


def _nothing(_constant: str) -> None:
    return None


_decoder: Final = json.JSONDecoder(strict=False, parse_int=_number, parse_float=_number, parse_constant=_nothing)
