"""The screen comes before the first request, and what did not change is not painted again."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
from collections import Counter
from random import Random
from unittest import mock

import pytest
from textual.geometry import Region

from chatmon.api.resource import CHATTING
from chatmon.config.screen import ScreenSettings
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.pace import Pace
from chatmon.monitor.poller import ChatApi
from chatmon.monitor.snapshot import Snapshot
from chatmon.ui.app import SHOW_SECONDS, ChatmonApp
from chatmon.ui.ordering import Arrangement
from chatmon.ui.running import MonitorFailed, run_dashboard
from chatmon.ui.widgets.line_view import LineView
from chatmon.ui.widgets.row_table import RowTable
from tests.ui.watched import StandingClock, Watched, chat_id, dashboard, waiting_chats


async def test_the_first_frame_is_painted_before_the_api_is_opened() -> None:
    painted: list[str] = []
    seen: list[int] = []
    opened = asyncio.Event()

    async def open_api(_: Monitor) -> ChatApi:
        seen.append(len(painted))
        opened.set()
        return await asyncio.Future()

    monitor = Monitor(open_api, pace=Pace(interval=2.0), clock=StandingClock(), random=Random(1))
    monitor.watch([("a", "")])
    app = ChatmonApp(monitor, source="gws.example.com")
    render = LineView.render_line

    def noting(view: LineView, y: int) -> object:
        painted.append(type(view).__name__)
        return render(view, y)

    with mock.patch.object(LineView, "render_line", noting):
        async with app.run_test() as pilot:
            await asyncio.wait_for(opened.wait(), 5)
            await pilot.pause()

    assert seen[0] > 0
    assert "RowTable" in painted[: seen[0]]


def test_before_the_first_frame_no_http_is_imported() -> None:
    code = "import sys, chatmon.ui.app, chatmon.cli.watch, chatmon.cli.history, chatmon.cli.rounds; print(*sys.modules)"
    names = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())

    assert "textual" in names
    assert not names & {"httpx", "aiohttp", "urllib.request", "chatmon.api.client", "chatmon.simulator.server"}


async def test_the_screen_says_what_it_waits_for() -> None:
    watched = Watched()
    watched.monitor.watch([("a", "")])
    async with dashboard(watched, (80, 24)) as shown:
        assert "waiting for the first answer" in shown.lines[0]
        assert "not asked yet" in shown.text


def failing_monitor() -> Monitor:
    async def open_api(_: Monitor) -> ChatApi:
        raise OSError("the certificates cannot be read")

    return Monitor(open_api, pace=Pace(interval=2.0), clock=StandingClock(), random=Random(1))


async def test_a_monitor_that_cannot_begin_ends_the_app_with_2() -> None:
    app = ChatmonApp(failing_monitor(), source="gws.example.com")
    async with app.run_test() as pilot:
        await pilot.pause()

    assert (app.return_value, app.failure) == (2, "the certificates cannot be read")


def test_and_the_door_raises_what_it_was() -> None:
    def run(app: ChatmonApp) -> int | None:
        async def headless() -> None:
            async with app.run_test() as pilot:
                await pilot.pause()

        asyncio.run(headless())
        return app.return_value

    with mock.patch.object(ChatmonApp, "run", run), pytest.raises(MonitorFailed, match="the certificates cannot be read"):
        run_dashboard(failing_monitor(), ScreenSettings(), source="gws.example.com")


async def test_a_dashboard_that_stumbles_over_itself_ends_with_one_line_that_gives_nothing_away(capfd: pytest.CaptureFixture[str]) -> None:
    secret = chat_id(1)

    def stumble(_: LineView, __: int) -> object:
        raise KeyError(secret)

    app = ChatmonApp(failing_monitor(), source="gws.example.com")
    with mock.patch.object(LineView, "render_line", stumble), pytest.raises(KeyError):
        async with app.run_test() as pilot:
            await pilot.pause()

    assert app.failure is not None
    assert app.failure.startswith("chatmon's own fault: KeyError in stumble (")
    assert app.return_code == 1
    assert secret not in app.failure + "".join(capfd.readouterr())


class Painted:
    """Counts the lines that are painted, by widget."""

    def __enter__(self) -> Counter[str]:
        self.lines: Counter[str] = Counter()
        render = LineView.render_line

        def counting(view: LineView, y: int) -> object:
            self.lines[type(view).__name__] += 1
            return render(view, y)

        self._patch = mock.patch.object(LineView, "render_line", counting)
        self._patch.start()
        return self.lines

    def __exit__(self, *_: object) -> None:
        self._patch.stop()


async def test_nothing_is_painted_where_nothing_changed() -> None:
    async with dashboard(waiting_chats(30)) as shown:
        await shown.refresh()
        with Painted() as painted:
            await shown.refresh()

        assert painted == {}


async def test_one_changed_chat_is_one_painted_row() -> None:
    watched = waiting_chats(30)
    async with dashboard(watched, (160, 45)) as shown:
        await shown.refresh()
        watched.monitor.watch([(chat_id(9), "another label")])
        with Painted() as painted:
            await shown.refresh()

        assert painted == {"RowTable": 1}


async def test_only_the_rows_on_show_are_ever_asked_for() -> None:
    async with dashboard(waiting_chats(5000)) as shown:
        asked: list[str] = []
        table = shown.board.table
        row = table._row
        table._row = lambda key: (asked.append(key), row(key))[1]
        await shown.refresh(1)
        await shown.press("G")

        assert shown.selected == chat_id(4999)
        assert 0 < len(set(asked)) <= 2 * table.size.height


async def test_a_second_costs_5000_chats_what_it_costs_50() -> None:
    costs: list[tuple[int, int, int]] = []
    for number in (50, 5000):
        async with dashboard(waiting_chats(number), (160, 45)) as shown:
            await shown.refresh()
            made = mock.patch.object(RowTable, "_make_line", autospec=True, side_effect=RowTable._make_line)
            placed = mock.patch.object(Arrangement, "_place", autospec=True, side_effect=Arrangement._place)
            with Painted() as painted, made as lines, placed as places:
                await shown.refresh(1)
            costs.append((painted["RowTable"], lines.call_count, places.call_count))

    (painted_lines, made_lines, placed_chats), of_5000 = costs
    assert of_5000 == costs[0]
    assert painted_lines == made_lines >= 30
    assert placed_chats == 0


async def test_lines_that_were_made_keep_no_boards_of_the_past() -> None:
    watched = waiting_chats(60)
    async with dashboard(watched, (160, 45)) as shown:
        for number in range(12):
            watched.answer(chat_id(number), CHATTING)
            await shown.refresh(1)
        gc.collect()
        held = [one for one in gc.get_objects() if isinstance(one, Snapshot) and chat_id(59) in one.chats]

        assert len(held) <= 2


async def test_of_a_row_only_the_cells_that_changed_are_painted() -> None:
    watched = waiting_chats(3)
    async with dashboard(watched, (160, 45)) as shown:
        await shown.refresh()
        refreshed: list[Region] = []
        table = shown.board.table
        with mock.patch.object(table, "refresh", side_effect=lambda *regions: refreshed.extend(regions)):
            watched.monitor.watch([(chat_id(1), "another label")])
            await shown.refresh()

        (cells,) = refreshed
        assert cells.y == 2
        assert cells.width <= 24
        assert cells.x > 60


async def test_changes_are_shown_together() -> None:
    watched = waiting_chats(3)
    async with dashboard(watched) as shown:
        with mock.patch.object(RowTable, "show_rows") as show_rows:
            for _ in range(50):
                watched.clock.seconds += 0.001
                watched.answer(chat_id(0), CHATTING)
                watched.answer(chat_id(0), "Idle")
            await shown.pilot.pause(1.5 * SHOW_SECONDS)

        assert 1 <= show_rows.call_count <= 2
