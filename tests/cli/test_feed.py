"""A file of ids that is followed: what it adds, what it takes away, and what happens while someone is writing it."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatmon.api.resource import Answer
from chatmon.cli.chat_ids import is_followed, read_list
from chatmon.cli.feed import TROUBLE, Changes, IdsFeed, fed_api
from chatmon.monitor.chat_list import LabelledChat
from chatmon.monitor.clock import SystemClock
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi

from .conftest import Start
from .emulator import Emulator, chat

NOTHING = Changes()


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
    feed = IdsFeed(str(file), (("one", ""), ("two", "sales")), (("zero", ""),))
    assert settled(feed) == NOTHING
    return feed


def settled(feed: IdsFeed) -> Changes:
    """What the feed makes of a file that nobody writes any more: what came at the first look and what the second took away."""
    first, second = feed.look(), feed.look()
    return Changes(first.came + second.came, first.relabelled + second.relabelled, first.went + second.went, second.trouble)


def came(*ids: str) -> tuple[LabelledChat, ...]:
    return tuple((one, "") for one in ids)


def test_what_is_new_comes_at_once_and_what_is_missing_goes_when_the_file_is_settled(file: Path, feed: IdsFeed) -> None:
    file.write_text("two billing\nthree\n")

    assert feed.look() == Changes(came("three"), (("two", "billing"),))
    assert feed.look() == Changes(went=("one",))
    assert feed.look() == NOTHING


def test_a_chat_that_is_missing_from_a_file_that_never_rests_goes_all_the_same(file: Path, feed: IdsFeed) -> None:
    went = []
    for number in range(4):
        file.write_text(f"two sales\nnew{number}\nnew{number + 1}\n")
        went.append(feed.look().went)

    assert went == [(), (), ("one",), ("new0",)]


def test_a_chat_that_is_missing_now_and_then_from_a_file_that_never_rests_stays(file: Path, feed: IdsFeed) -> None:
    for number in range(9):
        file.write_text(f"two sales\n# {'x' * number}\n" + ("" if number % 3 == 2 else "one\n"))
        assert feed.look().went == ()


def test_a_file_that_is_emptied_and_written_again_and_again_takes_nothing_away(file: Path, feed: IdsFeed) -> None:
    for number in range(9):
        file.write_text("" if number % 2 else f"one\ntwo sales\n# {'x' * number}\n")
        assert feed.look().went == ()


def test_a_line_without_its_end_counts_once_nobody_writes_any_more(file: Path, feed: IdsFeed) -> None:
    file.write_text("one\ntwo sales\nthr")
    assert feed.look() == NOTHING
    file.write_text("one\ntwo sales\nthree")
    assert feed.look() == NOTHING
    assert feed.look() == Changes(came("three"))


BAD = "x" * 300
BAD_LINES = {
    "a line that is no id": (f"one\n{BAD}\ntwo sales\nthree\n", ":2: not the id of a chat"),
    "the same id twice": ("one\ntwo sales\none\nthree\n", ":3: the same id as"),
    "null characters": ("one\ntwo sales\nf\0o\0u\0r\nthree\n", ":3: null characters, as UTF-16 text has them"),
    "the same id as an argument": ("one\ntwo sales\nzero\nthree\n", ":3: the same id as one that is named on the command line"),
    "a line that is not UTF-8": ("one\ntwo sales\nf\udcfcr\nthree\n", ":3: not UTF-8 text"),
    "several": (f"{BAD}\none\n{BAD}y\ntwo sales\none\nthree\n", ", and 2 more lines are wrong"),
}


@pytest.mark.parametrize(("content", "says"), BAD_LINES.values(), ids=BAD_LINES.keys())
def test_good_lines_count_whatever_the_others_are_like(file: Path, feed: IdsFeed, content: str, says: str) -> None:
    file.write_bytes(content.encode(errors="surrogateescape"))

    assert feed.look() == Changes(came("three"))
    bad = feed.look()
    assert bad == feed.look() == Changes(trouble=bad.trouble)
    assert bad.trouble is not None
    assert says in bad.trouble
    assert bad.trouble.endswith("; the other lines count")
    assert BAD not in bad.trouble
    file.write_text("one\ntwo sales\nthree\n")
    assert settled(feed) == NOTHING


def test_a_chat_on_a_line_that_turned_bad_stays_until_the_line_is_right_or_gone(file: Path, feed: IdsFeed) -> None:
    file.write_text(f"one\n{BAD}\nthree\n")
    assert settled(feed)[:3] == (came("three"), (), ())

    file.write_text(f"{BAD}\nthree\n")
    assert settled(feed)[:3] == ((), (), ("one",))

    file.write_text("three\n")
    assert settled(feed) == Changes(went=("two",))


def test_a_chat_that_is_on_its_line_again_has_never_been_away(file: Path, feed: IdsFeed) -> None:
    file.write_text(f"one\n{BAD}\n")
    settled(feed)
    file.write_text("one\ntwo sales\n")

    assert settled(feed) == NOTHING


def test_a_line_that_has_long_been_bad_keeps_no_chat(file: Path, feed: IdsFeed) -> None:
    file.write_text(f"{BAD}\none\ntwo sales\n")
    settled(feed)
    file.write_text(f"{BAD}\ntwo sales\n")

    assert settled(feed).went == ("one",)


def test_a_file_that_is_gone_or_cannot_be_read_keeps_the_chats(file: Path, feed: IdsFeed) -> None:
    file.unlink()
    assert settled(feed) == Changes(trouble=f"the file with the chat ids does not exist: {file}; the chats stay")
    file.mkdir()
    assert settled(feed) == Changes(trouble=f"{file} is a directory; the chats stay")
    file.rmdir()
    os.mkfifo(file)
    assert settled(feed) == Changes(trouble=f"{file} is a pipe; the chats stay")
    file.unlink()
    file.symlink_to("/dev/zero")
    assert settled(feed) == Changes(trouble=f"{file} is a device; the chats stay")
    file.unlink()
    file.write_bytes("one\n".encode("utf-16"))
    assert settled(feed) == Changes(trouble="chats.ids: UTF-16 text; the chats stay")
    file.write_text("one\ntwo sales\nthree\n")
    assert settled(feed) == Changes(came("three"))


def test_a_file_that_is_replaced_is_never_gone(file: Path, feed: IdsFeed) -> None:
    for content, changes in (("two sales\n", Changes(went=("one",))), ("one\ntwo sales\n", Changes(came("one")))):
        (file.parent / "new").write_text(content)
        (file.parent / "new").replace(file)
        assert settled(feed) == changes


def test_a_slow_rewrite_in_place_takes_nothing_away(file: Path, feed: IdsFeed) -> None:
    lines = ["two sales", "one", *(f"new{number}" for number in range(20))]
    file.write_text("")
    for line in lines:
        with file.open("a") as opened:
            opened.write(f"{line}\n")
        assert feed.look().went == ()

    assert feed.look() == NOTHING


def test_a_file_that_is_rewritten_slowly_and_over_and_over_takes_nothing_away(file: Path, feed: IdsFeed) -> None:
    for _ in range(5):
        file.write_text("")
        for line in ("one", "two sales"):
            with file.open("a") as opened:
                opened.write(f"{line}\n")
            assert feed.look().went == ()


def test_nothing_is_removed_before_as_many_equal_looks_as_are_wanted(file: Path) -> None:
    feed = IdsFeed(str(file), (("one", ""), ("two", "sales")), equal_looks=4)
    file.write_text("two sales\n")

    assert [feed.look().went for _ in range(5)] == [(), (), (), ("one",), ()]


def test_a_rewrite_of_the_same_size_and_time_is_seen(file: Path, feed: IdsFeed) -> None:
    before = file.stat()
    file.write_text("six\ntwo sales\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)

    assert settled(feed) == Changes(came("six"), went=("one",))


def test_a_link_that_leads_to_another_file_is_seen(tmp_path: Path) -> None:
    for name, content in (("early", "one\n"), ("late", "two\n")):
        (tmp_path / name).write_text(content)
        os.utime(tmp_path / name, (1_000, 1_000))
    link = tmp_path / "chats.ids"
    link.symlink_to("early")
    feed = IdsFeed(str(link), came("one"))
    settled(feed)
    link.unlink()
    link.symlink_to("late")

    assert settled(feed) == Changes(came("two"), went=("one",))


def test_a_file_that_is_only_appended_to_relabels_its_chats(file: Path, feed: IdsFeed) -> None:
    for label in ("billing", "complaints", "billing"):
        with file.open("a") as opened:
            opened.write(f"two {label}\n")
        assert settled(feed) == Changes(relabelled=(("two", label),))


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_lines_end_in_any_of_the_ways_that_there_are(file: Path, feed: IdsFeed, end: str) -> None:
    file.write_bytes(end.join(["one", "two sales", "three", "fo"]).encode())

    assert feed.look() == Changes(came("three"))
    assert feed.look() == Changes(came("fo"))


@pytest.mark.parametrize("content", ["", "# nothing\n"])
def test_a_file_without_ids_any_more_keeps_the_chats_and_says_so(file: Path, feed: IdsFeed, content: str) -> None:
    file.write_text(content)
    for _ in range(2):
        assert settled(feed) == Changes(trouble="chats.ids is empty; the chats stay (in the dashboard x stops watching one)")

    file.write_text("two sales\n")
    assert settled(feed) == Changes(went=("one",))


def test_a_file_of_bad_lines_alone_keeps_the_chats(file: Path, feed: IdsFeed) -> None:
    file.write_text(f"{BAD}\n")
    trouble = settled(feed).trouble

    assert trouble is not None
    assert trouble.endswith("; the chats stay")
    file.write_text("two sales\n")
    assert settled(feed) == Changes(went=("one",))


def test_a_label_that_is_taken_away_goes(file: Path, feed: IdsFeed) -> None:
    file.write_text("one\ntwo\n")

    assert settled(feed) == Changes(relabelled=(("two", ""),))


def test_a_file_that_was_empty_from_the_start_is_no_trouble(tmp_path: Path) -> None:
    empty = tmp_path / "chats.ids"
    empty.write_text("")
    feed = IdsFeed(str(empty), (), (("zero", ""),))

    assert [feed.look() for _ in range(3)] == [NOTHING] * 3


@given(st.lists(st.lists(st.sampled_from(["one", "two", "three", "four", BAD]), min_size=1), max_size=5))
def test_once_the_file_is_right_its_chats_are_watched_and_no_others(contents: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "chats.ids"
        file.write_text("one\n")
        feed = IdsFeed(str(file), (("one", ""),))
        watched = {"one"}
        for lines in [*contents, ["two", "four"]]:
            file.write_text("".join(f"{line}\n" for line in lines))
            changes = settled(feed)
            watched = (watched | {chat_id for chat_id, _ in changes.came}) - set(changes.went)
            assert watched >= set(lines) - {BAD}

    assert watched == {"two", "four"}


def test_a_chat_that_is_listed_in_every_state_of_a_file_is_never_unwatched() -> None:
    @example([["a", "keep"], ["keep"], [], ["b", "keep", "a"]], 0)
    @given(st.lists(st.lists(st.sampled_from([*"abcde", BAD]), unique=True), max_size=6), st.integers(0, 5))
    def check(states: list[list[str]], place: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "chats.ids"
            file.write_text("keep\n")
            feed = IdsFeed(str(file), came("keep"))
            went: list[str] = []
            for state in states:
                lines = [*state[:place], "keep", *state[place:]]
                file.write_text("")
                for line in lines:  # a look may fall between any two writes
                    went += feed.look().went
                    with file.open("a") as opened:
                        opened.write(f"{line}\n")
                went += settled(feed).went
                assert "keep" not in went

    check()


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


@pytest.fixture
async def following(monkeypatch: pytest.MonkeyPatch, feed: IdsFeed) -> AsyncIterator[Monitor]:
    """A monitor that follows the file."""
    monkeypatch.setattr("chatmon.cli.feed.LOOK_SECONDS", 0.01)
    monitor = Monitor(_open_silent_api, pace=Pace(), clock=SystemClock(), random=Random())
    monitor.watch([("zero", ""), ("one", ""), ("two", "sales")])
    api = await fed_api(_open_silent_api, feed)(monitor)
    yield monitor
    await api.aclose()


def chats_of(monitor: Monitor) -> list[LabelledChat]:
    return [(chat.id, chat.label) for chat in monitor.board.chats]


async def test_the_monitor_bears_a_mark_for_as_long_as_the_file_is_wrong(file: Path, following: Monitor) -> None:
    told: list[str] = []
    following.on_notice = told.append
    for label in ("billing", "complaints"):
        await asyncio.to_thread(file.write_text, f"one\none\ntwo {label}\n")
        await until(lambda: "the same id" in following.troubles.get(TROUBLE, ""))
        assert chats_of(following) == [("zero", ""), ("one", ""), ("two", label)]
        await asyncio.to_thread(file.write_text, f"one\ntwo {label}\n")
        await until(lambda: not following.troubles)

    assert len(told) == 2


async def test_a_look_that_stumbles_is_told_and_the_next_one_counts(
    file: Path, following: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("chatmon.cli.feed.read_list", lambda *_, **__: {}["canary"])
        await asyncio.to_thread(file.write_text, "one\ntwo sales\nthree\n")
        await until(lambda: "chatmon's own fault: KeyError in <lambda> (" in following.troubles.get(TROUBLE, ""))
        assert "canary" not in following.troubles[TROUBLE]
    await until(lambda: not following.troubles and len(chats_of(following)) == 4)


async def test_a_file_that_does_not_answer_is_said_and_followed_again_when_it_does(
    file: Path, following: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()
    monkeypatch.setattr("chatmon.cli.feed.ANSWER_SECONDS", 0.01)
    monkeypatch.setattr("chatmon.cli.feed.read_list", lambda *given, **more: [answers.wait(), read_list(*given, **more)][1])
    await asyncio.to_thread(file.write_text, "one\ntwo sales\nthree\n")
    await until(lambda: "the ids file chats.ids has not answered for" in following.troubles.get(TROUBLE, ""))
    assert [chat_id for chat_id, _ in chats_of(following)] == ["zero", "one", "two"]

    answers.set()
    await until(lambda: not following.troubles and len(chats_of(following)) == 4)


async def test_a_chat_that_the_user_stopped_watching_does_not_come_back_for_a_new_label(file: Path, following: Monitor) -> None:
    following.unwatch("two")
    await asyncio.to_thread(file.write_text, "one\ntwo billing\nthree\n")
    await until(lambda: len(chats_of(following)) == 3)

    assert chats_of(following) == [("zero", ""), ("one", ""), ("three", "")]


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
    assert running.stderr.readline() == "chatmon: chats.ids:2: the same id as chats.ids:1; the other lines count\n"
    file.write_text("one\ntwo\n")
    assert json.loads(running.stdout.readline())["chat"] == "two"
