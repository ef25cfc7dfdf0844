"""What every test of the simulator has: a world on request, and nothing said on any log."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from .world import World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World() as world:
        yield world


@pytest.fixture(autouse=True)
def nothing_is_logged(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    with caplog.at_level(logging.INFO):
        yield
    assert [record.getMessage() for record in caplog.get_records("call")] == []
    assert capfd.readouterr() == ("", "")
