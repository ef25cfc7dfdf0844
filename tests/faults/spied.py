"""chatmon as it is, and beside it a file that says what its own simulator was asked and where it connected to.

Run as a program: `python spied.py LEDGER ARGUMENT...`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from aiohttp.web_protocol import RequestHandler

from chatmon.cli.main import main


def spy(ledger: Path) -> None:
    """Write down every piece of bytes that a server in this process receives, and every address that is connected to."""
    received = RequestHandler.data_received

    def note(line: bytes) -> None:
        with ledger.open("ab") as file:
            file.write(line + b"\n")

    def data_received(handler: RequestHandler, data: bytes) -> None:
        for head in data.split(b"\r\n\r\n"):
            if head:
                note(head.split(b"\r\n", 1)[0])
        received(handler, data)

    def audit(event: str, arguments: tuple[object, ...]) -> None:
        if event == "socket.connect":
            note(f"connect {arguments[1]}".encode())

    RequestHandler.data_received = data_received  # type: ignore[method-assign,assignment]
    sys.addaudithook(audit)


if __name__ == "__main__":
    spy(Path(sys.argv.pop(1)))
    main()
