"""What is printed: JSON as the contract has it, tables that stay aligned, CSV that stays text; none of it harms a terminal."""

from __future__ import annotations

import csv
import json
from typing import Any

import msgspec
import pytest
from rich.cells import cell_len

from chatmon.api.resource import ChatResource, Participant
from chatmon.cli import output, spreadsheet, table
from chatmon.monitor.alarms import Alarm, Severity
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event, EventKind
from chatmon.monitor.observation import Health, PollError

NOW = Moment(monotonic=112.0, utc=1_795_356_207.1239)
SEEN = Moment(monotonic=100.0, utc=NOW.utc - 12.0)
KRISTI = Participant("2", "Kristi Sippola", "Agent")
CHRIS = Participant("1", "Chris", "Customer")
HOSTILE = "\x1b[31m=\u202eevil\x07\x7f\x9b\nBo 王小明"


def chat(chat_id: str = "652492d9-c2d9", *, nickname: str = "Chris", **known: object) -> Chat:
    resource = ChatResource("WaitingForAgent", (Participant("1", nickname, "Customer"),), ("SendMessage",))
    seen = {"resource": resource, "state_since": SEEN, "observed": NOW, "polled": NOW, "latency": 0.00809, "http_status": 200}
    return Chat(id=chat_id, **{"health": Health.OK, **seen, **known})  # type: ignore[arg-type]


WAITING_ALARM = Alarm(
    rule="waiting",
    severity=Severity.WARN,
    since=SEEN,
    raised=NOW,
    why="waiting ≥00:12, longer than 10 s",
    clears="an agent takes the chat",
    chat="652492d9-c2d9",
)
OVERLOAD_ALARM = Alarm(
    rule="overload",
    severity=Severity.WARN,
    since=NOW,
    raised=NOW,
    why="in 5 chats that are Chatting, more than 4",
    clears="enough of the chats end",
    agent="Kristi Sippola",
    acknowledged=True,
)
MISSING = Chat(id="0000", health=Health.NOT_FOUND, polled=NOW, latency=0.001, http_status=404, error=PollError("not_found", "no such chat"))


def test_a_round_as_json_is_the_contract() -> None:
    assert output.round_json([chat(label="billing"), MISSING], NOW, [WAITING_ALARM, OVERLOAD_ALARM]) == {
        "alarms": [
            {
                "rule": "overload",
                "severity": "warn",
                "agent": "Kristi Sippola",
                "since": "2026-11-22T14:03:27.123Z",
                "why": "in 5 chats that are Chatting, more than 4",
                "acknowledged": True,
            },
        ],
        "schema": 1,
        "polled_at": "2026-11-22T14:03:27.123Z",
        "counts": {
            "watched": 2,
            "WaitingForAgent": 1,
            "Chatting": 0,
            "Idle": 0,
            "other": 0,
            "failing": 0,
            "denied": 0,
            "gone": 0,
            "not_found": 1,
        },
        "longest_wait_seconds": 12.0,
        "chats": [
            {
                "id": "652492d9-c2d9",
                "label": "billing",
                "state": "WaitingForAgent",
                "health": "ok",
                "participants": [{"id": "1", "nickname": "Chris", "type": "Customer"}],
                "capabilities": ["SendMessage"],
                "state_since": "2026-11-22T14:03:15.123Z",
                "state_since_exact": False,
                "observed_at": "2026-11-22T14:03:27.123Z",
                "latency_ms": 8.1,
                "http_status": 200,
                "error": None,
                "alarms": [
                    {
                        "rule": "waiting",
                        "severity": "warn",
                        "since": "2026-11-22T14:03:27.123Z",
                        "why": "waiting ≥00:12, longer than 10 s",
                        "acknowledged": False,
                    }
                ],
            },
            {
                "id": "0000",
                "label": "",
                "state": None,
                "health": "not_found",
                "participants": [],
                "capabilities": [],
                "state_since": None,
                "state_since_exact": False,
                "observed_at": None,
                "latency_ms": 1.0,
                "http_status": 404,
                "error": {"kind": "not_found", "message": "no such chat"},
                "alarms": [],
            },
        ],
    }


def test_only_an_alarm_that_holds_is_said_of_a_chat() -> None:
    lapsed = msgspec.structs.replace(WAITING_ALARM, holds=False)
    of_another = msgspec.structs.replace(WAITING_ALARM, chat="another")

    assert [one["alarms"] for one in output.chats_json([chat()], [lapsed, of_another])] == [[]]


FAILED = PollError("timeout", "no whole answer within 5 s")
ALARM = {"rule": "waiting", "severity": "warn"}
EVENTS: dict[EventKind, tuple[dict[str, Any], dict[str, Any]]] = {
    EventKind.FIRST_SEEN: (
        {"state_to": "Idle", "resource": ChatResource("Idle", (CHRIS,), ("Complete",))},
        {"to": "Idle", "participants": [{"id": "1", "nickname": "Chris", "type": "Customer"}], "capabilities": ["Complete"]},
    ),
    EventKind.STATE_CHANGED: (
        {"state_from": "Idle", "state_to": None, "lasted": 12.3456, "lasted_exact": True},
        {"from": "Idle", "to": None, "lasted_seconds": 12.346, "lasted_exact": True},
    ),
    EventKind.PARTICIPANT_JOINED: ({"participant": KRISTI}, {"participant": {"id": "2", "nickname": "Kristi Sippola", "type": "Agent"}}),
    EventKind.PARTICIPANT_LEFT: ({"participant": CHRIS}, {"participant": {"id": "1", "nickname": "Chris", "type": "Customer"}}),
    EventKind.CAPABILITY_GAINED: ({"capability": "Complete"}, {"capability": "Complete"}),
    EventKind.CAPABILITY_LOST: ({"capability": "Complete"}, {"capability": "Complete"}),
    EventKind.POLL_FAILED: ({"error": FAILED}, {"error": {"kind": "timeout", "message": "no whole answer within 5 s"}}),
    EventKind.POLL_RECOVERED: ({}, {}),
    EventKind.DENIED: ({"error": PollError("denied", "no")}, {"error": {"kind": "denied", "message": "no"}}),
    EventKind.GONE: (
        {"error": PollError("not_found", "no"), "state_from": "Idle", "lasted": 4.0, "lasted_exact": False},
        {"error": {"kind": "not_found", "message": "no"}, "from": "Idle", "lasted_seconds": 4.0, "lasted_exact": False},
    ),
    EventKind.UNWATCHED: ({}, {}),
    EventKind.TRANSCRIPT_READ: ({}, {}),
    EventKind.GAP: ({"lasted": 61.0}, {"lasted_seconds": 61.0}),
    EventKind.ALARM_RAISED: ({**ALARM, "why": "waiting 01:00"}, {**ALARM, "agent": None, "why": "waiting 01:00"}),
    EventKind.ALARM_CLEARED: (ALARM, {**ALARM, "agent": None}),
    EventKind.ALARM_ACKNOWLEDGED: ({**ALARM, "until": NOW.utc}, {**ALARM, "agent": None, "until": "2026-11-22T14:03:27.123Z"}),
    EventKind.TRANSCRIPT_READ: ({}, {}),
    EventKind.MONITOR_STARTED: ({}, {}),
    EventKind.MONITOR_STOPPED: ({}, {}),
}


@pytest.mark.parametrize("kind", EventKind)
def test_an_event_as_json_has_the_keys_of_its_kind(kind: EventKind) -> None:
    detail, keys = EVENTS[kind]
    about = None if kind.startswith("monitor") else "652492d9"
    event = Event(at=NOW.utc, kind=kind, chat=about, **detail)

    assert output.event_json(event) == {"at": "2026-11-22T14:03:27.123Z", "chat": about, "kind": str(kind), **keys}


def test_an_event_between_two_polls_says_when_it_was_not_yet_so() -> None:
    event = Event(at=NOW.utc, kind=EventKind.GONE, chat="652492d9", not_before=SEEN.utc)

    assert output.event_json(event)["not_before"] == "2026-11-22T14:03:15.123Z"


def test_json_is_printable_ascii_and_says_what_was_said() -> None:
    written = output.to_json(output.chat_json(chat(nickname=HOSTILE), ()))

    assert written.isascii()
    assert written.isprintable()
    assert json.loads(written)["participants"][0]["nickname"] == HOSTILE


def test_a_table_is_aligned_whatever_the_texts_are() -> None:
    chats = [chat("652492d9-aaaa"), chat("652492d9-abbb", nickname=HOSTILE), chat("x", nickname="very " * 60), chat("y", nickname="王小明")]

    titles, *rows, counts = table.round_lines(chats, NOW)

    before_health = cell_len(titles.partition("health")[0])
    assert {cell_len(row.partition("ok")[0]) for row in rows} == {before_health}
    assert all(row.isprintable() for row in rows)
    assert "652492d9-aa" in rows[0]
    assert rows[0].split()[:3] == ["WaitingForAgent", "≥00:12", "Chris"]
    assert counts == "4 chats · WaitingForAgent 4 · longest wait ≥00:12"


def test_a_table_marks_what_is_old_and_says_why() -> None:
    failing = chat(health=Health.FAILING, error=FAILED)

    _, row, other, _ = table.round_lines([failing, MISSING], NOW)

    assert row.startswith("WaitingForAgent?")
    assert "failing: timeout" in row
    assert "not_found" in other


@pytest.mark.parametrize("kind", EventKind)
def test_an_event_is_one_printable_line(kind: EventKind) -> None:
    detail = {**EVENTS[kind][0], "state_from": HOSTILE, "participant": Participant("1", HOSTILE, HOSTILE), "capability": HOSTILE}
    line = table.event_line(Event(at=NOW.utc, kind=kind, chat="652492d9", **detail), chat(label=HOSTILE))

    assert line.startswith("2026-11-22T14:03:27.123Z  652492d9  ")
    assert line.isprintable()


def test_csv_holds_every_chat_and_event() -> None:
    titles, row, other = csv.reader(spreadsheet.round_lines([chat(nickname='a "b", c'), MISSING]))
    event = Event(at=NOW.utc, kind=EventKind.PARTICIPANT_JOINED, chat="652492d9", participant=KRISTI)
    joined = dict(zip(spreadsheet.EVENT_COLUMNS, spreadsheet.event_row(event), strict=True))

    assert dict(zip(titles, row, strict=True))["customer"] == 'a "b", c'
    assert dict(zip(titles, other, strict=True))["error_kind"] == "not_found"
    assert (joined["kind"], joined["participant_nickname"], joined["error_kind"]) == ("participant_joined", "Kristi Sippola", "")
