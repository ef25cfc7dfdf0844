"""Follows a file of chat ids while the monitor runs, so that any other system can say what to watch."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from chatmon.api.sanitise import clean
from chatmon.cli.chat_ids import is_followed as is_followed
from chatmon.cli.chat_ids import problem_line, read_list
from chatmon.cli.opened_api import OpenedApi
from chatmon.config import typed_path
from chatmon.detached import DetachedExecutor
from chatmon.monitor.chat_list import ChatList, InvalidIds, LabelledChat

if TYPE_CHECKING:
    from chatmon.monitor.monitor import Monitor, OpenChatApi
    from chatmon.monitor.poller import ChatApi

LOOK_SECONDS: Final = 0.5
"""Between two looks at the file."""
EQUAL_LOOKS: Final = 3
"""So many looks must find the same before anything is removed: a file that is rewritten in place may pause for a second."""
ANSWER_SECONDS: Final = 3.0
"""After so long a disk that says nothing is a trouble."""
TROUBLE: Final = "ids file"
"""What the monitor's lasting mark is about."""

PATIENCE: Final = 3
"""What is missing from so many writings in a row went, though the file never rests: some are written all the time."""
FRESH_NANOSECONDS: Final = 50_000_000
"""File systems tell times in ticks of up to so long: within one, a second change does not show."""


class Stamp(NamedTuple):
    """What tells one content of a file from the next; the time of the inode's own change is set by whatever writes, and by nobody else."""

    modified: int
    changed: int
    size: int
    inode: int
    device: int


class Changes(NamedTuple):
    """What is otherwise than at the last look: chats that came, chats that bear another label, ids that went.

    `trouble` is what is wrong with the file, in one line that repeats nothing of it, for as long as it lasts.
    """

    came: tuple[LabelledChat, ...] = ()
    relabelled: tuple[LabelledChat, ...] = ()
    went: tuple[str, ...] = ()
    trouble: str | None = None


class IdsFeed:
    """What a file adds and takes away from one look to the next, beside the chats that are `named` otherwise.

    A file that is just being written is trusted for its whole lines, and only for what it adds; all else counts once `equal_looks` in a
    row found it unchanged. Where it never stops changing, a chat goes that was missing each of the last times it was written.

    Good lines count whatever the others are like. A chat that goes while another line turns bad may have been on that line: it stays
    until there are no bad lines any more. A file that lost all its ids was emptied by mistake: the chats stay.
    """

    def __init__(self, ids_file: str, listed: Sequence[LabelledChat], named: Sequence[LabelledChat] = (), *, equal_looks: int = 2) -> None:
        self._ids_file = ids_file
        self._named = tuple(named)
        self._known = dict(listed)
        self._held: frozenset[str] = frozenset()
        self._bad_lines: Counter[str] = Counter()
        self._equal_looks = equal_looks
        self._stamp: Stamp | None = None
        self._looks_at_stamp = 0
        self._was_taken_in = False
        self._trouble: str | None = None
        self._absences = _Absences()

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return clean(Path(self._ids_file).name)

    def look(self) -> Changes:
        """The changes since the last look; may wait for the disk for ever."""
        stamp = self._read_stamp()
        self._looks_at_stamp = self._looks_at_stamp + 1 if stamp == self._stamp else 1
        self._stamp = stamp
        is_settled = self._looks_at_stamp >= self._equal_looks
        if self._looks_at_stamp > 1 and (self._was_taken_in or not is_settled):
            return Changes(trouble=self._trouble)
        self._was_taken_in = False
        try:
            read = read_list(self._ids_file, self._named, whole_lines_only=not is_settled)
        except InvalidIds as error:
            if is_settled:
                self._trouble = f"{str(error).partition(';')[0]}; the chats stay"
            return Changes(trouble=self._trouble)
        self._was_taken_in = is_settled and not (stamp and abs(time.time_ns() - stamp.changed) < FRESH_NANOSECONDS)
        return self._take_in(read) if is_settled else self._take_additions(read)

    def _take_additions(self, read: ChatList) -> Changes:
        now = dict(read.chats)
        gone = self._absences.add(self._known, tuple(now)) if now and not read.bad_lines else self._absences.clear()
        before, self._known = self._known, {chat_id: label for chat_id, label in {**self._known, **now}.items() if chat_id not in gone}
        return Changes(*_differences(before, now), tuple(chat_id for chat_id in before if chat_id in gone), self._trouble)

    def _take_in(self, read: ChatList) -> Changes:
        now = dict(read.chats)
        self._absences.clear()
        self._trouble = self._wrong_with(read)
        if not now:
            return Changes(trouble=self._trouble)
        missing = frozenset(self._known.keys() - now.keys())
        bad_lines = Counter(read.bad_lines)
        doubtful = missing if bad_lines - self._bad_lines else self._held & missing
        self._held = doubtful if bad_lines else frozenset()
        self._bad_lines = bad_lines
        before, self._known = self._known, {**{chat_id: self._known[chat_id] for chat_id in self._held}, **now}
        return Changes(*_differences(before, now), tuple(chat_id for chat_id in before if chat_id not in self._known), self._trouble)

    def _wrong_with(self, read: ChatList) -> str | None:
        if problem := problem_line(read):
            return f"{problem}; {'the other lines count' if read.chats else 'the chats stay'}"
        if not read.chats and self._known:
            return f"{self.name} is empty; the chats stay (in the dashboard x stops watching one)"
        return None

    def _read_stamp(self) -> Stamp | None:
        try:
            status = typed_path(self._ids_file).stat()
        except OSError:
            return None
        return Stamp(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_dev)


class _Absences:
    """What is missing from a file that is different at each look.

    While a file is rewritten in place, what is not written yet is missing, too. So a chat counts as missing only where one that comes
    after it is there, and once for each time that the file is written, however often it is seen growing meanwhile.
    """

    def __init__(self) -> None:
        self._ids: tuple[str, ...] = ()
        self._writings: deque[frozenset[str]] = deque(maxlen=PATIENCE)

    def add(self, known: Mapping[str, str], ids: tuple[str, ...]) -> frozenset[str]:
        """Take in the ids of one look; which of the chats that are `known`, in their order, are gone."""
        present = frozenset(ids)
        order = tuple(known)
        last = max((place for place, chat_id in enumerate(order) if chat_id in present), default=-1)
        missing = frozenset(order[: last + 1]) - present
        has_grown = bool(self._writings) and ids[: len(self._ids)] == self._ids
        self._writings.append(self._writings.pop() & missing if has_grown else missing)
        self._ids = ids
        return frozenset.intersection(*self._writings) if len(self._writings) == PATIENCE else frozenset()

    def clear(self) -> frozenset[str]:
        """Begin anew; nothing is gone."""
        self._writings.clear()
        return frozenset()


def _differences(before: dict[str, str], now: dict[str, str]) -> tuple[tuple[LabelledChat, ...], tuple[LabelledChat, ...]]:
    """The chats that are new, and those whose label is."""
    came = tuple((chat_id, label) for chat_id, label in now.items() if chat_id not in before)
    relabelled = tuple((chat_id, label) for chat_id, label in now.items() if before.get(chat_id, label) != label)
    return came, relabelled


def fed_api(open_api: OpenChatApi, feed: IdsFeed) -> OpenChatApi:
    """The same Chat API, with the monitor watching what the file names for as long as it is open.

    What is wrong with the file is a lasting trouble of the monitor.
    """

    async def open_fed(monitor: Monitor) -> ChatApi:
        async with AsyncExitStack() as stack:
            api = await open_api(monitor)
            stack.push_async_callback(api.aclose)
            stack.push_async_callback(_end, asyncio.create_task(_follow(feed, monitor)))
            return OpenedApi(api, stack.pop_all())

    return open_fed


async def _follow(feed: IdsFeed, monitor: Monitor) -> None:
    executor = DetachedExecutor(1, "ids-file")
    try:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await _look(feed, monitor, executor)
            except Exception as error:  # noqa: BLE001 - the next look may succeed, and polling goes on in any case
                monitor.own_fault(TROUBLE, "the file is not followed", error)
    finally:
        executor.shutdown()


async def _look(feed: IdsFeed, monitor: Monitor, executor: DetachedExecutor) -> None:
    look = asyncio.get_running_loop().run_in_executor(executor, feed.look)
    if not (await asyncio.wait([look], timeout=ANSWER_SECONDS))[0]:
        monitor.trouble(TROUBLE, f"the ids file {feed.name} has not answered for {ANSWER_SECONDS:g} s; the chats stay")
    _take_in(await look, monitor)


def _take_in(changes: Changes, monitor: Monitor) -> None:
    monitor.trouble(TROUBLE, changes.trouble)
    # Whoever stopped watching a chat does not get it back for a new label.
    relabelled = tuple(chat for chat in changes.relabelled if monitor.board.chat(chat[0]) is not None)
    if changes.came or relabelled:
        monitor.watch((*changes.came, *relabelled))
    for chat_id in changes.went:
        monitor.unwatch(chat_id)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
