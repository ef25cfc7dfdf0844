"""What the command palette offers beside chats: the keys of the app and of the screen on show, orders and filters of the board."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen

from chatmon.api.sanitise import clean
from chatmon.ui.keys import ALARM_KEYS, APP_KEYS, CHAT_KEYS, FILTER_KEYS
from chatmon.ui.ordering import SORT_ORDERS
from chatmon.ui.screens.alarm_actions import AlarmActions
from chatmon.ui.screens.board import BoardScreen
from chatmon.ui.screens.chat_actions import ChatActions

KEPT_OF_TEXTUAL = {"Theme", "Quit"}
"""Textual's own commands that fit: its help of keys and its pictures of the screen are not chatmon's."""
_UNNAMED_HERE = {"command_palette", "quit", "interrupt", *(binding.action for binding in FILTER_KEYS)}
"""Keys of the app that are no commands, or better said in other words."""

STATE_FILTERS = ("state:waiting", "state:chatting", "state:idle")

OnBoard = Callable[[Callable[[], object]], None]
"""Shows the board, and then calls something."""


def app_commands(app: App[int], keys: Iterable[Binding] = APP_KEYS) -> Iterable[SystemCommand]:
    """What the keys of the app do."""
    for binding in keys:
        if binding.action not in _UNNAMED_HERE:
            yield SystemCommand(binding.description.capitalize(), binding.tooltip, partial(app.run_action, binding.action))


def screen_commands(screen: Screen[object]) -> Iterable[SystemCommand]:
    """What can be done with the chat or the agent of a screen."""
    keys = (*CHAT_KEYS, *ALARM_KEYS) if isinstance(screen, ChatActions) else ALARM_KEYS if isinstance(screen, AlarmActions) else ()
    for binding in keys:
        if not screen.check_action(binding.action, ()):
            continue
        yield SystemCommand(binding.description.capitalize(), binding.tooltip, partial(screen.run_action, binding.action))


def board_commands(board: BoardScreen, on_board: OnBoard) -> Iterable[SystemCommand]:
    """The orders and filters of the board."""
    for order in SORT_ORDERS:
        yield SystemCommand(f"Sort: {order.title}", "the order of the board", partial(on_board, partial(board.sort_by, order)))
    for key, text in board.session.saved_filters.items():
        yield SystemCommand(f"Filter {key.upper()}: {clean(text)}", "the saved filter", partial(on_board, partial(board.set_filter, text)))
    for text in STATE_FILTERS:
        yield SystemCommand(f"Filter: {text}", "only chats in this state", partial(on_board, partial(board.set_filter, text)))
    yield SystemCommand("Filter: none", "every chat", partial(on_board, partial(board.set_filter, "")))
