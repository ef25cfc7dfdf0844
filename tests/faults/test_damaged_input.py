"""Documents that were sound once, damaged anywhere: an answer, a list of ids, a configuration. Each is understood or refused in one line.

Found cases stand as examples. The history has its own in tests/history/test_broken_files.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chatmon.api.errors import BadAnswer
from chatmon.api.resource import ChatResource, Participant, decode
from chatmon.api.sanitise import clean
from chatmon.cli.chat_ids import InvalidIds, read_chats, read_list
from chatmon.config import InvalidSetting, load, resolve
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.event_filters import ToldEvent, parse_event_filter
from chatmon.monitor.events import Event, EventKind, diff
from chatmon.monitor.filters import InvalidFilter, parse_filter
from chatmon.monitor.observation import Health, Observation
from tests.api.documents import chat_body
from tests.cli.config_files import PROD
from tests.examples import examples

PEOPLE = [
    {"participantId": 1, "nickname": "Chris \ud83e\udd8a", "type": "Customer"},
    {"participantId": "2", "nickname": "K", "type": "Agent"},
]
ANSWER = chat_body(participants=PEOPLE, capabilities=["SendMessage", "Complete"]).encode()
IDS = "\ufeff# this shift\n652492d9-c2d9 billing, urgent\n0b1f # none\r\n\n  77aa\tnördlich\n".encode()
FILTER = b'state:waiting !agent:"kristi s" kind:alarm health:failing label:b "chris x" !'

pieces = st.binary(max_size=4) | st.sampled_from(
    [b'"', b"\\", b"\\ud83d", b"[", b"{", b"}", b"\x00", b"\xff", b"\n", b"=", b"'''", b"1e999", b"\x1b", b":", b"#"]
)
damages = st.lists(st.tuples(st.floats(0.0, 1.0), st.integers(0, 6), pieces), min_size=1, max_size=5)
Damages = list[tuple[float, int, bytes]]


def damaged(sound: bytes, damages: Damages) -> bytes:
    """A document with pieces of it replaced, left out or put in."""
    for place, length, piece in damages:
        at = int(place * len(sound))
        sound = sound[:at] + piece + sound[at + length :]
    return sound


def refused(read: Callable[[], object], *refusals: type[Exception]) -> str:
    """What is said of something that cannot be read; empty where it can be."""
    try:
        read()
    except refusals as error:
        return str(getattr(error, "message", error)) or "refused without a word"
    return ""


@given(damages)
@example([(0.5, 0, b"\\ud83d")])
@example([(0.0, 0, b"[" * 4 * 1000)])
def test_an_answer_is_understood_or_named(damages: Damages) -> None:
    body = damaged(ANSWER, damages)
    assert refused(lambda: decode(body), BadAnswer).isprintable()


@given(damages, damages)
def test_the_difference_of_two_damaged_answers_leads_from_one_to_the_other(first: Damages, second: Damages) -> None:
    seen: list[ChatResource] = []
    for body in (damaged(ANSWER, first), damaged(ANSWER, second)):
        if not refused(partial(decode, body), BadAnswer) and (chat := decode(body).chat) is not None:
            seen.append(chat)
    if len(seen) < 2:
        return
    was, now = seen
    at = Moment(1.0, 1.0)
    before = Chat(id="a", health=Health.OK, resource=was, observed=at, first_seen=at, state_since=at)
    events = diff(before, Observation("a", at, at, resource=now), stale_after=6.0)
    joined = {event.participant for event in events if event.kind is EventKind.PARTICIPANT_JOINED}
    left = {event.participant for event in events if event.kind is EventKind.PARTICIPANT_LEFT}

    people: set[Participant | None] = set(was.participants)
    assert people - left | joined == set(now.participants)
    assert any(event.kind is EventKind.STATE_CHANGED for event in events) == (was.state != now.state)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damages)
def test_a_list_of_ids_is_read_or_refused_without_repeating_it(tmp_path: Path, damages: Damages) -> None:
    file = tmp_path / "chats.ids"
    file.write_bytes(damaged(IDS, damages))

    said = refused(lambda: read_chats((), str(file)), InvalidIds)
    assert said.isprintable()
    assert "652492d9" not in said
    read = read_list(str(file), ())
    assert all(chat_id.isprintable() and clean(label).isprintable() for chat_id, label in read.chats)
    assert bool(said) == bool(read.problems)


@examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damages, st.sampled_from([None, "prod", "test 1"]))
def test_a_configuration_is_understood_or_refused_with_its_place(tmp_path: Path, damages: Damages, profile: str | None) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(damaged(PROD.encode(), damages))
    given = {"config": str(file), "profile": profile}

    said = refused(lambda: resolve(given, {"GWS_API_KEY": "s3cret"}, load(given, {})), InvalidSetting)
    assert said.isprintable()
    assert "s3cret" not in said


@given(damages)
@pytest.mark.parametrize("parse", [parse_filter, parse_event_filter])
def test_a_filter_is_understood_or_refused(parse: Callable[[str], object], damages: Damages) -> None:
    text = damaged(FILTER, damages).decode("utf-8", "surrogateescape")

    assert refused(lambda: parse(text), InvalidFilter).isprintable()
    if not refused(lambda: parse_filter(text), InvalidFilter):
        assert parse_filter(text).matches(Chat(id="a", resource=ChatResource("Idle"))) in {True, False}
    if not refused(lambda: parse_event_filter(text), InvalidFilter):
        assert parse_event_filter(text).matches(ToldEvent(Event(at=0.0, kind=EventKind.GONE, chat="a"))) in {True, False}


def test_what_is_damaged_here_was_sound() -> None:
    assert json.loads(ANSWER)["chat"]["state"] == decode(ANSWER).chat.state
