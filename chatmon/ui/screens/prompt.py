"""A question with one line to type the answer in."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from chatmon.ui.keys import MODAL_KEYS
from chatmon.ui.screens.latest_size import LatestSize

Wanted = TypeVar("Wanted")


class InvalidAnswer(ValueError):
    """What was typed is no answer; the message is a sentence that says what would do.

    `rest` is as much of it as is still to be mended; None where that is all.
    """

    def __init__(self, message: str, *, rest: str | None = None) -> None:
        super().__init__(message)
        self.rest = rest


class Prompt(LatestSize, ModalScreen[Wanted | None], Generic[Wanted]):
    """Asks until the answer will do. Gives what was wanted, or None where the user thinks better of it: once, whatever is pressed then.

    The field is empty at first: what is typed before it has the focus would be added to whatever stands there.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "cancel", show=False), *MODAL_KEYS]

    def __init__(self, title: str, field: Input, said: str) -> None:
        """The `title` is the question; `said` is what stands below the `field` until the answer is a wrong one."""
        super().__init__()
        self._title = title
        self._field = field
        self._said = said

    def wanted(self, typed: str) -> Wanted:
        """What the user means. Raises `InvalidAnswer`."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """The question, the field, and what is wrong with the answer."""
        with Vertical(id="prompt"):
            yield Label(Content(self._title), classes="title")
            yield self._field
            yield Label(self._said, classes="said")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the answer, or say why it is none."""
        try:
            self._give(self.wanted(event.value))
        except InvalidAnswer as error:
            said = self.query_one(".said", Label)
            said.add_class("wrong")
            said.update(Content(str(error)))
            if error.rest is not None:
                self._field.value = error.rest

    def action_cancel(self) -> None:
        """Want nothing."""
        self._give(None)

    def _give(self, wanted: Wanted | None) -> None:
        # A key that was pressed twice is taken twice before the first one has its effect.
        if self.is_current:
            self.dismiss(wanted)
