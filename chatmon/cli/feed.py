"""Follows a file of chat ids while the monitor runs, so that any other system can say what to watch."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from chatmon.api.sanitise import clean
from chatmon.cli.chat_ids import STANDARD_INPUT, IdsList, InvalidIds, LabelledChat, read_list
from chatmon.cli.opened_api import OpenedApi
from chatmon.config import typed_path

if TYPE_CHECKING:
    from chatmon.monitor.monitor import Monitor, OpenChatApi
    from chatmon.monitor.poller import ChatApi

LOOK_SECONDS: Final = 0.5
"""Between two looks at the file."""
TROUBLE: Final = "ids file"
"""What the monitor's lasting mark is about."""

PATIENCE: Final = 3
"""What is missing at so many looks in a row went, though the file was different at each: some are written all the time."""

_Stamp = tuple[int, int, int]


class Changes(NamedTuple):
    """What is otherwise than at the last look: chats that came, chats that bear another label, ids that went.

    `trouble` is what is wrong with the file, in one line that repeats nothing of it, for as long as it lasts.
    """

    came: tuple[LabelledChat, ...] = ()
    relabelled: tuple[LabelledChat, ...] = ()
    went: tuple[str, ...] = ()
    trouble: str | None = None


def is_followed(ids_file: str | None) -> bool:
    """Whether the file can change while it is followed: standard input and pipes are read once."""
    return ids_file is not None and ids_file != STANDARD_INPUT and typed_path(ids_file).is_file()


class IdsFeed:
    """What a file adds and takes away from one look to the next, beside the chats that are `named` otherwise.

    A file that is just being written is trusted for its whole lines, and only for what it adds; all else counts once it has not changed
    between two looks. Where it never stops changing, a chat goes that was missing at `PATIENCE` looks. Good lines count whatever the
    others are like. A chat that goes while another line turns bad may have been on that line: it stays until there are no bad lines any
    more. A file that lost all its ids was emptied by mistake: the chats stay.
    """

    def __init__(self, ids_file: str, listed: Sequence[LabelledChat], named: Sequence[LabelledChat] = ()) -> None:
        self._ids_file = ids_file
        self._named = tuple(named)
        self._known = dict(listed)
        self._held: frozenset[str] = frozenset()
        self._bad_lines: Counter[str] = Counter()
        self._stamp: _Stamp | None = None
        self._was_taken_in = False
        self._trouble: str | None = None
        self._missing: deque[frozenset[str]] = deque(maxlen=PATIENCE)
        """What was missing at the last looks at a file that changed each time."""

    def look(self) -> Changes:
        """The changes since the last look."""
        stamp = self._read_stamp()
        is_settled = stamp == self._stamp
        if is_settled and self._was_taken_in:
            return Changes(trouble=self._trouble)
        self._stamp = stamp
        self._was_taken_in = False
        try:
            read = read_list(self._ids_file, self._named, whole_lines_only=not is_settled)
        except InvalidIds as error:
            if is_settled:
                self._trouble = f"{str(error).partition(';')[0]}; the chats stay"
            return Changes(trouble=self._trouble)
        self._was_taken_in = is_settled
        return self._take_in(read) if is_settled else self._take_additions(read)

    def _take_additions(self, read: IdsList) -> Changes:
        now = dict(read.chats)
        is_whole = bool(now) and not read.bad_lines
        self._missing.append(frozenset(self._known.keys() - now.keys()) if is_whole else frozenset())
        gone = frozenset.intersection(*self._missing) if len(self._missing) == PATIENCE else frozenset()
        before, self._known = self._known, {one: label for one, label in {**self._known, **now}.items() if one not in gone}
        return Changes(*_differences(before, now), tuple(chat_id for chat_id in before if chat_id in gone), self._trouble)

    def _take_in(self, read: IdsList) -> Changes:
        now = dict(read.chats)
        self._missing.clear()
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

    def _wrong_with(self, read: IdsList) -> str | None:
        if read.problems:
            others = len(read.problems) - 1
            more = f", and {others} more {'lines are' if others > 1 else 'line is'} wrong" if others else ""
            return f"{read.problems[0].what}{more}; {'the other lines count' if read.chats else 'the chats stay'}"
        if not read.chats and self._known:
            return f"{clean(Path(self._ids_file).name)} is empty; the chats stay (in the dashboard x stops watching one)"
        return None

    def _read_stamp(self) -> _Stamp | None:
        try:
            status = typed_path(self._ids_file).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino


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
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            _take_in(await asyncio.to_thread(feed.look), monitor)
        except Exception as error:  # noqa: BLE001 - the next look may succeed, and polling goes on in any case
            monitor.own_fault(TROUBLE, "the file is not followed", error)


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
