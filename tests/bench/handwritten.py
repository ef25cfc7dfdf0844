"""What one would write instead: httpx, a gather over all chats once a second, and a live table of rich.

`python -m tests.bench.handwritten URL CHATS` runs until it is ended.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any

import httpx
from rich.live import Live
from rich.table import Table

from tests.bench.machine import chat_ids


def table(chats: dict[str, dict[str, Any]]) -> Table:
    """As many rows as there is room for."""
    drawn = Table("State", "Customer", "Agent", "Chat", title=f"{len(chats)} chats {time.strftime('%H:%M:%S')}")
    for chat_id, chat in list(chats.items())[:40]:
        names = {person["type"]: person["nickname"] for person in chat["participants"]}
        drawn.add_row(chat["state"], names.get("Customer", ""), names.get("Agent", ""), chat_id[:8])
    return drawn


async def watch(url: str, number: int) -> None:
    """Every chat once a second, as far as that can be."""
    chats: dict[str, dict[str, Any]] = {}
    async with httpx.AsyncClient() as client:

        async def ask(chat_id: str) -> None:
            response = await client.get(f"{url}/api/v2/chats/{chat_id}", timeout=60)
            chats[chat_id] = response.json()["chat"]

        with Live(table(chats), screen=True, auto_refresh=False) as live:
            while True:
                begun = time.perf_counter()
                await asyncio.gather(*map(ask, chat_ids(number)))
                live.update(table(chats), refresh=True)
                await asyncio.sleep(max(0.0, 1.0 - (time.perf_counter() - begun)))


if __name__ == "__main__":
    asyncio.run(watch(sys.argv[1], int(sys.argv[2])))
