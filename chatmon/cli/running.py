"""How a command runs and ends: until it is done, until a signal, until nobody reads its output any more."""

from __future__ import annotations

import errno
import os
import select
import signal
import stat
import sys
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from threading import current_thread, main_thread
from types import FrameType
from typing import IO, Final

import click

from chatmon.api.sanitise import clean
from chatmon.detached import DetachedExecutor
from chatmon.last_resort import last_resort

OK: Final = 0
SOME_CHAT_NOT_OK: Final = 1
NOTHING_REACHED: Final = 3
INTERRUPTED: Final = 128 + signal.SIGINT
OWN_FAULT: Final = 70
"""EX_SOFTWARE of sysexits.h: none of the outcomes that the other codes tell."""
TERMINATED: Final = 128 + signal.SIGTERM
ENDED_BY_PIPE: Final = 141
"""As a shell reports SIGPIPE (13), which Python turns into an exception."""

WEB_DRIVER: Final = "textual.drivers.web_driver:WebDriver"
"""What TEXTUAL_DRIVER says to a program whose screen is relayed to a browser (source: textual-serve 1.1)."""
UNABLE_TERMINALS: Final = frozenset({"dumb", "unknown"})
"""What TERM says of terminals that print line after line: shells in editors, build logs."""


class CannotWrite(click.ClickException):
    """Standard output takes nothing more, and not because its reader left."""

    exit_code = 2


class EndedBySignal(SystemExit):
    """A signal came while a write waited for a reader; its exit code is 128 + signal."""


def run(work: Coroutine[object, object, int]) -> int:
    """Run until done, and give the exit code.

    SIGINT, SIGTERM and SIGHUP cancel the work, which may still clean up for a moment, and make it 128 + signal. A hang-up that was
    ignored from the start, as nohup has it, goes on being ignored.
    """
    import asyncio

    async def supervised() -> int:
        task = asyncio.ensure_future(work)
        received: list[int] = []

        def stop(number: int) -> None:
            received.append(number)
            last_resort.arm(128 + number)
            if not is_ready(sys.stdout):  # what the work says at its end must not wait for a reader
                silence_output()
            task.cancel()

        loop = asyncio.get_running_loop()
        loop.set_default_executor(DetachedExecutor())
        for number in _ending_signals():
            with suppress(NotImplementedError):  # not on Windows, where Ctrl-C raises KeyboardInterrupt
                loop.add_signal_handler(number, stop, number)
        try:
            return await task
        except asyncio.CancelledError:
            if not received:
                raise
            return 128 + received[0]

    try:
        return asyncio.run(supervised())
    except EndedBySignal as ended:
        return int(ended.code or 0)
    finally:
        last_resort.disarm()


def _ending_signals() -> tuple[signal.Signals, ...]:
    hang_up = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
    return signal.SIGINT, signal.SIGTERM, *hang_up


def emit(lines: Iterable[str]) -> None:
    """Print lines on standard output at once; on a terminal that is gone, nowhere.

    Raises `BrokenPipeError` where nobody reads, `CannotWrite` for other troubles.
    """
    text = "\n".join(lines)
    if not text:
        return
    with writing(), nullcontext() if _takes_at_once(text) else _ended_by_signals():
        click.echo(text)


@contextmanager
def writing() -> Iterator[None]:
    """Where nothing but a write to standard output can fail. Raises as `emit` does."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        is_lost_terminal = error.errno == errno.EIO and stat.S_ISCHR(os.fstat(sys.stdout.fileno()).st_mode)
        silence_output()
        if is_lost_terminal:
            return
        raise CannotWrite(f"standard output cannot be written: {error.strerror}") from None


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let signals end what is written, and with it the command, which may still clean up: an event loop cannot while a write waits."""
    if current_thread() is not main_thread():
        yield
        return

    def end(number: int, _: FrameType | None) -> None:
        last_resort.arm(128 + number)
        silence_output()  # which would else get the rest in the end, and wait for its reader
        raise EndedBySignal(128 + number)

    handlers = {number: signal.signal(number, end) for number in _ending_signals()}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


@contextmanager
def ended_by_exceptions() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise SystemExit with the code by which a shell tells of them. A hang-up that is ignored stays so."""

    def end(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    handlers: dict[signal.Signals, object] = {}
    if current_thread() is main_thread():
        meant = [signal.Signals[name] for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
        handlers = {number: signal.signal(number, end) for number in meant if signal.getsignal(number) is not signal.SIG_IGN}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal gave


def _takes_at_once(text: str) -> bool:
    """Whether standard output takes a text without waiting. A terminal may be ready for less than the whole text."""
    size = len(text.encode("ascii", "backslashreplace"))
    return is_ready(sys.stdout) and not has_terminal() and size < getattr(select, "PIPE_BUF", 0)


def is_ready(stream: IO[str]) -> bool:
    """Whether standard output or standard error takes something now, as far as can be known."""
    try:
        return bool(select.select([], [stream.fileno()], [], 0)[1])
    except (AttributeError, OSError, ValueError):
        return True  # closed, or no such thing here


def say(message: str) -> None:
    """Tell the user something on standard error: it is no output."""
    click.echo(f"chatmon: {clean(message)}", err=True)


def has_terminal() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def is_in_browser() -> bool:
    """Whether keys and screen are those of a browser, relayed over the pipes of standard input and output."""
    return os.environ.get("TEXTUAL_DRIVER") == WEB_DRIVER


def can_draw() -> bool:
    """Whether there is a browser, or standard output is a terminal whose cursor can be moved."""
    return is_in_browser() or (has_terminal() and os.environ.get("TERM", "").lower() not in UNABLE_TERMINALS)


def why_not_drawn() -> str:
    """What keeps a dashboard from being drawn, where something does."""
    return "standard output is a terminal that cannot move its cursor" if has_terminal() else "standard output is no terminal"


def silence_output() -> None:
    """Send what is still buffered for standard output nowhere, so that the interpreter's end does not stumble over it."""
    _silence(sys.stdout)


def silence_what_is_gone() -> None:
    """The same for standard output and standard error, where nobody takes what is buffered any more."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):  # closed, or never open
            _silence(stream)


def _silence(stream: IO[str]) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(AttributeError, OSError, ValueError):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def tolerate_encodings(streams: Iterable[object] | None = None) -> None:
    """Let a stream of a narrow encoding show what it cannot write as escapes instead of failing."""
    for stream in (sys.stdout, sys.stderr) if streams is None else streams:
        reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
