"""What each screen and each widget looks like, cell for cell. `pytest --snapshot-update` accepts a change once it was looked at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from pathlib import Path, PurePath
from typing import Any, ClassVar

import msgspec
import pytest
from textual.app import App, ComposeResult
from textual.widget import Widget

from chatmon.api.errors import Denied, NotFound, RateLimited, Timeout
from chatmon.api.resource import CHATTING, IDLE, WAITING
from chatmon.config.screen import ScreenSettings
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.chat import Chat
from chatmon.ui import app as chatmon_app
from chatmon.ui.columns import chat_columns
from chatmon.ui.lines import Span, line
from chatmon.ui.screens.board import FILTER_PLACEHOLDER
from chatmon.ui.session import Session
from chatmon.ui.theme import DARK, THEMES, theme_defaults
from chatmon.ui.widgets.chat_pane import ChatPane, details, timeline
from chatmon.ui.widgets.figure_tiles import FigureTiles
from chatmon.ui.widgets.filter_bar import FilterBar
from chatmon.ui.widgets.line_view import LinePane
from chatmon.ui.widgets.row_table import RowTable, Sorting
from chatmon.ui.widgets.status_bar import StatusBar
from tests.ui.conversation import MORE, SAID, ToldBy
from tests.ui.watched import Watched, app_over, chat_id

Compare = Callable[..., bool]
PEOPLE = ("Chris", "Σοφία", "張偉", "Dana R.", "[b]Bo[/]", "")


def centre() -> Watched:
    """Some of everything that a board may show."""
    watched = Watched()
    for number in range(30):
        state = (CHATTING, WAITING, CHATTING, IDLE, CHATTING)[number % 5]
        agents = () if state == WAITING else ("Kristi Sippola", "Max Weber", "Priya Raman")[number % 3 :][:1]
        watched.answer(chat_id(number), WAITING, customer=PEOPLE[number % 6], agents=(), label="billing")
        watched.clock.seconds += 7
        watched.answer(chat_id(number), state, customer=PEOPLE[number % 6], agents=agents, label="billing")
    watched.answer(chat_id(40), CHATTING, customer="Nobody's", agents=())
    watched.answer(chat_id(41), "Transferring", customer="Lee")
    watched.answer(chat_id(42), CHATTING)
    for number, error in (
        (43, Denied("HTTP 403: access denied", http_status=403)),
        (44, NotFound("HTTP 404")),
        (42, NotFound("HTTP 404")),
        (0, Timeout("no whole answer within 5 s")),
    ):
        watched.fail(chat_id(number), error)
    watched.monitor.watch([(chat_id(45), "")])
    for number in range(1, 30):
        chat = watched.monitor.board.chat(chat_id(number))
        assert chat is not None
        assert chat.state is not None
        agents = tuple(chat.agents)
        watched.answer(chat_id(number), chat.state, customer=chat.customer, agents=agents)
    watched.clock.seconds += 1.5
    watched.monitor.review()
    return watched


@pytest.mark.parametrize(
    ("keys", "size"),
    [
        pytest.param((), (160, 45), id="board-160x45"),
        pytest.param((), (80, 24), id="board-80x24"),
        pytest.param((), (40, 10), id="board-40x10"),
        pytest.param(("/", *"zz"), (80, 24), id="no-match"),
        pytest.param(("/", *"no:x"), (80, 24), id="wrong-filter"),
        pytest.param(("p", "down", "p", "down", "p", "w"), (160, 45), id="wall"),
        pytest.param(("w",), (80, 24), id="wall-with-nothing"),
        pytest.param((*["down"] * 9, "enter"), (120, 32), id="chat"),
        pytest.param((*["down"] * 9, "enter"), (80, 24), id="chat-80x24"),
        pytest.param(("A",), (120, 32), id="agents"),
        pytest.param(("e",), (120, 32), id="events"),
        pytest.param(("l",), (120, 32), id="alarms"),
        pytest.param(("a", "z"), (80, 24), id="snooze-prompt"),
        pytest.param(("a", "space"), (160, 45), id="acknowledged"),
        pytest.param(("question_mark",), (160, 45), id="help"),
        pytest.param(("question_mark",), (80, 24), id="help-80x24"),
        pytest.param(("o",), (80, 24), id="watch-prompt"),
        pytest.param(("space",), (80, 24), id="paused"),
    ],
)
def test_a_screen(snap_compare: Compare, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    assert snap_compare(still(app_over(centre())), press=keys, terminal_size=size)


@pytest.mark.parametrize(
    ("keys", "size"),
    [
        pytest.param(("t",), (120, 32), id="warning"),
        pytest.param(("t",), (40, 10), id="warning-40x10"),
        pytest.param(("t", "enter", "t"), (120, 40), id="transcript"),
        pytest.param(("t", "enter"), (60, 16), id="transcript-60x16"),
        pytest.param(("t", "enter"), (40, 10), id="transcript-40x10"),
        pytest.param(("t", "enter", "t", "t"), (80, 24), id="transcript-in-trouble"),
    ],
)
def test_a_transcript(snap_compare: Compare, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    server = ToldBy(SAID, MORE, Denied("HTTP 403: the server denies access", http_status=403))

    assert snap_compare(still(app_over(centre(), transcripts=server)), press=keys, terminal_size=size)


def test_a_wall_of_nine(snap_compare: Compare) -> None:
    app = still(app_over(centre()))
    app.session.pinned = [chat_id(number) for number in range(9)]

    assert snap_compare(app, press=("w",), terminal_size=(80, 24))


def test_the_light_board(snap_compare: Compare) -> None:
    assert snap_compare(still(app_over(centre(), theme="light")), terminal_size=(120, 32))


def test_the_ascii_board(snap_compare: Compare) -> None:
    assert snap_compare(still(app_over(centre(), ascii_only=True)), press=("p", "down", "tab"), terminal_size=(160, 45))


@pytest.mark.parametrize(("size", "ascii_only"), [((160, 45), False), ((80, 24), False), ((113, 29), True)])
def test_a_wallboard(snap_compare: Compare, size: tuple[int, int], ascii_only: bool) -> None:
    assert snap_compare(still(app_over(centre(), wallboard=True, ascii_only=ascii_only)), terminal_size=size)


def test_a_board_without_chats(snap_compare: Compare) -> None:
    assert snap_compare(still(app_over(Watched())), terminal_size=(80, 24))


def test_a_board_before_the_first_answer(snap_compare: Compare) -> None:
    watched = Watched()
    watched.monitor.watch((chat_id(number), "sales") for number in range(5))

    assert snap_compare(still(app_over(watched)), terminal_size=(80, 24))


@pytest.mark.parametrize(
    ("circuit", "error"),
    [
        (Circuit.OUTAGE, Timeout("no whole answer within 5 s")),
        (Circuit.DENIED, Denied("HTTP 401: access denied")),
        (Circuit.LIMITED, RateLimited("HTTP 429: too many requests")),
    ],
)
def test_a_board_in_trouble(
    snap_compare: Compare, monkeypatch: pytest.MonkeyPatch, circuit: Circuit, error: Timeout | Denied | RateLimited
) -> None:
    watched = Watched()
    watched.answer(chat_id(0), CHATTING)
    for number in range(3):
        watched.fail(chat_id(number), error)
    monkeypatch.setattr(type(watched.monitor), "circuit", circuit)
    monkeypatch.setattr(type(watched.monitor), "seconds_to_next_poll", 12.0)

    assert snap_compare(still(app_over(watched)), terminal_size=(120, 16))


class Alone(App[None]):
    """One widget on its own ground."""

    CSS_PATH: ClassVar[list[str | PurePath]] = sorted(Path(chatmon_app.__file__).parent.glob("*/*.tcss"))

    def __init__(self, made: Widget, show: Callable[[Any], None]) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK
        self._made = made
        self._show = show

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme_defaults(dark=True)

    def compose(self) -> ComposeResult:
        yield self._made

    def on_mount(self) -> None:
        self.call_after_refresh(self._show, self._made)


def seen() -> Session:
    session = Session(centre().monitor, ScreenSettings(timezone=UTC), source="gws.example.com")
    session.pinned = [chat_id(1)]
    return session


def table_of(session: Session) -> tuple[Widget, Callable[[Any], None]]:
    table = RowTable[Chat](chat_columns, session.chat)

    def show(shown: RowTable[Chat]) -> None:
        shown.cursor = chat_id(1)
        shown.show_rows(list(session.snapshot.chats), session.context(), sorting=Sorting("for", reverse=True))

    return table, show


def pane_of(session: Session, pane: ChatPane, number: int) -> tuple[Widget, Callable[[Any], None]]:
    return pane, lambda shown: shown.show_chat(session, chat_id(number), nothing="nothing", title="pinned ¹")


def typed(bar: FilterBar) -> None:
    bar.open("agent:kristi")
    bar.input.cursor_blink = False
    bar.say("3 of 30 chats")


@pytest.mark.parametrize(
    "widget", ["table", "pane", "details", "timeline", "denied-pane", "tiles", "tiles-narrow", "status", "filter", "lines"]
)
def test_a_widget_alone(snap_compare: Compare, widget: str) -> None:
    session = seen()
    session.snapshot = msgspec.structs.replace(session.snapshot, rate=12.4, latency_p95=0.038)
    made, show, size = {
        "table": (*table_of(session), (90, 16)),
        "pane": (*pane_of(session, ChatPane(), 2), (50, 20)),
        "details": (*pane_of(session, ChatPane(details), 2), (50, 16)),
        "timeline": (*pane_of(session, ChatPane(timeline), 2), (40, 12)),
        "denied-pane": (*pane_of(session, ChatPane(), 43), (30, 12)),
        "tiles": (FigureTiles(), lambda shown: shown.show(session.snapshot), (120, 5)),
        "tiles-narrow": (FigureTiles(), lambda shown: shown.show(session.snapshot), (40, 5)),
        "status": (StatusBar(), lambda shown: shown.show(session, "board"), (120, 3)),
        "filter": (FilterBar(FILTER_PLACEHOLDER), typed, (60, 3)),
        "lines": (LinePane(), lambda shown: shown.show_lines([line("plain ", Span("dim ", "dim"), Span("strong", "strong"))]), (30, 3)),
    }[widget]

    assert snap_compare(Alone(made, show), terminal_size=size)


def still(app: chatmon_app.ChatmonApp) -> chatmon_app.ChatmonApp:
    """The app with a cursor that does not blink."""
    app.session.timezone = UTC
    return app
