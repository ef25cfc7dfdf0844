"""The make-believe contact centre as a pure model: its life is legal, lively, steady, and the same for the same seed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmon.simulator.chats import LIVE_CAPABILITIES, CentreEvent, SimulatedChat
from chatmon.simulator.contact_centre import ContactCentre
from chatmon.simulator.names import CUSTOMER_NICKNAMES, HOSTILE_NICKNAMES, agent_name
from chatmon.simulator.staff import hire
from tests.examples import examples

AFTER = {
    "arrived": {"answered", "gave_up"},
    "answered": {"transferred", "requeued", "left"},
    "transferred": {"transferred", "requeued", "left"},
    "requeued": {"answered", "gave_up"},
    "gave_up": {"vanished"},
    "left": {"wrapped_up"},
    "wrapped_up": {"vanished"},
    "vanished": set[str](),
}
STATE_AFTER = {
    "arrived": "WaitingForAgent",
    "answered": "Chatting",
    "transferred": "Chatting",
    "requeued": "WaitingForAgent",
    "gave_up": "Idle",
    "left": "Idle",
    "wrapped_up": "Idle",
}


def alive(centre: ContactCentre) -> list[SimulatedChat]:
    chats = [centre.chat(chat_id) for chat_id in centre.chat_ids()]
    assert None not in chats
    return [chat for chat in chats if chat is not None]


def listed_agents(chat: SimulatedChat) -> list[str]:
    return [one.nickname for one in chat.participants if one.type == "Agent"]


def by_chat(log: tuple[CentreEvent, ...]) -> dict[str, list[CentreEvent]]:
    lives: dict[str, list[CentreEvent]] = defaultdict(list)
    for event in log:
        lives[event.chat_id].append(event)
    return lives


@given(
    chats=st.integers(1, 40),
    seed=st.integers(0, 2**32),
    stops=st.lists(st.floats(0, 120), max_size=12),
)
@examples(30)
def test_the_size_of_the_steps_makes_no_difference(chats: int, seed: int, stops: list[float]) -> None:
    at_once, stepwise = (ContactCentre(chats=chats, seed=seed) for _ in range(2))
    log = [event for stop in sorted(stops) for event in stepwise.advance(stop)]
    log += stepwise.advance(120)
    assert tuple(log) == at_once.advance(120)
    assert alive(stepwise) == alive(at_once)


def test_another_seed_gives_another_life() -> None:
    one, other = (ContactCentre(chats=20, seed=seed) for seed in (1, 2))
    assert not set(one.chat_ids()) & set(other.chat_ids())
    assert [(event.at, event.kind) for event in one.advance(60)] != [(event.at, event.kind) for event in other.advance(60)]


def test_neither_hash_randomisation_nor_a_missing_http_library_matters() -> None:
    life = (
        "import sys; sys.modules['aiohttp'] = None\n"
        "from chatmon.simulator.contact_centre import ContactCentre\n"
        "centre = ContactCentre(chats=12, seed=5)\n"
        "sys.stdout.buffer.write(repr((centre.advance(300), [centre.chat(i) for i in centre.chat_ids()])).encode())"
    )
    lives = [
        subprocess.run([sys.executable, "-c", life], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2")
    ]
    assert lives[0] == lives[1]
    assert lives[0].count(b"CentreEvent") > 30


def test_time_never_goes_back() -> None:
    centre = ContactCentre(chats=3, seed=1)
    centre.advance(10)
    with pytest.raises(ValueError, match="time goes on only"):
        centre.advance(9.9)
    with pytest.raises(ValueError, match="time goes on only"):
        centre.advance(float("nan"))
    assert centre.now == 10


def test_a_centre_without_chats_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 chat"):
        ContactCentre(chats=0, seed=1)


def test_it_opens_warm() -> None:
    centre = ContactCentre(chats=60, seed=4)
    assert centre.now == 0
    assert {chat.state for chat in alive(centre)} == {"WaitingForAgent", "Chatting", "Idle"}
    assert all(chat.arrived <= chat.state_since <= 0 for chat in alive(centre))
    assert all(event.at > 0 for event in centre.advance(100))


@pytest.mark.parametrize(("chats", "slack"), [(1, 2), (4, 4), (36, 14), (200, 30), (2000, 160)])
def test_about_as_many_chats_are_alive_as_wanted(chats: int, slack: int) -> None:
    centre = ContactCentre(chats=chats, seed=11)
    counts = []
    for at in range(0, 601, 20):
        centre.advance(at)
        counts.append(len(centre.chat_ids()))
    assert all(abs(count - chats) <= slack for count in counts)
    assert abs(sum(counts) / len(counts) - chats) <= max(1, 0.08 * chats)


@pytest.mark.parametrize("seed", range(5))
def test_with_36_chats_something_visible_happens_every_two_seconds(seed: int) -> None:
    log = ContactCentre(chats=36, seed=seed).advance(900)
    assert 900 / 2 <= len(log) <= 900
    assert max(later.at - earlier.at for earlier, later in pairwise(log)) < 20


@pytest.mark.parametrize("chats", [1, 5, 36, 150])
@pytest.mark.parametrize("agents_stay_listed", [False, True])
def test_each_chat_makes_legal_moves_only(chats: int, agents_stay_listed: bool) -> None:
    centre = ContactCentre(chats=chats, seed=3, agents_stay_listed=agents_stay_listed)
    warm = set(centre.chat_ids())
    log = centre.advance(1500)
    assert [event.at for event in log] == sorted(event.at for event in log)
    for chat_id, life in by_chat(log).items():
        assert (life[0].kind == "arrived") == (chat_id not in warm)
        assert all(later.kind in AFTER[earlier.kind] for earlier, later in pairwise(life))
        chat = centre.chat(chat_id)
        if life[-1].kind == "vanished":
            assert chat is None
        else:
            assert chat is not None
            assert chat.state == STATE_AFTER[life[-1].kind]


@pytest.mark.parametrize("chats", [8, 12, 36])
def test_a_chat_is_transferred_to_somebody_else(chats: int) -> None:
    transfers = [event for event in ContactCentre(chats=chats, seed=3).advance(5000) if event.kind == "transferred"]
    assert transfers
    assert all(event.agent != event.previous_agent for event in transfers)


def test_a_night_later_the_agents_still_answer_as_many() -> None:
    log = ContactCentre(chats=5, seed=3).advance(80_000)
    answered = [event.at for event in log if event.kind == "answered"]
    first, last = sum(at < 20_000 for at in answered), sum(at >= 60_000 for at in answered)
    assert last > 0.8 * first > 100


def test_everything_that_can_happen_does() -> None:
    log = ContactCentre(chats=100, seed=8).advance(1200)
    kinds = Counter(event.kind for event in log)
    assert set(kinds) == set(AFTER)
    assert 0.05 < kinds["transferred"] / kinds["answered"] < 0.16
    assert 0 < kinds["requeued"] < 0.06 * kinds["answered"]
    assert 0.01 < kinds["gave_up"] / kinds["arrived"] < 0.15


def test_the_list_of_participants_goes_with_the_state() -> None:
    centre = ContactCentre(chats=40, seed=6)
    for at in range(0, 900, 3):
        centre.advance(at)
        for chat in alive(centre):
            assert sum(one.type == "Customer" for one in chat.participants) == 1
            assert chat.capabilities == (() if chat.state == "Idle" else LIVE_CAPABILITIES)
            match chat.state:
                case "WaitingForAgent":
                    assert listed_agents(chat) == []
                case "Chatting":
                    assert listed_agents(chat) == [chat.agent]
                case "Idle":
                    assert listed_agents(chat) == ([chat.agent] if chat.agent else [])


def test_agents_can_stay_listed_as_in_the_emulator() -> None:
    centre = ContactCentre(chats=60, seed=6, agents_stay_listed=True)
    transferred = {event.chat_id: event for event in centre.advance(300) if event.kind == "transferred"}
    still_there = [(chat, transferred[chat.id]) for chat in alive(centre) if chat.id in transferred]
    assert still_there
    for chat, event in still_there:
        assert event.previous_agent in listed_agents(chat)
        assert event.agent in listed_agents(chat)


def test_participant_ids_count_up_inside_a_chat_and_the_order_is_not_stable() -> None:
    centre = ContactCentre(chats=200, seed=2)
    first_listed = set()
    for chat in alive(centre):
        ids = [int(one.participant_id) for one in chat.participants]
        assert len(set(ids)) == len(ids)
        assert min(ids) == 1
        if chat.state == "Chatting":
            first_listed.add(chat.participants[0].type)
    assert first_listed >= {"Customer", "Agent"}
    assert any(one.type == "External" for chat in alive(centre) for one in chat.participants)


def test_a_chat_that_has_not_changed_is_the_same_object() -> None:
    centre = ContactCentre(chats=100, seed=2)
    before = {chat.id: chat for chat in alive(centre)}
    changed = {event.chat_id for event in centre.advance(5)}
    assert changed
    for chat_id, chat in before.items():
        now = centre.chat(chat_id)
        assert (now is chat) == (chat_id not in changed)
        assert (now == chat) == (chat_id not in changed)


@pytest.mark.parametrize("chats", [1, 9, 36, 120])
def test_no_agent_ever_has_more_chats_than_the_limit(chats: int) -> None:
    centre = ContactCentre(chats=chats, seed=9)
    limits = {agent.nickname: agent.limit for agent in centre.agents}
    fullest = 0.0
    for at in range(600):
        centre.advance(at)
        load = Counter(nickname for chat in alive(centre) for nickname in listed_agents(chat))
        assert all(count <= limits[nickname] for nickname, count in load.items())
        fullest = max(fullest, sum(load.values()) / sum(limits.values()))
    assert fullest > 0.8


def test_there_are_a_few_agents_too_few() -> None:
    centre = ContactCentre(chats=50, seed=1)
    lines, overdue = [], 0
    for at in range(0, 1800, 5):
        centre.advance(at)
        waits = [at - chat.state_since for chat in alive(centre) if chat.state == "WaitingForAgent"]
        lines.append(len(waits))
        overdue += any(wait > 60 for wait in waits)
    assert sum(line > 0 for line in lines) / len(lines) > 0.8
    assert sum(lines) / len(lines) < 15
    assert 0.2 < overdue / len(lines) < 0.99


def test_times_are_those_of_a_contact_centre() -> None:
    log = ContactCentre(chats=300, seed=5).advance(3000)
    waits = [event.waited for event in log if event.kind == "answered" and event.waited is not None]
    lives = by_chat(log).values()
    idle = [life[-1].at - end.at for life in lives for end in life if end.kind in ("left", "gave_up") and life[-1].kind == "vanished"]
    talks = [
        end.at - start.at
        for life in lives
        for start, end in pairwise(life)
        if start.kind == "answered" and end.kind in ("left", "requeued")
    ]
    assert 10 < sum(waits) / len(waits) < 60
    assert min(waits) > 0
    assert 120 < sum(talks) / len(talks) < 220
    assert min(talks) < 45 < 400 < max(talks)
    assert min(idle) >= 20
    assert 0.95 < sum(seconds <= 40 for seconds in idle) / len(idle) < 1


def test_ids_are_uuids_and_never_come_again() -> None:
    centre = ContactCentre(chats=50, seed=5)
    ids = [*centre.chat_ids(), *(event.chat_id for event in centre.advance(2000) if event.kind == "arrived")]
    assert len(set(ids)) == len(ids) > 300
    assert all(str(UUID(chat_id)) == chat_id and UUID(chat_id).version == 4 for chat_id in ids)
    assert centre.chat("00000000-0000-0000-0000-000000000000") is None


def test_about_one_customer_in_a_hundred_has_a_hostile_nickname() -> None:
    centre = ContactCentre(chats=3000, seed=5)
    nicknames = [one.nickname for chat in alive(centre) for one in chat.participants if one.type == "Customer"]
    hostile = sum(nickname in HOSTILE_NICKNAMES for nickname in nicknames) / len(nicknames)
    assert 0.003 < hostile < 0.025
    assert len(set(nicknames)) > 60


def test_nicknames_are_many_and_of_all_scripts() -> None:
    assert len(set(CUSTOMER_NICKNAMES)) == len(CUSTOMER_NICKNAMES) >= 60
    everything = "".join(CUSTOMER_NICKNAMES)
    assert "王小明" in CUSTOMER_NICKNAMES
    assert any("\u0590" <= letter <= "\u06ff" for letter in everything)
    assert any(letter >= "\U0001f300" for letter in everything)
    assert len({agent_name(number) for number in range(6000)}) == 6000


@given(st.integers(1, 8000))
def test_the_agents_limits_add_up_and_are_four_or_so(places: int) -> None:
    agents = hire(places)
    assert sum(agent.limit for agent in agents) == places
    assert all(1 <= agent.limit <= 5 for agent in agents)
