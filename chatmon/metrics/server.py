"""Serves the figures of a monitor over HTTP: `GET /metrics` and nothing else, made in the loop that polls.

Whoever reads slowly keeps nobody waiting: the text is whole before the first byte of it is sent. Nor does whoever reads all the time: it
is made once a second at the most.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import Final

import msgspec
from aiohttp import web
from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics

from chatmon.few_connections import FewConnections
from chatmon.metrics.families import families
from chatmon.metrics.negotiation import prefers_openmetrics
from chatmon.monitor.clock import Moment
from chatmon.monitor.monitor import Monitor

PATH: Final = "/metrics"
TROUBLE: Final = "metrics"
"""What the monitor's lasting trouble is about."""
MAX_CONNECTIONS: Final = 32
"""So many at a time; the oldest makes room for the next, so that files for the polls are always left."""
KEPT_SECONDS: Final = 1.0
"""For so long the figures are told as they were made."""
_SHUTDOWN_SECONDS: Final = 0.5


class MetricsServer:
    """Serves the figures of a monitor at a socket that listens, from `start` to `aclose`, which closes it.

    Whatever goes wrong in it is a lasting trouble of the monitor and ends nothing else.
    """

    def __init__(self, monitor: Monitor, listening: socket.socket) -> None:
        self._monitor = monitor
        self._listening = listening
        self._registry = CollectorRegistry()
        self._registry.register(_Figures(monitor))
        ProcessCollector(registry=self._registry)
        self._made: dict[bool, _Made] = {}
        """The texts that were made last, by whether they are OpenMetrics."""
        self._runner: web.ServerRunner | None = None

    async def start(self) -> None:
        """Serve from now on. Called where the event loop runs."""
        server = FewConnections(self._answer, most=MAX_CONNECTIONS)
        self._runner = await server.serve(self._listening, shutdown_seconds=_SHUTDOWN_SECONDS)

    async def aclose(self) -> None:
        """Serve no more."""
        if self._runner is not None:
            await self._runner.cleanup()
        self._listening.close()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path != PATH:
            return web.Response(status=404, text=f"only {PATH} is here\n")
        if request.method != "GET":
            return web.Response(status=405, text="only GET is meant\n", headers={"Allow": "GET"})
        try:
            response = self._exposed(openmetrics_wanted=prefers_openmetrics(",".join(request.headers.getall("Accept", ()))))
        except Exception as error:  # noqa: BLE001 - who cannot be told the figures can be told the next time; the rest goes on
            self._monitor.own_fault(TROUBLE, "the metrics cannot be told", error)
            return web.Response(status=500, text="chatmon's own fault; its log says more\n")
        self._monitor.trouble(TROUBLE, None)
        return response

    def _exposed(self, *, openmetrics_wanted: bool) -> web.Response:
        now, made = self._monitor.clock.now(), self._made.get(openmetrics_wanted)
        if made is None or now.since(made.at) >= KEPT_SECONDS:
            made = self._made[openmetrics_wanted] = _Made(now, *self._make(openmetrics_wanted=openmetrics_wanted))
        return web.Response(body=made.body, headers={"Content-Type": made.content_type})

    def _make(self, *, openmetrics_wanted: bool) -> tuple[bytes, str]:
        if openmetrics_wanted:
            return openmetrics.generate_latest(self._registry), openmetrics.CONTENT_TYPE_LATEST  # type: ignore[no-untyped-call]
        return generate_latest(self._registry), CONTENT_TYPE_PLAIN_0_0_4


class _Made(msgspec.Struct, frozen=True):
    """A text of the figures, and when it was made."""

    at: Moment
    body: bytes
    content_type: str


class _Figures:
    """What the library asks for the families."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor

    def collect(self) -> Iterable[Metric]:
        return families(self._monitor)
