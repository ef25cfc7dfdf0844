"""`chatmon poll` against a Chat API of another make, over real sockets."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

if sys.platform != "win32":
    import fcntl
    import termios

from .conftest import Invoke, Start
from .emulator import CAPABILITIES, Emulator, chat

ONE, TWO, WRONG = "652492d9-c2d9-44c9-b9ad-0ab7984114bb", "0b1f0000-c2d9-44c9-b9ad-0ab7984114bb", "no-such-chat"


@pytest.fixture
def centre(emulator: Emulator) -> Emulator:
    emulator.chats[ONE] = chat("Chatting", (1, "Chris", "Customer"), (2, "Kristi Sippola", "Agent"))
    emulator.chats[TWO] = chat("WaitingForAgent", (1, "<b>[red]Bo[/red]", "Customer"))
    return emulator


def test_json_is_one_document_with_every_chat(chatmon: Invoke, centre: Emulator) -> None:
    result = chatmon("poll", "--url", centre.url, "--format", "json", ONE, TWO, WRONG)

    printed = json.loads(result.stdout)
    first = printed["chats"][0]
    assert (result.exit_code, result.stderr) == (1, "")
    assert printed["counts"] == {
        "watched": 3, "WaitingForAgent": 1, "Chatting": 1, "Idle": 0, "other": 0, "failing": 0, "denied": 0, "gone": 0, "not_found": 1,
    }  # fmt: skip
    assert {name: first[name] for name in ("id", "state", "health", "participants", "capabilities", "http_status", "error")} == {
        "id": ONE,
        "state": "Chatting",
        "health": "ok",
        "participants": [{"id": "1", "nickname": "Chris", "type": "Customer"}, {"id": "2", "nickname": "Kristi Sippola", "type": "Agent"}],
        "capabilities": CAPABILITIES,
        "http_status": 200,
        "error": None,
    }
    assert printed["chats"][2]["error"]["kind"] == "not_found"
    assert sorted(path for path, _ in centre.requests) == sorted(f"/api/v2/chats/{chat_id}" for chat_id in (ONE, TWO, WRONG))
    assert centre.others == []


def test_every_chat_ok_is_exit_code_0_and_json_lines_are_the_chats(chatmon: Invoke, centre: Emulator, tmp_path: Path) -> None:
    (tmp_path / "chats.ids").write_text(f"{ONE} billing\n{TWO}\n")

    result = chatmon("poll", "--url", centre.url, "--format", "jsonl", "--ids-file", str(tmp_path / "chats.ids"))

    assert result.exit_code == 0
    assert [(json.loads(line)["id"], json.loads(line)["label"]) for line in result.stdout.splitlines()] == [(ONE, "billing"), (TWO, "")]


def test_ids_come_from_standard_input_and_csv_goes_out(chatmon: Invoke, centre: Emulator) -> None:
    result = chatmon("poll", "--url", centre.url, "--format", "csv", "--ids-file", "-", stdin=f"{ONE} =billing\n")

    titles, row = csv.reader(result.stdout.splitlines())
    assert dict(zip(titles, row, strict=True))["label"] == "'=billing"


def test_a_table_is_printed_unless_asked_otherwise_also_by_watch_without_a_terminal(chatmon: Invoke, centre: Emulator) -> None:
    by_poll = chatmon("poll", "--url", centre.url, ONE, TWO)
    by_watch = chatmon("watch", "--url", centre.url, ONE, TWO)

    assert by_poll.stdout.splitlines()[-1].startswith("2 chats · WaitingForAgent 1 · Chatting 1")
    assert by_watch.stdout == by_poll.stdout
    assert (by_poll.stderr, by_watch.stderr.count("no terminal")) == ("", 1)


def test_headers_are_sent_and_given_ids_count_more_than_the_variable(
    chatmon: Invoke, centre: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATMON_URL", centre.url)
    monkeypatch.setenv("CHATMON_API_KEY", "hunter2")
    monkeypatch.setenv("CHATMON_IDS_FILE", "/no/such/file")

    result = chatmon("poll", "--contact-center-id", "1234", ONE)

    [(_, headers)] = centre.requests
    assert result.exit_code == 0
    assert (headers["apikey"], headers["contactcenterid"]) == ("hunter2", "1234")


def test_nothing_reached_is_exit_code_3_and_says_why(chatmon: Invoke) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    result = chatmon("poll", "--url", f"http://127.0.0.1:{port}", "--format", "json", ONE, TWO)

    assert result.exit_code == 3
    assert json.loads(result.stdout)["counts"]["failing"] == 2
    assert result.stderr == "chatmon: no chat could be reached: the server refuses the connection\n"


@pytest.mark.parametrize("status", [401, 404, 500, 503])
def test_a_server_that_answers_no_was_reached(chatmon: Invoke, centre: Emulator, status: int) -> None:
    centre.status = status

    assert chatmon("poll", "--url", centre.url, ONE).exit_code == 1


def test_follow_prints_events_until_the_time_is_over(chatmon: Invoke, centre: Emulator) -> None:
    result = chatmon("poll", "--url", centre.url, "--follow", "--format", "jsonl", "--for", "0.4", "--interval", "0.1", ONE, TWO)

    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [event["kind"] for event in events] == ["monitor_started", "first_seen", "first_seen", "monitor_stopped"]
    assert {event["chat"] for event in events} == {None, ONE, TWO}


@pytest.mark.parametrize(("style", "says"), [("csv", "at,not_before,chat,kind,"), ("table", "chatmon began to watch")])
def test_follow_as_lines_of_other_kinds(chatmon: Invoke, centre: Emulator, style: str, says: str) -> None:
    result = chatmon("poll", "--url", centre.url, "--follow", "--format", style, "--for", "0.3", ONE)

    assert says in result.stdout.splitlines()[0]
    assert "Chatting" in result.stdout


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_ends_a_follow_in_order(process: Start, centre: Emulator, name: str, code: int) -> None:
    running = process("poll", "--url", centre.url, "--follow", "--format", "jsonl", ONE)
    assert running.stdout is not None
    begun = [json.loads(running.stdout.readline())["kind"] for _ in range(2)]
    running.send_signal(getattr(signal, name))
    rest, stderr = running.communicate(timeout=60)

    assert begun == ["monitor_started", "first_seen"]
    assert [json.loads(line)["kind"] for line in rest.splitlines()] == ["monitor_stopped"]
    assert (running.returncode, stderr) == (code, "")


def test_changes_are_printed_as_they_are_seen(process: Start, centre: Emulator) -> None:
    running = process("poll", "--url", centre.url, "--follow", "--format", "jsonl", "--interval", "0.05", TWO)
    assert running.stdout is not None
    for _ in range(2):
        running.stdout.readline()
    centre.chats[TWO] = chat("Chatting", (1, "<b>[red]Bo[/red]", "Customer"), (2, "Max", "Agent"))
    changed, joined = (json.loads(running.stdout.readline()) for _ in range(2))

    assert (changed["kind"], changed["from"], changed["to"]) == ("state_changed", "WaitingForAgent", "Chatting")
    assert joined["participant"] == {"id": "2", "nickname": "Max", "type": "Agent"}
    assert joined["not_before"] < joined["at"]


@pytest.mark.parametrize("arguments", [("--format", "json"), ("--follow", "--format", "jsonl", "--interval", "0.05")])
def test_a_reader_that_leaves_ends_it_quietly(process: Start, centre: Emulator, arguments: tuple[str, ...]) -> None:
    running = process("poll", "--url", centre.url, *arguments, ONE)
    assert running.stdout is not None
    running.stdout.close()
    stderr = running.stderr.read() if running.stderr else ""

    assert stderr == ""
    assert running.wait(timeout=60) == 141


def test_an_output_that_is_full_is_said_in_one_line(process: Start, centre: Emulator) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    with full.open("w") as nowhere:
        running = process("poll", "--url", centre.url, ONE, stdout=nowhere)
        _, stderr = running.communicate(timeout=60)

    assert running.returncode == 2
    assert stderr.splitlines() == ["chatmon: standard output cannot be written: No space left on device"]


@pytest.mark.skipif(os.name == "nt", reason="no signals there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("arguments", [("--follow", "--format", "jsonl"), ("--format", "json")])
def test_a_signal_ends_it_while_it_waits_for_a_reader(
    process: Start, centre: Emulator, number: signal.Signals, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    names = [f"chat-{place}" for place in range(1000)]
    centre.chats = {name: chat("Idle") for name in names}
    (tmp_path / "chats.ids").write_text("\n".join(names))
    running = process("poll", "--url", centre.url, *arguments, "--max-rate", "1000", "--ids-file", str(tmp_path / "chats.ids"))
    assert running.stdout is not None
    _wait_until_full(running.stdout)
    running.send_signal(number)

    assert running.wait(timeout=60) == 128 + number
    assert running.stderr is not None
    assert running.stderr.read() == ""


@pytest.mark.skipif(os.name == "nt", reason="tells by a POSIX pipe whether somebody reads")
def test_polling_and_recording_go_on_while_nobody_reads_and_nothing_is_left_out(process: Start, centre: Emulator, tmp_path: Path) -> None:
    names = [f"chat-{place}" for place in range(1000)]
    centre.chats = {name: chat("Idle") for name in names}
    (tmp_path / "chats.ids").write_text("\n".join(names))
    history = tmp_path / "history.sqlite3"
    running = process(
        *("poll", "--url", centre.url, "--follow", "--format", "jsonl", "--interval", "1", "--max-rate", "1000"),
        *("--ids-file", str(tmp_path / "chats.ids"), "--history", str(history)),
    )
    assert running.stdout is not None
    _wait_until_full(running.stdout)
    recorded = _wait_for_recorded(history, "chat-0", "state_changed", lambda: centre.chats.update({"chat-0": chat("Chatting")}))
    printed = [json.loads(running.stdout.readline()) for _ in recorded]
    running.send_signal(signal.SIGTERM)
    rest, stderr = running.communicate(timeout=60)

    assert printed == recorded
    assert json.loads(rest.splitlines()[-1])["kind"] == "monitor_stopped"
    assert (running.returncode, stderr) == (143, "")


@pytest.mark.skipif(os.name == "nt", reason="no signals there")
def test_a_signal_between_two_events_ends_it_although_nobody_reads(process: Start, centre: Emulator) -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader), os.fdopen(writer, "w") as full:
        running = process("poll", "--url", centre.url, "--follow", "--format", "jsonl", ONE, stdout=full)
        while not select.select([reader], [], [], 10)[0] or b"first_seen" not in os.read(reader, 4096):
            pass
        os.set_blocking(writer, False)
        with contextlib.suppress(BlockingIOError):
            while os.write(writer, bytes(4096)):
                pass
        os.set_blocking(writer, True)
        running.send_signal(signal.SIGTERM)

        assert running.wait(timeout=60) == 143


def _wait_for_recorded(history: Path, chat_id: str, kind: str, cause: Callable[[], object]) -> list[dict[str, object]]:
    """What a history holds once an event of a chat is there that did not happen before its cause."""
    cause()
    deadline = time.monotonic() + 60
    while True:
        printed = subprocess.run(
            [sys.executable, "-m", "chatmon", "export", "--history", str(history)], capture_output=True, check=True, text=True
        ).stdout
        events = [json.loads(line) for line in printed.splitlines()]
        if any(event["kind"] == kind and event["chat"] == chat_id for event in events):
            return events
        assert time.monotonic() < deadline, f"{len(events)} events are recorded"


def _wait_until_full(pipe: IO[str]) -> None:
    """Until nothing more is written: a pipe holds 64 KiB, and less where each write has to fit into a page."""
    deadline = time.monotonic() + 60
    before, now = -1, 0
    while now < 50_000 or now != before:
        assert time.monotonic() < deadline, f"{now} bytes in the pipe"
        time.sleep(0.1)
        before, now = now, int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def test_an_interrupted_round_is_exit_code_130(process: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        running = process("poll", "--url", f"http://127.0.0.1:{silent.getsockname()[1]}", ONE)
        connection, _ = silent.accept()
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=60)
        connection.close()

    assert (running.returncode, stdout, stderr) == (130, "", "")


def test_a_narrow_encoding_is_no_trouble(centre: Emulator, monkeypatch: pytest.MonkeyPatch, process: Start) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    running = process("poll", "--url", centre.url, ONE)
    stdout, stderr = running.communicate(timeout=60)

    assert (running.returncode, stderr) == (0, "")
    assert "Kristi Sippola" in stdout


def test_of_a_file_the_good_lines_are_polled_and_the_first_bad_one_is_named(chatmon: Invoke, centre: Emulator, tmp_path: Path) -> None:
    file = tmp_path / "chats.ids"
    file.write_text(f"{'x' * 300}\n{ONE} billing\n{'y' * 300}\n{ONE} sales\n{ONE}\n")
    for arguments, stdin in ((("--ids-file", str(file)), None), (("-",), file.read_text())):
        result = chatmon("poll", "--url", centre.url, "--format", "jsonl", *arguments, stdin=stdin)

        assert [json.loads(line)["label"] for line in result.stdout.splitlines()] == ["sales"]
        line, *more = result.stderr.splitlines()
        assert not more
        assert ":1: not the id of a chat" in line
        assert line.endswith(", and 2 more lines are wrong; the other lines count")


def test_a_file_without_a_good_line_is_refused(chatmon: Invoke, tmp_path: Path) -> None:
    file = tmp_path / "chats.ids"
    file.write_text(f"# none\n{'x' * 300}\n")
    result = chatmon("poll", "--url", "http://127.0.0.1:9", "--ids-file", str(file))

    assert result.exit_code == 2
    assert result.stderr.startswith("chatmon: ")
    assert "chats.ids:2: not the id of a chat" in result.stderr


@pytest.mark.parametrize("setting", ["--ids-file", "CHATMON_IDS_FILE", "config.toml:3"])
def test_a_missing_file_is_named_with_the_setting_that_names_it(
    chatmon: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["--ids-file", "chats.ids"] if setting == "--ids-file" else []
    if setting == "CHATMON_IDS_FILE":
        monkeypatch.setenv(setting, "chats.ids")
    if setting == "config.toml:3":
        (tmp_path / "config.toml").write_text('profile = "prod"\n[profiles.prod]\nids_file = "chats.ids"\n')
        arguments = ["--config", "config.toml"]
    result = chatmon("poll", "--url", "http://127.0.0.1:9", *arguments)

    assert result.exit_code == 2
    assert setting in result.stderr
    assert "does not exist: " in result.stderr
    assert "chats.ids; " in result.stderr
