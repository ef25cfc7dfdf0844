"""`python -m chatmon` is `chatmon`."""

from chatmon.cli.main import main

main()
