"""Processes on cores of their own, and what Linux says of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0))
TICKS = os.sysconf("SC_CLK_TCK")


def on_first_core() -> None:
    """For the process that is measured."""
    os.sched_setaffinity(0, CORES[:1])


def on_last_core() -> None:
    """For everything else."""
    os.sched_setaffinity(0, CORES[-1:])


def measured(module: str, *arguments: object) -> dict[str, float]:
    """What a module prints as JSON when it is run on the first core."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)], stdout=subprocess.PIPE, check=True, text=True, preexec_fn=on_first_core
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


@contextmanager
def chat_api(*, changes_every: float | None = None) -> Iterator[str]:
    """The URL of a Chat API on the last core."""
    command = [sys.executable, "-m", "tests.bench.server", *([] if changes_every is None else [str(changes_every)])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=on_last_core) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def chat_id(number: int) -> str:
    """The id of a number."""
    return f"652492d9-c2d9-44c9-b9ad-{number:012x}"


def chat_ids(number: int) -> list[str]:
    """As many ids as wanted."""
    return list(map(chat_id, range(number)))


def cpu_seconds(pid: int) -> float:
    """Seconds of CPU a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_megabytes(pid: int) -> float:
    """What a process holds in memory."""
    line = next(one for one in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
