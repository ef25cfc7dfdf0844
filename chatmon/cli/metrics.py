"""Where a command lets its figures be read, by Prometheus and the like."""

from __future__ import annotations

import asyncio
import importlib
import os
import socket
from contextlib import AsyncExitStack
from importlib.util import find_spec
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from chatmon.cli.opened_api import OpenedApi
from chatmon.cli.usage import refuse

if TYPE_CHECKING:
    from chatmon.config import ListenAddress, Origin
    from chatmon.monitor.monitor import Monitor, OpenChatApi
    from chatmon.monitor.poller import ChatApi

LIBRARY: Final = "prometheus_client"
BACKLOG: Final = 16


def listening(address: ListenAddress | None, origin: Origin) -> socket.socket | None:
    """A socket that listens there, None for nowhere. UsageError, before anything is drawn, where that cannot be."""
    if address is None:
        return None
    if find_spec(LIBRARY) is None:
        refuse(f"{origin.blamed}: metrics need a library that is not installed; pip install -e '.[metrics]' in its folder")
    try:
        family, _, _, _, place = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(place, family=family, backlog=BACKLOG)
    except (OSError, UnicodeError) as error:
        refuse(f"{origin.blamed}: cannot listen on port {address.port} of that host: {_reason(error)}; choose another (0: any free one)")


def _reason(error: OSError | UnicodeError) -> str:
    if isinstance(error, socket.gaierror):
        return "there is no such host"
    number = getattr(error, "errno", None)  # Python adds the address to the text
    return os.strerror(number) if number else "not a usable address"


def with_metrics(open_api: OpenChatApi, listening: socket.socket | None) -> OpenChatApi:
    """The same Chat API, with the monitor's figures to be read at a socket for as long as it is open. Without one it is the API alone."""
    if listening is None:
        return open_api

    async def open_measured(monitor: Monitor) -> ChatApi:
        async with AsyncExitStack() as stack:
            await _serve(monitor, listening, stack)
            api = await open_api(monitor)
            stack.push_async_callback(api.aclose)
            return OpenedApi(api, stack.pop_all())

    return open_measured


async def _serve(monitor: Monitor, listening: socket.socket, stack: AsyncExitStack) -> None:
    """Serve until the stack is closed, and say where. Where that fails the monitor has a trouble, and goes on."""
    stack.callback(listening.close)
    try:
        await asyncio.to_thread(importlib.import_module, "chatmon.metrics.server")  # slow, and a screen must not freeze meanwhile
        from chatmon.metrics.server import MetricsServer

        server = MetricsServer(monitor, listening)
        stack.push_async_callback(server.aclose)
        await server.start()
    except Exception as error:  # noqa: BLE001 - who cannot be measured can still be watched
        monitor.own_fault("metrics", "there are no metrics", error)
    else:
        monitor.tell(_where(listening))


def _where(listening: socket.socket) -> str:
    """One line that says where the figures are, and, where it is not this machine alone, who can read them."""
    host, port, *_ = listening.getsockname()
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    reach = "" if ip_address(host.partition("%")[0]).is_loopback else f"; they are readable by whoever reaches {place}"
    return f"metrics are at http://{place}/metrics{reach}"
