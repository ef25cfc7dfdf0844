"""How long the first frame takes, from exec on: chatmon beside a bare Textual app.

`python -m tests.bench.start` is the bare app: a header, a table of 200 rows and a footer.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

from tests.bench.dashboard import CHATMON
from tests.bench.machine import on_first_core
from tests.bench.result import Result
from tests.bench.screen import Screen

REPETITIONS = 7
BARE = [sys.executable, "-m", "tests.bench.start"]
WATCH = [CHATMON, "watch", "--url", "http://127.0.0.1:1", "some-chat"]


def _first_frame(command: Sequence[str], shown: str) -> float:
    with Screen(command) as screen:
        screen.seconds_until(shown)
        return time.perf_counter() - screen.began


def _whole_run(*command: str) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=False, capture_output=True, preexec_fn=on_first_core)
    return time.perf_counter() - begun


def run(seconds: float) -> Iterator[Result]:  # noqa: ARG001 - starts are counted, not timed by the second
    """The results, as they come. The two take turns, so that a busy moment hits both."""
    ours, bare = [], []
    for _ in range(REPETITIONS):
        bare.append(_first_frame(BARE, "row 1"))
        ours.append(_first_frame(WATCH, "board"))
    yield Result("first frame", statistics.median(ours), "s", "bare Textual app", statistics.median(bare), 1.25)
    interpreter, version = [], []
    for _ in range(REPETITIONS):
        interpreter.append(_whole_run(sys.executable, "-c", ""))
        version.append(_whole_run(CHATMON, "--version"))
    yield Result("chatmon --version", statistics.median(version), "s", "python -c ''", statistics.median(interpreter))


def bare_app() -> None:
    """The peer."""
    from textual.app import App, ComposeResult
    from textual.widgets import DataTable, Footer, Header

    class Bare(App[None]):
        def compose(self) -> ComposeResult:
            yield Header()
            yield DataTable()
            yield Footer()

        def on_mount(self) -> None:
            table = self.query_one(DataTable)
            table.add_columns("State", "Customer", "Agent", "Chat")
            table.add_rows((f"row {number}", "Chris", "Kristi", "652492d9") for number in range(200))

    Bare().run()


if __name__ == "__main__":
    bare_app()
