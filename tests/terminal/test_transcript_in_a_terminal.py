"""What was said in a chat is on the screen for as long as it is looked at, and nowhere else: no file, no log, no report, no export."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.api.raw_server import Script, answer
from tests.faults.monitors import Healthy, new_id
from tests.terminal.terminal import CHATMON, Terminal

CHAT = new_id(1)
CHRIS = {"participantId": 1, "nickname": "Chris", "type": "Customer"}
CANARY = "canary-of-what-was-said"
HOSTILE = "\x1b]0;canary-title\x07\x1b[2J\x1b[31m[bold]red[/]\u202e 张伟\r\nsecond line"
SAID = [
    {"from": CHRIS, "index": 1, "type": "ParticipantJoined"},
    {"from": CHRIS, "index": 2, "type": "Text", "text": CANARY},
    {"from": CHRIS, "index": 3, "type": "Text", "text": HOSTILE},
]
STUMBLING = """
import chatmon.ui.widgets.transcript_pane as pane
def stumble(messages, *arguments, **options):
    raise KeyError(messages)
pane.transcript_lines = stumble
from chatmon.cli.main import main
main()
"""


class Telling(Healthy):
    """Tells what is said in its chats."""

    def script(self, head: bytes) -> Script:
        if b"/messages?index=" in head:
            return (answer(json.dumps({"messages": SAID, "statusCode": 0})),)
        return super().script(head)


async def read_on_a_terminal(folder: Path, command: Sequence[str], look: Callable[[Terminal], None]) -> bytearray:
    """Read the transcript on the screen of a dashboard whose state is kept in a folder; what was sent to the terminal."""

    def watch(server: Telling) -> bytearray:
        config = folder / "config.toml"
        config.write_text(f'[profiles.on]\nurl = "{server.origin}"\ninterval = 0.2\ntranscripts = "on-request"\n')
        named = ("watch", CHAT, "--config", str(config), "--profile", "on", "--history", str(folder / "state" / "history"))
        with Terminal(*command, *named, environment={"XDG_STATE_HOME": str(folder / "state")}) as terminal:
            terminal.expect("live", "Chatting")
            terminal.type("t")
            terminal.expect("This can take messages from the customer.")
            terminal.type("\r")
            look(terminal)
            terminal.type("e")
            terminal.expect("transcript asked for: the chat's cursor may have moved")
            assert CANARY not in terminal.text
            terminal.type("q")
            assert terminal.ends() == 0
            return terminal.output

    async with Telling() as server:
        return await asyncio.to_thread(watch, server)


def all_that_was_written(folder: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def export_of(history: Path) -> str:
    command = [CHATMON, "export", "--history", str(history)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


async def test_what_was_said_is_shown_clean_and_written_nowhere(tmp_path: Path) -> None:
    def look(terminal: Terminal) -> None:
        terminal.expect(CANARY, "[bold]red[/]", "second line", "1 cursor-moving read")

    output = await read_on_a_terminal(tmp_path, [CHATMON], look)

    assert b"\x1b]0;" not in output
    assert b"\x1b[2J\x1b[31m" not in output
    written = all_that_was_written(tmp_path / "state")
    assert b"canary" not in written
    assert b"transcript_read" in written

    exported = await asyncio.to_thread(export_of, tmp_path / "state" / "history")
    assert "canary" not in exported
    told = [event for event in map(json.loads, exported.splitlines()) if event["kind"] == "transcript_read"]
    assert [event["chat"] for event in told] == [CHAT]
    assert set(told[0]) == {"at", "chat", "kind"}


async def test_a_fault_while_it_is_shown_is_recorded_without_what_was_said(tmp_path: Path) -> None:
    def look(terminal: Terminal) -> None:
        terminal.expect("own fault: KeyError in stumble")

    await read_on_a_terminal(tmp_path, [sys.executable, "-c", STUMBLING], look)

    written = all_that_was_written(tmp_path / "state")
    assert b"KeyError in stumble" in written
    assert b"canary" not in written


@pytest.mark.parametrize("privacy", ["--privacy", ""])
async def test_while_names_are_hidden_nothing_is_read(tmp_path: Path, privacy: str) -> None:
    def watch(server: Telling) -> None:
        config = tmp_path / "config.toml"
        config.write_text(f'[profiles.on]\nurl = "{server.origin}"\ntranscripts = "on-request"\n[ui]\nprivacy = true\n')
        options = [option for option in ("--config", str(config), "--profile", "on", "--no-history", privacy) if option]
        with Terminal(CHATMON, "watch", CHAT, *options) as terminal:
            terminal.expect("live", "Chatting", "pseudonyms")
            terminal.type("t")
            terminal.expect("Transcripts are off while pseudonyms are shown")
            terminal.type("q")
            assert terminal.ends() == 0

    async with Telling() as server:
        await asyncio.to_thread(watch, server)
    assert server.strays == []
    assert not any(b"/messages" in head for head in server.requests)
