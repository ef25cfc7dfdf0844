"""The README says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatmon.config import load, resolve
from chatmon.monitor.alarm_rules import rule_rows
from chatmon.simulator.faults import FAULTS
from chatmon.ui.help_lines import key_rows
from chatmon.ui.keys import HELP_SECTIONS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def key_table() -> str:
    """The keys as the README lists them, made from the bindings; those of lesser screens are in the help."""
    lines = ["| key | what it does |", "| --- | --- |"]
    for title, bindings in HELP_SECTIONS[:6]:
        lines.append(f"| **{title}** | |")
        lines += [
            f"| {' '.join(key if key == 'to' else f'`{key}`' for key in keys.split())} | {text} |" for keys, text in key_rows(bindings)
        ]
    return "\n".join(lines)


def test_the_keys_are_those_of_the_bindings() -> None:
    written = README.split("<!-- keys -->\n")[1].split("\n<!-- /keys -->")[0]
    assert written == key_table()


def alarm_table() -> str:
    """The alarm rules as the README lists them."""
    lines = ["| rule | when (default) | ends when |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| `{row.name}` | {row.meaning} ({row.limit}) | {row.clears} |" for row in rule_rows())])


def test_the_alarms_are_those_of_the_rules() -> None:
    written = README.split("<!-- alarms -->\n")[1].split("\n<!-- /alarms -->")[0]
    assert written == alarm_table()


def test_the_configuration_is_one_that_is_accepted(tmp_path: Path) -> None:
    written = README.split("```toml\n")[1].split("```")[0]
    (tmp_path / "config.toml").write_text(written, encoding="utf-8")
    given = {"config": str(tmp_path / "config.toml")}
    settings = resolve(given, {"GWS_API_KEY": "secret"}, load(given, {}))
    assert settings.endpoint.root == "https://gws.example.com/api/v2"
    assert settings.on_alarm == ("notify-me",)


def test_what_allows_transcripts_does(tmp_path: Path) -> None:
    written = README.split("## Transcripts, only on request")[1].split("```toml\n")[1].split("```")[0]
    (tmp_path / "config.toml").write_text(f'{written}url = "https://gws.example.com"\n', encoding="utf-8")
    given = {"config": str(tmp_path / "config.toml"), "profile": "prod"}
    assert resolve(given, {}, load(given, {})).transcripts


@pytest.mark.parametrize("picture", re.findall(r"\((screenshots/[^)]+)\)", README))
def test_every_picture_is_there(picture: str) -> None:
    assert (ROOT / picture).is_file()


def test_every_fault_of_the_simulator_is_named() -> None:
    assert all(f"`{name}`" in README for name in FAULTS)
