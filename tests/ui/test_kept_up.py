"""What screens keep up as chats change is what they would find by looking at every chat."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.resource import WAITING
from chatmon.config.screen import ScreenSettings
from chatmon.monitor.figures import count
from chatmon.monitor.filters import parse_filter
from chatmon.monitor.observation import Observation, PollError
from chatmon.monitor.pseudonyms import KEY_BYTES, REAL_NAMES, Pseudonyms
from chatmon.ui.alarm_marks import Subject, alarms_by_chat
from chatmon.ui.ordering import SORT_ORDERS, Arrangement, SortOrder
from chatmon.ui.session import Session
from chatmon.ui.short_ids import ShortIds
from tests.ui.strategies import errors, resources
from tests.ui.watched import Watched, chat_id

numbers = st.integers(0, 5)
seconds = st.floats(0.1, 100)
steps = st.one_of(
    st.tuples(st.just("poll"), numbers, st.one_of(resources, errors)),
    st.tuples(st.just("watch"), numbers, st.text("ab", max_size=3)),
    st.tuples(st.just("unwatch"), numbers, st.none()),
    st.tuples(st.just("review"), numbers, st.none()),
    st.tuples(st.just("acknowledge"), numbers, st.one_of(st.none(), st.floats(1, 50))),
    st.tuples(st.just("pause"), numbers, st.none()),
)
filters = st.sampled_from(("", "state:waiting", "!health:ok", "label:a", "agent:a"))


def take(watched: Watched, session: Session, what: str, name: str, value: object) -> None:
    """One step of what may happen to a board."""
    monitor, now = watched.monitor, watched.clock.now()
    match what, value:
        case "poll", PollError():
            monitor.board.apply(Observation(name, now, now, error=value))
        case "poll", resource:
            monitor.board.apply(Observation(name, now, now, resource=resource, http_status=200))  # type: ignore[arg-type]
        case "watch", str(label):
            session.watch(name, label)
        case "unwatch", _:
            session.unwatch(session.naming.chat_id(name))
        case "review", _:
            monitor.review()
        case "acknowledge", seconds:
            monitor.acknowledge(chat=name, seconds=seconds)  # type: ignore[arg-type]
        case _:
            session.toggle_pause()
    session.renew()


@pytest.mark.parametrize("names", ["real names", "pseudonyms"])
@pytest.mark.parametrize("order", SORT_ORDERS, ids=lambda order: order.id)
@given(st.lists(st.tuples(steps, seconds), max_size=25), filters)
def test_order_figures_and_short_ids(
    order: SortOrder, names: str, happened: list[tuple[tuple[str, int, object], float]], text: str
) -> None:
    watched = Watched()
    naming = REAL_NAMES if names == "real names" else Pseudonyms(b"k" * KEY_BYTES)
    session = Session(watched.monitor, ScreenSettings(), source="gws.example.com", naming=naming)
    session.listing.order = order
    session.listing.set_filter(text)
    watched.monitor.watch((chat_id(number), None) for number in range(3))

    for (what, number, value), passed in happened:
        watched.clock.seconds += passed if not order.drifts else 1 + passed
        take(watched, session, what, chat_id(number), value)
        snapshot = session.snapshot
        anew = Arrangement(order, parse_filter(text).matches)
        anew.arrange(snapshot.chats.values(), snapshot.now, alarms_by_chat(snapshot.alarms))

        assert session.arranged() == anew.chat_ids()
        assert dict(session.short_ids) == dict(ShortIds(snapshot.chats))
        if not session.paused:
            assert snapshot.figures == count(snapshot.chats.values(), snapshot.now)


def test_a_chat_whose_snooze_is_over_stands_first_again() -> None:
    watched = Watched()
    session = Session(watched.monitor, ScreenSettings(), source="gws.example.com")
    for number in range(2):
        watched.answer(chat_id(number), WAITING, agents=())
        watched.clock.seconds += 1
    for _ in range(8):
        watched.clock.seconds += 9
        for number in range(2):
            watched.answer(chat_id(number), WAITING, agents=())
        watched.monitor.review()

    orders = []
    for passed, snooze in ((0, None), (0, 5.0), (3, None), (3, None)):
        watched.clock.seconds += passed
        watched.monitor.review()
        if snooze is not None:
            session.acknowledge(Subject(chat=chat_id(0)), seconds=snooze)
        session.renew()
        orders.append([chat_id(0), chat_id(1)].index(session.arranged()[0]))
    assert orders == [0, 1, 1, 0]
