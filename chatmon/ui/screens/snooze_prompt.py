"""The question for how many minutes to know of an alarm."""

from __future__ import annotations

import math

from textual.widgets import Input

from chatmon.ui.screens.prompt import InvalidAnswer, Prompt

DEFAULT_MINUTES = 10
MOST_MINUTES = 720


def parse_minutes(text: str) -> float:
    """The seconds that a number of minutes is. Raises `InvalidAnswer`."""
    try:
        minutes = float(text.strip().replace(",", "."))
    except ValueError:
        minutes = math.nan
    if not 0 < minutes <= MOST_MINUTES:
        raise InvalidAnswer(f"That is no number of minutes: above 0, up to {MOST_MINUTES}.")
    return minutes * 60


class SnoozePrompt(Prompt[float]):
    """Asks for minutes and gives seconds. Nothing typed means `DEFAULT_MINUTES`."""

    def __init__(self, what: str) -> None:
        field = Input(placeholder=str(DEFAULT_MINUTES), compact=True)
        super().__init__(f"Snooze {what}", field, "minutes: Enter snoozes for so long, Esc does not")

    def wanted(self, typed: str) -> float:
        """The seconds. Raises `InvalidAnswer`."""
        return parse_minutes(typed.strip() or str(DEFAULT_MINUTES))
