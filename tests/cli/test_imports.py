"""What a command imports: a line in a script must not wait for a dashboard."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chatmon.history.writer import HistoryWriter

from .emulator import Emulator, chat

REPORT = """
import json, sys
from chatmon.cli.main import cli, main
try:
    main() if sys.argv[1] == "main" else cli(sys.argv[2:], prog_name="chatmon")
finally:
    print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def imported(*arguments: str, through: str = "cli") -> set[str]:
    run = subprocess.run([sys.executable, "-c", REPORT, through, *arguments], capture_output=True, text=True, check=False)
    return set(json.loads(run.stderr.splitlines()[-1]))


OF_COMMANDS = [(name, "--help") for name in ("poll", "watch", "demo", "serve", "report", "replay", "export", "config")]
HELP = [("--version",), ("--help",), ("completion", "bash"), *OF_COMMANDS, ("config", "path")]


@pytest.mark.parametrize("arguments", HELP)
def test_help_and_version_import_neither_http_nor_screen(arguments: tuple[str, ...]) -> None:
    assert not imported(*arguments) & {"httpx", "aiohttp", "textual", "asyncio"}


def test_poll_imports_no_screen(emulator: Emulator, tmp_path: Path) -> None:
    emulator.chats["abc"] = chat("Idle")
    (tmp_path / "config.toml").write_text('[ui]\ntheme = "nord"\n[keys]\npin_chat = "P"\n')
    for style in ("table", "csv"):
        names = imported("poll", "--url", emulator.url, "--config", str(tmp_path / "config.toml"), "--format", style, "abc")
        assert "aiohttp" in names
        assert "textual" not in names


@pytest.mark.parametrize("line", ["chatmon ", "chatmon poll --format ", "chatmon watch ", "chatmon watch --profile "])
def test_what_a_shell_asks_for_imports_neither_http_nor_screen(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_CHATMON_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(line.count(" ")))
    assert not imported(through="main") & {"httpx", "aiohttp", "textual", "asyncio"}


def test_a_report_waits_for_neither_http_nor_screen(tmp_path: Path) -> None:
    HistoryWriter(tmp_path / "history", source="source", token="token", started=1e9).open()
    for style in ("text", "json", "csv", "html"):
        names = imported("report", "--history", str(tmp_path / "history"), "--format", style)
        assert "sqlite3" in names
        assert not names & {"httpx", "aiohttp", "textual"}
