"""`chatmon simulate`: the simulated contact centre as a server of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from chatmon.cli.manual import EXIT_CODES
from chatmon.cli.options import simulation_options
from chatmon.cli.running import OK, TERMINATED, emit, run, say
from chatmon.cli.usage import Command, Number, refuse
from chatmon.last_resort import last_resort

if TYPE_CHECKING:
    from chatmon.cli.simulation import Simulation
    from chatmon.simulator.chats import CentreEvent


@click.command(
    cls=Command,
    exit_codes={**EXIT_CODES, OK: "ended by SIGTERM"},
    epilog="""\b
Examples:
  chatmon simulate --port 8080
  chatmon simulate --port 8080 --seed 7""",
)
@simulation_options
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", help="The address to listen on. [default: 127.0.0.1]")
@click.option(
    "--port", type=Number(0, 65_535, whole=True), metavar="N", default=0, help="The port to listen on; 0: any free one. [default: 0]"
)
def simulate(chats: int, seed: int | None, speed: float, fault: str, host: str, port: int) -> int:
    """Serve a simulated contact centre over HTTP.

    Prints the API root, then the chats' ids and labels, one a line, as they arrive.
    """
    from chatmon.cli.simulation import Simulation, any_seed

    simulation = Simulation(any_seed() if seed is None else seed, chats, speed, fault, host, port)
    say(f"seed {simulation.seed}")
    last_resort.succeeds_at_sigterm = True
    code = run(_serve(simulation))
    return OK if code == TERMINATED else code  # SIGTERM is how a server is asked to end


async def _serve(simulation: Simulation) -> int:
    import asyncio

    from chatmon.cli.simulation import labelled_chats, open_centre, server_of

    batches: asyncio.Queue[tuple[CentreEvent, ...]] = asyncio.Queue()
    centre = await open_centre(simulation)
    server = server_of(centre, simulation, batches.put_nowait)
    chats = labelled_chats(centre)
    try:
        await server.start()
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "not a usable address"
        refuse(f"cannot listen on port {simulation.port} of that host: {reason}; choose another --port (0: any free one) or --host")
    try:
        emit([server.url])
        while True:
            emit(f"{chat_id} {label}" for chat_id, label in chats)
            chats = [(event.chat_id, event.label) for event in await batches.get() if event.kind == "arrived"]
    finally:
        await server.stop()
