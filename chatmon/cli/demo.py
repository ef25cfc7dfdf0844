"""`chatmon demo`: the dashboard over a simulated contact centre."""

from __future__ import annotations

import click

from chatmon.cli.dashboard import show
from chatmon.cli.options import pace, screen_options, shared_options, simulation_options
from chatmon.cli.running import has_terminal, run, say
from chatmon.cli.usage import Command

SOURCE = "demo · simulated contact centre"


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  chatmon demo
  chatmon demo --chats 200 --speed 5
  chatmon demo --seed 7 --faults outage""",
)
@simulation_options
@shared_options("interval", "max_rate")
@screen_options
def demo(chats: int, seed: int | None, speed: float, fault: str, ascii_only: bool, theme: str, **given: object) -> int:
    """The dashboard over a simulated contact centre.

    There is nothing to configure. Without a terminal on standard output: one round, printed as chatmon poll prints it.
    """
    from chatmon.cli.simulation import Simulation, any_seed, simulated_api

    wanted = pace(given)
    simulation = Simulation(any_seed() if seed is None else seed, chats, speed, fault)
    open_api = simulated_api(simulation, connections=wanted.max_concurrency)
    from chatmon.cli.rounds import new_monitor, one_round

    if has_terminal():
        from chatmon.config.screen import ScreenSettings

        return show(new_monitor(open_api, wanted), ScreenSettings(ascii=ascii_only, theme=theme), source=SOURCE)
    say(f"standard output is no terminal: one round of the demo, seed {simulation.seed}")

    async def work() -> int:
        from chatmon.cli.poll import report

        return report(await one_round(open_api, wanted), "table")

    return run(work())
