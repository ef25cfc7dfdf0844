"""A pytest plugin: what would be skipped fails, since a machine that skips a test has not run it."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

import pytest

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Covers `pytest.skip`, `skip` and `skipif`."""
    return not_skipped((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Covers whole modules: `pytest.importorskip` and the like."""
    return not_skipped((yield))


def not_skipped(report: Report) -> Report:
    """The report, as a failure that gives the reason where it was a skip. An expected failure stays one."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was not run ({reason}), and .ci/run lets nothing be skipped: install what it needs"
    return report
