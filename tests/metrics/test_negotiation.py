"""Which format a reader of the metrics gets, from its Accept header."""

from __future__ import annotations

import pytest

from chatmon.metrics.negotiation import prefers_openmetrics

from .test_server import OPENMETRICS, PLAIN, PROMETHEUS, PROMETHEUS_3, serving

OPEN = "application/openmetrics-text"


@pytest.mark.parametrize(
    "accept",
    [
        PROMETHEUS,
        PROMETHEUS_3,
        OPEN,
        OPEN.upper(),
        f"{OPEN};q=0.1",
        f"{OPEN}; Q=1.000",
        f'{OPEN};version="1.0.0"',
        f"{OPEN};version=0.0.1",
        f"{OPEN} ; version=1.0.0 ; q=0.5 , text/plain ; q=0.4",
        f"{OPEN},text/plain",
        f"text/plain,{OPEN}",
        f"{OPEN};version=2.0.0,{OPEN};version=1.0.0;q=0.5",
        "text/plain;q=0,*/*",
        "application/*,text/plain;q=0.5",
        f'application/json;title="a, {OPEN};q=0",{OPEN}',
    ],
)
def test_openmetrics_is_sent_to_readers_that_prefer_it(accept: str) -> None:
    assert prefers_openmetrics(accept)


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "text/*,application/*",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/json",
        f"{OPEN};q=0",
        f"{OPEN};q=0.0",
        f"{OPEN}; q=0.000",
        f"{OPEN};version=1.0.0;q=0",
        f'{OPEN};version="1.0.0";q=0,*/*',
        f"*/*,{OPEN};q=0",
        f"application/*,{OPEN};q=0,text/plain;q=0",
        f"{OPEN};q=0.4,text/plain;q=0.5",
        f"{OPEN};q=0.5,*/*;q=0.9",
        f"{OPEN};version=2.0.0",
        f"{OPEN};q=much",
        f"{OPEN};q=-1",
        f"{OPEN};q=nan",
        f"{OPEN};q=2",
        f"{OPEN};q=",
        f"{OPEN}-of-another-kind",
        f'application/json;title="{OPEN}"',
        ",;,=;q",
        '"',
    ],
)
def test_all_other_readers_get_plain_text(accept: str) -> None:
    assert not prefers_openmetrics(accept)


async def test_a_reader_that_refuses_openmetrics_is_sent_plain_text() -> None:
    async with serving() as served:
        for accept, wanted in ((f"{OPEN};q=0", PLAIN), (f"{OPEN};q=0.5\r\nAccept: text/plain;q=0.4", OPENMETRICS)):
            status, headers, _ = await served.ask(accept=accept)
            assert (status, headers["Content-Type"]) == ("200", wanted)
