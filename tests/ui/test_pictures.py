"""The README's pictures are those of the dashboard as it is: `python screenshots/take.py` draws them anew."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "screenshots"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("take", FOLDER / "take.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["take"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


take = load()


def content(svg: str) -> str:
    """What is in a picture, without the number by which it tells its styles from another picture's."""
    return re.sub(r"terminal-\d+", "terminal", svg)


@pytest.mark.parametrize("picture", take.PICTURES, ids=lambda picture: picture.name)
async def test_a_picture_shows_the_dashboard_as_it_is(picture: Any) -> None:
    kept = (FOLDER / f"{picture.name}.svg").read_text(encoding="utf-8")

    assert content(await take.draw(picture)) == content(kept)
