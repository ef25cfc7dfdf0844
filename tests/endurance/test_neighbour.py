"""What the other program does with a history, and that it notices one that is not whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from chatmon.history.opening import open_to_write

from . import neighbour
from .figure import of_neighbour
from .neighbour import STEPS, Neighbour, step


@pytest.fixture
def history(tmp_path: Path) -> Path:
    path = tmp_path / "history"
    open_to_write(path).close()
    return path


@pytest.mark.parametrize("do", sorted(set(STEPS), key=lambda step: step.__name__), ids=lambda step: step.__name__)
def test_nothing_is_wrong_with_a_sound_history(history: Path, monkeypatch: pytest.MonkeyPatch, do: Callable[[Path, Random], str]) -> None:
    monkeypatch.setattr(neighbour, "LONG_READ", 0.0)
    monkeypatch.setattr(neighbour, "LOCKED", (0.0, 0.0))

    assert do(history, Random(1)) in {"done", "whole"}


def test_damage_is_found_and_missed_by_the_figures(history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with history.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)
    monkeypatch.setattr(neighbour, "STEPS", (neighbour.select,))

    assert step(history, Random(1)) == "select: damaged"
    missed = [figure.name for figure in of_neighbour("poll", Neighbour(history, 1, damaged=1)) if not figure.reached]
    assert missed == ["poll: steps of the other program", "poll: the other program found damage"]
