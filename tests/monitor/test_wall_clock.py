"""Whoever sets the clock changes times of day, and no duration."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatmon.api.resource import CHATTING, IDLE, WAITING, ChatResource, Participant
from chatmon.cli.output import round_json
from chatmon.monitor.alarms import Alarm
from chatmon.monitor.figures import agents
from chatmon.monitor.snapshot import Snapshot, take_snapshot
from tests.examples import examples

from .fake_chat_api import Reply, Watch, refused, watch_chats

KRISTI, MAX, EVA = (Participant(str(number), name, "Agent") for number, name in enumerate(("Kristi", "Max", "Eva")))
CHRIS = Participant("9", "Chris", "Customer")
CHATS = 5


def life(chat_id: str, now: float) -> Reply:
    """Chats that wait, that agents join one after the other, that end, that fail and that vanish."""
    number = int(chat_id)
    if number == 3 and now > 200:
        return refused(500)
    if number == 4 and now > 160:
        return refused(404)
    if now < 20 + 10 * number or (number == 2 and now > 150):
        return ChatResource(state=WAITING, participants=(CHRIS,))
    if number == 1 and now > 230:
        return ChatResource(state=IDLE, participants=(CHRIS,))
    joined = tuple(agent for agent, at in ((KRISTI, 0), (MAX, 90), (EVA, 120)) if now >= at)
    return ChatResource(state=CHATTING, participants=(CHRIS, *joined))


def durations(snapshot: Snapshot) -> dict[str, Any]:
    """Everything that is shown as a duration or counted by one."""
    now = snapshot.now
    chats = {
        chat.id: (chat.time_in_state(now), chat.age(now), chat.watched, chat.unwatched, chat.health, chat.state)
        for chat in snapshot.chats.values()
    }
    loads = [(load.nickname, load.longest, load.longest_exact) for load in agents(snapshot.chats.values(), now)]
    alarms = sorted((alarm.rule, alarm.chat or "", _since(alarm, snapshot)) for alarm in snapshot.alarms)
    figures = snapshot.figures
    waits = figures.longest_wait, figures.mean_wait
    shift = {name: getattr(snapshot.shift, name) for name in snapshot.shift.__struct_fields__ if name != "since"}
    return {"chats": chats, "agents": loads, "alarms": alarms, "waits": waits, "shift": shift, "JSON": _json(snapshot)}


def _json(snapshot: Snapshot) -> list[Any]:
    """What `poll` prints of the chats, but for times of day."""
    printed: dict[str, Any] = round_json(tuple(snapshot.chats.values()), snapshot.now, alarms=snapshot.alarms)
    times = {"state_since", "observed_at", "alarms"}
    chats = [{key: value for key, value in chat.items() if key not in times} for chat in printed["chats"]]
    return [printed["counts"], printed["longest_wait_seconds"], *chats]


def _since(alarm: Alarm, snapshot: Snapshot) -> float:
    return snapshot.now.since(alarm.since)


def shown(steps: list[tuple[float, float]]) -> list[dict[str, Any]]:
    """The durations every half minute, while the clock is set at times by so many seconds."""
    seen: list[dict[str, Any]] = []

    async def act(watch: Watch) -> None:
        begun, waiting = asyncio.get_running_loop().time(), sorted(steps)
        for look in range(1, 11):
            while waiting and waiting[0][0] <= look * 30.0:
                at, by = waiting.pop(0)
                await asyncio.sleep(max(0.0, begun + at - asyncio.get_running_loop().time()))
                watch.clock.set_utc(by)
            await asyncio.sleep(max(0.0, begun + look * 30.0 - asyncio.get_running_loop().time()))
            seen.append(durations(take_snapshot(watch.monitor)))

    watch_chats(life, chats=CHATS, actions=act)
    return seen


@pytest.fixture(scope="module")
def undisturbed() -> list[dict[str, Any]]:
    return shown([])


# Not so far that another day, and with it another shift, begins.
STEPS = st.lists(st.tuples(st.floats(1.0, 299.0), st.sampled_from([-900.0, -10.0, -0.003, 0.003, 10.0, 900.0])), max_size=6)


@examples(10)
@given(STEPS)
@example([(65.0, -3600.0)])
@example([(65.0, 3600.0)])
@example([(95.0, -10.0), (125.0, 10.0)])
@example([(float(second), -0.003) for second in range(1, 290, 4)])
def test_setting_the_clock_changes_no_duration(undisturbed: list[dict[str, Any]], steps: list[tuple[float, float]]) -> None:
    for after, before in zip(shown(steps), undisturbed, strict=True):
        for name, value in before.items():
            assert _rounded(after[name]) == _rounded(value), name


def _rounded(value: object) -> object:
    match value:
        case float():
            return round(value, 3)
        case dict():
            return {key: _rounded(one) for key, one in value.items()}
        case list() | tuple():
            return [_rounded(one) for one in value]
    return value
