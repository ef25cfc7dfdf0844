"""A recorded shift is replayed as it was seen live.

What is not recorded cannot be: when a single poll saw a chat, how long it took and what HTTP said, how many polls failed in a row and
whether a failing chat was denied meanwhile, how often chats were polled, chats that never answered, labels that were changed later, that
an alarm no longer held in the seconds before it was over, and the highest figures of the half minute under way.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from chatmon.monitor.alarms import Alarm, Thresholds
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import EventKind
from chatmon.monitor.observation import Health
from chatmon.monitor.snapshot import Snapshot
from chatmon.replay.film import Film
from chatmon.replay.tape import Tape

from .conftest import LOOKS
from .recorded_day import MORNING, STEP, Day

KNOWN = ("id", "label", "health", "resource", "presences", "state_since_exact", "was_waiting", "was_chatting")
CLOCKS = ("state_since", "first_seen", "gone_since", "unattended_since", "watched_since")
FIGURES = ("waiting", "chatting", "idle", "failing", "longest_wait")


def ago(moment: Moment | None, now: Moment) -> float | None:
    return None if moment is None else round(now.since(moment), 3)


def known(chat: Chat, now: Moment) -> dict[str, object]:
    """What is known of a chat, as it was seen live and as it is replayed."""
    clocks = {name: ago(getattr(chat, name), now) for name in CLOCKS}
    times = {"watched": round(chat.watched), "unwatched": round(chat.unwatched, 3), "error": chat.error and chat.error.kind}
    return {**{name: getattr(chat, name) for name in KNOWN}, **clocks, **times, "customer": chat.customer, "agents": chat.agents}


def chats_of(snapshot: Snapshot) -> Mapping[str, dict[str, object]]:
    return {chat_id: known(chat, snapshot.now) for chat_id, chat in snapshot.chats.items()}


def alarms_of(snapshot: Snapshot) -> list[tuple[object, ...]]:
    return [(*key_of(alarm), alarm.why, alarm.clears, ago(alarm.since, snapshot.now), alarm.acknowledged) for alarm in snapshot.alarms]


def key_of(alarm: Alarm) -> tuple[object, ...]:
    return alarm.rule, alarm.severity, alarm.chat, alarm.agent


@pytest.mark.parametrize("at", LOOKS)
def test_a_moment_looks_as_it_did_live(day: Day, tape: Tape, at: float) -> None:
    live, replayed = day.live[at], Film(tape, Thresholds()).look(MORNING + at)

    assert chats_of(replayed) == chats_of(live)
    assert replayed.figures == live.figures
    # Live, the coverage may be some seconds old.
    assert msgspec.structs.replace(replayed.shift, coverage=live.shift.coverage) == live.shift
    assert replayed.shift.coverage == pytest.approx(live.shift.coverage, abs=0.02)
    assert sorted(alarms_of(replayed), key=str) == sorted(alarms_of(live), key=str)
    for name in FIGURES:
        assert getattr(replayed.trends, name)[:-1] == getattr(live.trends, name)[:-1]


def test_a_chat_whose_polls_succeed_was_seen_without_a_gap_and_one_whose_polls_fail_when_it_was_seen_last(day: Day, tape: Tape) -> None:
    at = 470.0
    live, replayed = day.live[at], Film(tape, Thresholds()).look(MORNING + at)

    failing = [chat_id for chat_id, chat in live.chats.items() if chat.health is Health.FAILING]
    assert len(failing) > 5
    for chat_id in failing:
        assert replayed.chats[chat_id].age(replayed.now) == pytest.approx(live.chats[chat_id].age(live.now), abs=STEP)
    healthy = Film(tape, Thresholds()).look(MORNING + 200)
    assert {chat.age(healthy.now) for chat in healthy.chats.values() if chat.health is Health.OK} == {0.0}


def test_where_nobody_watched_nothing_is_claimed(tape: Tape) -> None:
    film = Film(tape, Thresholds())
    snapshot = film.look(MORNING + 320)

    assert (snapshot.is_watched, dict(snapshot.chats), snapshot.alarms) == (False, {}, ())
    assert snapshot.shift == msgspec.structs.replace(film.look(MORNING + 300).shift, coverage=snapshot.shift.coverage)
    assert tape.unwatched(MORNING + 320) == (MORNING + 300, MORNING + 340)


def test_an_event_is_on_the_board_from_its_second_on(tape: Tape) -> None:
    film = Film(tape, Thresholds())
    place = next(place for place, event in enumerate(tape.events) if event.kind is EventKind.STATE_CHANGED)
    event, second = tape.events[place], tape.next_event(tape.time(place) - 1)

    assert second == tape.time(place)
    assert event.chat is not None
    assert film.look(second - 1).chats[event.chat].state == event.state_from
    assert film.look(second).chats[event.chat].state == event.state_to
