"""Follows a file of chat ids while the monitor runs, so that any other system can say what to watch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from chatmon.cli.chat_ids import STANDARD_INPUT, InvalidIds, LabelledChat, read_chats
from chatmon.config import typed_path

if TYPE_CHECKING:
    from chatmon.api.resource import Answer
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
    last line without an end, once it has not changed between two looks.
    """

    def __init__(self, arguments: Sequence[str], ids_file: str, known: Sequence[LabelledChat]) -> None:
        self._arguments = tuple(argument for argument in arguments if argument != STANDARD_INPUT)
        self._ids_file = ids_file
        self._known = dict(known)
        self._stamp: _Stamp | None = None
        self._settled = False

    def look(self) -> tuple[tuple[LabelledChat, ...], tuple[str, ...]]:
        """The chats that came or got another label, and the ids that went, since the last look. Raises `InvalidIds`."""
        stamp = self._read_stamp()
        if stamp == self._stamp and self._settled:
            return (), ()
        self._settled = stamp == self._stamp
        self._stamp = stamp
        now = dict(read_chats(self._arguments, self._ids_file, whole_lines_only=not self._settled))
        came = tuple((chat_id, label) for chat_id, label in now.items() if self._known.get(chat_id) != label)
        went = tuple(chat_id for chat_id in self._known if chat_id not in now) if self._settled else ()
        self._known = now if self._settled else {**self._known, **now}
        return came, went

    def _read_stamp(self) -> _Stamp | None:
        try:
            status = typed_path(self._ids_file).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino


def fed_api(open_api: OpenChatApi, feed: IdsFeed, on_trouble: Callable[[str], None]) -> OpenChatApi:
    """The same Chat API, with the monitor watching what the file names for as long as it is open.

    A file that cannot be used changes nothing; `on_trouble` is told why, once.
    """

    async def open_fed(monitor: Monitor) -> ChatApi:
        api = await open_api(monitor)
        return _FedApi(api, asyncio.create_task(_follow(feed, monitor, on_trouble)))

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
        monitor.watch(came)
        for chat_id in went:
            monitor.unwatch(chat_id)


class _FedApi:
    """A Chat API, and the task that has to end with it."""

    def __init__(self, api: ChatApi, following: asyncio.Task[None]) -> None:
        self._api = api
        self._following = following

    async def get(self, chat_id: str) -> Answer:
        return await self._api.get(chat_id)

    def forget(self, chat_id: str) -> None:
        self._api.forget(chat_id)

    async def aclose(self) -> None:
        self._following.cancel()
        with suppress(asyncio.CancelledError):
            await self._following
        await self._api.aclose()
