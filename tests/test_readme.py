"""The README says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatmon.simulator.faults import FAULTS
from chatmon.ui.help_lines import key_rows
from chatmon.ui.keys import HELP_SECTIONS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def key_table() -> str:
    """The keys as the README lists them, made from the bindings; those of lesser screens are in the help."""
    lines = ["| key | what it does |", "| --- | --- |"]
    for title, bindings in HELP_SECTIONS[:5]:
        lines.append(f"| **{title}** | |")
        lines += [
            f"| {' '.join(key if key == 'to' else f'`{key}`' for key in keys.split())} | {text} |" for keys, text in key_rows(bindings)
        ]
    return "\n".join(lines)


def test_the_keys_are_those_of_the_bindings() -> None:
    written = README.split("<!-- keys -->\n")[1].split("\n<!-- /keys -->")[0]
    assert written == key_table()


@pytest.mark.parametrize("picture", re.findall(r"\((screenshots/[^)]+)\)", README))
def test_every_picture_is_there(picture: str) -> None:
    assert (ROOT / picture).is_file()


def test_every_fault_of_the_simulator_is_named() -> None:
    assert all(f"`{name}`" in README for name in FAULTS)
