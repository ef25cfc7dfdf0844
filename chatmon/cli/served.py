"""What runs for one page of `chatmon serve`: a command whose arguments come by the environment. Others can read a command line."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Final

ARGUMENTS: Final = "CHATMON_SERVED"
COMMAND: Final = (sys.executable, "-m", "chatmon.cli.served")


def environment_of(arguments: Sequence[str], *, privacy: bool) -> dict[str, str]:
    """What hands a command on to `main`. Privacy counts more than that of a profile, whichever it is."""
    return {ARGUMENTS: json.dumps(arguments), "CHATMON_PRIVACY": "1" if privacy else "0"}


def main() -> None:
    """Run the command that the environment says, and let nobody inherit that."""
    from chatmon.cli.main import main as run_command_line

    sys.argv[1:] = json.loads(os.environ.pop(ARGUMENTS))
    run_command_line()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
