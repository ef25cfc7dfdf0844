"""It never disturbs: whatever chatmon does and whichever keys are pressed, a server sees `GET {root}/chats/{id}` and nothing else."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from chatmon.ui.keymap import BINDINGS
from tests.api.documents import chat_body
from tests.api.raw_server import Script, answer
from tests.faults.monitors import Healthy, new_id
from tests.terminal.terminal import CHATMON, Terminal

CHATS = [new_id(number) for number in range(4)]
ANOTHER = new_id(99)
PLACES = ("b", "\r", "A", "e", "l", "w", "?")
NAMED_KEYS = {
    "enter": "\r", "escape": "\x1b", "space": " ", "tab": "\t", "shift+tab": "\x1b[Z", "slash": "/", "question_mark": "?", "plus": "+",
    "minus": "-", "up": "\x1b[A", "down": "\x1b[B",
    "right": "\x1b[C", "left": "\x1b[D", "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "home": "\x1b[H", "end": "\x1b[F",
    "left_square_bracket": "[", "right_square_bracket": "]", "left_curly_bracket": "{", "right_curly_bracket": "}",
    "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "ctrl+p": "\x10", "ctrl+c": "\x03",
}  # fmt: skip
ENDING = {"q", "ctrl+c", "ctrl+q"}
ASKING = {"/", "o", "z", "\x10"}
"""Keys that open a line to type in."""
ESCAPE_SECONDS = 0.12
"""After Esc a terminal program waits for so long whether more of a key's sequence comes."""


def every_key() -> list[str]:
    """What a terminal sends for every key that is bound to anything, but those that end the dashboard; `x` comes last."""
    names = {key for bindings in BINDINGS.values() for one in bindings for key in one.key.split(",")} - ENDING
    unknown = {name for name in names if len(name) > 1 and name not in NAMED_KEYS}
    assert not unknown, f"no terminal sends these: {unknown}"
    return [NAMED_KEYS.get(name, name) for name in sorted(names, key=lambda name: (name == "x", name))]


def escape(terminal: Terminal) -> None:
    """Press Esc, and let it be known that nothing follows."""
    terminal.type("\x1b")
    end = time.monotonic() + ESCAPE_SECONDS
    while time.monotonic() < end:
        terminal.read(0.02)


def press_all(terminal: Terminal, places: Iterable[str] = PLACES) -> None:
    """Press every key in these places."""
    *keys, unwatch = every_key()
    for place in places:
        terminal.type(place)
        for key in keys:
            terminal.type(key)
            terminal.read(0.01)
            if key in ASKING:
                escape(terminal)
    for _ in range(3):
        escape(terminal)
    terminal.type("b")
    terminal.expect("chatmon   board")
    terminal.type(unwatch)


class Ledger(Healthy):
    """A gateway whose answers change with every poll."""

    def script_of(self, chat_id: str) -> Script:
        states = ("WaitingForAgent", "Chatting", "Idle")
        kristi = {"participantId": 2, "nickname": "Kristi", "type": "Agent"}
        return (answer(chat_body(chat_id, state=states[self.polls[chat_id] % 3], participants=[kristi])),)

    def check(self, *more: str) -> None:
        """Nothing but GETs of the watched chats came, and each of those."""
        assert self.strays == []
        assert set(self.polls) == {*CHATS, *more}


async def beside(work: Callable[[Ledger], None]) -> Ledger:
    """Do something in a thread, with a server at work."""
    async with Ledger() as server:
        await asyncio.to_thread(work, server)
    return server


async def test_the_dashboard_asks_for_chats_and_nothing_else_whichever_keys_are_pressed() -> None:
    def watch(server: Ledger) -> None:
        environment = {"CHATMON_URL": server.origin, "CHATMON_INTERVAL": "0.1"}
        with Terminal(CHATMON, "watch", *CHATS, environment=environment) as terminal:
            terminal.expect("live", "Kristi")
            press_all(terminal)
            terminal.type("o")
            terminal.expect("Watch a chat")
            terminal.type(f"{ANOTHER} by hand\r")
            terminal.until(lambda: server.polls[ANOTHER] > 0, "a poll of the chat that was added")
            terminal.type("q")
            assert terminal.ends() == 0

    (await beside(watch)).check(ANOTHER)


COMMANDS = {
    "one round": ("poll", "--format", "json"),
    "poll --follow": ("poll", "--follow", "--for", "0.5", "--interval", "0.05", "--format", "jsonl"),
    "watch without a terminal": ("watch",),
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS.keys())
async def test_every_command_that_polls_asks_for_chats_and_nothing_else(arguments: tuple[str, ...], tmp_path: Path) -> None:
    def poll(server: Ledger) -> None:
        (tmp_path / "chats.ids").write_text("\n".join(CHATS))
        files = ("--ids-file", str(tmp_path / "chats.ids"), "--history", str(tmp_path / "history"))
        command = [CHATMON, *arguments, "--url", server.origin, *files]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=30)

    (await beside(poll)).check()


def test_the_demo_talks_to_its_own_simulator_alone_and_asks_it_for_chats_alone(tmp_path: Path) -> None:
    spied = str(Path(__file__).with_name("spied.py"))
    ledger = tmp_path / "ledger"
    with Terminal(sys.executable, spied, str(ledger), "demo", "--seed", "7", "--interval", "0.2") as terminal:
        terminal.expect("live", "WaitingForAgent")
        press_all(terminal, places=("b", "\r"))
        terminal.type("q")
        assert terminal.ends() == 0
    lines = ledger.read_text().splitlines()
    asked = [line for line in lines if not line.startswith("connect ")]
    addresses = {line for line in lines if line.startswith("connect ")}

    assert len(asked) > 36
    assert [line for line in asked if not re.fullmatch(r"GET /api/v2/chats/[0-9a-f-]{36} HTTP/1\.1", line)] == []
    assert len(addresses) == 1
    assert addresses.pop().startswith("connect ('127.0.0.1', ")


DISTURBING = (("POST", f"/chats/{CHATS[0]}"), ("GET", f"/chats/{CHATS[0]}/messages"), ("GET", "/me"), ("GET", "/chats/a?index=1"))


async def test_anything_else_would_be_seen() -> None:
    def disturb(server: Ledger) -> None:
        for method, path in DISTURBING:
            urllib.request.urlopen(urllib.request.Request(server.root + path, method=method), timeout=10).close()

    assert len((await beside(disturb)).strays) == len(DISTURBING)
