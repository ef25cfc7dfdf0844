"""`python -m tests.endurance [--minutes M] [--chats N] [--seed N] [--alone] [--json FILE] [--keep FOLDER]`"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from .run import run


def main() -> int:
    """Run, print a line a figure, and write them all as JSON where that is wanted; 1 where something was missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.endurance", description="chatmon over hours of faults, kills and restarts.")
    parser.add_argument("--minutes", type=float, default=60.0, help="how long the run takes [default: 60]")
    parser.add_argument("--chats", type=int, default=500, help="how many chats are alive at once [default: 500]")
    parser.add_argument("--seed", type=int, default=7, help="what faults, kills and the chats' lives follow from [default: 7]")
    parser.add_argument("--alone", action="store_true", help="let no other program use the histories meanwhile")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--keep", type=Path, help="a folder, not there yet, in which histories are left [default: none are]")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=arguments.keep is None)
        figures = []
        for figure in run(arguments.minutes, arguments.chats, arguments.seed, folder, alone=arguments.alone):
            print(figure.line(), flush=True)
            figures.append(figure)
    if arguments.json is not None:
        about = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": platform.platform(),
            "python": platform.python_version(),
            "minutes": arguments.minutes,
            "seed": arguments.seed,
        }
        arguments.json.write_text(
            json.dumps({**about, "results": [figure.json() for figure in figures]}, indent=2) + "\n", encoding="utf-8"
        )
    return 0 if all(figure.reached for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
