"""How the terminal tells of new alarms to someone who looks elsewhere."""

from __future__ import annotations

from datetime import UTC

import pytest

from chatmon.api.resource import WAITING
from chatmon.config.screen import ScreenSettings
from chatmon.ui.alarm_bell import AlarmBell
from chatmon.ui.app import ChatmonApp
from tests.ui.watched import Watched

WARNED = "chatmon: new alarm: waiting warn"
CRITICAL = "chatmon: 3 new alarms, worst: waiting critical"


def waiting(watched: Watched, *names: str, seconds: float) -> None:
    for name in names:
        watched.answer(name, WAITING, customer="Secret Person", agents=())
    watched.clock.seconds += seconds
    for name in names:
        watched.answer(name, WAITING, customer="Secret Person", agents=())
    watched.monitor.review()


@pytest.mark.parametrize(
    ("bell", "notify", "sent"),
    [
        (True, "off", ["\a"]),
        (False, "osc9", [f"\x1b]9;{WARNED}\x07"]),
        (False, "osc777", [f"\x1b]777;notify;chatmon;{WARNED}\x07"]),
        (True, "osc9", ["\a", f"\x1b]9;{WARNED}\x07"]),
    ],
)
def test_a_new_alarm_rings_as_the_settings_say(bell: bool, notify: str, sent: list[str]) -> None:
    watched, told = Watched(), AlarmBell(bell=bell, notify=notify)
    watched.monitor.listen(told.take)
    waiting(watched, "secret-id", seconds=61)
    written: list[str] = []
    told.ring(written.append)
    told.ring(written.append)

    assert written == sent


def test_alarms_that_are_raised_together_ring_once_and_the_worst_is_named() -> None:
    watched, told = Watched(), AlarmBell(bell=True, notify="osc9")
    watched.monitor.listen(told.take)
    waiting(watched, "a", seconds=181)
    waiting(watched, "b", "c", seconds=61)
    written: list[str] = []
    told.ring(written.append)

    assert written == ["\a", f"\x1b]9;{CRITICAL}\x07"]


def test_what_is_no_new_alarm_does_not_ring() -> None:
    watched, told = Watched(), AlarmBell(bell=True, notify="osc9")
    waiting(watched, "a", seconds=61)
    watched.monitor.listen(told.take)
    watched.monitor.acknowledge(chat="a")
    waiting(watched, "a", "b", seconds=5)
    written: list[str] = []
    told.ring(written.append)

    assert written == []


@pytest.mark.parametrize(("settings", "rings"), [(ScreenSettings(timezone=UTC), False), (ScreenSettings(timezone=UTC, bell=True), True)])
async def test_the_dashboard_rings_only_where_it_is_set(settings: ScreenSettings, rings: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched()
    app = ChatmonApp(watched.monitor, settings, source="gws.example.com")
    async with app.run_test() as pilot:
        await pilot.pause()
        written: list[str] = []
        monkeypatch.setattr(app._driver, "write", written.append)
        waiting(watched, "a", seconds=61)
        app._tick()

        assert ("\a" in written) is rings
