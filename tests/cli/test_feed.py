"""A file of ids that is followed: what it adds, what it takes away, and what happens while someone is writing it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatmon.cli.chat_ids import InvalidIds
from chatmon.cli.feed import IdsFeed, is_followed

from .conftest import Start
from .emulator import Emulator, chat

NOTHING: tuple[tuple[object, ...], tuple[object, ...]] = ((), ())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "chats.ids"
    file.write_text("one\ntwo sales\n")
    return file


@pytest.fixture
def feed(file: Path) -> IdsFeed:
    feed = IdsFeed(("zero",), str(file), (("zero", ""), ("one", ""), ("two", "sales")))
    assert [feed.look(), feed.look()] == [NOTHING, NOTHING]
    return feed


def test_what_is_new_comes_at_once_and_what_is_missing_goes_when_the_file_is_settled(file: Path, feed: IdsFeed) -> None:
    file.write_text("two billing\nthree\n")

    assert feed.look() == ((("two", "billing"), ("three", "")), ())
    assert feed.look() == ((), ("one",))
    assert feed.look() == NOTHING


def test_a_line_without_its_end_counts_once_nobody_writes_any_more(file: Path, feed: IdsFeed) -> None:
    file.write_text("one\ntwo sales\nthr")
    assert feed.look() == NOTHING
    file.write_text("one\ntwo sales\nthree")
    assert feed.look() == NOTHING
    assert feed.look() == ((("three", ""),), ())


def test_a_bad_or_missing_file_changes_nothing(file: Path, feed: IdsFeed) -> None:
    file.write_text("one\none\n")
    with pytest.raises(InvalidIds, match=":2: the same id"):
        feed.look()
    file.unlink()
    for _ in range(2):
        with pytest.raises(InvalidIds, match="does not exist"):
            feed.look()
    file.write_text("one\ntwo sales\nthree\n")
    assert feed.look() == ((("three", ""),), ())


def test_standard_input_and_devices_are_read_once(file: Path) -> None:
    assert is_followed(str(file))
    assert not any(map(is_followed, ("-", None, "/dev/null")))


def test_poll_follows_the_file_and_says_what_is_wrong_with_it(process: Start, emulator: Emulator, tmp_path: Path) -> None:
    emulator.chats = {"one": chat("Idle"), "two": chat("Idle")}
    file = tmp_path / "chats.ids"
    file.write_text("")
    running = process("poll", "--url", emulator.url, "--follow", "--format", "jsonl", "--ids-file", str(file))
    assert running.stdout is not None
    assert running.stderr is not None
    assert json.loads(running.stdout.readline())["kind"] == "monitor_started"

    file.write_text("one\n")
    assert json.loads(running.stdout.readline())["chat"] == "one"
    file.write_text("one\none\n")
    assert running.stderr.readline() == f"chatmon: {file}:2: the same id as {file}:1; name each chat once\n"
    file.write_text("one\ntwo\n")
    assert json.loads(running.stdout.readline())["chat"] == "two"
