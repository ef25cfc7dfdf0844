"""The way in, for `chatmon` and for `python -m chatmon`: light, so that Ctrl-C ends it quietly while the rest is still imported."""

import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line and end the process with its exit code."""
    try:
        from chatmon.import_path import leave_out_working_folder

        leave_out_working_folder()
        from chatmon.cli.main import main as run_command_line

        run_command_line()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
