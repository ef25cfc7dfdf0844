"""The question which time of day to go to."""

from __future__ import annotations

from collections.abc import Callable

from textual.widgets import Input

from chatmon.replay.time_words import InvalidTime
from chatmon.ui.screens.prompt import InvalidAnswer, Prompt


class TimePrompt(Prompt[float]):
    """Asks for a time and gives UTC seconds. `parse` raises `InvalidTime`; `stretch` says what there is to go to."""

    def __init__(self, parse: Callable[[str], float], *, stretch: str) -> None:
        field = Input(placeholder="14:05 or 14:05:30", compact=True)
        super().__init__("Go to a time of day", field, f"{stretch}; Enter goes there, Esc does not")
        self._parse = parse

    def wanted(self, typed: str) -> float:
        """UTC seconds. Raises `InvalidAnswer`."""
        try:
            return self._parse(typed)
        except InvalidTime:
            raise InvalidAnswer("That is no time of day: write it as 14:05 or 14:05:30.") from None
