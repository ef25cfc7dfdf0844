"""What holds for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from tests.examples import EVERYDAY_PROFILE

settings.load_profile(EVERYDAY_PROFILE)  # --hypothesis-profile comes later, and has the last word

LONGEST_NAME = 100
"""Characters of a text that still names a case."""
MARKED_FOLDERS = {"terminal": ("terminal", "slow"), "web": ("browser", "slow")}
"""Marks of the tests that run in a real terminal or for a browser, by their folder: each starts processes."""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no case: compressed ones hold the second in which they were made, and every worker must find the same names."""
    return argname if isinstance(val, bytes) or (isinstance(val, str) and len(val) > LONGEST_NAME) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whole folders, and whatever starts a process by a fixture."""
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        for mark in MARKED_FOLDERS.get(folder, ()):
            item.add_marker(mark)
        if "process" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")
