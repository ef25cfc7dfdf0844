"""`chatmon simulate` and `chatmon demo`: a contact centre over real HTTP, as a server and as a picture of it."""

from __future__ import annotations

import asyncio
import signal

import pytest

from chatmon.cli.rounds import new_monitor
from chatmon.cli.simulation import Simulation, simulated_api
from chatmon.monitor.pace import Pace

from .conftest import Invoke, Start


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_the_simulator_prints_its_url_and_ids_that_can_be_polled(process: Start, chatmon: Invoke, number: int, code: int) -> None:
    running = process("simulate", "--chats", "5", "--seed", "7")
    assert running.stdout is not None
    url = running.stdout.readline().strip()
    ids = running.stdout.readline()

    polled = chatmon("poll", "--url", url, "--ids-file", "-", stdin=ids)
    running.send_signal(number)
    rest, stderr = running.communicate(timeout=60)

    assert url.startswith("http://127.0.0.1:")
    assert polled.exit_code == 0
    assert polled.stdout.splitlines()[1].endswith(ids.split()[1])
    assert all(len(line.split()) == 2 for line in rest.splitlines())
    assert (running.returncode, stderr) == (code, "chatmon: seed 7\n")


def test_the_simulator_prints_ids_as_chats_arrive(process: Start) -> None:
    running = process("simulate", "--chats", "3", "--seed", "7", "--speed", "1000")
    assert running.stdout is not None
    lines = [running.stdout.readline() for _ in range(12)]

    assert len(set(lines)) == 12


def test_a_demo_without_a_terminal_is_one_round_and_says_so(chatmon: Invoke) -> None:
    result = chatmon("demo", "--seed", "3", "--chats", "6")

    assert result.exit_code == 0
    assert result.stdout.startswith("state ")
    assert "longest wait" in result.stdout or "chats ·" in result.stdout
    assert result.stderr == "chatmon: standard output is no terminal: one round of the demo, seed 3\n"


def test_a_seed_makes_the_demo_begin_the_same(chatmon: Invoke) -> None:
    def ids(seed: str) -> list[str]:
        lines = chatmon("demo", "--seed", seed, "--chats", "6", "--speed", "0.01").stdout.splitlines()
        return [line.split()[-2] for line in lines[1:-1]]

    assert ids("3") == ids("3") != ids("4")


async def test_the_demo_follows_arrivals_and_drops_what_vanished() -> None:
    simulation = Simulation(seed=1, chats=5, speed=1000.0)
    assert simulation.gone_seconds == 5.0
    assert Simulation(seed=1).gone_seconds == 20.0
    monitor = new_monitor(simulated_api(simulation, gone_seconds=0.05), Pace(interval=0.1))
    changed = asyncio.Event()
    monitor.board.on_change = changed.set
    api = await simulated_api(simulation, gone_seconds=0.05)(monitor)
    try:
        first = {chat.id for chat in monitor.board.chats}
        async with asyncio.timeout(60):
            while first & {chat.id for chat in monitor.board.chats}:
                changed.clear()
                monitor.board.take_changes()
                await changed.wait()
    finally:
        await api.aclose()

    assert len(first) >= 3
    assert len(monitor.board) > 0
