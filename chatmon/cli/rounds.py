"""Polling without a screen: one round over all chats, or on and on, with the monitor that the dashboard has."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from random import Random
from typing import Final

import msgspec

from chatmon.cli.alarm_command import with_alarm_command
from chatmon.cli.chat_ids import is_followed
from chatmon.cli.feed import EQUAL_LOOKS, IdsFeed, fed_api
from chatmon.cli.opened_api import open_client
from chatmon.cli.options import Watched
from chatmon.cli.output_queue import OutputQueue
from chatmon.cli.running import NOTHING_REACHED, OK, SOME_CHAT_NOT_OK, is_ready
from chatmon.config import Settings
from chatmon.monitor.alarms import Alarm, Thresholds
from chatmon.monitor.chat import Chat
from chatmon.monitor.chat_list import LabelledChat
from chatmon.monitor.clock import Moment, SystemClock
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.monitor import Monitor, OpenChatApi
from chatmon.monitor.observation import Health
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi, poll_round
from chatmon.monitor.pseudonyms import Naming

END_SECONDS: Final = 0.5
"""After a signal, for so long whoever reads is waited for."""
_NO_ANSWER = frozenset({"timeout", "connect", "tls", "closed"})


class Round(msgspec.Struct, frozen=True):
    """The chats as they are known after polling, in the order in which they were named, when that was, and the alarms there are."""

    chats: tuple[Chat, ...]
    over: Moment
    alarms: tuple[Alarm, ...] = ()


def chat_api(settings: Settings) -> OpenChatApi:
    """What opens the Chat API of the settings."""

    async def open_api(monitor: Monitor) -> ChatApi:
        return await open_client(settings.endpoint, monitor, deadline=settings.deadline, connections=settings.pace.max_concurrency)

    return open_api


def watching_api(asked: Watched) -> OpenChatApi:
    """What opens the Chat API, follows the file with the ids, where there is one to follow, and has the command run for each alarm."""
    open_api = chat_api(asked.settings)
    if asked.settings.on_alarm:
        open_api = with_alarm_command(open_api, asked.settings.on_alarm)
    if asked.ids_file is None or not is_followed(asked.ids_file):
        return open_api
    return fed_api(open_api, IdsFeed(asked.ids_file, asked.listed, asked.named, equal_looks=EQUAL_LOOKS))


def new_monitor(
    open_api: OpenChatApi,
    pace: Pace,
    chats: Iterable[LabelledChat] = (),
    on_event: Callable[[Event], None] | None = None,
    *,
    thresholds: Thresholds | None = None,
    timezone: tzinfo | None = None,
) -> Monitor:
    """A monitor on the machine's own clock that watches these chats."""
    monitor = Monitor(
        open_api, pace=pace, clock=SystemClock(), random=Random(), on_event=on_event, thresholds=thresholds, timezone=timezone
    )
    monitor.watch(chats)
    return monitor


async def one_round(
    open_api: OpenChatApi,
    pace: Pace,
    chats: Iterable[LabelledChat] = (),
    *,
    thresholds: Thresholds | None = None,
    on_notice: Callable[[str], None] | None = None,
) -> Round:
    """Ask for every chat once. Chats that appear meanwhile are left out."""
    monitor = new_monitor(open_api, pace, chats, thresholds=thresholds)
    monitor.on_notice = on_notice
    api = await open_api(monitor)
    try:
        await poll_round(api, monitor.board, monitor.clock, monitor.budget, max_concurrency=pace.max_concurrency)
        monitor.review()
    finally:
        await api.aclose()
    over = monitor.clock.now()
    return Round(tuple(chat for chat in monitor.board.chats if chat.polled is not None), over, monitor.alarms.alarms(over))


def named(outcome: Round, naming: Naming) -> Round:
    """A round by the names that are shown."""
    return Round(tuple(map(naming.chat, outcome.chats)), outcome.over, tuple(map(naming.alarm, outcome.alarms)))


async def follow(
    open_api: OpenChatApi,
    pace: Pace,
    chats: Iterable[LabelledChat],
    write: Callable[[Event, Monitor], None],
    *,
    thresholds: Thresholds | None = None,
    on_notice: Callable[[str], None] | None = None,
    seconds: float | None = None,
) -> int:
    """Poll and write every event, for so many seconds from the first poll or until cancelled; the exit code. Raises what `write` raises.

    Polling does not wait for whoever reads standard output and standard error, where `write` and `on_notice` write to.
    """
    notices: OutputQueue[str] = OutputQueue(on_notice or (lambda _: None), lambda: is_ready(sys.stderr), lambda _: None)
    events: OutputQueue[Event] = OutputQueue(
        lambda event: write(event, monitor),
        lambda: is_ready(sys.stdout),
        lambda number: notices.put(f"nobody read the output for a while: {number} events were not printed"),
    )

    def take(event: Event) -> None:
        if event.kind is EventKind.MONITOR_STARTED and seconds is not None:
            asyncio.get_running_loop().call_later(seconds, polling.cancel)
        events.put(event)

    monitor = new_monitor(open_api, pace, chats, take, thresholds=thresholds)
    monitor.on_notice = notices.put
    polling = asyncio.create_task(monitor.run())
    polling.add_done_callback(lambda _: events.complete())
    try:
        await _write(events, notices)
    except asyncio.CancelledError:
        polling.cancel()
        await asyncio.wait([polling])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                await _write(events, notices)  # the monitor's end is an event too
        raise
    finally:
        polling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await polling
    return exit_code(tuple(monitor.board.chats))


async def _write(events: OutputQueue[Event], notices: OutputQueue[str]) -> None:
    """Write until there are no more events, and the notices meanwhile. Raises what writing raises."""
    telling = asyncio.create_task(notices.write_all())
    try:
        await events.write_all()
        notices.complete()
        await telling
    finally:
        telling.cancel()
        await asyncio.wait([telling])


def exit_code(chats: Sequence[Chat]) -> int:
    """0 where every chat is ok, 3 where the server gave no answer for any of them, ever, else 1."""
    if all(chat.health is Health.OK for chat in chats):
        return OK
    return NOTHING_REACHED if all(map(_never_reached, chats)) else SOME_CHAT_NOT_OK


def why_nothing_reached(chats: Sequence[Chat]) -> str:
    """One line that says why no chat could be reached, by the first that could not."""
    reason = next((chat.error.message for chat in chats if chat.error is not None), "no answer so far")
    return f"no chat could be reached: {reason}"


def _never_reached(chat: Chat) -> bool:
    return chat.resource is None and (chat.error is None or chat.error.kind in _NO_ANSWER)
