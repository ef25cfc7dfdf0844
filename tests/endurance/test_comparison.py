"""What judges an endurance run: it accepts what honest polls tell of a contact centre's life, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.resource import AGENT, CHATTING, CUSTOMER, IDLE, WAITING, ChatResource, Participant
from chatmon.monitor.events import Event, EventKind
from chatmon.simulator.contact_centre import ContactCentre
from tests.examples import examples

from .comparison import Comparison, Stretch, Tolerance, Verdict
from .told import Told, told_of
from .truth import Shown, Truth, Version, shown_of

TOLERANCE = Tolerance(answer=2.0, undone=15.0)
CHRIS, KRISTI = Participant("1", "Chris", CUSTOMER), Participant("2", "Kristi", AGENT)


def shown(state: str, *agents: str) -> Shown:
    return Shown(state, tuple(sorted([("Chris", CUSTOMER), *((agent, AGENT) for agent in agents)])), frozenset())


WAITS, CHATS, ENDED = shown(WAITING), shown(CHATTING, "Kristi"), shown(IDLE, "Kristi")
LIFE = [Version(100, WAITS), Version(150, CHATS), Version(250, ENDED), Version(260, shown(IDLE)), Version(300, None)]
SEEN = [Told(102, None, WAITS), Told(152, 147, CHATS), Told(252, 247, ENDED), Told(262, 257, shown(IDLE)), Told(302, 297, None)]
WATCHED: list[Stretch] = [(102, 297)]


def verdict(told: Sequence[Told], versions: Sequence[Version] = LIFE, stretches: Sequence[Stretch] = WATCHED) -> Verdict:
    return Comparison(versions, stretches, TOLERANCE).verdict(told)


@cache
def simulated() -> tuple[Truth, ContactCentre]:
    centre, truth = ContactCentre(chats=20, seed=7), Truth()
    for chat_id in centre.chat_ids():
        chat = centre.chat(chat_id)
        assert chat is not None
        truth.found(chat, 0.0)
    for second in range(1, 1200):
        for event in centre.advance(float(second)):
            truth.happened(event, event.at, centre.chat(event.chat_id))
    return truth, centre


def polled(versions: Sequence[Version], times: Sequence[float]) -> list[Told]:
    """What a monitor tells that polls at these times."""
    told: list[Told] = []
    for number, at in enumerate(times):
        now = next((version for version in reversed(versions) if version.at <= at), None)
        if now is None or (not told and now.shown is None):
            continue
        if not told or told[-1].shown != now.shown:
            told.append(Told(at, times[number - 1] if told else None, now.shown))
    return told


def test_the_versions_made_from_the_log_are_what_the_centre_shows() -> None:
    truth, centre = simulated()
    assert truth.steps > 200
    for chat_id, versions in truth.versions.items():
        chat = centre.chat(chat_id)
        assert versions[-1].shown == (None if chat is None else shown_of(chat))


def test_everything_told_once_is_as_it_should_be() -> None:
    assert verdict(SEEN) == Verdict(watched=3, alone=3, beside=1)


def test_changes_between_two_polls_are_told_as_one() -> None:
    assert verdict([*SEEN[:2], Told(262, 247, shown(IDLE)), SEEN[4]]) == Verdict(watched=3, alone=1, together=2, beside=1)


@pytest.mark.parametrize("left_out", [1, 2, 3])
def test_a_change_that_is_not_told_is_missing(left_out: int) -> None:
    bad = verdict([told for number, told in enumerate(SEEN) if number != left_out])
    assert bad.missing + bad.unexplained > 0


def test_the_last_change_is_missing_where_the_chat_was_seen_long_after_it() -> None:
    assert verdict(SEEN[:3], LIFE[:4], [(102, 290)]).missing == 1
    assert verdict(SEEN[:3], LIFE[:4], [(102, 261)]).missing == 0


@pytest.mark.parametrize("twice", [0, 1, 2, 3, 4])
def test_a_change_that_is_told_again_is_found(twice: int) -> None:
    again = Told(SEEN[twice].at + 5, SEEN[twice].at, SEEN[twice].shown)
    assert verdict([*SEEN[: twice + 1], again, *SEEN[twice + 1 :]]).unexplained > 0


@pytest.mark.parametrize(
    "told",
    [
        Told(149, 144, CHATS),  # before it happened
        Told(160, 155, CHATS),  # seen as it was before, after it happened
        Told(152, 147, shown(CHATTING, "Max")),
        Told(152, 147, CHATS, contradiction=True),
    ],
)
def test_what_did_not_happen_or_not_then_is_found(told: Told) -> None:
    assert verdict([SEEN[0], told, *SEEN[2:]]).unexplained > 0


BACK = [Version(100, WAITS), Version(150, CHATS), Version(158, WAITS)]


def test_what_was_undone_before_the_next_poll_needs_no_telling() -> None:
    assert verdict([Told(149, None, WAITS)], BACK, [(149, 200)]) == Verdict(watched=2, undone=2)


def test_what_lasted_longer_than_polls_can_miss_is_missing() -> None:
    long = [*BACK[:2], Version(190, WAITS)]
    assert verdict([Told(149, None, WAITS)], long, [(149, 220)]).missing == 2
    assert verdict([Told(149, None, WAITS)], long, [(149, 151), (195, 220)]).missing == 0


def test_what_happened_while_nobody_watched_is_not_asked_for() -> None:
    assert verdict(SEEN[:1], LIFE, [(102, 120)]) == Verdict()
    assert verdict([SEEN[0], Told(280, 120, shown(IDLE))], LIFE, [(102, 120), (280, 290)]) == Verdict(beside=3)


@examples(20)
@given(phase=st.floats(0, 5), answer=st.floats(0, 1.9), gap=st.tuples(st.floats(0, 1200), st.floats(0, 120)))
def test_a_life_as_polls_see_it_has_nothing_missing_and_nothing_unexplained(phase: float, answer: float, gap: tuple[float, float]) -> None:
    # Each answer is seen a while after it was made; for a while nobody polls.
    times = [phase + 5 * number for number in range(240)]
    times = [at for at in times if not gap[0] < at < sum(gap)]
    for versions in simulated()[0].versions.values():
        told = [
            Told(one.at + answer, None if one.not_before is None else one.not_before + answer, one.shown) for one in polled(versions, times)
        ]
        seen = [at + answer for at in times if told and at + answer >= told[0].at and not (told[-1].shown is None and at >= told[-1].at)]
        if told and told[-1].shown is None:
            seen = [at for at in seen if at < told[-1].at]
        parts = [part for part in ([at for at in seen if at <= gap[0]], [at for at in seen if at > gap[0]]) if part]
        found = verdict(told, versions, [(part[0], part[-1]) for part in parts])
        assert (found.missing, found.unexplained) == (0, 0)


def first_sight(at: float = 102) -> Event:
    return Event(at=at, kind=EventKind.FIRST_SEEN, chat="c", state_to=WAITING, resource=ChatResource(WAITING, (CHRIS,), ()))


def change(at: float, kind: EventKind, **detail: object) -> Event:
    return Event(at=at, kind=kind, chat="c", not_before=at - 5, **detail)  # type: ignore[arg-type]


ANSWERED = (
    change(152, EventKind.STATE_CHANGED, state_from=WAITING, state_to=CHATTING),
    change(152, EventKind.PARTICIPANT_JOINED, participant=KRISTI),
)


def test_events_of_one_poll_tell_how_the_chat_was_then() -> None:
    trouble = Event(at=140, kind=EventKind.POLL_FAILED, chat="c")
    assert list(told_of([first_sight(), trouble, *ANSWERED])) == SEEN[:2]


@pytest.mark.parametrize(
    "again",
    [
        first_sight(157),
        change(157, EventKind.STATE_CHANGED, state_from=WAITING, state_to=CHATTING),
        change(157, EventKind.PARTICIPANT_LEFT, participant=Participant("3", "Max", AGENT)),
        change(157, EventKind.CAPABILITY_LOST, capability="Complete"),
        change(157, EventKind.GONE, state_from=WAITING),
    ],
    ids=lambda event: event.kind,
)
def test_events_that_do_not_follow_on_those_before_are_a_contradiction(again: Event) -> None:
    assert [told.contradiction for told in told_of([first_sight(), *ANSWERED, again])] == [False, False, True]


def test_a_chat_that_is_told_of_before_its_first_sight_is_a_contradiction() -> None:
    assert [told.contradiction for told in told_of(ANSWERED)] == [True]


def test_a_chat_that_is_gone_twice_is_a_contradiction() -> None:
    gone = [change(at, EventKind.GONE, state_from=CHATTING) for at in (200, 210)]
    assert [told.contradiction for told in told_of([first_sight(), *ANSWERED, *gone])] == [False, False, False, True]
