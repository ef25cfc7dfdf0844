"""What holds for all tests."""

from __future__ import annotations

LONGEST_NAME = 100
"""Characters of a text that still names a case."""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no case: compressed ones hold the second in which they were made, and every worker must find the same names."""
    return argname if isinstance(val, bytes) or (isinstance(val, str) and len(val) > LONGEST_NAME) else None
