"""`chatmon export`: chats summed up, chosen by id and time, written to files, and how it ends."""

from __future__ import annotations

import csv
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from chatmon.history.reader import HistoryReader
from chatmon.monitor.pseudonyms import Pseudonyms
from tests.history.recording import CHATS, ENDED, LATE, LOST, WAITS, HandClock, Watch, recorded
from tests.terminal.terminal import CHATMON, SLOW_CLOCK, Terminal

from .conftest import Invoke, Start
from .test_export import record

HANDLED, ABANDONED, OPEN = "652492d9-handled", "0b1f0000-abandoned", "77aa0000-open"


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """Three chats from noon on, in 2001."""
    watch = Watch(HandClock(), HANDLED, ABANDONED, OPEN)
    async with recorded(tmp_path / "h.sqlite3", watch):
        for chat, outcome, after in (
            (HANDLED, WAITS, 0.0),
            (ABANDONED, WAITS, 1.0),
            (HANDLED, CHATS, 4.0),
            (ABANDONED, LOST, 1.0),
            (HANDLED, LATE, 1.0),
            (HANDLED, CHATS, 1.0),
            (HANDLED, ENDED, 2.0),
            (OPEN, WAITS, 3_600.0),
            (OPEN, WAITS, 4.0),
        ):
            watch.polls(chat, outcome, after)
    return tmp_path / "h.sqlite3"


def chats(printed: str) -> dict[str, dict[str, object]]:
    return {one["id"]: one for one in map(json.loads, printed.splitlines())}


def test_one_line_a_chat_with_how_it_ended_and_its_times(chatmon: Invoke, path: Path) -> None:
    result = chatmon("export", "--history", str(path), "--what", "chats")

    assert (result.exit_code, result.stderr) == (0, "")
    told = chats(result.stdout)
    assert {chat: one["outcome"] for chat, one in told.items()} == {HANDLED: "handled", ABANDONED: "abandoned", OPEN: "open"}
    assert told[HANDLED] == {
        "id": HANDLED,
        "label": f"label of {HANDLED}",
        "outcome": "handled",
        "state": "Idle",
        "customers": ["Chris"],
        "agents": ["Kristi"],
        "first_seen": "2001-09-09T12:00:00.000Z",
        "last_seen": "2001-09-09T12:00:10.000Z",
        "last_event": "2001-09-09T12:00:10.000Z",
        "ended": "2001-09-09T12:00:10.000Z",
        "gone": None,
        "answered": True,
        "waited_seconds": 5.0,
        "waited_exact": False,
        "chatting_seconds": 5.0,
        "chatting_exact": True,
        "states": {
            "WaitingForAgent": {"seconds": 5.0, "exact": False},
            "Chatting": {"seconds": 5.0, "exact": True},
            "Idle": {"seconds": 0.0, "exact": False},
        },
        "requeues": 0,
        "alarms": {},
        "poll_failures": 1,
        "gaps": 0,
        "unseen_seconds": 0.0,
        "events": 9,
    }


def test_a_chat_that_goes_on_is_told_up_to_when_it_was_seen_last_though_no_event_says_so(chatmon: Invoke, path: Path) -> None:
    told = chats(chatmon("export", "--history", str(path), "--what", "chats").stdout)[OPEN]
    assert (told["last_event"], told["last_seen"]) == ("2001-09-09T13:00:10.000Z", "2001-09-09T13:00:14.000Z")
    assert (told["waited_seconds"], told["waited_exact"]) == (4.0, False)


def test_the_same_as_a_spreadsheet(chatmon: Invoke, path: Path) -> None:
    result = chatmon("export", "--history", str(path), "--what", "chats", "--format", "csv")
    rows = {row["id"]: row for row in csv.DictReader(result.stdout.splitlines())}
    assert (rows[HANDLED]["agents"], rows[HANDLED]["chatting_seconds"], rows[HANDLED]["chatting_exact"]) == ("Kristi", "5.0", "true")
    assert (rows[ABANDONED]["outcome"], rows[ABANDONED]["waiting_seconds"], rows[ABANDONED]["other_seconds"]) == ("abandoned", "5.0", "")


@pytest.mark.parametrize(
    ("limits", "left"),
    [
        (("--since", "2001-09-09T12:30Z"), {OPEN: "open"}),
        (("--until", "2001-09-09T12:30Z"), {HANDLED: "handled", ABANDONED: "abandoned"}),
        (("--until", "2001-09-09T12:00:08Z"), {HANDLED: "open", ABANDONED: "abandoned"}),
        (("--since", "2001-09-09T12:00:07Z", "--until", "2001-09-09T12:30Z"), {HANDLED: "handled"}),
        (("--since", "8h"), {}),
    ],
)
def test_the_chats_of_a_time_are_those_seen_in_it_each_from_its_beginning(
    chatmon: Invoke, path: Path, limits: tuple[str, ...], left: dict[str, str]
) -> None:
    told = chats(chatmon("export", "--history", str(path), "--what", "chats", *limits).stdout)
    assert {chat: one["outcome"] for chat, one in told.items()} == left
    assert all(one["first_seen"] for one in told.values())


def test_chats_can_be_asked_for_by_their_ids(chatmon: Invoke, path: Path) -> None:
    asked = ("export", "--history", str(path), "--chat", ABANDONED, "--chat", OPEN)
    assert {json.loads(line)["chat"] for line in chatmon(*asked).stdout.splitlines()} == {ABANDONED, OPEN}
    assert set(chats(chatmon(*asked, "--what", "chats").stdout)) == {ABANDONED, OPEN}


def test_one_that_is_not_recorded_is_told_of_without_its_id(chatmon: Invoke, path: Path) -> None:
    result = chatmon("export", "--history", str(path), "--chat", OPEN, "--chat", "no-such-chat")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "nothing is recorded of the chat that --chat names as number 2" in result.stderr
    assert "no-such-chat" not in result.stderr


def test_with_privacy_chats_are_printed_and_asked_for_by_pseudonyms(chatmon: Invoke, path: Path) -> None:
    names = Pseudonyms(HistoryReader(path).pseudonym_key())
    for style in ("jsonl", "csv"):
        text = chatmon("export", "--history", str(path), "--what", "chats", "--privacy", "--format", style).stdout
        assert names.chat_id(HANDLED) in text
        assert not [name for name in ("Chris", "Kristi", "label of", HANDLED, OPEN) if name in text]
    for asked in (names.chat_id(OPEN), OPEN):
        told = chats(chatmon("export", "--history", str(path), "--what", "chats", "--privacy", "--chat", asked).stdout)
        assert set(told) == {names.chat_id(OPEN)}


def test_a_file_is_for_its_owner_alone_and_holds_what_would_be_printed(chatmon: Invoke, path: Path, tmp_path: Path) -> None:
    printed = chatmon("export", "--history", str(path)).stdout
    result = chatmon("export", "--history", str(path), "--output", str(tmp_path / "shift.jsonl"))
    assert (result.exit_code, result.output) == (0, "")
    assert (tmp_path / "shift.jsonl").read_text() == printed
    assert stat.S_IMODE((tmp_path / "shift.jsonl").stat().st_mode) == 0o600


def test_a_file_that_is_there_stays_unless_it_is_to_be_replaced(chatmon: Invoke, path: Path, tmp_path: Path) -> None:
    there = tmp_path / "canary.jsonl"
    there.write_text("mine")
    asked = ("export", "--history", str(path), "--output", str(there))
    result = chatmon(*asked)
    assert (result.exit_code, there.read_text()) == (2, "mine")
    assert result.stderr == "chatmon: --output is there already and stays as it is; --force replaces it\n"
    assert chatmon(*asked, "--force").exit_code == 0
    assert len(there.read_text().splitlines()) > 10


def test_what_cannot_be_written_to_is_said_before_anything_is_read(chatmon: Invoke, path: Path, tmp_path: Path) -> None:
    for output, says in (
        (tmp_path / "no" / "file", "lies in a folder that does not exist"),
        (tmp_path, "is a folder"),
        (tmp_path / ("long" * 100), "cannot be written: File name too long"),
        (Path(os.devnull), "is there already and no file"),
        (path, "is the history itself"),
    ):
        result = chatmon("export", "--history", str(path), "--output", str(output), "--force")
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
        assert says in result.stderr
    assert "--force replaces the file" in chatmon("export", "--history", str(path), "--force").stderr
    assert {one.name for one in tmp_path.iterdir()} <= {f"h.sqlite3{end}" for end in ("", "-wal", "-shm", ".lock")}


MANY = 4_000


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_whole_lines(process: Start, tmp_path: Path, number: int) -> None:
    record(tmp_path / "many.sqlite3", MANY)
    running = process("export", "--history", str(tmp_path / "many.sqlite3"))
    assert running.stdout is not None
    first = running.stdout.readline()  # and then nobody reads until the pipe is full
    running.send_signal(number)
    lines = [first, *running.stdout]
    assert running.wait(60) == 128 + number
    assert running.stderr is not None
    assert running.stderr.read().strip() == ""
    assert 1 < len(lines) < MANY
    assert all(json.loads(line)["kind"] == "poll_failed" and line.endswith("\n") for line in lines)


NEVER_ENDING = """
import signal
import chatmon.cli.event_lines as event_lines

def never(event):
    print("writing", flush=True)
    signal.pause()

event_lines.event_writer = lambda style: ([], never)
from chatmon.cli.main import main
main()
"""


def test_an_interruption_leaves_no_file(tmp_path: Path) -> None:
    record(tmp_path / "many.sqlite3", MANY)
    target = tmp_path / "out" / "shift.jsonl"
    target.parent.mkdir()
    running = subprocess.Popen(
        [sys.executable, "-c", NEVER_ENDING, "export", "--history", str(tmp_path / "many.sqlite3"), "--output", str(target)],
        stdout=subprocess.PIPE,
        text=True,
    )
    with running:
        assert running.stdout is not None
        assert running.stdout.readline() == "writing\n"
        assert len(list(target.parent.iterdir())) == 1
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 128 + signal.SIGTERM
    assert list(target.parent.iterdir()) == []


def test_nobody_who_reads_on_is_no_mistake(process: Start, tmp_path: Path) -> None:
    record(tmp_path / "many.sqlite3", MANY)
    running = process("export", "--history", str(tmp_path / "many.sqlite3"))
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.readline()
    running.stdout.close()
    assert (running.wait(60), running.stderr.read()) == (141, "")


def test_a_long_export_shows_how_far_it_is_where_standard_error_is_a_terminal(tmp_path: Path) -> None:
    record(tmp_path / "many.sqlite3", MANY)
    asked = ("export", "--history", str(tmp_path / "many.sqlite3"), "--output", str(tmp_path / "o"))
    with Terminal(sys.executable, "-c", SLOW_CLOCK, *asked) as terminal:
        assert terminal.ends() == 0
        terminal.expect("Exporting", "100%")
        assert terminal.output.rfind(b"\x1b[?25h") > terminal.output.rfind(b"\x1b[?25l")
    assert len((tmp_path / "o").read_text().splitlines()) == MANY


def test_what_is_quickly_done_shows_nothing_and_lines_on_a_terminal_stand_alone(tmp_path: Path) -> None:
    record(tmp_path / "few.sqlite3", 3)
    for more in (("--output", str(tmp_path / "o")), ()):
        with Terminal(CHATMON, "export", "--history", str(tmp_path / "few.sqlite3"), *more) as terminal:
            assert terminal.ends() == 0
            assert "Exporting" not in terminal.text
    record(tmp_path / "many.sqlite3", MANY)
    with Terminal(sys.executable, "-c", SLOW_CLOCK, "export", "--history", str(tmp_path / "many.sqlite3")) as terminal:
        assert terminal.ends() == 0
        assert b"Exporting" not in terminal.output
