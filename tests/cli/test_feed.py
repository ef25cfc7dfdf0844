"""A file of ids that is followed: what it adds, what it takes away, and what happens while someone is writing it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from random import Random

import pytest

from chatmon.api.resource import Answer
from chatmon.cli.chat_ids import InvalidIds
from chatmon.cli.feed import IdsFeed, fed_api, is_followed
from chatmon.monitor.clock import SystemClock
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.poller import ChatApi
from chatmon.monitor.schedule import Pace

from .conftest import Start
from .emulator import Emulator, chat

NOTHING: tuple[tuple[object, ...], tuple[object, ...]] = ((), ())


class SilentApi:
    """A Chat API that nobody asks."""

    async def get(self, chat_id: str) -> Answer:
        raise AssertionError(chat_id)

    def forget(self, chat_id: str) -> None:
        pass

    async def aclose(self) -> None:
        pass


async def _open_silent_api(_: Monitor) -> ChatApi:
    return SilentApi()


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
    for _ in range(3):
        with pytest.raises(InvalidIds, match=":2: the same id"):
            feed.look()
    file.unlink()
    for _ in range(2):
        with pytest.raises(InvalidIds, match="does not exist"):
            feed.look()
    file.write_text("one\ntwo sales\nthree\n")
    assert feed.look() == ((("three", ""),), ())


def test_a_file_without_ids_any_more_keeps_the_chats_and_says_so(file: Path, feed: IdsFeed) -> None:
    file.write_text("# nothing\n")
    assert feed.look() == NOTHING
    for _ in range(2):
        with pytest.raises(InvalidIds, match=r"chats\.ids is empty; the chats stay"):
            feed.look()

    file.write_text("two sales\n")
    assert [feed.look(), feed.look()] == [NOTHING, ((), ("one",))]


def test_a_label_that_is_taken_away_goes(file: Path, feed: IdsFeed) -> None:
    file.write_text("one\ntwo\n")

    assert feed.look() == ((("two", ""),), ())


def test_a_file_that_was_empty_from_the_start_is_no_trouble(tmp_path: Path) -> None:
    empty = tmp_path / "chats.ids"
    empty.write_text("")
    feed = IdsFeed(("zero",), str(empty), (("zero", ""),))

    assert [feed.look() for _ in range(3)] == [NOTHING] * 3


async def test_the_monitor_follows_and_a_trouble_that_comes_back_is_told_again(
    monkeypatch: pytest.MonkeyPatch, file: Path, feed: IdsFeed
) -> None:
    monkeypatch.setattr("chatmon.cli.feed.LOOK_SECONDS", 0.01)
    troubles: asyncio.Queue[str] = asyncio.Queue()
    monitor = Monitor(_open_silent_api, pace=Pace(), clock=SystemClock(), random=Random())
    monitor.watch([("zero", ""), ("one", ""), ("two", "sales")])
    changed = asyncio.Event()
    monitor.board.on_change = changed.set
    seen = []
    api = await fed_api(_open_silent_api, feed, troubles.put_nowait)(monitor)
    try:
        async with asyncio.timeout(10):
            for good in ("one\ntwo\n", "one\ntwo billing\n"):
                await asyncio.to_thread(file.write_text, "one\none\n")
                assert "the same id" in await troubles.get()
                await asyncio.to_thread(file.write_text, good)
                await changed.wait()
                changed.clear()
                monitor.board.take_changes()
                seen.append([(chat.id, chat.label) for chat in monitor.board.chats])
    finally:
        await api.aclose()

    assert troubles.empty()
    assert seen == [[("zero", ""), ("one", ""), ("two", label)] for label in ("", "billing")]


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
