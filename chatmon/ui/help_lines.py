"""The help as lines: the keys from the bindings themselves, then signs, clocks and the filter language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from textual.binding import Binding

from chatmon.ui import glyphs
from chatmon.ui.keymap import OFF, rebound, written
from chatmon.ui.keys import HELP_SECTIONS, REPLAY_KEYS
from chatmon.ui.lines import EMPTY, Line, Span, cut, fit, line, wrap

KEY_WIDTH = 13
FILTER_WIDTH = 18
COLUMN_WIDTH = 56
"""Terminal cells a column of the help wants; two stand side by side where there is room."""

SIGNS = (
    (glyphs.WAITING, "waiting", "WaitingForAgent"),
    (glyphs.CHATTING, "chatting", "Chatting"),
    (glyphs.IDLE, "idle", "Idle: the customer has disconnected"),
    (glyphs.OTHER, "", "a state that is not documented"),
    (glyphs.WARN, "warn", "an alarm that warns; dim when it is acknowledged"),
    (glyphs.WARN, "critical", "a critical alarm"),
    (glyphs.FAILING, "failing", "polls fail, are denied or find nothing; Chatting? is the last known state"),
    (glyphs.GONE, "dim", "gone: the server no longer knows the chat"),
    (glyphs.PENDING, "dim", "not asked yet"),
    (glyphs.UNWATCHED * 3, "failing", "a time in which nobody watched the chat"),
)
CLOCKS = (
    (f"{glyphs.AT_LEAST}03:12", "already so when first seen: at least so long"),
    ("03:12", "the change itself was observed, between two polls"),
    ("Seen 41s", "so long ago a poll last gave the chat; violet beyond three of its intervals"),
)
FIGURES = (
    ("Waiting 7?", "the last known states: most chats do not answer"),
    (f"{glyphs.AT_MOST}84 %", "of the others it is not known whether they were in time"),
    ("watched 98 %", "of the time since the shift began, as far as the chats lasted"),
)
FILTERS = (
    ("chris sales", "every word stands somewhere in the chat"),
    ("state:waiting", "also agent: customer: label: id: health:"),
    ('agent:"kristi s"', "quotes hold words together"),
    ("!state:idle", "all but those"),
    ("kind:alarm", "of events; also chat: state: agent: customer: label: alarm:"),
)


def help_lines(width: int, keymap: Mapping[str, str]) -> list[Line]:
    """The whole page in lines of at most `width` terminal cells, in one column or in two of about the same height.

    `keymap` are the keys that were chosen for bindings, by their ids.
    """
    if width < 2 * COLUMN_WIDTH:
        return _column(_sections(width, keymap), width)
    half = width // 2
    sections = _sections(half, keymap)
    total = sum(map(len, sections))
    first = 1
    while sum(map(len, sections[:first])) + len(sections[first]) / 2 < total / 2:
        first += 1
    return _beside(_column(sections[:first], half), _column(sections[first:], half), half)


def key_rows(bindings: Iterable[Binding]) -> list[tuple[str, str]]:
    """The keys as they are written, and what they do; keys that do the same stand together."""
    rows: list[tuple[str, str]] = []
    for tooltip, same in groupby(bindings, key=lambda binding: binding.tooltip):
        keys = [written(key) for binding in same for key in binding.key.split(",")]
        rows.append((" ".join(keys) if len(keys) <= MOST_KEYS else f"{keys[0]} to {keys[-1]}", tooltip))
    return rows


MOST_KEYS = 3
"""Keys for one thing that are written one by one."""


def _sections(width: int, keymap: Mapping[str, str]) -> list[list[Line]]:
    is_replay = keymap.get("pause") == OFF
    keys = [
        (title, [(shown, "key", text) for shown, text in key_rows(rebound(bindings, keymap))], KEY_WIDTH)
        for title, bindings in sorted(HELP_SECTIONS, key=lambda section: section[1] is not REPLAY_KEYS or not is_replay)
    ]
    words = [
        ("Signs", list(SIGNS), KEY_WIDTH),
        ("Clocks", [(shown, "strong", text) for shown, text in CLOCKS], KEY_WIDTH),
        ("Figures", [(shown, "strong", text) for shown, text in FIGURES], KEY_WIDTH),
        ("Filter", [(shown, "strong", text) for shown, text in FILTERS], FILTER_WIDTH),
    ]
    return [_section(title, rows, before, width) for title, rows, before in (*keys, *words) if rows]


def _section(title: str, rows: Sequence[tuple[str, str, str]], before: int, width: int) -> list[Line]:
    """A title and its rows, the words of each in as many lines as they need, and a line that sets it apart from the next."""
    lines = [line("  ", Span(title, "title"))]
    for shown, style, text in rows:
        first, *more = wrap(text.split(), max(10, width - before - 4))
        lines.append(line("  ", Span(fit(shown, before), style), Span(first)))
        lines += [line("  ", " " * before, Span(part)) for part in more]
    return [*lines, EMPTY]


def _column(sections: Sequence[list[Line]], width: int) -> list[Line]:
    return [cut(one, width) for section in sections for one in section]


def _beside(left: list[Line], right: list[Line], width: int) -> list[Line]:
    height = max(len(left), len(right))
    padded = [Line((*one.spans, Span(" " * (width - one.width)))) for one in [*left, *[EMPTY] * (height - len(left))]]
    return [Line((*a.spans, *b.spans)) for a, b in zip(padded, [*right, *[EMPTY] * (height - len(right))], strict=True)]
