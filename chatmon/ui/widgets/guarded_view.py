"""A widget whose own fault stays its own: it says so in its place, and everything else on the screen goes on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from textual.message import Message
from textual.scroll_view import ScrollView

from chatmon.monitor.own_fault import own_fault
from chatmon.ui import glyphs
from chatmon.ui.lines import EMPTY, Line, Span, line, wrap

MAX_TOLD = 50
"""Different faults that one widget tells of."""


class GuardedView(ScrollView, can_focus=False):
    """Paints lines. One that cannot be made says so; where what is to be shown could not be taken in, the widget does."""

    class Stumbled(Message):
        """A part of the screen cannot be painted."""

        def __init__(self, error: Exception) -> None:
            super().__init__()
            self.error = error

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._instead: list[Line] = []
        """What is said where what is to be shown could not be taken in."""
        self._faulty: set[int] = set()
        """The lines that say what went wrong when they were to be made."""
        self._told: set[str] = set()

    @property
    def is_faulty(self) -> bool:
        """Whether something in the widget's place says what went wrong."""
        return bool(self._instead or self._faulty)

    def line_at(self, y: int) -> Line:
        """What stands in line `y` of the viewport, which begins at 0."""
        raise NotImplementedError

    def safe_line_at(self, y: int) -> Line:
        """The same; where it cannot be made, what went wrong."""
        if self._instead:
            return self._instead[y] if y < len(self._instead) else EMPTY
        self._faulty.discard(y)
        try:
            return self.line_at(y)
        except Exception as error:  # noqa: BLE001 - whatever one line meets, the others are painted
            return self.faulty_line(y, error)

    def faulty_line(self, y: int, error: Exception) -> Line:
        """What stands in line `y`, which cannot be made or painted."""
        self._faulty.add(y)
        return line(" ", Span(self._stumble(error), "failing"))

    def _stumble(self, error: Exception) -> str:
        """Tell of a fault, once, and give the words that say so."""
        said = own_fault(error)
        if said not in self._told and len(self._told) < MAX_TOLD:
            self._told.add(said)
            self.post_message(self.Stumbled(error))
        return f"{glyphs.FAILING} chatmon's own fault: {said}"

    def _begin_to_show(self) -> None:
        self._faulty.clear()
        self._instead = []

    def _cannot_show(self, error: Exception) -> None:
        words = self._stumble(error).split()
        self._instead = [line(" ", Span(part, "failing")) for part in wrap(words, max(10, self.size.width - 2))]
        self.refresh()


Show = TypeVar("Show", bound=Callable[..., None])


def guarded(show: Show) -> Show:
    """A method of a `GuardedView` that takes in what is to be shown; what it raises stands in the widget's place."""

    @wraps(show)
    def show_or_tell(self: GuardedView, *args: Any, **options: Any) -> None:
        self._begin_to_show()
        try:
            show(self, *args, **options)
        except Exception as error:  # noqa: BLE001 - whatever one widget meets, the others go on
            self._cannot_show(error)

    return cast(Show, show_or_tell)
