"""Runs a shell command in a pseudo-terminal until the board shows chats, then presses q: `board_appears.py COMMAND`."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.terminal.terminal import Terminal

with Terminal("bash", "-c", sys.argv[1], environment=dict(os.environ) | {"TERM": "xterm-256color"}, patience=300.0) as terminal:
    terminal.expect("chatmon", "live", "Chatting", "q quit")
    print(terminal.text)
    terminal.type("q")
    code = terminal.ends()
sys.exit(f"the run command ended with exit code {code}" if code else 0)
