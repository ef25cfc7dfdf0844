"""The diff as a law: what it tells is all that changed, and nothing else."""

from __future__ import annotations

from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from chatmon.api.resource import AGENT, CUSTOMER, STATES, ChatResource, Participant
from chatmon.monitor.chat import Chat
from chatmon.monitor.events import Event, EventKind, diff
from chatmon.monitor.observation import Health, Observation, PollError

from .fake_clock import moment

participants = st.builds(Participant, st.sampled_from("123"), st.sampled_from(["Chris", "Kristi", ""]), st.sampled_from([AGENT, CUSTOMER]))
resources = st.builds(
    ChatResource,
    state=st.sampled_from([*STATES, "LeftChat", None]),
    participants=st.lists(participants, unique=True, max_size=6).map(tuple),
    capabilities=st.lists(st.sampled_from(["SendMessage", "Complete", "Transfer"]), unique=True).map(tuple),
)


def seen(resource: ChatResource) -> Chat:
    return Chat(id="a", health=Health.OK, resource=resource, observed=moment(0), first_seen=moment(0), state_since=moment(0))


def poll(resource: ChatResource | None, error: PollError | None = None) -> Observation:
    return Observation("a", moment(1), moment(2), resource=resource, error=error)


def shuffled(resource: ChatResource, random: Random) -> ChatResource:
    return msgspec.structs.replace(
        resource,
        participants=tuple(random.sample(resource.participants, len(resource.participants))),
        capabilities=tuple(random.sample(resource.capabilities, len(resource.capabilities))),
    )


def replay(before: ChatResource, events: tuple[Event, ...]) -> tuple[str | None, set[Participant], set[str]]:
    """The state, participants and capabilities that the events lead to."""
    state, listed, capabilities = before.state, set(before.participants), set(before.capabilities)
    for event in events:
        match event.kind:
            case EventKind.STATE_CHANGED:
                assert event.state_from == state
                state = event.state_to
            case EventKind.PARTICIPANT_JOINED if event.participant is not None:
                assert event.participant not in listed
                listed.add(event.participant)
            case EventKind.PARTICIPANT_LEFT if event.participant is not None:
                listed.remove(event.participant)
            case EventKind.CAPABILITY_GAINED if event.capability is not None:
                assert event.capability not in capabilities
                capabilities.add(event.capability)
            case EventKind.CAPABILITY_LOST if event.capability is not None:
                capabilities.remove(event.capability)
            case _:
                raise AssertionError(event)
    return state, listed, capabilities


@given(resources, st.randoms(use_true_random=False))
def test_the_same_chat_in_any_order_is_no_event(resource: ChatResource, random: Random) -> None:
    assert diff(seen(resource), poll(shuffled(resource, random)), stale_after=6.0) == ()


@given(resources, resources)
def test_the_events_lead_from_what_was_to_what_is(before: ChatResource, after: ChatResource) -> None:
    events = diff(seen(before), poll(after), stale_after=6.0)
    assert replay(before, events) == (after.state, set(after.participants), set(after.capabilities))


@given(resources, resources, st.randoms(use_true_random=False))
def test_the_order_of_participants_makes_no_other_events(before: ChatResource, after: ChatResource, random: Random) -> None:
    in_another_order = diff(seen(shuffled(before, random)), poll(shuffled(after, random)), stale_after=6.0)
    assert set(diff(seen(before), poll(after), stale_after=6.0)) == set(in_another_order)


@given(resources, resources)
def test_every_change_lies_between_the_two_polls(before: ChatResource, after: ChatResource) -> None:
    for event in diff(seen(before), poll(after), stale_after=6.0):
        assert (event.chat, event.not_before, event.at) == ("a", moment(0).utc, moment(2).utc)


@given(resources, st.lists(st.sampled_from(["ok", "timeout", "denied", "not_found", "http"]), max_size=12))
def test_a_streak_of_failed_polls_begins_and_ends_once(resource: ChatResource, outcomes: list[str]) -> None:
    chat, told = seen(resource), []
    for kind in outcomes:
        error = None if kind == "ok" else PollError(kind, "it did not work")
        observation = poll(resource if error is None else None, error)
        told += [event.kind for event in diff(chat, observation, stale_after=6.0)]
        health = {"ok": Health.OK, "denied": Health.DENIED, "not_found": Health.GONE}.get(kind, Health.FAILING)
        gone_since = (chat.gone_since or moment(2)) if kind == "not_found" else None if kind == "ok" else chat.gone_since
        chat = msgspec.structs.replace(chat, health=health, error=error, gone_since=gone_since)
    streaks = "".join("." if kind == "ok" else "x" for kind in outcomes).split(".")
    ended = [streak for streak in streaks[:-1] if streak]
    assert told.count(EventKind.POLL_RECOVERED) == len(ended)
    assert told.count(EventKind.POLL_FAILED) <= len([streak for streak in streaks if streak])
    assert told.count(EventKind.GONE) <= len([streak for streak in streaks if streak])
