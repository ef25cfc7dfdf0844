"""Rows of the events screen: what belongs together is one row, and nothing is lost by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.monitor.event_filters import ToldEvent
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import PollError
from chatmon.ui.event_rows import TOGETHER_SECONDS, EventRows, row_text


def failed(chat: str, at: float = 0.0, why: str = "no answer") -> ToldEvent:
    return ToldEvent(Event(at=at, kind=EventKind.POLL_FAILED, chat=chat, error=PollError("timeout", why)))


def recovered(chat: str, at: float = 0.0) -> ToldEvent:
    return ToldEvent(Event(at=at, kind=EventKind.POLL_RECOVERED, chat=chat))


def unwatched(chat: str, at: float = 0.0) -> ToldEvent:
    return ToldEvent(Event(at=at, kind=EventKind.UNWATCHED, chat=chat))


def gap(chat: str, seconds: float, at: float = 0.0) -> ToldEvent:
    return ToldEvent(Event(at=at, kind=EventKind.GAP, chat=chat, lasted=seconds))


def raised(chat: str | None, at: float = 0.0, *, why: str = "not seen for 00:30", agent: str | None = None, **detail: str) -> ToldEvent:
    fields: dict[str, Any] = {"rule": "unseen", "severity": "warn", **detail}
    return ToldEvent(Event(at=at, kind=EventKind.ALARM_RAISED, chat=chat, why=why, agent=agent, **fields))


def cleared(chat: str, at: float = 0.0, rule: str = "unseen", why: str = "") -> ToldEvent:
    return ToldEvent(Event(at=at, kind=EventKind.ALARM_CLEARED, chat=chat, rule=rule, severity="warn", why=why))


def changed(chat: str, at: float = 0.0) -> ToldEvent:
    return ToldEvent(Event(at=at, kind=EventKind.STATE_CHANGED, chat=chat, state_from="WaitingForAgent", state_to="Chatting"))


def lost(chat: str, capability: str, at: float = 0.0) -> ToldEvent:
    return ToldEvent(Event(at=at, kind=EventKind.CAPABILITY_LOST, chat=chat, capability=capability))


def rows_of(told: Iterable[ToldEvent]) -> EventRows:
    rows = EventRows()
    for one in told:
        rows.append(one)
    return rows


def texts(rows: EventRows) -> list[str]:
    return [row_text(row) for key in rows.keys if (row := rows.get(key)) is not None]


def test_an_outage_is_one_row_and_so_is_its_end_whatever_else_comes_to_light_then() -> None:
    outage = [failed(str(number), 0.01 * number) for number in range(12)]
    end = [one for number in range(12) for one in (recovered(str(number), 60.0), gap(str(number), 50.0 + number, 60.0))]
    rows = rows_of([*outage, *end[:2], changed("0", 60.0), *end[2:]])

    assert texts(rows) == [
        "12 chats: poll failed: no answer",
        "12 chats: answers again",
        "12 chats: not watched for up to 01:01",
        "WaitingForAgent → Chatting",
    ]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([failed("a")], ["poll failed: no answer"]),
        ([failed("a"), failed("b", TOGETHER_SECONDS + 0.1)], ["poll failed: no answer"] * 2),
        ([failed("a"), failed("b", -0.5)], ["2 chats: poll failed: no answer"]),
        ([failed("a"), recovered("a", 0.5), failed("a", 1.0)], ["poll failed: no answer", "answers again", "poll failed: no answer"]),
        ([failed("a"), failed("b"), failed("c", why="refused")], ["3 chats: poll failed: no answer, and other reasons"]),
        ([unwatched("a"), unwatched("b")], ["2 chats: no longer watched"]),
        ([raised("a"), raised("b")], ["2 chats: alarm unseen: not seen for 00:30"]),
        (
            [raised("a", why="not seen for 00:31"), *map(raised, "bcd")],
            ["4 chats: alarm unseen: not seen for 00:30, and the like"],
        ),
        (
            [raised("a"), raised("a", rule="idle", why="idle 05:00"), raised("b"), raised("b", rule="idle", why="idle 05:00")],
            ["2 chats: alarm unseen: not seen for 00:30", "2 chats: alarm: idle 05:00"],
        ),
        ([raised("a"), raised("b", severity="critical")], ["alarm unseen: not seen for 00:30"] * 2),
        ([raised("a"), raised("b", TOGETHER_SECONDS + 0.1)], ["alarm unseen: not seen for 00:30"] * 2),
        ([raised("a"), raised("a", severity="critical"), raised("a", 1.0)], ["alarm unseen: not seen for 00:30"] * 3),
        (
            [cleared("a", why="idle 05:00"), cleared("b"), cleared("b", rule="idle")],
            ["2 chats: alarm unseen is over", "alarm idle is over"],
        ),
        (
            [raised(None, agent=name, rule="overload", why="in 5 chats") for name in ("Kristi", "Max")],
            ["alarm overload of Kristi: in 5 chats", "alarm overload of Max: in 5 chats"],
        ),
        ([changed("a"), changed("b")], ["WaitingForAgent → Chatting"] * 2),
        ([lost("a", "Complete"), lost("a", "SendMessage")], ["may no longer Complete, SendMessage"]),
        ([lost("a", "Complete"), lost("b", "Complete")], ["may no longer Complete"] * 2),
        ([lost("a", "Complete"), lost("a", "SendMessage", 1.0)], ["may no longer Complete", "may no longer SendMessage"]),
    ],
)
def test_what_is_told_together(told: list[ToldEvent], expected: list[str]) -> None:
    assert texts(rows_of(told)) == expected


chats = st.sampled_from("abc")
times = st.floats(0, 10)
told_events = st.lists(
    st.one_of(
        st.builds(failed, chats, times, st.sampled_from(["no answer", "refused"])),
        st.builds(recovered, chats, times),
        st.builds(raised, chats, times, severity=st.sampled_from(["warn", "critical"])),
        st.builds(cleared, chats, times),
        st.builds(gap, chats, st.floats(0, 1_000), times),
        st.builds(changed, chats, times),
        st.builds(lost, chats, st.sampled_from(["Complete", "SendMessage"]), times),
    ),
    max_size=40,
)


@given(told_events)
def test_every_event_is_in_one_row_and_a_row_of_troubles_names_each_chat_once(told: list[ToldEvent]) -> None:
    rows = rows_of(told)
    listed = [row for key in rows.keys if (row := rows.get(key)) is not None]

    assert Counter(id(one) for row in listed for one in row.told) == Counter(map(id, told))
    for row in listed:
        assert len({one.event.kind for one in row.told}) == 1
        assert row.first.capability is not None or len(row.told) == len(row.chats)


@given(told_events, told_events, st.integers(1, 10))
def test_older_events_stand_before_all_others_and_keys_stay_with_their_rows(
    older: list[ToldEvent], newer: list[ToldEvent], limit: int
) -> None:
    rows = EventRows(limit)
    for one in newer:
        rows.append(one)
    before = {key: rows.get(key) for key in rows.keys}
    added = rows.prepend((one, position) for position, one in enumerate(older))

    assert rows.keys[added:] == list(before)
    assert {key: rows.get(key) for key in before} == before
    assert texts(rows)[:added] == texts(rows_of(older))

    every = rows.keys
    dropped = rows.trim()
    assert dropped == max(0, len(every) - limit)
    assert rows.keys == every[dropped:]
    assert len(rows) == len(every) - dropped


@given(told_events)
def test_rows_that_are_looked_at_between_two_events_grow_on_as_others(told: list[ToldEvent]) -> None:
    rows = EventRows()
    for one in told:
        rows.append(one)
        texts(rows)

    assert texts(rows) == texts(rows_of(told))


@given(told_events, told_events, st.integers(1, 10))
def test_what_comes_after_rows_made_room_is_listed(before: list[ToldEvent], after: list[ToldEvent], limit: int) -> None:
    rows = EventRows(limit)
    for one in before:
        rows.append(one)
    rows.trim()
    for one in after:
        rows.append(one)
    listed = {id(one) for key in rows.keys if (row := rows.get(key)) is not None for one in row.told}

    assert listed >= set(map(id, after))


def test_events_that_are_missing_stand_between_those_around_them() -> None:
    rows = rows_of([failed("a")])
    rows.append_missing(7, failed("b"))
    rows.append(failed("b"))

    assert texts(rows) == ["poll failed: no answer", "7 earlier events are no longer in memory", "poll failed: no answer"]


def test_events_that_are_missing_before_all_others_are_no_row() -> None:
    rows = EventRows(limit=2)
    rows.append(failed("a"))
    rows.append_missing(1, failed("b"))
    rows.append(failed("b"))

    assert rows.trim() == 2
    assert texts(rows) == ["poll failed: no answer"]
