"""What was to be seen at a second of a tape is the same however one came there, whatever is recorded."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.resource import AGENT, CHATTING, CUSTOMER, IDLE, WAITING, ChatResource, Participant
from chatmon.history.reader import RecordedEvent
from chatmon.monitor.alarms import Thresholds
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import PollError
from chatmon.monitor.snapshot import Snapshot
from chatmon.monitor.trends import TrendSample
from chatmon.replay import film
from chatmon.replay.film import Film
from chatmon.replay.reckoning import reckoned
from chatmon.replay.scene import Scene
from chatmon.replay.tape import Portion, Tape
from tests.examples import examples

from .recorded_day import MORNING

DAY = MORNING - 8 * 3600
CHATS = ("a", "b", "c")
PEOPLE = (Participant("1", "Ada", CUSTOMER), Participant("2", "Kristi", AGENT), Participant("3", "Max", AGENT))
LOOK_AT = st.integers(-5, 130)


@pytest.fixture(autouse=True)
def _many_keyframes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "BETWEEN_KEYFRAMES", 3)
    monkeypatch.setattr(film, "WOUND_AT_ONCE", 2)


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Everything that a scene is made to play, by its number of events before. Keyframes are far apart here, pieces small."""
    monkeypatch.setattr(film, "BETWEEN_KEYFRAMES", 4_000)
    monkeypatch.setattr(film, "WOUND_AT_ONCE", 20)
    taken: list[int] = []
    play_one = Scene.play_one

    def counted(scene: Scene) -> None:
        taken.append(scene.played)
        play_one(scene)

    monkeypatch.setattr(Scene, "play_one", counted)
    return taken


states = st.sampled_from((WAITING, CHATTING, IDLE, "LeftChat", None))
resources = st.builds(
    ChatResource,
    state=states,
    participants=st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True).map(tuple),
    capabilities=st.lists(st.sampled_from(("SendMessage", "Complete")), unique=True).map(tuple),
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Any event, as a program or a damaged file may have it."""
    kind = draw(st.sampled_from(EventKind))
    at = DAY + draw(st.integers(-20, 120)) + draw(st.sampled_from((0.0, 0.25, 0.5)))
    is_of_monitor = kind in {EventKind.MONITOR_STARTED, EventKind.MONITOR_STOPPED}
    lasted = draw(st.none() | st.floats(0, 40))
    is_alarm = kind.startswith("alarm")
    return Event(
        at=at,
        kind=kind,
        chat=None if is_of_monitor else draw(st.sampled_from(CHATS)),
        not_before=draw(st.none() | st.just(at - 3)),
        state_from=draw(states),
        state_to=draw(states),
        participant=draw(st.none() | st.sampled_from(PEOPLE)),
        capability=draw(st.none() | st.just("Complete")),
        error=draw(st.none() | st.builds(PollError, st.sampled_from(("timeout", "denied", "not_found")), st.just("no"))),
        resource=draw(st.none() | resources),
        lasted=lasted,
        lasted_exact=draw(st.none() | st.booleans()),
        rule=draw(st.sampled_from(("waiting", "idle", "overload", "unknown"))) if is_alarm else None,
        severity=draw(st.sampled_from(("warn", "critical", "odd"))) if is_alarm else None,
        why="why" if is_alarm else None,
        until=draw(st.none() | st.just(at + 20)),
    )


stretches = st.tuples(st.integers(-20, 120), st.integers(0, 60)).map(lambda pair: (DAY + pair[0], DAY + pair[0] + pair[1]))
samples = st.builds(
    TrendSample,
    number=st.integers(0, 9),
    at=st.integers(-20, 120).map(lambda seconds: DAY + seconds),
    **dict.fromkeys(("waiting", "chatting", "idle", "failing", "longest_wait"), st.none() | st.floats(0, 9)),
)


@st.composite
def tapes(draw: st.DrawFn) -> Tape:
    """A tape of any events, in their order but for a wall clock that was set now and then."""
    listed = draw(st.lists(events(), min_size=1, max_size=25))
    if draw(st.booleans()):
        listed.sort(key=lambda event: event.at)
    recorded = tuple(RecordedEvent(position, event, "label", "Ada") for position, event in enumerate(listed, 1))
    coverage = draw(st.lists(st.tuples(st.sampled_from(CHATS), stretches), max_size=6))
    return Tape(
        Portion(
            day=DAY,
            day_end=DAY + 86_400,
            next_position=len(recorded) + 1,
            events=recorded,
            sessions=tuple(draw(st.lists(stretches, max_size=3))),
            coverage=tuple(sorted(((chat, *stretch) for chat, stretch in coverage), key=lambda one: one[1:])),
            trends=tuple(sorted(draw(st.lists(samples, max_size=5)), key=lambda sample: sample.at)),
        )
    )


def told(snapshot: Snapshot) -> bytes:
    """All of a snapshot, to the letter and in its order."""
    return msgspec.json.encode(snapshot)


@examples(60)
@given(tapes(), st.lists(LOOK_AT, min_size=1, max_size=12))
def test_forward_sought_and_back_a_second_looks_the_same(tape: Tape, seconds: list[int]) -> None:
    wound, forward = Film(tape, Thresholds()), Film(tape, Thresholds())
    played = {second: told(forward.look(DAY + second)) for second in sorted(set(seconds))}
    for second in seconds:
        sought = Film(tape, Thresholds())
        assert told(wound.look(DAY + second)) == told(sought.look(DAY + second)) == played[second]


@examples(60)
@given(tapes(), st.lists(st.tuples(LOOK_AT, st.integers(0, 12)), min_size=1, max_size=12))
def test_wound_by_and_by_and_sought_elsewhere_meanwhile_a_second_looks_the_same(tape: Tape, ways: list[tuple[int, int]]) -> None:
    wound, here = Film(tape, Thresholds()), DAY
    for second, pieces in ways:
        for _ in range(pieces):
            if wound.wind(DAY + second):
                assert wound.left(DAY + second) == 0
                here = DAY + second
                break
        assert told(wound.look(here)) == told(Film(tape, Thresholds()).look(here))


@pytest.mark.parametrize("second", [600, 250])
def test_a_tape_is_wound_in_pieces_of_so_many_events_while_another_second_is_shown(
    new_tape: Callable[[], Tape], played: list[int], second: float
) -> None:
    wound = Film(new_tape(), Thresholds())
    wound.look(MORNING + 300)
    left, pieces = wound.left(MORNING + second), 0
    played.clear()
    while not wound.wind(MORNING + second):
        assert len(played) <= film.WOUND_AT_ONCE
        assert wound.left(MORNING + second) < left
        left, pieces = wound.left(MORNING + second), pieces + 1
        played.clear()
        wound.look(MORNING + 300)
        assert not played
    assert pieces > 1
    assert len(played) <= film.WOUND_AT_ONCE
    played.clear()
    wound.look(MORNING + second)
    assert not played


@examples(25)
@given(tapes(), LOOK_AT)
def test_reckoned_alarms_depend_on_the_history_alone(tape: Tape, second: int) -> None:
    thresholds = Thresholds(waiting_warn=5, waiting_critical=20, idle=10, unseen=5)
    once, again = (reckoned(tape, thresholds) for _ in range(2))
    assert once.events == again.events
    assert told(Film(once, thresholds).look(DAY + second)) == told(Film(again, thresholds).look(DAY + second))


def test_a_recorded_shift_looks_the_same_at_every_second_however_one_came_there(new_tape: Callable[[], Tape]) -> None:
    tape = new_tape()
    forward, wound = Film(tape, Thresholds()), Film(new_tape(), Thresholds())
    seconds = [tape.begin + step for step in range(int(tape.end - tape.begin) + 1)]
    played = {second: told(forward.look(second)) for second in seconds}
    chance = Random(3)
    for second in chance.sample(seconds, 60):
        assert told(wound.look(second)) == played[second]
    for second in seconds[::-37]:
        assert told(wound.look(second)) == played[second]
