"""It never disturbs: whatever chatmon does and whichever keys are pressed, a server sees `GET {root}/chats/{id}` and nothing else.

The one exception is named here to the letter: where the profile allows it, one GET of a chat's messages with an index for each time that
its user asks for a transcript, after the warning.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from chatmon.monitor.transcripts import APART
from chatmon.ui.keymap import BINDINGS
from tests.api.documents import chat_body
from tests.api.raw_server import Close, Script, answer
from tests.faults.monitors import Healthy, new_id, until
from tests.terminal.terminal import CHATMON, Terminal
from tests.web.page import Page
from tests.web.serving import Serving

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
LEAVING = {"q", "ctrl+c", "ctrl+q", "ctrl+z"}
"""Keys that end the dashboard, or stop it until the shell lets it go on."""
ASKING = {"/", "o", "z", "t", "\x10"}
"""Keys that open a line to type in, or a question."""
MESSAGES = re.compile(r"GET /api/v2/chats/(?P<id>[^/? ]+)/messages\?index=(?P<index>[0-9]+) HTTP/1\.1\Z")
ESCAPE_SECONDS = 0.25
"""After Esc a terminal program waits for so long whether more of a key's sequence comes."""


def every_key() -> list[str]:
    """What a terminal sends for every key that is bound to anything, but those that leave the dashboard; `x` comes last."""
    names = {key for bindings in BINDINGS.values() for one in bindings for key in one.key.split(",")} - LEAVING
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


class Telling(Ledger):
    """One that tells what is said in its chats, too: `transcripts` are the chats and the indexes that were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.transcripts: list[tuple[str, int]] = []

    def script(self, head: bytes) -> Script:
        asked = MESSAGES.match(head.split(b"\r\n", 1)[0].decode("latin-1"))
        if asked is None:
            return super().script(head)
        first = int(asked["index"])
        self.transcripts.append((asked["id"], first))
        chris = {"participantId": 1, "nickname": "Chris", "type": "Customer"}
        said = [{"from": chris, "index": first + more, "type": "Text", "text": f"Word {first + more}."} for more in range(3)]
        return (answer(json.dumps({"messages": said, "statusCode": 0}), headers=[("ETag", 'W/"1"')]),)

    def has_polled_on(self, terminal: Terminal, polls: int = 12) -> None:
        """Polling goes on for a while."""
        end = self.polls.total() + polls
        terminal.until(lambda: self.polls.total() >= end, "more polls")


async def beside(work: Callable[[Telling], None]) -> Telling:
    """Do something in a thread, with a server at work."""
    async with Telling() as server:
        await asyncio.to_thread(work, server)
    return server


async def test_the_dashboard_asks_for_chats_and_nothing_else_whichever_keys_are_pressed() -> None:
    def watch(server: Telling) -> None:
        environment = {"CHATMON_URL": server.origin, "CHATMON_INTERVAL": "0.1"}
        with Terminal(CHATMON, "watch", *CHATS, environment=environment) as terminal:
            terminal.expect("live", "Kristi")
            press_all(terminal)
            terminal.type("y")
            terminal.expect("was sent to the clipboard")  # in the place of every notice before it
            terminal.expect_end_of("Transcripts are off")
            ask_by_palette(terminal)
            terminal.expect("Transcripts are off")
            terminal.type("o")
            terminal.expect("Watch a chat")
            terminal.type(f"{ANOTHER} by hand\r")
            terminal.until(lambda: server.polls[ANOTHER] > 0, "a poll of the chat that was added")
            terminal.type("q")
            assert terminal.ends() == 0

    server = await beside(watch)
    server.check(ANOTHER)
    assert server.transcripts == []


def ask_by_palette(terminal: Terminal) -> None:
    """Choose the palette's entry for a transcript."""
    terminal.type("\x10")
    terminal.type("Transcript")
    terminal.expect("read the chat's transcript")
    terminal.type("\r")


@pytest.fixture
def on_request(tmp_path: Path) -> Callable[[Ledger], tuple[str, ...]]:
    """What names a profile that allows transcripts."""

    def profile(server: Ledger) -> tuple[str, ...]:
        file = tmp_path / "config.toml"
        file.write_text(f'[profiles.on]\nurl = "{server.origin}"\ninterval = 0.1\ntranscripts = "on-request"\n')
        return ("--config", str(file), "--profile", "on")

    return profile


async def test_where_the_profile_allows_it_a_transcript_is_asked_for_once_for_each_time_and_never_by_itself(
    on_request: Callable[[Ledger], tuple[str, ...]],
) -> None:
    def watch(server: Telling) -> None:
        with Terminal(CHATMON, "watch", *CHATS, "--no-history", *on_request(server)) as terminal:
            terminal.expect("live", "Kristi")
            press_all(terminal, places=("\r",))
            terminal.expect_end_of("This can take messages")
            terminal.type("t")
            terminal.expect("This can take messages from the customer.")
            server.has_polled_on(terminal)
            escape(terminal)
            terminal.expect_end_of("This can take messages")
            ask_by_palette(terminal)
            terminal.expect("This can take messages from the customer.")
            assert server.transcripts == []

            terminal.type("\r")
            terminal.expect("Word 3.", "1 cursor-moving read")
            server.has_polled_on(terminal)
            assert len(server.transcripts) == 1
            terminal.type("t")
            terminal.expect("Word 6.", "2 cursor-moving reads")
            escape(terminal)
            terminal.expect("chatmon   board")
            server.has_polled_on(terminal)
            terminal.type("t")
            terminal.expect("3 cursor-moving reads", "Word 3.")
            server.has_polled_on(terminal)
            terminal.type("q")
            assert terminal.ends() == 0

    server = await beside(watch)
    assert [index for _, index in server.transcripts] == [1, 4, 1]
    assert {chat_id for chat_id, _ in server.transcripts} <= set(CHATS)
    server.check()
    heads = [head for head in server.requests if b"/messages?" in head]
    assert not any(b"If-None-Match" in head for head in heads)


async def test_a_transcript_that_is_not_answered_is_not_asked_for_again(on_request: Callable[[Ledger], tuple[str, ...]]) -> None:
    class HangingUp(Telling):
        def script(self, head: bytes) -> Script:
            script = super().script(head)
            return (Close(),) if b"/messages?" in head else script

    def watch(server: HangingUp) -> None:
        with Terminal(CHATMON, "watch", *CHATS, "--no-history", *on_request(server)) as terminal:
            terminal.expect("live", "Kristi")
            terminal.type("t")
            terminal.expect("This can take messages from the customer.")
            terminal.type("\r")
            terminal.expect("not read: the connection was closed", "1 cursor-moving read")
            server.has_polled_on(terminal)
            terminal.type("q")
            assert terminal.ends() == 0

    async with HangingUp() as server:
        await asyncio.to_thread(watch, server)
    assert len(server.transcripts) == 1


async def test_the_dashboard_in_a_browser_asks_for_chats_and_nothing_else_whichever_keys_are_pressed() -> None:
    async with Ledger() as server:
        serving = Serving("--url", server.origin, "--interval", "0.1", *CHATS)
        await asyncio.to_thread(serving.__enter__)
        try:
            async with Page(serving.address) as page:
                await page.expect("live", "Kristi")
                for place in ("b", "\r", "l"):
                    # Without `o`: what is typed into it would be watched, and a page does not tell when it is open.
                    for key in (place, *(key for key in every_key()[:-1] if key != "o")):
                        await page.type(key)
                        if key in ASKING:
                            await page.type("\x1b")
                            await page.say("ping", "")  # Esc alone is told from a longer key by the pause after it
                reading = asyncio.create_task(page.read_on())  # a paused screen says nothing for a while
                await until(lambda: all(server.polls[one] > 20 for one in CHATS))
                reading.cancel()
        finally:
            await asyncio.to_thread(serving.__exit__, None, None, None)
    server.check()


COMMANDS = {
    "one round": ("poll", "--format", "json"),
    "poll --follow": ("poll", "--follow", "--for", "0.5", "--interval", "0.05", "--format", "jsonl"),
    "poll --follow with metrics": ("poll", "--follow", "--for", "0.5", "--interval", "0.05", "--metrics", "0"),
    "watch without a terminal": ("watch",),
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS.keys())
async def test_every_command_that_polls_asks_for_chats_and_nothing_else_even_where_transcripts_are_allowed(
    arguments: tuple[str, ...], tmp_path: Path, on_request: Callable[[Ledger], tuple[str, ...]]
) -> None:
    def poll(server: Telling) -> None:
        (tmp_path / "chats.ids").write_text("\n".join(CHATS))
        files = ("--ids-file", str(tmp_path / "chats.ids"), "--history", str(tmp_path / "history"))
        command = [CHATMON, *arguments, *on_request(server), *files]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=60)

    server = await beside(poll)
    server.check()
    assert server.transcripts == []


def asked_in_the_demo(folder: Path, look: Callable[[Terminal], None]) -> list[str]:
    """The request lines that the demo's own simulator got; nobody else was talked to."""
    spied = str(Path(__file__).with_name("spied.py"))
    ledger = folder / "ledger"
    with Terminal(sys.executable, spied, str(ledger), "demo", "--seed", "7", "--interval", "0.2") as terminal:
        terminal.expect("live", "WaitingForAgent")
        look(terminal)
        terminal.type("q")
        assert terminal.ends() == 0
    lines = ledger.read_text().splitlines()
    addresses = {line for line in lines if line.startswith("connect ")}
    assert len(addresses) == 1
    assert addresses.pop().startswith("connect ('127.0.0.1', ")
    asked = [line for line in lines if not line.startswith("connect ")]
    assert len(asked) > 36
    return [line for line in asked if not re.fullmatch(r"GET /api/v2/chats/[0-9a-f-]{36} HTTP/1\.1", line)]


def test_the_demo_talks_to_its_own_simulator_alone_and_asks_it_for_chats_alone(tmp_path: Path) -> None:
    assert asked_in_the_demo(tmp_path, lambda terminal: press_all(terminal, places=("b", "\r"))) == []


def test_the_demo_asks_for_a_transcript_once_for_each_time_that_its_user_does(tmp_path: Path) -> None:
    def look(terminal: Terminal) -> None:
        terminal.type("t")
        terminal.expect("This can take messages from the customer.")
        terminal.type("\r")
        terminal.expect("1 cursor-moving read", "up to entry")
        end = time.monotonic() + APART
        while time.monotonic() < end:
            terminal.read(0.05)
        terminal.type("t")
        terminal.expect("2 cursor-moving reads")

    asked = [MESSAGES.match(line) for line in asked_in_the_demo(tmp_path, look)]
    assert len(asked) == 2
    first, second = asked
    assert first is not None
    assert second is not None
    assert first["id"] == second["id"]
    assert int(first["index"]) == 1 < int(second["index"])


DISTURBING = (("POST", f"/chats/{CHATS[0]}"), ("GET", f"/chats/{CHATS[0]}/messages"), ("GET", "/me"), ("GET", "/chats/a?index=1"))


async def test_anything_else_would_be_seen() -> None:
    def disturb(server: Telling) -> None:
        for method, path in DISTURBING:
            urllib.request.urlopen(urllib.request.Request(server.root + path, method=method), timeout=60).close()

    assert len((await beside(disturb)).strays) == len(DISTURBING)
