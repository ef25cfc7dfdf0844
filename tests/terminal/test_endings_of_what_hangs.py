"""Whatever chatmon waits for, `q` and signals end it: a disk, a share, a name server, a pipe or a terminal that never answers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.emulator import Emulator, chat
from tests.terminal.terminal import CHATMON, Terminal

ADA = "40316223-6b4b-48d3-bc78-d3102119a477"
SECONDS = 15.0
"""So long a test waits for an end that takes two seconds on a machine that has nothing else to do. What hangs, hangs for ever."""

STARTS = "from chatmon.cli.main import main; main()"
HANGS = {
    "the ids file": """
import os, threading
real, times = os.open, []
def hang(path, *given, **more):
    if str(path).endswith("chats.ids"):
        times.append(path)
        if len(times) > 1: threading.Event().wait()
    return real(path, *given, **more)
os.open = hang
""",
    "the name server": """
import socket, threading
socket.getaddrinfo = lambda *given, **more: threading.Event().wait()
""",
    "the disk with the history, when it is written": """
import threading
from chatmon.history.writer import HistoryWriter
HistoryWriter.write = lambda *_: threading.Event().wait()
""",
    "the disk with the history, when it is opened": """
import threading
from chatmon.history.writer import HistoryWriter
HistoryWriter.open = lambda _: threading.Event().wait()
""",
    "the disk with the history, when it is closed": """
import threading
from chatmon.history.reader import HistoryReader
HistoryReader.close = lambda _: threading.Event().wait()
""",
    "the server's way to close": """
import threading
from chatmon.api.client import ChatClient
async def aclose(_): threading.Event().wait()
ChatClient.aclose = aclose
""",
}
ENDINGS = ("q", signal.SIGINT, signal.SIGTERM)


@pytest.fixture
def server() -> Iterator[Emulator]:
    with Emulator({ADA: chat("WaitingForAgent", (1, "Ada", "Customer"))}) as running:
        yield running


@pytest.fixture
def ids(tmp_path: Path) -> Path:
    file = tmp_path / "chats.ids"
    file.write_text(f"{ADA}\n")
    return file


@pytest.fixture(autouse=True)
def _away_from_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))


def end(terminal: Terminal, ending: signal.Signals | str) -> int:
    """End what runs in a terminal; the exit code that is expected."""
    if isinstance(ending, signal.Signals):
        terminal.process.send_signal(ending)
        return 128 + ending
    terminal.type(ending)
    return 0


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("what", HANGS)
def test_the_dashboard_ends_and_gives_the_terminal_back(
    server: Emulator, ids: Path, tmp_path: Path, what: str, ending: signal.Signals | str
) -> None:
    url = server.url.replace("127.0.0.1", "gws.example") if what == "the name server" else server.url
    arguments = ("watch", "--url", url, "--ids-file", str(ids), "--history", str(tmp_path / "history.sqlite3"))
    with Terminal(sys.executable, "-c", f"{HANGS[what]}\n{STARTS}", *arguments, patience=SECONDS) as terminal:
        terminal.expect("40316223", "q quit")
        ids.write_text(f"{ADA} sales\n")
        expected = end(terminal, ending)

        assert terminal.ends() == expected
        assert terminal.modes() == terminal.modes_before
        assert terminal.is_restored


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_pipe_in_the_place_of_the_ids_file_is_said_and_keeps_nobody(server: Emulator, ids: Path, ending: signal.Signals | str) -> None:
    with Terminal(CHATMON, "watch", "--url", server.url, "--no-history", "--ids-file", str(ids), patience=SECONDS) as terminal:
        terminal.expect("40316223", "q quit")
        ids.unlink()
        os.mkfifo(ids)
        terminal.expect("is a pipe")
        assert "40316223" in terminal.text
        ids.unlink()
        ids.write_text(f"{ADA} billing\n")
        terminal.expect("billing")
        terminal.expect_end_of("is a pipe")
        ids.unlink()
        os.mkfifo(ids)
        expected = end(terminal, ending)

        assert terminal.ends() == expected


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", ["watch", "poll"])
def test_ids_that_never_come_are_waited_for_until_a_signal(server: Emulator, tmp_path: Path, command: str, number: signal.Signals) -> None:
    pipe = tmp_path / "chats.ids"
    os.mkfifo(pipe)
    for source, said in ((str(pipe), "chats.ids"), ("-", "standard input (Ctrl-D ends the list)")):
        with Terminal(CHATMON, command, "--url", server.url, "--ids-file", source, patience=SECONDS) as terminal:
            terminal.until(lambda said=said: said in terminal.text.replace("\n", ""), said)  # type: ignore[misc]
            terminal.process.send_signal(number)

            assert terminal.ends() == 128 + number
            assert b"Traceback" not in terminal.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("what", ["the name server", "the disk with the history, when it is written", "the server's way to close"])
def test_poll_ends(server: Emulator, tmp_path: Path, what: str, number: signal.Signals) -> None:
    url = server.url.replace("127.0.0.1", "gws.example") if what == "the name server" else server.url
    arguments = ("poll", ADA, "--url", url, "--follow", "--history", str(tmp_path / "history.sqlite3"), "--format", "jsonl")
    command = [sys.executable, "-c", f"{HANGS[what]}\n{STARTS}", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert b"monitor_started" in running.stdout.readline()
        running.send_signal(number)

        running.communicate(timeout=SECONDS)
        assert running.returncode == 128 + number


def test_a_command_ends_whose_main_thread_hears_of_no_signal(tmp_path: Path) -> None:
    # SQLite tries again whatever interrupts it; so does whoever waits for a lock that is never free (POSIX, pthread_mutex_lock).
    hangs = """
import ctypes
from chatmon.history.reader import HistoryReader
def hang(*given, **more):
    print("waiting", flush=True)
    lock, library = ctypes.create_string_buffer(128), ctypes.CDLL(None)
    for _ in range(2): library.pthread_mutex_lock(lock)
HistoryReader.__init__ = hang
"""
    command = [sys.executable, "-c", f"{hangs}\n{STARTS}", "report", "--history", str(tmp_path / "history.sqlite3")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"waiting\n"
        running.send_signal(signal.SIGINT)
        try:
            assert running.wait(SECONDS) == 128 + signal.SIGINT
        finally:
            running.kill()


def test_a_terminal_that_takes_nothing_any_more_keeps_nobody(server: Emulator) -> None:
    with Terminal(CHATMON, "watch", "--url", server.url, "--no-history", ADA, patience=SECONDS) as terminal:
        terminal.expect("40316223", "q quit")
        for number in range(200):  # nobody reads what this has it draw
            terminal.type("?" if number % 2 else "\x1b")
        terminal.type("qq")
        terminal.until_elsewhere(lambda: terminal.process.poll() is not None, "the end")
        assert terminal.process.returncode == 0
