"""Follows a file of chat ids while the monitor runs, so that any other system can say what to watch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Final

from chatmon.api.sanitise import clean
from chatmon.cli.chat_ids import STANDARD_INPUT, InvalidIds, LabelledChat, read_chats
from chatmon.cli.opened_api import OpenedApi
from chatmon.config import typed_path

if TYPE_CHECKING:
    from chatmon.monitor.monitor import Monitor, OpenChatApi
    from chatmon.monitor.poller import ChatApi

LOOK_SECONDS: Final = 0.5
"""Between two looks at the file."""

_Stamp = tuple[int, int, int]


def is_followed(ids_file: str | None) -> bool:
    """Whether the file can change while it is followed: standard input and pipes are read once."""
    return ids_file is not None and ids_file != STANDARD_INPUT and typed_path(ids_file).is_file()


class IdsFeed:
    """What a file adds and takes away from one look to the next, beside the chats that the arguments name.

    A file that is just being written is trusted for its whole lines, and only for what it adds; what it no longer holds counts, and a
    last line without an end, once it has not changed between two looks. A file that lost all its ids was emptied by mistake:
    the chats stay.
    """

    def __init__(self, arguments: Sequence[str], ids_file: str, known: Sequence[LabelledChat]) -> None:
        self._arguments = tuple(argument for argument in arguments if argument != STANDARD_INPUT)
        self._ids_file = ids_file
        self._known = dict(known)
        self._stamp: _Stamp | None = None
        self._was_taken_in = False

    def look(self) -> tuple[tuple[LabelledChat, ...], tuple[str, ...]]:
        """The chats that came or got another label, and the ids that went, since the last look. Raises `InvalidIds`."""
        stamp = self._read_stamp()
        is_settled = stamp == self._stamp
        if is_settled and self._was_taken_in:
            return (), ()
        self._stamp = stamp
        self._was_taken_in = False
        now = dict(read_chats(self._arguments, self._ids_file, whole_lines_only=not is_settled))
        if is_settled and len(now) == len(self._arguments) < len(self._known):
            raise InvalidIds(f"{clean(self._ids_file)} is empty; the chats stay (in the dashboard x stops watching one)")
        came = tuple((chat_id, label) for chat_id, label in now.items() if self._known.get(chat_id) != label)
        went = tuple(chat_id for chat_id in self._known if chat_id not in now) if is_settled else ()
        self._known = now if is_settled else {**self._known, **now}
        self._was_taken_in = is_settled
        return came, went

    def _read_stamp(self) -> _Stamp | None:
        try:
            status = typed_path(self._ids_file).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino


def fed_api(open_api: OpenChatApi, feed: IdsFeed, on_trouble: Callable[[str], None]) -> OpenChatApi:
    """The same Chat API, with the monitor watching what the file names for as long as it is open.

    A file that cannot be used changes nothing; `on_trouble` is told why, once for as long as it stays so.
    """

    async def open_fed(monitor: Monitor) -> ChatApi:
        async with AsyncExitStack() as stack:
            api = await open_api(monitor)
            stack.push_async_callback(api.aclose)
            stack.push_async_callback(_end, asyncio.create_task(_follow(feed, monitor, on_trouble)))
            return OpenedApi(api, stack.pop_all())

    return open_fed


async def _follow(feed: IdsFeed, monitor: Monitor, on_trouble: Callable[[str], None]) -> None:
    told = ""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            came, went = await asyncio.to_thread(feed.look)
        except InvalidIds as error:
            if str(error) != told:
                on_trouble(told := str(error))
            continue
        told = ""
        monitor.watch(came)
        for chat_id in went:
            monitor.unwatch(chat_id)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
