"""Where a command records its events, and what it knows again from there."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from chatmon.cli.history_file import default_path as default_path
from chatmon.cli.history_file import source_of as source_of
from chatmon.cli.opened_api import OpenedApi
from chatmon.cli.usage import refuse
from chatmon.config import Layer, Settings
from chatmon.history.errors import HistoryError, HistoryRefused
from chatmon.history.reader import HistoryReader
from chatmon.history.recall import Recalled, recall
from chatmon.history.recorder import TROUBLE, Recorder
from chatmon.history.writer import DEFAULT_DAYS, HistoryWriter
from chatmon.monitor.clock import SystemClock
from chatmon.monitor.shift import Shift, day_start
from chatmon.paths import NoHomeFolder

if TYPE_CHECKING:
    from chatmon.api.endpoint import Endpoint
    from chatmon.monitor.clock import Moment
    from chatmon.monitor.monitor import Monitor, OpenChatApi
    from chatmon.monitor.poller import ChatApi

RECALL_TROUBLE = "recall"


class History(msgspec.Struct, frozen=True):
    """What one monitor records to and reads from: made by `history_at`, closed with the Chat API that `recorded_api` opens.

    One that is `only_read` is never written to.
    """

    writer: HistoryWriter
    reader: HistoryReader
    days: float
    timezone: tzinfo | None
    only_read: bool = False


def _source_of(endpoint: Endpoint) -> str:
    return source_of(endpoint.root, next((value for name, value in endpoint.headers.items() if name.lower() == "contactcenterid"), ""))


def history_of(settings: Settings, *, by_default: bool) -> History | None:
    """The history that is meant, not opened yet; None where there is none. UsageError where there is no place for one.

    Whoever records `by_default` takes the file of the profile or of the user's state folder. Everyone else does so where the command
    line or the environment names a file: else a check in a script would want the very file that the dashboard records to.
    """
    try:
        return _meant(settings, by_default=by_default)
    except NoHomeFolder as error:
        refuse(f"nowhere to record to: {error.strerror}, or name a file with --history FILE, or give --no-history")


def _meant(settings: Settings, *, by_default: bool) -> History | None:
    wanted = settings.history
    if wanted.is_off or not (by_default or settings.origins["history"].layer in {Layer.FLAG, Layer.ENVIRONMENT}):
        return None
    return history_at(wanted.file or default_path(), _source_of(settings.endpoint), days=wanted.days, timezone=settings.screen.timezone)


def history_to_read(settings: Settings) -> History | None:
    """The same history for whoever only reads it; None also where there is none yet, or it cannot be read."""
    try:
        history = _meant(settings, by_default=True)
    except NoHomeFolder:
        return None
    if history is None:
        return None
    try:
        history.reader.pseudonym_key()
    except HistoryError:
        return None
    finally:
        history.reader.close()
    return msgspec.structs.replace(history, only_read=True)


def opened(history: History) -> History:
    """The history once it is known that it can be recorded to; UsageError where it cannot."""
    try:
        history.writer.open()
    except HistoryError as error:
        refuse(str(error))
    return history


def history_at(path: Path, source: str, *, days: float = DEFAULT_DAYS, timezone: tzinfo | None = None) -> History:
    """The history in a file, not opened yet. `source` tells whose chats are meant."""
    writer = HistoryWriter(path, source=source, token=secrets.token_hex(8), started=SystemClock().now().utc)
    return History(writer, HistoryReader(path, source), days, timezone)


def recorded_api(open_api: OpenChatApi, history: History | None) -> OpenChatApi:
    """The same Chat API, with the monitor knowing what is recorded before it polls, and recorded for as long as the API is open.

    Where that cannot be, the monitor goes on without and has a lasting trouble that says why. Without a history it is the API alone;
    one that is only read is known from, and not recorded to.
    """
    if history is None:
        return open_api

    async def open_recorded(monitor: Monitor) -> ChatApi:
        async with AsyncExitStack() as stack:
            stack.callback(history.reader.close)
            if await _begin(history, monitor):
                recorder = Recorder(monitor, history.writer, days=history.days, timezone=history.timezone)
                stack.push_async_callback(recorder.aclose)
                # Closed before the recorder: the last one to close a file of SQLite's moves into it what lies beside it.
                stack.callback(history.reader.close)
            api = await open_api(monitor)
            stack.push_async_callback(api.aclose)
            return OpenedApi(api, stack.pop_all())

    return open_recorded


async def _begin(history: History, monitor: Monitor) -> bool:
    """Open the file and let the monitor know what is in it; whether it can be recorded to, now or, perhaps, later."""
    now = monitor.clock.now()
    watched = [chat.id for chat in monitor.board.chats]
    shift = Shift(since=day_start(now.utc, history.timezone), service_level=monitor.alarms.thresholds.service_level)
    try:
        opened = await asyncio.to_thread(_open_and_recall, history, watched, shift, now)
        if opened.recalled is not None:
            opened.recalled.hand_to(monitor)
    except Exception as error:  # noqa: BLE001 - whatever is recorded, what comes can be seen
        monitor.own_fault(RECALL_TROUBLE, "not all is known from before", error)
        return not history.only_read
    if opened.unknown:
        monitor.trouble(RECALL_TROUBLE, opened.unknown)
    if opened.refusal is not None:
        monitor.trouble(TROUBLE, f"nothing is recorded: {opened.refusal}")
    return not history.only_read and not isinstance(opened.refusal, HistoryRefused)


class _Opened(msgspec.Struct, frozen=True):
    """What became of a file: why it cannot be recorded to, what is known again, and what is not."""

    refusal: HistoryError | None
    recalled: Recalled | None = None
    unknown: str = ""


def _open_and_recall(history: History, watched: Sequence[str], shift: Shift, now: Moment) -> _Opened:
    refusal: HistoryError | None = None
    try:
        if not history.only_read:
            history.writer.open()
    except HistoryError as error:
        refusal = error
    try:
        history.reader.first_position_of_session = history.reader.next_position()
        recalled = recall(history.reader, watched, shift, now)
    except HistoryError as error:
        return _Opened(refusal, unknown="" if refusal else f"nothing is known from before: {error}")
    unreadable = f"{recalled.unreadable} chats of the history cannot be read and begin anew" if recalled.unreadable else ""
    return _Opened(refusal, recalled, unreadable)
