"""The dashboard as a job of a shell: Ctrl-Z, `fg`, `bg`, `kill`, and a stop that nobody announced."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from tests.cli.emulator import Emulator, chat
from tests.terminal.terminal import CHATMON, Terminal

ADA = "40316223-6b4b-48d3-bc78-d3102119a477"
CUSTOMER, AGENT = (1, "Ada", "Customer"), (3, "Roboto", "Agent")
PROMPT = "shell> "
COMMAND = f"{CHATMON} watch {ADA}"


@pytest.fixture
def server() -> Iterator[Emulator]:
    with Emulator({ADA: chat("WaitingForAgent", CUSTOMER)}) as running:
        yield running


@pytest.fixture
def shell(server: Emulator) -> Iterator[Terminal]:
    variables = {"CHATMON_URL": server.url, "CHATMON_INTERVAL": "0.1", "PS1": PROMPT}
    with Terminal("bash", "--norc", "--noprofile", "-i", environment=variables) as terminal:
        terminal.expect(PROMPT)
        terminal.type(f"{COMMAND}\r")
        terminal.expect("WaitingForAgent", "live", "q quit")
        yield terminal


def says(terminal: Terminal, command: str, answer: str) -> None:
    """Have the shell run a command and answer, once it asks for one."""
    terminal.until(lambda: terminal.output.endswith(PROMPT.encode()), "the shell's prompt")
    terminal.type(f"{command}\r")
    terminal.expect(answer)


def test_ctrl_z_leads_to_the_shell_and_fg_back(server: Emulator, shell: Terminal) -> None:
    for _ in range(2):
        shell.type("\x1a")
        shell.until(lambda: b"Stopped" in shell.output[shell.output.rfind(b"\x1b[?1049l") :], "the shell, after the first screen is back")
        says(shell, "clear; echo answer=$((6 * 7))", "answer=42")
        shell.type("fg\r")
        shell.expect("WaitingForAgent", "q quit")
    server.chats[ADA] = chat("Chatting", CUSTOMER, AGENT)
    shell.expect("WaitingForAgent → Chatting", "Roboto joined as Agent")
    shell.type("q")
    says(shell, "clear; echo code=$?", "code=0")


def test_in_the_background_it_watches_and_draws_nothing(server: Emulator, shell: Terminal) -> None:
    shell.type("\x1a")
    shell.expect("Stopped")
    says(shell, "clear; bg; echo answer=$((6 * 7))", "answer=42")
    drawn = shell.output.count(b"\x1b[?1049h")
    server.chats[ADA] = chat("Chatting", CUSTOMER, AGENT)
    before = len(server.requests)
    shell.until(lambda: len(server.requests) > before + 3, "polls from the background")
    assert shell.output.count(b"\x1b[?1049h") == drawn
    assert "Chatting" not in shell.text
    shell.type("fg\r")
    shell.expect("WaitingForAgent → Chatting", "q quit")
    shell.type("q")
    says(shell, "clear; echo code=$?", "code=0")


def test_a_stopped_job_can_be_ended(shell: Terminal) -> None:
    shell.type("\x1a")
    shell.expect("Stopped")
    says(shell, "clear; kill %1; while kill -0 %1 2>/dev/null; do sleep 0.1; done", f"Exit {128 + signal.SIGTERM}")


def test_a_stop_that_nobody_announced_changes_neither_the_screen_nor_its_end(server: Emulator) -> None:
    with Terminal(CHATMON, "watch", ADA, environment={"CHATMON_URL": server.url, "CHATMON_INTERVAL": "0.1"}) as terminal:
        terminal.expect("WaitingForAgent", "live")
        terminal.process.send_signal(signal.SIGSTOP)
        stopped = os.WSTOPPED | os.WNOHANG | os.WNOWAIT
        terminal.until(lambda: os.waitid(os.P_PID, terminal.process.pid, stopped) is not None, "the stop")
        server.chats[ADA] = chat("Chatting", CUSTOMER, AGENT)
        terminal.process.send_signal(signal.SIGCONT)
        terminal.expect("WaitingForAgent → Chatting")
        terminal.type("q")
        assert terminal.ends() == 0
        assert terminal.is_restored


def test_where_no_shell_could_take_it_up_again_ctrl_z_changes_nothing(server: Emulator) -> None:
    with Terminal(CHATMON, "watch", ADA, environment={"CHATMON_URL": server.url, "CHATMON_INTERVAL": "0.1"}) as terminal:
        terminal.expect("WaitingForAgent", "live")
        terminal.type("\x1a")
        terminal.until(lambda: terminal.output.count(b"\x1b[?1049h") == 2, "the screen once more")
        server.chats[ADA] = chat("Chatting", CUSTOMER, AGENT)
        terminal.expect("WaitingForAgent → Chatting")
        terminal.type("q")
        assert terminal.ends() == 0
        assert terminal.is_restored
