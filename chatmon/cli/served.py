"""What runs for one page of `chatmon serve`: a command whose arguments come by the environment. Others can read a command line."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ARGUMENTS: Final = "CHATMON_SERVED"
COMMAND: Final = (sys.executable, "-P", str(Path(__file__).resolve()))
"""Without -P Python would look for modules in the folder of this file first."""


def environment_of(arguments: Sequence[str], *, privacy: bool) -> dict[str, str]:
    """What hands a command on to `main`. Privacy counts more than that of a profile, whichever it is."""
    from chatmon.import_path import search_path_of_child

    return {ARGUMENTS: json.dumps(arguments), "CHATMON_PRIVACY": "1" if privacy else "0", **search_path_of_child()}


def main() -> None:
    """Run the command that the environment says, and let nobody inherit that."""
    from chatmon.cli.main import main as run_command_line

    sys.argv[1:] = json.loads(os.environ.pop(ARGUMENTS))
    run_command_line()


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parents[2]))  # where chatmon is on no path, as in a checkout
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
