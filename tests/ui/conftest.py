"""What all tests of the screens share: how often Python looks for garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="package")
def rare_garbage_collection() -> Iterator[None]:
    """Every app is a large web of objects: looking through all of them again and again takes a fifth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 50)
    yield
    gc.set_threshold(*before)


@pytest.fixture(autouse=True)
def no_stopping(monkeypatch: pytest.MonkeyPatch) -> None:
    """What sends the dashboard back to the shell would stop the tests, and whoever started them."""

    def refuse(*_: object) -> None:
        raise AssertionError("the tests were to be stopped")

    monkeypatch.setattr("os.killpg", refuse)


@pytest.fixture(autouse=True)
def keys_are_pressed_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still there: no second passes between two wishes for a transcript."""
    monkeypatch.setattr("chatmon.monitor.transcripts.APART", 0.0)
