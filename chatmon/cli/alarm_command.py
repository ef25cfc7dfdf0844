"""The command that the user wants to have run for each alarm."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Final

from chatmon.cli.opened_api import OpenedApi
from chatmon.cli.output import event_json, to_json
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.own_fault import tell_own_fault

if TYPE_CHECKING:
    from chatmon.monitor.monitor import Monitor, OpenChatApi
    from chatmon.monitor.poller import ChatApi

TIME_LIMIT: Final = 10.0
"""Seconds after which a command that is still running is killed, with all that it started."""
END_LIMIT: Final = 0.5
"""The same once chatmon ends."""
MAX_AT_ONCE: Final = 4
MAX_QUEUED: Final = 100
"""Alarms that wait for their command to be run; what comes when so many wait is dropped, and said."""

TROUBLE: Final = "alarm command"
"""What the monitor's lasting mark is about."""


class AlarmCommand:
    """Runs a command for each alarm that is raised, and again for one that becomes critical.

    The command gets one line of JSON on standard input: the event, as everywhere in output, with `label` and `state` of its chat. It has
    no terminal, its output goes nowhere, and its exit code tells whether it worked. What fails is a lasting trouble of the monitor until
    a later run works.
    """

    def __init__(self, argv: Sequence[str], monitor: Monitor, *, time_limit: float = TIME_LIMIT) -> None:
        self._argv = tuple(argv)
        self._monitor = monitor
        self._time_limit = time_limit
        self._queue: asyncio.Queue[str] = asyncio.Queue(MAX_QUEUED)
        self._workers: list[asyncio.Task[None]] = []
        self._is_late = False

    def start(self) -> None:
        """Run the command for every alarm that is raised from now on, until `aclose`. Called where the event loop runs."""
        self._monitor.listen(self._take)
        self._workers = [asyncio.create_task(self._work()) for _ in range(MAX_AT_ONCE)]

    async def aclose(self) -> None:
        """Let the commands that are running end, for `END_LIMIT` seconds at the most, and run no others."""
        workers, self._workers = self._workers, []
        while not self._queue.empty():
            self._queue.get_nowait()
            self._queue.task_done()
        with suppress(TimeoutError):
            async with asyncio.timeout(END_LIMIT):
                await self._queue.join()
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    def _take(self, event: Event) -> None:
        if event.kind is not EventKind.ALARM_RAISED or not self._workers:
            return
        chat = None if event.chat is None else self._monitor.board.chat(event.chat)
        about = {"label": None, "state": None} if chat is None else {"label": chat.label, "state": chat.state}
        try:
            self._queue.put_nowait(to_json({**event_json(event), **about}))
        except asyncio.QueueFull:
            self._is_late = True
            self._monitor.trouble(TROUBLE, "the alarm command is too slow: it is not run for every alarm")

    async def _work(self) -> None:
        while True:
            text = await self._queue.get()
            try:
                failure = await self._run(text)
            except Exception as error:  # noqa: BLE001 - the next alarm has its command run whatever this one met
                failure = f"could not be run: {tell_own_fault('the alarm command could not be run', error)}"
            finally:
                self._queue.task_done()
            if failure is not None:
                self._monitor.trouble(TROUBLE, f"the alarm command {failure}")
            elif not self._is_late or self._queue.empty():
                self._is_late = False
                self._monitor.trouble(TROUBLE, None)

    async def _run(self, text: str) -> str | None:
        """Run the command once; what went wrong, or None."""
        nowhere = asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(
                *self._argv, stdin=asyncio.subprocess.PIPE, stdout=nowhere, stderr=nowhere, start_new_session=True
            )
        except (OSError, ValueError) as error:
            return f"cannot be run: {getattr(error, 'strerror', None) or 'it holds a null character'}"
        try:
            async with asyncio.timeout(self._time_limit):
                await process.communicate(text.encode() + b"\n")
        except TimeoutError:
            return f"was killed: it ran for longer than {self._time_limit:g} s"
        finally:
            await _end(process)
        return _failure(process.returncode or 0)


def _failure(exit_code: int) -> str | None:
    if exit_code < 0:
        return f"was ended by signal {-exit_code}"
    return f"failed with exit code {exit_code}" if exit_code else None


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a process that still runs, and whatever it started."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    await process.wait()


def with_alarm_command(open_api: OpenChatApi, argv: Sequence[str]) -> OpenChatApi:
    """The same Chat API, with a command run for each alarm for as long as it is open."""

    async def open_commanded(monitor: Monitor) -> ChatApi:
        async with AsyncExitStack() as stack:
            api = await open_api(monitor)
            stack.push_async_callback(api.aclose)
            command = AlarmCommand(argv, monitor)
            command.start()
            stack.push_async_callback(command.aclose)
            return OpenedApi(api, stack.pop_all())

    return open_commanded
