"""How far a long command is, on standard error where that is a terminal and nothing else is drawn there."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

import click

from chatmon.cli.running import UNABLE_TERMINALS

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

NOT_BEFORE: Final = 0.5
"""Seconds that a command may take without anybody wondering."""
EVERY: Final = 0.1
"""Seconds between two looks of the bar."""


def can_show_progress() -> bool:
    """Whether standard error is a terminal that can draw over what it drew."""
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM", "").lower() not in UNABLE_TERMINALS


@contextmanager
def progress(label: str, total: int, *, is_shown: bool, clock: Callable[[], float] = time.monotonic) -> Iterator[Callable[[int], None]]:
    """What takes how much of `total` is done; where `is_shown`, a bar with its label tells it once `NOT_BEFORE` seconds have passed."""
    if not is_shown:
        yield lambda _: None
        return
    with ExitStack() as stack:
        bar = _Bar(label, total, clock, stack)
        yield bar.show
        bar.finish()


class _Bar:
    def __init__(self, label: str, total: int, clock: Callable[[], float], stack: ExitStack) -> None:
        self._label = label
        self._total = max(1, total)
        self._clock = clock
        self._stack = stack
        self._began = clock()
        self._next = self._began + NOT_BEFORE
        self._bar: ProgressBar[int] | None = None

    def show(self, done: int) -> None:
        now = self._clock()
        if now < self._next:
            return
        self._next = now + EVERY
        if self._bar is None:
            self._bar = self._stack.enter_context(click.progressbar(length=self._total, label=self._label, file=sys.stderr))
            self._bar.start -= now - self._began  # what is done by now took so long
        self._move(done)

    def finish(self) -> None:
        if self._bar is not None:
            self._move(self._total)

    def _move(self, done: int) -> None:
        if self._bar is not None:
            self._bar.update(max(0, min(done, self._total) - self._bar.pos))
