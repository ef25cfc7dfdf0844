"""`chatmon watch` over a server that chatmon has never seen: integer participant ids, 400 for unknown ids, entity tags."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.cli.emulator import Emulator, chat
from tests.terminal.terminal import CHATMON, Terminal

ADA = "40316223-6b4b-48d3-bc78-d3102119a477"
BO = "7f1c0e9a-0000-4000-8000-00000000b0b0"
CUSTOMER = (1, "Ada", "Customer")
AGENT = (3, "Roboto", "Agent")


@pytest.fixture
def server() -> Iterator[Emulator]:
    with Emulator({ADA: chat("WaitingForAgent", CUSTOMER)}) as running:
        yield running


def watching(server: Emulator, *arguments: str) -> Terminal:
    """The dashboard over the server, impatient so that the tests need not wait."""
    return Terminal(CHATMON, "watch", *arguments, environment={"CHATMON_URL": server.url, "CHATMON_INTERVAL": "0.1"})


def test_a_chat_is_followed_from_waiting_over_chatting_to_idle_by_get_alone(server: Emulator) -> None:
    with watching(server, ADA) as terminal:
        terminal.expect("WaitingForAgent", "Ada", "≥")
        server.chats[ADA] = chat("Chatting", CUSTOMER, AGENT)
        terminal.expect("WaitingForAgent → Chatting", "Roboto joined as Agent")
        server.chats[ADA] = chat("Idle", CUSTOMER, AGENT)
        terminal.expect("Chatting → Idle")
        del server.chats[ADA]
        terminal.expect("gone: unknown to the server")
        terminal.type("q")
        assert terminal.ends() == 0
    assert server.others == []
    assert {path for path, _ in server.requests} == {f"/api/v2/chats/{ADA}"}
    assert any("if-none-match" in headers for _, headers in server.requests)


def test_an_empty_board_says_how_to_add_a_chat_and_o_adds_it(server: Emulator) -> None:
    with watching(server) as terminal:
        terminal.expect("No chat is watched", "Press o")
        terminal.type("o")
        terminal.expect("Watch a chat")
        terminal.type(f"{ADA} billing\r")
        terminal.expect("WaitingForAgent", "Ada", "billing")


def test_a_wrong_id_is_called_not_found_and_leaves_the_others_alone(server: Emulator) -> None:
    with watching(server, ADA, BO) as terminal:
        terminal.expect("WaitingForAgent", "not found")


def test_a_server_that_goes_away_leaves_the_last_known_state_marked_old(server: Emulator) -> None:
    with watching(server, ADA) as terminal:
        terminal.expect("WaitingForAgent", "live")
        server.status = 503
        terminal.expect("WaitingForAgent?", "HTTP 503", "no answer from the server")
        server.status = None
        terminal.expect_end_of("WaitingForAgent?")
        terminal.expect("live", "answers again")


def test_a_hostile_nickname_changes_nothing_but_its_own_cell(server: Emulator) -> None:
    server.chats[ADA] = chat("WaitingForAgent", (1, "\x1b[2J\x1b]0;owned\x07[bold red]\u202etxt.exe\r\n" + "A" * 100_000, "Customer"))
    server.chats[BO] = chat("Chatting", (1, "Bo", "Customer"), AGENT)
    with watching(server, ADA, BO) as terminal:
        terminal.expect("WaitingForAgent", "Chatting", "Roboto", "[bold")
        assert b"owned" not in bytes(terminal.output).replace("\N{REPLACEMENT CHARACTER}]0;owned".encode(), b"")
        row = next(line for line in terminal.lines if "Roboto" in line)
        other = next(line for line in terminal.lines if "WaitingForAgent" in line and "[2J" in line)
        assert row.index("7f1c0e9a") == other.index("40316223")


def test_ids_from_standard_input_leave_the_keyboard_to_the_dashboard(server: Emulator) -> None:
    with watching(server, "--ids-file", "/dev/null") as terminal:
        terminal.expect("No chat is watched")
        terminal.type("q")
        assert terminal.ends() == 0


def test_every_key_is_answered_while_the_server_is_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with Terminal(CHATMON, "watch", ADA, "--timeout", "60", environment={"CHATMON_URL": url}) as terminal:
            terminal.expect("not asked yet", "waiting for the first answer")
            for key, place in (("?", "help"), ("\x1b", "board"), ("A", "agents"), ("e", "events"), ("b", "board")):
                terminal.type(key)
                terminal.expect(f"chatmon   {place}")
            terminal.type("q")
            assert terminal.ends() == 0
