"""The question for how many minutes to know of an alarm."""

from __future__ import annotations

import math
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label

DEFAULT_MINUTES = 10
MOST_MINUTES = 720


class InvalidMinutes(ValueError):
    """The text is no number of minutes to snooze for; the message says what would do."""


def parse_minutes(text: str) -> float:
    """The seconds that a number of minutes is. Raises `InvalidMinutes`."""
    try:
        minutes = float(text.strip().replace(",", "."))
    except ValueError:
        minutes = math.nan
    if not 0 < minutes <= MOST_MINUTES:
        raise InvalidMinutes(f"That is no number of minutes: above 0, up to {MOST_MINUTES}.")
    return minutes * 60


class SnoozePrompt(ModalScreen[float | None]):
    """Asks for minutes and gives seconds; None where the user thinks better of it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "cancel", show=False)]

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what

    def compose(self) -> ComposeResult:
        """The question, the field, and what is wrong with the answer."""
        with Vertical(id="prompt"):
            yield Label(Content(f"Snooze {self._what}"), classes="title")
            yield Input(str(DEFAULT_MINUTES), placeholder="minutes", compact=True, select_on_focus=True)
            yield Label("minutes: Enter snoozes for so long, Esc does not", classes="said")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the minutes, or say why they are none."""
        try:
            self.dismiss(parse_minutes(event.value))
        except InvalidMinutes as error:
            said = self.query_one(".said", Label)
            said.add_class("wrong")
            said.update(Content(str(error)))

    def action_cancel(self) -> None:
        """Snooze nothing."""
        self.dismiss(None)
