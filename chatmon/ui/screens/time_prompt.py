"""The question which time of day to go to."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from chatmon.replay.time_words import InvalidTime


class TimePrompt(ModalScreen[float | None]):
    """Asks for a time and gives UTC seconds; None where the user thinks better of it. `parse` raises `InvalidTime`."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "cancel", show=False)]

    def __init__(self, parse: Callable[[str], float], *, stretch: str) -> None:
        super().__init__()
        self._parse = parse
        self._stretch = stretch

    def compose(self) -> ComposeResult:
        """The question, the field, and what is wrong with the answer."""
        with Vertical(id="prompt"):
            yield Label("Go to a time of day", classes="title")
            yield Input(placeholder="14:05 or 14:05:30", compact=True)
            yield Label(Content(f"{self._stretch}; Enter goes there, Esc does not"), classes="said")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the time, or say why it is none."""
        try:
            self.dismiss(self._parse(event.value))
        except InvalidTime:
            said = self.query_one(".said", Label)
            said.add_class("wrong")
            said.update(Content("That is no time of day: write it as 14:05 or 14:05:30."))

    def action_cancel(self) -> None:
        """Stay where it is."""
        self.dismiss(None)
