"""The timeline of a chat: newest first, days told apart, and gaps drawn where nobody watched."""

from __future__ import annotations

from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.resource import CHATTING, WAITING
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.memory import KnownChat
from chatmon.ui.glyphs import to_ascii
from chatmon.ui.lines import Line
from chatmon.ui.timeline_lines import timeline_lines
from tests.ui.watched import NOON, Watched

DAY = 86_400.0


def changed(at: float) -> Event:
    return Event(at=at, kind=EventKind.STATE_CHANGED, chat="a", state_from=WAITING, state_to=CHATTING)


def gap(at: float, seconds: float) -> Event:
    return Event(at=at, kind=EventKind.GAP, chat="a", not_before=at - seconds, lasted=seconds)


def drawn(*events: Event, width: int = 60, now: float = NOON) -> list[Line]:
    return timeline_lines(events, width, now=now, timezone=UTC)[1:]


def texts(lines: list[Line]) -> list[str]:
    return [one.text.strip() for one in lines]


def test_a_time_in_which_nobody_watched_is_a_gap_between_the_events_around_it() -> None:
    lines = drawn(changed(NOON - 400), gap(NOON - 60, 312), changed(NOON - 30), width=45)

    assert texts(lines) == [
        "11:59:30  ● WaitingForAgent → Chatting",
        "╌╌╌╌╌╌╌╌╌╌╌ not watched for 05:12 ╌╌╌╌╌╌╌╌",
        "11:53:20  ● WaitingForAgent → Chatting",
    ]
    assert {span.style for span in lines[1].spans if span.text.strip()} == {"failing"}
    assert to_ascii(lines[1].text).isascii()


def test_a_gap_keeps_its_words_in_a_narrow_pane() -> None:
    assert texts(drawn(gap(NOON, 312), width=30)) == ["╌╌ not watched for 05:12 ╌╌"]


def test_a_chat_that_was_known_before_a_restart_has_one_timeline_with_the_gap_in_it() -> None:
    before = Watched()
    before.answer("a", WAITING, agents=())
    known = before.monitor.board.unwatch("a", before.clock.now())
    assert isinstance(known, KnownChat)

    after = Watched()
    after.clock.seconds = 3_600
    after.monitor.watch([("a", None)])
    after.monitor.remember([known])
    after.answer("a", CHATTING)
    told = texts(drawn(*after.monitor.board.timeline("a"), width=80, now=NOON + 3_600))

    assert told[0] == "13:00:00  + Kristi joined as Agent"
    assert told[1].startswith("13:00:00  ● WaitingForAgent → Chatting after ≥00:00")
    assert "not watched for 1:00:00" in told[2]
    assert told[3:] == ["12:00:00  · no longer watched", "12:00:00  ◔ first seen in WaitingForAgent"]


def test_events_of_other_days_stand_under_their_day() -> None:
    lines = drawn(changed(NOON - 2 * DAY), changed(NOON - DAY - 60), changed(NOON - DAY), changed(NOON - 60))

    assert [one for one in texts(lines) if "WaitingForAgent" not in one] == ["Saturday 21 November 2026", "Friday 20 November 2026"]
    assert "Saturday" in texts(lines)[1]


def test_a_timeline_of_today_names_no_day() -> None:
    assert not any("November" in text for text in texts(drawn(changed(NOON - 60), changed(NOON))))


def test_where_the_clock_was_set_back_over_midnight_each_change_of_the_day_is_said() -> None:
    lines = drawn(changed(NOON - 60), changed(NOON - DAY), changed(NOON))

    assert [one for one in texts(lines) if "WaitingForAgent" not in one] == ["Saturday 21 November 2026", "Sunday 22 November 2026"]


@given(
    st.lists(st.one_of(st.builds(changed, st.floats(0, 4e9)), st.builds(gap, st.floats(0, 4e9), st.floats(0, 1e7))), max_size=8),
    st.floats(0, 4e9),
    st.integers(10, 120),
)
def test_whatever_the_clocks_said_every_event_is_told_in_the_room_there_is(events: list[Event], now: float, width: int) -> None:
    lines = timeline_lines(events, width, now=now, timezone=UTC)

    assert len(lines) > len(events)
    assert all(one.width <= width and one.text.isprintable() for one in lines)


@given(st.integers(24, 120))
def test_the_words_of_an_event_leave_the_last_cell_to_a_scroll_bar(width: int) -> None:
    raised = Event(at=NOON, kind=EventKind.ALARM_RAISED, chat="a", rule="waiting", why="waiting ≥03:01, longer than 180 s (critical)")
    assert all(one.width < width for one in drawn(raised, width=width))
