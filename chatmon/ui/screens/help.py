"""The help: made from the key bindings themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.keys import format_key
from textual.message import Message

from chatmon.ui import glyphs
from chatmon.ui.keys import HELP_KEYS, HELP_SECTIONS
from chatmon.ui.lines import EMPTY, Line, Span, fit, line
from chatmon.ui.screens.monitor_screen import MonitorScreen
from chatmon.ui.widgets.line_view import LinePane

KEY_WIDTH = 13
COLUMN_WIDTH = 62
"""Terminal cells a column of the help wants; two stand side by side where there is room."""

SIGNS = (
    (glyphs.WAITING, "waiting", "WaitingForAgent"),
    (glyphs.CHATTING, "chatting", "Chatting"),
    (glyphs.IDLE, "idle", "Idle: the customer has disconnected"),
    (glyphs.OTHER, "", "a state that is not documented"),
    (glyphs.WARN, "warn", "Chatting, though no agent is listed"),
    (glyphs.FAILING, "failing", "polls fail, are denied or find nothing; Chatting? is the last known state"),
    (glyphs.GONE, "dim", "gone: the server no longer knows the chat"),
    (glyphs.PENDING, "dim", "not asked yet"),
)
CLOCKS = (
    (f"{glyphs.AT_LEAST}03:12", "already so when first seen: at least so long"),
    ("03:12", "the change itself was observed, between two polls"),
    ("Seen 41s", "so long ago a poll last gave the chat; violet when more than three intervals"),
)
FILTERS = (
    ("chris sales", "every word stands somewhere in the chat"),
    ("state:waiting", "also agent: customer: label: id: health:"),
    ('agent:"kristi s"', "quotes hold words together"),
    ("!state:idle", "all but those"),
)


class HelpScreen(MonitorScreen):
    """Keys, signs, clocks and the filter language on one page."""

    PLACE = "help"
    BINDINGS: ClassVar[list[BindingType]] = [*HELP_KEYS]
    AUTO_FOCUS = "LinePane"

    class Left(Message):
        """The user has read enough."""

    def compose_body(self) -> ComposeResult:
        """The page."""
        page = LinePane(id="help")
        page.can_focus = True
        yield page

    def show_body(self) -> None:
        """Lay the page out in one column or two."""
        width = self.size.width - 2
        sections = [*_key_sections(), *_word_sections()]
        if width >= 2 * COLUMN_WIDTH:
            half = width // 2
            lines = _beside(_flow(sections, 0, half), _flow(sections, 1, half), half)
        else:
            lines = [one for section in sections for one in (*section, EMPTY)]
        self.query_one("#help", LinePane).show_lines([EMPTY, *lines])

    def action_back(self) -> None:
        """Back to where the help was opened."""
        self.post_message(self.Left())


def key_rows(bindings: Iterable[Binding]) -> list[tuple[str, str]]:
    """Each binding's keys as they are written, and its line in the help."""
    return [(_written(binding), binding.tooltip) for binding in bindings]


_WRITTEN = {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "shift+tab": "shift+tab",
    "question_mark": "?",
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
    "space": "Space",
    "home": "Home",
    "end": "End",
    "ctrl+p": "Ctrl+P",
    "ctrl+c": "Ctrl+C",
}


def _written(binding: Binding) -> str:
    return " ".join(_WRITTEN.get(key, format_key(key)) for key in binding.key.split(","))


def _key_sections() -> list[list[Line]]:
    return [
        [line("  ", Span(title, "title")), *(_row(keys, text, "key") for keys, text in key_rows(bindings))]
        for title, bindings in HELP_SECTIONS
    ]


def _word_sections() -> list[list[Line]]:
    signs = [line("  ", Span(fit(glyph, KEY_WIDTH), style), Span(text)) for glyph, style, text in SIGNS]
    clocks = [_row(shown, text, "strong") for shown, text in CLOCKS]
    filters = [line("  ", Span(fit(shown, KEY_WIDTH + 5), "strong"), Span(text)) for shown, text in FILTERS]
    return [
        [line("  ", Span("Signs", "title")), *signs],
        [line("  ", Span("Clocks", "title")), *clocks],
        [line("  ", Span("Filter", "title")), *filters],
    ]


def _row(keys: str, text: str, style: str) -> Line:
    return line("  ", Span(fit(keys, KEY_WIDTH), style), Span(text))


def _flow(sections: list[list[Line]], column: int, width: int) -> list[Line]:
    """The sections of one of two columns of about the same height."""
    total = sum(len(section) + 1 for section in sections)
    left: list[list[Line]] = []
    while sections[len(left) :] and sum(len(section) + 1 for section in left) + len(sections[len(left)]) / 2 < total / 2:
        left.append(sections[len(left)])
    chosen = left if column == 0 else sections[len(left) :]
    return [_cut(one, width) for section in chosen for one in (*section, EMPTY)]


def _cut(one: Line, width: int) -> Line:
    *first, last = one.spans or (Span(""),)
    room = width - sum(cell_len(span.text) for span in first) - 1
    return Line((*first, Span(fit(last.text, max(0, room)), last.style), Span(" ")))


def _beside(left: list[Line], right: list[Line], width: int) -> list[Line]:
    height = max(len(left), len(right))
    blank = Line((Span(" " * width),))
    padded = [*left, *[blank] * (height - len(left))]
    return [Line((*a.spans, *b.spans)) for a, b in zip(padded, [*right, *[EMPTY] * (height - len(right))], strict=True)]
