"""Scenarios: rounds of answers in, events and board out. Each is a file of `scenarios/`; adding one needs no code.

    why = "what this shows"
    interval = 2.0                        # seconds between two polls of a chat; 2.0 where it is left out

    [[rounds]]
    at = 4                                # seconds after the start
    set_clock = -3600                     # the time of day jumps by so many seconds before this round
    answers.a = { state = "Chatting", participants = [["2", "Kristi", "Agent"]], capabilities = ["SendMessage"] }
    answers.b = { error = "timeout" }     # or { error = "denied", status = 403 }
    events = ["a state_changed WaitingForAgent -> Chatting, after 2, lasted >=4"]   # all events of the round, in order
    figures = { watched = 2, chatting = 1, failing = 1 }                       # what is named; every other count is 0
    board.a = { health = "ok", state = "Chatting", state_since = 4, exact = true, time_in_state = 0, error = "", failures = 0,
                stale = false, presences = ["2 Kristi Agent, since >=0", "1 Chris Customer, since 4, left 6"] }   # what is named

An answer goes through the decoder of the API's client. Times are seconds after the start; `after` is an event's `not_before`, `lasted`
how long the state before it held, `>=` where not all of it was watched.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chatmon.api import errors
from chatmon.api.resource import decode
from chatmon.monitor.board import Board
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.figures import count
from chatmon.monitor.observation import Observation, failed

from .fake_clock import UTC_START

Table = dict[str, Any]
SCENARIOS = sorted((Path(__file__).parent / "scenarios").glob("*.toml"))
ERRORS = {kind.kind: kind for family in (errors.NoAnswer, errors.Refused, errors.BadAnswer) for kind in family.__subclasses__()}


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(path: Path) -> None:
    scenario = tomllib.loads(path.read_text(encoding="utf-8"))
    only(scenario, "why", "interval", "rounds")
    interval = scenario.get("interval", 2.0)
    board = Board(interval=interval)
    clock_set = 0.0
    for step in scenario["rounds"]:
        only(step, "at", "set_clock", "answers", "events", "figures", "board")
        clock_set += step.get("set_clock", 0.0)
        now = Moment(step["at"], UTC_START + step["at"] + clock_set)
        told: list[str] = []
        for chat_id, answer in step["answers"].items():
            board.watch(chat_id)
            told += [event_text(event) for event in board.apply(observation(chat_id, answer, now))]
        where = f"at {step['at']} s"
        assert told == step["events"], where
        if "figures" in step:
            assert named_figures(board, now) == step["figures"], where
        for chat_id, expected in step.get("board", {}).items():
            chat = board.chat(chat_id)
            assert chat is not None
            seen = chat_table(chat, now, interval)
            assert {name: seen[name] for name in expected} == expected, f"{where}: {chat_id}"


def observation(chat_id: str, answer: Table, now: Moment) -> Observation:
    """What the poll that met this answer saw."""
    only(answer, "state", "participants", "capabilities", "error", "status")
    if "error" in answer:
        error = ERRORS[answer["error"]]("it did not work", http_status=answer.get("status"))
        return failed(chat_id, now, now, error)
    chat: Table = {name: answer[name] for name in ("state", "capabilities") if name in answer}
    if "participants" in answer:
        fields = ("participantId", "nickname", "type")
        chat["participants"] = [dict(zip(fields, one, strict=True)) for one in answer["participants"]]
    resource = decode(msgspec.json.encode({"chat": chat, "statusCode": 0})).chat
    return Observation(chat_id, now, now, resource=resource, http_status=200)


def event_text(event: Event) -> str:
    """An event as the scenarios write it."""
    words = [str(event.chat), str(event.kind)]
    if event.kind is EventKind.STATE_CHANGED:
        words.append(f"{event.state_from} -> {event.state_to}")
    elif event.kind is EventKind.FIRST_SEEN:
        words.append(str(event.state_to))
    words += [f"{one.id} {one.nickname} {one.type}" for one in (event.participant,) if one is not None]
    words += [one for one in (event.capability,) if one is not None]
    words += [one.kind for one in (event.error,) if one is not None]
    text = " ".join(words)
    if event.not_before is not None:
        text += f", after {event.not_before - UTC_START:g}"
    return text if event.lasted is None else f"{text}, lasted {'>=' if event.lasted_exact is False else ''}{event.lasted:g}"


def chat_table(chat: Chat, now: Moment, interval: float) -> Table:
    """A chat as the scenarios write it."""
    return {
        "health": str(chat.health),
        "state": chat.state or "",
        "state_since": None if chat.state_since is None else chat.state_since.monotonic,
        "exact": chat.state_since_exact,
        "time_in_state": chat.time_in_state(now),
        "observed": None if chat.observed is None else chat.observed.monotonic,
        "error": "" if chat.error is None else chat.error.kind,
        "http_status": chat.http_status,
        "failures": chat.failures,
        "stale": chat.is_stale(now, interval),
        "customer": chat.customer,
        "agents": list(chat.agents),
        "watched": chat.watched,
        "unwatched": chat.unwatched,
        "presences": [
            f"{one.participant.id} {one.participant.nickname} {one.participant.type}, "
            f"since {'' if one.since_exact else '>='}{one.since - UTC_START:g}"
            + ("" if one.left is None else f", left {one.left - UTC_START:g}")
            for one in chat.presences
        ],
    }


def named_figures(board: Board, now: Moment) -> Table:
    """The counts that are not 0, and the longest wait."""
    figures = msgspec.to_builtins(count(board.chats, now))
    longest = {name: figures.pop(name) for name in ("longest_wait", "longest_wait_exact") if figures[name] is not None}
    return longest | {name: value for name, value in figures.items() if value and not name.startswith("mean_wait")}


def only(table: Table, *known: str) -> None:
    """A misspelt key would check nothing."""
    assert set(table) <= set(known), set(table) - set(known)
