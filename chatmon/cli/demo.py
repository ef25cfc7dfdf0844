"""`chatmon demo`: the dashboard over a simulated contact centre."""

from __future__ import annotations

import click

from chatmon.cli.dashboard import check_keys, show
from chatmon.cli.manual import DRAWN
from chatmon.cli.options import (
    NO_METRICS,
    configuration_of_all,
    is_private,
    metrics,
    pace,
    screen_options,
    shared_options,
    simulation_options,
)
from chatmon.cli.running import can_draw, is_in_browser, run, say, why_not_drawn
from chatmon.cli.usage import Command
from chatmon.config import resolve_screen, resolve_thresholds, typed_path

SOURCE = "demo · simulated contact centre"


@click.command(
    cls=Command,
    exit_codes=DRAWN,
    epilog="""\b
Examples:
  chatmon demo
  chatmon demo --chats 200 --speed 5
  chatmon demo --seed 7 --faults outage""",
)
@simulation_options
@shared_options("interval", "idle_every", "max_rate", "privacy", "metrics", "config")
@screen_options
@click.option("--history", metavar="FILE", help="Where the demo's events are recorded. [default: nowhere]")
def demo(chats: int, seed: int | None, speed: float, fault: str, history: str | None, **given: object) -> int:
    """The dashboard over a simulated contact centre.

    There is nothing to configure; of a configuration file it takes what holds for every deployment, but runs no on_alarm.
    Without a terminal on standard output: one round, printed as chatmon poll prints it.
    """
    from chatmon.cli.simulation import Simulation, any_seed, simulated_api

    wanted = pace(given)
    configuration = configuration_of_all(given)
    check_keys(configuration)
    thresholds = resolve_thresholds(configuration)
    simulation = Simulation(any_seed() if seed is None else seed, chats, speed, fault)
    screen = resolve_screen(given, configuration)
    privacy = is_private(given, configuration)
    address = metrics(given)
    from chatmon.cli.history import history_at, recorded_api
    from chatmon.cli.metrics import listening, with_metrics
    from chatmon.cli.privacy import naming_of_run
    from chatmon.cli.rounds import new_monitor, one_round
    from chatmon.cli.transcripts import TranscriptAccess

    recorded = None if history is None else history_at(typed_path(history), f"demo {simulation.seed}", timezone=screen.timezone)
    access = TranscriptAccess()
    open_api = recorded_api(simulated_api(simulation, connections=wanted.max_concurrency, on_open=access.open), recorded)
    names = naming_of_run(recorded, privacy=privacy)
    if can_draw():
        in_browser = is_in_browser()
        open_api = with_metrics(open_api, None if in_browser else listening(*address))
        monitor = new_monitor(open_api, wanted, thresholds=thresholds, timezone=screen.timezone)
        # Nobody there can miss a message.
        transcripts = None if privacy or in_browser else access.for_monitor(monitor)
        return show(monitor, screen, source=SOURCE, history=recorded.reader if recorded else None, naming=names, transcripts=transcripts)
    say(f"{why_not_drawn()}: one round of the demo, seed {simulation.seed}")
    if given["metrics"]:
        say(NO_METRICS)

    async def work() -> int:
        from chatmon.cli.poll import report

        return report(await one_round(open_api, wanted, thresholds=thresholds), "table", names)

    return run(work())
