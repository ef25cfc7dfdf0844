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
        "api/test_heads.py",
        "api/test_sanitise.py",
        "api/test_tls.py",
        "api/test_transcript.py",
        "cli/test_alarm_command.py",
        "cli/test_chat_ids.py",
        "cli/test_completion.py",
        "cli/test_encrypted_key.py",
        "cli/test_export_of_chats.py",
        "cli/test_feed.py",
        "cli/test_history.py",
        "cli/test_imports.py",
        "cli/test_leaks.py",
        "cli/test_metrics.py",
        "cli/test_no_home.py",
        "cli/test_poll.py",
        "cli/test_privacy.py",
        "cli/test_private_files.py",
        "cli/test_report.py",
        "cli/test_watch.py",
        "history/test_other_programs.py",
        "metrics/test_families.py",
        "metrics/test_prometheus.py",
        "monitor/test_alarm_monitor.py",
        "monitor/test_chat_summaries.py",
        "monitor/test_disappearances.py",
        "monitor/test_pace.py",
        "monitor/test_poll_round.py",
        "monitor/test_polling.py",
        "monitor/test_recorded_shift.py",
        "monitor/test_schedule.py",
        "monitor/test_sending.py",
        "monitor/test_total_rate.py",
        "monitor/test_trouble.py",
        "monitor/test_wall_clock.py",
        "replay/test_film.py",
        "report/test_compilation.py",
        "simulator/test_contact_centre.py",
        "ui/test_agents_and_events.py",
        "ui/test_alarms.py",
        "ui/test_bars_and_help.py",
        "ui/test_chat_lines.py",
        "ui/test_choosing.py",
        "ui/test_columns_and_order.py",
        "ui/test_commands.py",
        "ui/test_events_of_the_history.py",
        "ui/test_first_frame_and_painting.py",
        "ui/test_kept_up.py",
        "ui/test_keymap.py",
        "ui/test_mouse.py",
        "ui/test_moving.py",
        "ui/test_own_faults.py",
        "ui/test_pictures.py",
        "ui/test_privacy.py",
        "ui/test_replay.py",
        "ui/test_resizing.py",
        "ui/test_saved_screen.py",
        "ui/test_selection.py",
        "ui/test_sizes_and_colours.py",
        "ui/test_snapshots.py",
        "ui/test_strangers.py",
        "ui/test_terminal_output.py",
        "ui/test_transcript.py",
    }
)
"""Whose tests start processes, poll for hours of virtual time, try many examples or draw whole screens: seconds for each module."""
WORKERS_PER_CORE = 2
"""The slow tests wait more than they compute: for a process that starts, for a second that passes."""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no case: compressed ones hold the second in which they were made, and every worker must find the same names."""
    return argname if isinstance(val, bytes) or (isinstance(val, str) and len(val) > LONGEST_NAME) else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """What `-n auto` means. Where only the quick tests are run, which wait for nothing, each core has one worker."""
    per_core = 1 if "not slow" in config.option.markexpr else WORKERS_PER_CORE
    return per_core * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whole folders and modules, and whatever starts a process by a fixture."""
    for item in items:
        module = item.path.relative_to(Path(__file__).parent)
        for mark in MARKED_FOLDERS.get(module.parts[0], ()):
            item.add_marker(mark)
        if module.as_posix() in SLOW_MODULES or "process" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")
