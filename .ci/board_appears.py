"""Runs a shell command in a pseudo-terminal until the board shows chats, then presses q: `board_appears.py COMMAND`."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.terminal.terminal import Terminal

PATIENCE = 600.0
"""Seconds for the whole installation on a busy machine; what ends before is said at once."""
ROW = re.compile(r"(?:WaitingForAgent|Chatting) +[≥>]?\d\d:\d\d")
"""A chat with its state and how long it has been in it."""


def environment() -> dict[str, str]:
    """That of this process, without what would change how the board looks."""
    changing = {"COLUMNS", "LINES", "NO_COLOR"}
    kept = {name: value for name, value in os.environ.items() if name not in changing and not name.startswith("CHATMON_")}
    return kept | {"TERM": "xterm-256color"}


def board_appears(command: str) -> int:
    """The exit code of the command after the board appeared. Exits with what is on the screen where it does not appear."""
    with Terminal("bash", "-c", command, environment=environment(), patience=PATIENCE) as terminal:

        def appears() -> bool:
            return all(text in terminal.text for text in ("chatmon", "live", "q quit")) and ROW.search(terminal.text) is not None

        terminal.until(lambda: appears() or terminal.process.poll() is not None, "the board with its chats")
        if not appears():
            terminal.ends()
            sys.exit(f"{terminal.text}\nthe run command ended with exit code {terminal.process.returncode} before the board appeared")
        print(terminal.text)
        terminal.type("q")
        return terminal.ends()


if __name__ == "__main__":
    if code := board_appears(sys.argv[1]):
        sys.exit(f"the run command ended with exit code {code}")
