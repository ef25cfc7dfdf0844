"""The last line of every screen: the keys that do something here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rich.cells import cell_len
from textual import events

from chatmon.ui.keys import BAR_ORDER, ENTER
from chatmon.ui.lines import EMPTY, Line, Span
from chatmon.ui.widgets.guarded_view import guarded
from chatmon.ui.widgets.line_view import ASCII_CLASS, LineView

ALWAYS = ("show_help", "quit")
"""What is shown however little room there is."""


class ShownKey(NamedTuple):
    """A key as it is written, the word for what it does, and the name by which Textual knows it."""

    display: str
    word: str
    key: str
    action: str


class KeyBar(LineView):
    """Shows as many keys as fit, each whole; help and quit always. A click on one is that key."""

    def __init__(self) -> None:
        super().__init__()
        self._there: list[ShownKey] = []

    @guarded
    def show(self, words: Mapping[str, str]) -> None:
        """Ask the screen which keys there are; `words` stand for those of the bindings, by action."""
        shown: dict[str, ShownKey] = {}
        for key, active in self.screen.active_bindings.items():
            binding = active.binding
            if binding.show and active.enabled:
                display = binding.key_display or self.app.get_key_display(binding)
                if display == ENTER and self.app.has_class(ASCII_CLASS):
                    display = "Enter"
                word = words.get(binding.action, binding.description)
                shown.setdefault(binding.action, ShownKey(display, word, key, binding.action))
        self._there = sorted(shown.values(), key=lambda key: BAR_ORDER.index(key.action) if key.action in BAR_ORDER else len(BAR_ORDER))
        self.repaint()

    @property
    def _keys(self) -> list[ShownKey]:
        return fitting(self._there, self.size.width)

    def line_at(self, y: int) -> Line:
        """The one line there is."""
        if y:
            return EMPTY
        spans = [Span(" ")]
        for key in self._keys:
            spans += [Span(key.display, "key"), Span(f" {key.word}", "dim"), Span("  ")]
        return Line(tuple(spans), "bar")

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        left = 1
        for key in self._keys:
            width = _width(key)
            if left <= event.x < left + width:
                self.app.simulate_key(key.key)
                return
            left += width


def fitting(keys: list[ShownKey], width: int) -> list[ShownKey]:
    """The keys that fit into `width` terminal cells, in their order, those of `ALWAYS` at the end."""
    last = [key for key in keys if key.action in ALWAYS]
    room = width - 1 - sum(map(_width, last))
    fit: list[ShownKey] = []
    for key in keys:
        if key not in last and _width(key) <= room:
            fit.append(key)
            room -= _width(key)
    return fit + last


def _width(key: ShownKey) -> int:
    return cell_len(key.display) + cell_len(key.word) + 3
