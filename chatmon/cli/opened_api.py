"""The Chat API once it is open: the client itself, and a client with what has to be closed after it."""

from __future__ import annotations

import asyncio
import gc
import importlib
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatmon.api.client import ChatClient
    from chatmon.api.endpoint import Endpoint
    from chatmon.api.resource import Answer
    from chatmon.monitor.monitor import Monitor
    from chatmon.monitor.poller import ChatApi


async def open_client(endpoint: Endpoint, monitor: Monitor, *, deadline: float = 5.0, connections: int = 32) -> ChatClient:
    """A client of the endpoint, for a monitor whose rate holds for what is sent twice, too.

    Its import is slow and runs beside the event loop: a screen must not freeze meanwhile.
    """
    await asyncio.to_thread(importlib.import_module, "chatmon.api.client")
    from chatmon.api.client import ChatClient

    # What is there by now stays: a search for garbage that goes through all of it again would hold up keys and polls each time.
    gc.freeze()
    return ChatClient(endpoint, deadline=deadline, connections=connections, may_resend=monitor.may_send, send_right=monitor.send_right)


class OpenedApi:
    """A Chat API, and what is closed in its stead: the API itself and whatever else was opened with it."""

    def __init__(self, api: ChatApi, resources: AsyncExitStack) -> None:
        self._api = api
        self._resources = resources

    async def get(self, chat_id: str) -> Answer:
        return await self._api.get(chat_id)

    def forget(self, chat_id: str) -> None:
        self._api.forget(chat_id)

    async def aclose(self) -> None:
        await self._resources.aclose()
