"""What holds for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.examples import EVERYDAY_PROFILE

settings.load_profile(EVERYDAY_PROFILE)  # --hypothesis-profile comes later, and has the last word

LONGEST_NAME = 100
"""Characters of a text that still names a case."""
MARKED_FOLDERS = {"terminal": ("terminal", "slow"), "web": ("browser", "slow"), "faults": ("slow",)}
"""Marks of the tests that run in a real terminal, for a browser, or through every fault, by their folder."""
SLOW_MODULES = frozenset(
    {
        "cli/test_alarm_command.py",
        "cli/test_completion.py",
        "cli/test_history.py",
        "cli/test_imports.py",
        "cli/test_leaks.py",
        "cli/test_private_files.py",
        "metrics/test_prometheus.py",
        "monitor/test_pace.py",
        "monitor/test_poll_round.py",
        "monitor/test_recorded_shift.py",
        "monitor/test_total_rate.py",
        "monitor/test_trouble.py",
        "replay/test_film.py",
        "ui/test_pictures.py",
        "ui/test_snapshots.py",
        "ui/test_terminal_output.py",
    }
)
"""Whose tests start processes, poll for hours of virtual time, or draw whole screens."""
WORKERS_PER_CORE = 2
"""The slow tests wait more than they compute: for a process that starts, for a second that passes."""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no case: compressed ones hold the second in which they were made, and every worker must find the same names."""
    return argname if isinstance(val, bytes) or (isinstance(val, str) and len(val) > LONGEST_NAME) else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """What `-n auto` means."""
    return WORKERS_PER_CORE * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whole folders and modules, and whatever starts a process by a fixture."""
    for item in items:
        module = item.path.relative_to(Path(__file__).parent)
        for mark in MARKED_FOLDERS.get(module.parts[0], ()):
            item.add_marker(mark)
        if module.as_posix() in SLOW_MODULES or "process" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")
