"""The board: what is kept, what is told, and what is forgotten."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.resource import AGENT, CHATTING, IDLE, ChatResource, Participant
from chatmon.monitor.board import MAX_CHAT_EVENTS, Board, EventLog
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import Health, Observation, PollError
from chatmon.monitor.sight import MAX_LEFT_PARTICIPANTS

from .fake_clock import moment

IDLE_CHAT = ChatResource(state=IDLE)
CHATTING_CHAT = ChatResource(state=CHATTING)


def poll(at: float, resource: ChatResource | None = None, *, error: str | None = None, chat_id: str = "a") -> Observation:
    return Observation(chat_id, moment(at - 0.1), moment(at), resource=resource, error=None if error is None else PollError(error, "no"))


@pytest.fixture
def board() -> Board:
    board = Board(interval=2.0)
    board.watch("a", "billing")
    board.apply(poll(0, CHATTING_CHAT))
    board.take_changes()
    return board


@pytest.mark.parametrize("resource", [CHATTING_CHAT, ChatResource(state=CHATTING)], ids=["very same", "equal"])
def test_a_poll_that_saw_nothing_new_only_moves_the_time_it_was_seen(board: Board, resource: ChatResource) -> None:
    told: list[None] = []
    board.on_change = lambda: told.append(None)
    assert board.apply(poll(2, resource)) == ()
    chat = board.chat("a")
    assert chat is not None
    assert chat.observed == chat.polled == moment(2)
    assert chat.latency == pytest.approx(0.1)
    assert chat.state_since == moment(0)
    assert (told, board.take_changes().chats) == ([], frozenset())


def test_the_very_same_resource_after_a_failure_is_a_recovery(board: Board) -> None:
    board.apply(poll(2, error="timeout"))
    assert [event.kind for event in board.apply(poll(4, CHATTING_CHAT))] == [EventKind.POLL_RECOVERED]
    chat = board.chat("a")
    assert chat is not None
    assert (chat.error, chat.failures) == (None, 0)


def test_a_change_is_told_once_until_it_is_taken(board: Board) -> None:
    told: list[None] = []
    board.on_change = lambda: told.append(None)
    board.apply(poll(2, IDLE_CHAT))
    board.apply(poll(4, CHATTING_CHAT))
    board.record(Event(at=0.0, kind=EventKind.MONITOR_STARTED))
    board.watch("b")
    assert len(told) == 1
    changes = board.take_changes()
    assert (changes.chats, changes.membership) == (frozenset({"a", "b"}), True)
    board.apply(poll(6, IDLE_CHAT))
    assert len(told) == 2


def test_an_event_of_the_monitor_itself_is_told_once_until_it_is_taken(board: Board) -> None:
    told: list[None] = []
    board.on_change = lambda: told.append(None)
    board.record(Event(at=0.0, kind=EventKind.MONITOR_STARTED))
    board.apply(poll(2, IDLE_CHAT))
    assert len(told) == 1


def test_a_failure_of_another_kind_is_a_change_but_no_event(board: Board) -> None:
    board.apply(poll(2, error="timeout"))
    board.take_changes()
    assert board.apply(poll(4, error="connect")) == ()
    assert board.take_changes().chats == {"a"}


def test_what_a_chat_goes_through_is_told_to_the_listener_and_kept_in_log_and_timeline() -> None:
    told: list[Event] = []
    board = Board(interval=2.0, on_event=told.append)
    board.watch("a")
    board.apply(poll(0, CHATTING_CHAT))
    board.apply(poll(2, IDLE_CHAT))
    assert [event.kind for event in told] == [EventKind.FIRST_SEEN, EventKind.STATE_CHANGED]
    assert tuple(told) == board.timeline("a") == board.events.since(0)


def test_a_chat_no_longer_watched_is_forgotten_but_its_events_stay_in_the_log(board: Board) -> None:
    assert board.unwatch("a", moment(3))
    assert not board.unwatch("a", moment(3))
    assert ("a" in board, board.chat("a"), board.timeline("a"), len(board)) == (False, None, (), 0)
    assert board.take_changes().membership
    assert [event.kind for event in board.events.since(0)] == [EventKind.FIRST_SEEN, EventKind.UNWATCHED]


def test_a_late_answer_about_a_chat_no_longer_watched_is_left_alone(board: Board) -> None:
    board.unwatch("a", moment(3))
    board.take_changes()
    assert board.apply(poll(2, IDLE_CHAT)) == ()
    assert (len(board), board.events.total, board.take_changes().chats) == (0, 2, frozenset())


def test_a_watched_chat_may_get_another_label_or_an_empty_one_and_keeps_its_own_where_none_is_given(board: Board) -> None:
    labels = []
    for label in (None, "sales", ""):
        assert not board.watch("a", label)
        chat = board.chat("a")
        assert chat is not None
        assert chat.state == CHATTING
        labels.append(chat.label)
    assert labels == ["billing", "sales", ""]


def test_the_timeline_of_a_chat_is_bounded(board: Board) -> None:
    for step in range(MAX_CHAT_EVENTS + 50):
        board.apply(poll(2 + step, IDLE_CHAT if step % 2 == 0 else CHATTING_CHAT))
    assert len(board.timeline("a")) == MAX_CHAT_EVENTS
    assert board.timeline("a")[-1].at == moment(2 + MAX_CHAT_EVENTS + 49).utc


def test_participants_who_left_are_remembered_up_to_a_bound_the_newest_of_them(board: Board) -> None:
    for step in range(MAX_LEFT_PARTICIPANTS + 10):
        board.apply(poll(2 + step, ChatResource(state=CHATTING, participants=(Participant(str(step), "Kristi", AGENT),))))
    chat = board.chat("a")
    assert chat is not None
    assert len(chat.presences) == MAX_LEFT_PARTICIPANTS + 1
    assert chat.presences[-1].left is None
    assert chat.presences[0].participant.id == str(9)


def test_the_log_keeps_the_newest_events_and_tells_what_was_not_read_yet() -> None:
    log = EventLog(limit=3)
    for second in range(5):
        log.append(Event(at=float(second), kind=EventKind.FIRST_SEEN))
    assert log.total == 5
    assert [event.at for event in log.since(0)] == [2.0, 3.0, 4.0]
    assert [event.at for event in log.since(4)] == [4.0]
    assert log.since(5) == log.since(9) == ()


def seen_while_unattended(at: float) -> Observation:
    return poll(at, ChatResource(state=CHATTING, participants=(Participant("1", "Chris", "Customer"),)))


def test_a_chat_that_nobody_serves_is_unattended_since_it_was_seen_so(board: Board) -> None:
    board.apply(poll(2, ChatResource(state=CHATTING, participants=(Participant("2", "Kristi", AGENT),))))
    assert board.chat("a").unattended_since is None
    board.apply(seen_while_unattended(4))
    board.apply(seen_while_unattended(6))
    assert board.chat("a").unattended_since == moment(4)
    board.apply(poll(8, IDLE_CHAT))
    assert board.chat("a").unattended_since is None


def test_what_was_known_of_a_chat_goes_on_where_it_stopped(board: Board) -> None:
    board.apply(poll(2, IDLE_CHAT))
    known = board.unwatch("a", moment(3))
    assert known is not None
    board.watch("a")
    assert board.resume(known)
    chat = board.chat("a")
    assert (chat.health, chat.state, chat.label, chat.state_since) == (Health.PENDING, IDLE, "billing", moment(2))
    assert chat.time_in_state(moment(500)) == 0.0
    assert board.timeline("a") == known.timeline
    events = board.apply(poll(600, IDLE_CHAT))
    assert [(event.kind, event.lasted) for event in events] == [(EventKind.GAP, 598.0)]
    assert board.chat("a").time_in_state(moment(600)) == 598.0


def test_a_resumed_chat_keeps_the_label_it_is_watched_with_now(board: Board) -> None:
    known = board.unwatch("a", moment(3))
    assert known is not None
    board.watch("a", "sales")
    board.resume(known)
    assert board.chat("a").label == "sales"


def test_a_resumed_chat_that_was_gone_is_not_told_gone_again(board: Board) -> None:
    board.apply(poll(2, error="not_found"))
    known = board.unwatch("a", moment(3))
    assert known is not None
    board.watch("a")
    board.resume(known)
    assert board.apply(poll(20, error="not_found")) == ()
    assert board.chat("a").health is Health.GONE


def test_what_was_known_does_not_replace_what_is_known_now(board: Board) -> None:
    known = board.unwatch("a", moment(3))
    assert known is not None
    assert not board.resume(known)
    board.watch("a")
    board.apply(poll(4, IDLE_CHAT))
    assert not board.resume(known)
    assert board.chat("a").state == IDLE


def test_the_very_same_resource_after_a_gap_is_no_silent_poll(board: Board) -> None:
    events = board.apply(poll(60, CHATTING_CHAT))
    assert [(event.kind, event.lasted) for event in events] == [(EventKind.GAP, 60.0)]


def test_a_chat_that_is_no_longer_watched_says_when_it_was_seen_last(board: Board) -> None:
    board.apply(poll(2, IDLE_CHAT))
    known = board.unwatch("a", moment(9))
    assert known is not None
    last = known.timeline[-1]
    assert (last.kind, last.at, last.not_before) == (EventKind.UNWATCHED, moment(9).utc, moment(2).utc)
    assert board.events.since(board.events.total - 1) == (last,)


def test_an_interval_that_becomes_shorter_makes_no_gap_of_what_was_seen_in_time_for_the_longer_one(board: Board) -> None:
    board.interval = 60.0
    board.apply(poll(60, CHATTING_CHAT))
    board.interval = 0.5
    assert not board.chat("a").is_stale(moment(110), board.interval)
    assert board.apply(poll(110, CHATTING_CHAT)) == ()
    # The next poll was promised for half a second later.
    assert [event.kind for event in board.apply(poll(112, CHATTING_CHAT))] == [EventKind.GAP]


def test_a_chat_polled_once_in_four_intervals_is_stale_and_in_a_gap_after_three_of_its_own(board: Board) -> None:
    board.apply(poll(2, IDLE_CHAT), 4)
    board.apply(poll(26, IDLE_CHAT), 4)
    assert [event.kind for event in board.timeline("a")] == [EventKind.FIRST_SEEN, EventKind.STATE_CHANGED]
    assert [board.chat("a").is_stale(moment(second), 2.0) for second in (50, 50.1)] == [False, True]
    assert [event.kind for event in board.apply(poll(50.1, IDLE_CHAT), 4)] == [EventKind.GAP]


def test_what_a_failed_poll_promises_does_not_change_what_was_promised_when_the_chat_was_seen(board: Board) -> None:
    board.apply(poll(2, IDLE_CHAT), 4)
    board.apply(poll(10, error="timeout"))
    board.apply(poll(13, error="timeout"))
    assert [event.kind for event in board.apply(poll(17, IDLE_CHAT), 4)] == [EventKind.POLL_RECOVERED]


def test_a_chat_that_is_known_again_is_judged_by_what_was_promised_when_it_was_seen(board: Board) -> None:
    board.apply(poll(2, IDLE_CHAT), 4)
    known = board.unwatch("a", moment(3))
    assert known is not None
    board.watch("a")
    board.resume(known)
    assert board.apply(poll(20, IDLE_CHAT), 4) == ()


PROMISES = st.tuples(st.sampled_from([1, 4]), st.sampled_from([0.5, 2.0, 30.0]), st.floats(0.0, 1.5))


@given(st.lists(PROMISES, min_size=1, max_size=30))
def test_no_order_of_paces_and_intervals_makes_a_gap_where_every_poll_came_in_time(steps: list[tuple[int, float, float]]) -> None:
    """Each step: how many intervals the next poll is promised for, the interval in force, and how late the poll is in such times."""
    board, now = Board(interval=2.0), 0.0
    board.watch("a")
    promised = 0.0
    for every, interval, late in steps:
        now += promised * late
        assert not board.chat("a").is_stale(moment(now), board.interval)
        # Another interval may come into force at any time after the promise, and make it sooner or later.
        board.interval = interval
        assert not board.chat("a").is_stale(moment(now), board.interval)
        board.apply(poll(now, IDLE_CHAT), every)
        promised = every * interval
    assert [event.kind for event in board.timeline("a")] == [EventKind.FIRST_SEEN]


@given(st.lists(PROMISES, max_size=10), st.sampled_from([1, 4]), st.sampled_from([0.5, 2.0, 30.0]))
def test_whatever_the_paces_were_before_three_promised_intervals_without_a_sight_are_a_gap(
    steps: list[tuple[int, float, float]], every: int, interval: float
) -> None:
    board, now = Board(interval=2.0), 0.0
    board.watch("a")
    for pace, seconds, late in [*steps, (every, interval, 1.0)]:
        now += 2.0 * late
        board.interval = seconds
        board.apply(poll(now, IDLE_CHAT), pace)
    assert EventKind.GAP in {event.kind for event in board.apply(poll(now + 3.01 * every * interval, IDLE_CHAT))}


def test_changes_that_nobody_takes_are_not_named_for_ever() -> None:
    board = Board(interval=2.0)
    now = moment(0.0)
    for number in range(5_000):
        board.watch(str(number))
        board.unwatch(str(number), now)
    assert board.take_changes().chats is None
    board.watch("a")
    assert board.take_changes().chats == {"a"}
