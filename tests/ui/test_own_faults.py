"""A fault in one widget is told in its place and recorded; everything else on the screen goes on, and once it is mended that is over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from chatmon.history.reader import HistoryReader
from chatmon.monitor.own_fault import FAULT
from chatmon.ui.alarm_bell import AlarmBell
from chatmon.ui.saved_screen import SavedScreen
from chatmon.ui.screens.board import BoardScreen
from chatmon.ui.session import Session
from chatmon.ui.widgets import chat_pane, figure_tiles, status_bar
from chatmon.ui.widgets.figure_tiles import FigureTiles
from chatmon.ui.widgets.key_bar import KeyBar
from chatmon.ui.widgets.line_view import LineView
from chatmon.ui.widgets.row_table import RowTable
from chatmon.ui.widgets.status_bar import StatusBar

from .test_events_of_the_history import recorded, seen, until
from .watched import Dashboard, chat_id, dashboard, waiting_chats

CANARY = "canary-4711"


def stumble(*_: Any, **__: Any) -> Any:
    raise KeyError(CANARY)


STUMBLING: dict[str, Callable[[], Any]] = {
    "the status bar": lambda: mock.patch.object(status_bar, "status_line", stumble),
    "a line of the status bar": lambda: mock.patch.object(StatusBar, "line_at", stumble),
    "the figures": lambda: mock.patch.object(figure_tiles, "look_at", stumble),
    "a line of the figures": lambda: mock.patch.object(FigureTiles, "line_at", stumble),
    "the lines of a pane": lambda: mock.patch.object(chat_pane, "chat_lines", stumble),
    "a row of the table": lambda: mock.patch.object(RowTable, "_row_line", stumble),
    "the places of the columns": lambda: mock.patch.object(RowTable, "_place", stumble),
    "a colour": lambda: mock.patch.object(
        KeyBar, "_style", lambda self, row, span: stumble() if span == "key" else LineView._style(self, row, span)
    ),
}


def goes_on(shown: Dashboard) -> bool:
    return shown.app._exception is None and shown.app.is_running


async def paint_all(shown: Dashboard) -> None:
    """As when the terminal is made larger: every line is painted."""
    shown.app.clear_notifications()
    await shown.refresh(1)
    for view in shown.board.query(LineView):
        view.refresh()
    await shown.settle()


@pytest.mark.parametrize("part", STUMBLING)
async def test_a_part_of_the_screen_that_stumbles_says_so_and_the_others_go_on(part: str, caplog: pytest.LogCaptureFixture) -> None:
    async with dashboard(waiting_chats(5), (120, 30)) as shown:
        with STUMBLING[part]():
            await paint_all(shown)
            assert "✕ chatmon's own" in shown.text
            trouble = shown.watched.monitor.troubles["painting"]
            assert trouble.startswith("a part of the screen cannot be painted: chatmon's own fault: KeyError in stumble (")
            assert [words for words in ("Chatting", "Customer 3", "Participants", "gws.example") if words in shown.text][2:] != []
            assert CANARY not in shown.text + "".join(shown.notices)
            await shown.press("j")
            assert goes_on(shown)
        for _ in range(3):
            await paint_all(shown)
        assert "own fault" not in shown.text
        assert shown.watched.monitor.troubles == {}
    (record,) = {record.getMessage(): record for record in caplog.records}.values()
    assert isinstance(getattr(record, FAULT), KeyError)
    assert CANARY not in record.getMessage()


async def test_one_row_that_cannot_be_painted_leaves_the_other_rows_alone() -> None:
    row_line = RowTable._row_line

    def one_stumbles(table: RowTable[Any], key: str, index: int) -> object:
        return stumble() if key == chat_id(2) else row_line(table, key, index)

    async with dashboard(waiting_chats(5)) as shown:
        with mock.patch.object(RowTable, "_row_line", one_stumbles):
            await paint_all(shown)
            await paint_all(shown)
            assert [number for number in range(5) if f"Customer {number}" in shown.text] == [0, 1, 3, 4]
            assert shown.text.count("own fault") == 1
            assert "✕ painting: a part" in shown.text


@pytest.mark.parametrize(
    ("stumbling", "about"),
    [((BoardScreen, "_show_rows"), "painting"), ((Session, "renew"), "look")],
    ids=["a screen", "the look at the monitor"],
)
async def test_a_screen_that_cannot_be_shown_stays_as_it_was_and_polling_goes_on(stumbling: tuple[Any, str], about: str) -> None:
    async with dashboard(waiting_chats(5)) as shown:
        with mock.patch.object(*stumbling, stumble):
            await shown.refresh(1)
            assert "chatmon's own fault: KeyError" in shown.watched.monitor.troubles[about]
            assert any("own fault" in notice for notice in shown.notices)
            assert "Customer 3" in shown.text
            assert goes_on(shown)
        await shown.refresh(1)
        assert shown.watched.monitor.troubles == {}


async def test_what_happens_at_every_painting_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async with dashboard(waiting_chats(5)) as shown:
        with mock.patch.object(RowTable, "_row_line", stumble):
            for _ in range(5):
                await shown.refresh(1)
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1


async def test_a_bell_and_a_keeper_of_the_screen_that_stumble_end_nothing(tmp_path: Path) -> None:
    async with dashboard(waiting_chats(5), saved_at=tmp_path / "screen.json", bell=True) as shown:
        with mock.patch.object(AlarmBell, "ring", stumble), mock.patch.object(SavedScreen, "keep", stumble):
            shown.app._tick()
            await shown.app._keep_screen()
        troubles = shown.watched.monitor.troubles
        assert set(troubles) == {"bell", "screen"}
        assert all("chatmon's own fault: KeyError in stumble (" in text and CANARY not in text for text in troubles.values())
        assert goes_on(shown)


async def test_a_history_that_cannot_be_read_for_whatever_reason_leaves_the_events_of_now(tmp_path: Path) -> None:
    history = recorded(tmp_path / "history", [seen(20, at=1_795_348_000.0)])
    async with dashboard(waiting_chats(5), history=history) as shown:
        with mock.patch.object(HistoryReader, "read_before", stumble):
            await shown.press("e")
            await until(shown, lambda: "older events cannot be read: chatmon's own fault: KeyError" in shown.text)
        assert "first seen in WaitingForAgent" in shown.text
        assert goes_on(shown)


@pytest.mark.parametrize(("stumbling", "key"), [("toggle_pin", "p"), ("toggle_pause", "space"), ("poll_now", "r")])
async def test_a_key_that_cannot_do_what_it_is_for_says_so_and_the_others_work(
    stumbling: str, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with dashboard(waiting_chats(5)) as shown:
        with mock.patch.object(Session, stumbling, stumble):
            await shown.press("j", key)
            assert [notice for notice in shown.notices if "chatmon's own fault: KeyError" in notice] != []
            assert CANARY not in "".join(shown.notices)
        await shown.press("j")
        assert goes_on(shown)
        assert shown.selected == chat_id(2)
    assert any(isinstance(getattr(record, FAULT, None), KeyError) for record in caplog.records)
