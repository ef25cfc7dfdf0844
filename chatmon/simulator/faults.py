"""How the simulated API goes wrong: each fault as data, and one pure function that decides what a request meets.

The table ``FAULTS`` is what ``--faults NAME`` chooses from. Every misbehaviour is one that a client of the API has to
expect: overload, proxies and load balancers in the way, a session that ends.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum
from random import Random
from types import MappingProxyType
from typing import Final

import msgspec


class Treatment(Enum):
    """What becomes of one request."""

    ANSWER = "the true answer"
    SERVER_ERROR = "an HTTP 5xx with an HTML page"
    UNAVAILABLE = "an HTTP 503 with an HTML page"
    RESET = "the connection is reset"
    SILENCE = "no answer until the client gives up"
    CUT_SHORT = "the true answer, but its second half never comes"
    RATE_LIMITED = "an HTTP 429 with Retry-After"
    DENIED = "an HTTP 401 with statusCode 20"
    LOGIN_PAGE = "an HTML login page under HTTP 200"
    EMPTY = "an empty body under HTTP 200"
    INTERNAL_ERROR = "statusCode 4 under HTTP 200"


class Fault(msgspec.Struct, frozen=True):
    """A way of going wrong. All times are real seconds since the server started, whatever the speed of the simulated life.

    - ``shares``: treatments other than the true answer, each with its share of the requests (0 to 1, together at most 1)
    - ``slow_share`` of the requests wait up to ``slow_seconds`` first
    - ``requests_per_second``: beyond it a request is rate limited; None: no limit
    - up for ``up_seconds``, then down for ``down_seconds``, and so on; odd outages reset connections, even ones answer 503
    - from ``denied_after`` on nobody is let in
    """

    name: str
    description: str
    shares: tuple[tuple[Treatment, float], ...] = ()
    slow_share: float = 0.0
    slow_seconds: float = 0.0
    requests_per_second: int | None = None
    up_seconds: float = math.inf
    down_seconds: float = 0.0
    denied_after: float = math.inf


class Decision(msgspec.Struct, frozen=True):
    """What one request meets: a delay in seconds, then the treatment.

    ``status``: the HTTP status of a SERVER_ERROR. ``retry_after``: whole seconds that a RATE_LIMITED client is asked to wait. 0 elsewhere.
    """

    treatment: Treatment
    delay: float = 0.0
    status: int = 0
    retry_after: int = 0


_ANSWER: Final = Decision(Treatment.ANSWER)
_SERVER_ERRORS: Final = (500, 502, 503, 504)

FAULTS: Final[Mapping[str, Fault]] = MappingProxyType(
    {
        fault.name: fault
        for fault in (
            Fault("none", "all is well"),
            Fault("slow", "every third answer takes up to 6 s", slow_share=1 / 3, slow_seconds=6.0),
            Fault(
                "flaky",
                "one request in six fails: HTTP 5xx, resets, silence, bodies cut short",
                shares=(
                    (Treatment.SERVER_ERROR, 0.07),
                    (Treatment.RESET, 0.04),
                    (Treatment.SILENCE, 0.02),
                    (Treatment.CUT_SHORT, 0.04),
                ),
            ),
            Fault(
                "garbled",
                "one request in eight gets HTTP 200 and no chat: login pages, empty bodies, internal errors",
                shares=((Treatment.LOGIN_PAGE, 0.05), (Treatment.EMPTY, 0.03), (Treatment.INTERNAL_ERROR, 0.05)),
            ),
            Fault("limited", "HTTP 429 beyond 10 requests a second", requests_per_second=10),
            Fault("outage", "up for 30 s, down for 15 s: connections reset, the next time HTTP 503", up_seconds=30.0, down_seconds=15.0),
            Fault("denied", "HTTP 401 for all requests after 20 s, as when a session ends", denied_after=20.0),
        )
    }
)
"""All faults by name, ``none`` first."""


def decide(fault: Fault, at: float, chance: Random, seen_this_second: int) -> Decision:
    """What a request meets that comes ``at`` seconds after the server's start, as number ``seen_this_second`` (from 1) of that second."""
    if at >= fault.denied_after:
        return Decision(Treatment.DENIED)
    round_number, since = divmod(at, fault.up_seconds + fault.down_seconds)
    if since >= fault.up_seconds:
        return Decision(Treatment.UNAVAILABLE if round_number % 2 else Treatment.RESET)
    if fault.requests_per_second is not None and seen_this_second > fault.requests_per_second:
        return Decision(Treatment.RATE_LIMITED, retry_after=1)
    delay = chance.uniform(0.0, fault.slow_seconds) if fault.slow_share and chance.random() < fault.slow_share else 0.0
    if not fault.shares:
        return Decision(Treatment.ANSWER, delay) if delay else _ANSWER
    treatment = _draw(fault.shares, chance)
    status = chance.choice(_SERVER_ERRORS) if treatment is Treatment.SERVER_ERROR else 0
    return Decision(treatment, delay, status)


def _draw(shares: tuple[tuple[Treatment, float], ...], chance: Random) -> Treatment:
    lot = chance.random()
    for treatment, share in shares:
        if lot < share:
            return treatment
        lot -= share
    return Treatment.ANSWER
