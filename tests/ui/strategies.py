"""Chats and texts as strangers may send them."""

from __future__ import annotations

from hypothesis import strategies as st

from chatmon.api.resource import AGENT, CUSTOMER, STATES, ChatResource, Participant
from chatmon.api.sanitise import clean
from chatmon.monitor.board import Board
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.observation import Observation, PollError
from chatmon.monitor.snapshot import Snapshot, take_snapshot
from tests.ui.watched import NOON, Watched, chat_id

HOSTILE = (
    "\x1b[31mred\x1b[0m\a\b\r\n",
    "[bold red]markup[/] [@click=app.quit]x[/]",
    "\u202egnihton\u202c \u2066isolated",
    "👩‍👩‍👧‍👦🏳️‍🌈👍🏽",
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033da\u0300" * 20,
    "x" * 100_000,
    "張" * 100_000,
    "",
    "   \t ",
)

raw_texts = st.one_of(st.text(max_size=60), st.sampled_from(HOSTILE), st.text(alphabet="a張é👍 ", max_size=40))
texts = raw_texts.map(clean)
"""Whatever was said, made fit for the screen."""

participants = st.builds(
    Participant,
    id=st.text("0123456789", min_size=1, max_size=3),
    nickname=raw_texts,
    type=st.one_of(st.sampled_from((AGENT, CUSTOMER)), raw_texts),
)
resources = st.builds(
    ChatResource,
    state=st.one_of(st.none(), st.sampled_from(STATES), raw_texts),
    participants=st.lists(participants, max_size=5, unique=True).map(tuple),
    capabilities=st.lists(raw_texts, max_size=5, unique=True).map(tuple),
)
errors = st.builds(PollError, kind=st.sampled_from(("timeout", "denied", "not_found", "http")), message=texts)
polls = st.lists(st.tuples(st.floats(0.1, 5_000), st.one_of(resources, errors)), max_size=6)


@st.composite
def boards(draw: st.DrawFn, max_chats: int = 6) -> tuple[Watched, Board]:
    """A board that has been polled for a while, and the clock after it."""
    watched = Watched()
    for number in range(draw(st.integers(1, max_chats))):
        name = chat_id(number)
        watched.monitor.watch([(name, draw(raw_texts))])
        for seconds, outcome in draw(polls):
            watched.clock.seconds += seconds
            at = Moment(watched.clock.seconds, NOON + watched.clock.seconds)
            if isinstance(outcome, PollError):
                watched.monitor.board.apply(Observation(name, at, at, error=outcome))
            else:
                watched.monitor.board.apply(Observation(name, at, at, resource=outcome, http_status=200))
    watched.clock.seconds += draw(st.floats(0, 100))
    return watched, watched.monitor.board


@st.composite
def snapshots(draw: st.DrawFn) -> tuple[Board, Snapshot, list[Chat]]:
    """A snapshot, the board it was taken from, and its chats."""
    watched, board = draw(boards())
    snapshot = take_snapshot(watched.monitor)
    return board, snapshot, list(snapshot.chats.values())
