"""A screen that follows a window whose size changes faster than it can be laid out."""

from __future__ import annotations

from typing import Any, Protocol

from textual import events
from textual.app import App
from textual.geometry import Size
from textual.message import Message


class _Sized(Protocol):
    @property
    def app(self) -> App[Any]: ...

    @property
    def outer_size(self) -> Size: ...

    def post_message(self, message: Message, /) -> bool: ...

    def resized(self) -> None: ...


class LatestSize:
    """Goes before the screen that a class is made of, and leaves out each size that is over already.

    A layout tells the screen itself of its size, and of two sizes on their way each would then bring back the other while something else
    lies between them, and where the screen is busy by itself for ever, with a turn for nothing else. Where nothing lies between them, the
    later message replaces the earlier one: the size of a layout that is over replaces the size that the window has now (Textual 8.2).
    """

    def on_resize(self: _Sized, event: events.Resize) -> None:
        """Another size, or one that was."""
        if event.size == self.app.size:
            self.resized()
        else:
            event.prevent_default().stop()
            if self.outer_size != self.app.size:
                self.post_message(events.Resize(self.app.size, self.app.size))

    def resized(self) -> None:
        """The size is another one: what is placed by hand is placed anew."""
