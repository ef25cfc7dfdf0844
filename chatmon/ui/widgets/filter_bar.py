"""The line in which a filter is typed; it stays while one is in force."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Label


class FilterBar(Horizontal):
    """A line for the filter's text and for what it finds."""

    class Changed(Message):
        """The text was changed, and takes effect as it is typed. What it is now is asked for: it may have been taken away since."""

    class Done(Message):
        """The user has finished typing."""

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self._placeholder = placeholder

    def compose(self) -> ComposeResult:
        """The slash, the text, and what is said of it."""
        yield Label("/", classes="-key")
        yield Input(placeholder=self._placeholder, compact=True)
        yield Label(classes="-said")

    @property
    def input(self) -> Input:
        """The field for the text."""
        return self.query_one(Input)

    def open(self, text: str) -> None:
        """Show the line and put the keyboard into it."""
        self.add_class("-shown")
        self.input.value = text
        # At once: `Widget.focus` would take its time, and the next keys may be on their way already.
        self.screen.set_focus(self.input)

    def close(self) -> None:
        """Take the line away."""
        self.remove_class("-shown", "-wrong")
        with self.prevent(Input.Changed):
            self.input.value = ""

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Say what the filter finds, or what is wrong with it."""
        self.set_class(wrong, "-wrong")
        self.query_one("Label.-said", Label).update(Content(text))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass the text on."""
        event.stop()
        if self.has_class("-shown"):
            self.post_message(self.Changed())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Pass on that the text is finished."""
        event.stop()
        self.post_message(self.Done())
