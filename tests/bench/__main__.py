"""`python -m tests.bench [--seconds S] [--json FILE] [start|dashboard|engine|memory]...`"""

from __future__ import annotations

import argparse
import json
import platform
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

PARTS = ("start", "dashboard", "engine", "memory")
"""The last one takes a quarter of an hour."""


def main() -> None:
    """Run what is asked for, print a line a figure, and write them all as JSON where that is wanted."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="What chatmon costs, beside its peers.")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=f"of {', '.join(PARTS)} [default: all]")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each figure is measured [default: 10]")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    results = []
    for part in arguments.parts or PARTS:
        for result in import_module(f"tests.bench.{part}").run(arguments.seconds):
            print(result.line(), flush=True)
            results.append(result.json())
    if arguments.json is not None:
        about = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": platform.platform(), "python": platform.python_version()}
        arguments.json.write_text(json.dumps({**about, "results": results}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
