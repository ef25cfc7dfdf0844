"""Every fault of the matrix, against a monitor over real sockets."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from typing import Any

import pytest

from tests.api.raw_server import HOST
from tests.faults.endpoints import NAME, OUTAGES
from tests.faults.limits import LIMITS
from tests.faults.matrix import DEADLINE, FAMILIES, PATIENT, Fault
from tests.faults.monitors import calm_monitor
from tests.faults.outage_trial import LimitTrial, OutageTrial
from tests.faults.trial import Trial

TOGETHER = [("slow", "connections", "bodies", "1xx to 3xx"), ("400 to 451", "statusCode"), ("500 to 549",), ("550 to 599",), ("large",)]


@pytest.mark.parametrize("families", TOGETHER, ids=", ".join)
async def test_what_goes_wrong_with_one_chat_is_named_and_kept_to_it_and_over_with_the_next_poll(families: tuple[str, ...]) -> None:
    async with calm_monitor() as calm:
        trials = [Trial(FAMILIES[family], calm, deadline=DEADLINE if family == "slow" else PATIENT) for family in families]
        found = await asyncio.gather(*(trial.run() for trial in trials))
    assert [complaint for complaints in found for complaint in complaints] == []


def test_every_family_is_tried() -> None:
    assert sorted(family for families in TOGETHER for family in families) == sorted(FAMILIES)


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names that are resolved, to loopback; no name server is troubled."""
    names: set[str] = set()
    resolve = socket.getaddrinfo

    def known_only(host: str, *details: Any, **more: Any) -> Any:
        if host == HOST or host in names:
            return resolve(HOST, *details, **more)
        raise socket.gaierror(socket.EAI_NONAME, f"Name or service not known: {host}")

    monkeypatch.setattr(socket, "getaddrinfo", known_only)
    return names


async def test_a_server_that_is_out_is_named_and_asked_for_each_chat_no_more_often_than_else_and_back_within_an_interval(
    resolved: set[str],
) -> None:
    assert NAME not in resolved
    async with calm_monitor() as calm:
        found = await asyncio.gather(*(OutageTrial(outage, calm, resolved).run() for outage in OUTAGES))
    assert [complaint for complaints in found for complaint in complaints] == []


async def test_a_server_that_asks_for_time_gets_it_from_all_and_no_more_than_five_minutes() -> None:
    async with calm_monitor() as calm:
        found = await asyncio.gather(*(LimitTrial(limit, calm).run() for limit in LIMITS))
    assert [complaint for complaints in found for complaint in complaints] == []


def test_every_row_has_a_name_of_its_own() -> None:
    rows = [*(fault.name for faults in FAMILIES.values() for fault in faults), *(outage.name for outage in OUTAGES)]
    assert [name for name, number in Counter(rows).items() if number > 1] == []


async def test_a_row_that_is_wrong_is_complained_of() -> None:
    sound = FAMILIES["bodies"][0]
    wrong = Fault("wrong", sound.script, "timeout", 200)
    async with calm_monitor() as calm:
        assert [complaint.partition(":")[0] for complaint in await Trial([sound, wrong], calm).run()] == ["wrong"]
