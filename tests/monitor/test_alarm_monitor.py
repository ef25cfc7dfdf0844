"""The monitor reviews its alarms as it polls."""

from __future__ import annotations

import asyncio

import pytest

from chatmon.api import errors
from chatmon.api.resource import IDLE, ChatResource
from chatmon.monitor.events import Event, EventKind

from .alarm_desk import SERVED, WAITS, told
from .fake_chat_api import Reply, Watch, always, between, watch_chats

PARKED = ChatResource("Parked", SERVED.participants)
ALARMS = {EventKind.ALARM_RAISED, EventKind.ALARM_CLEARED, EventKind.ALARM_ACKNOWLEDGED}


def alarms(watch: Watch) -> list[Event]:
    return [event for event in watch.events if event.kind in ALARMS]


def test_a_chat_that_waits_too_long_is_told_where_its_other_events_are() -> None:
    async def look(watch: Watch) -> None:
        await asyncio.sleep(59)
        assert alarms(watch) == []
        await asyncio.sleep(5)
        (raised,) = alarms(watch)
        assert raised in watch.monitor.board.timeline("0")
        assert [alarm.rule for alarm in watch.monitor.alarms.alarms(watch.now())] == ["waiting"]

    watch_chats(between(0, 3600, WAITS), actions=look)


def test_an_alarm_is_a_change_of_its_chat() -> None:
    async def look(watch: Watch) -> None:
        await asyncio.sleep(30)
        watch.monitor.board.take_changes()
        await asyncio.sleep(40)
        assert watch.monitor.board.take_changes().chats == {"0"}
        assert watch.monitor.acknowledge(chat="0") == 1
        assert watch.monitor.board.take_changes().chats == {"0"}
        assert watch.monitor.acknowledge(chat="0") == 0

    watch_chats(between(0, 3600, WAITS), actions=look)


def test_acknowledging_what_was_abandoned_counts_as_one() -> None:
    async def look(watch: Watch) -> None:
        await asyncio.sleep(60)
        assert watch.monitor.acknowledge(chat="0") == 1
        assert told(alarms(watch)) == ["+abandoned warn", "ack abandoned warn", "-abandoned warn"]

    watch_chats(between(0, 30, WAITS, ChatResource(IDLE)), actions=look)


def test_a_chat_that_is_no_longer_watched_has_no_alarm_from_that_moment() -> None:
    async def look(watch: Watch) -> None:
        await asyncio.sleep(70)
        watch.monitor.unwatch("0")
        assert told(alarms(watch)) == ["+waiting warn", "-waiting warn"]
        assert watch.monitor.alarms.alarms(watch.now()) == ()

    watch_chats(between(0, 3600, WAITS), actions=look)


def test_an_outage_makes_every_chat_unseen_once() -> None:
    async def look(watch: Watch) -> None:
        await asyncio.sleep(900)
        assert sorted(told(alarms(watch))) == ["+unseen warn"] * 20 + ["-unseen warn"] * 20

    refuses: Reply = errors.ConnectFailed("the server refuses the connection")
    watch_chats(between(60, 600, refuses, PARKED), chats=20, actions=look)


@pytest.mark.parametrize("chats", [1, 300])
def test_chats_that_are_well_make_no_alarm(chats: int) -> None:
    async def look(watch: Watch) -> None:
        await asyncio.sleep(600)
        assert alarms(watch) == []

    watch_chats(always(PARKED), chats=chats, actions=look)
