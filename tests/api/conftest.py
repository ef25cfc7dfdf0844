"""What the tests of the client share: clients that are closed at the end, and the rule that nobody complains behind their back."""

from __future__ import annotations

import gc
import ipaddress
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from chatmon.api.client import ChatClient
from chatmon.api.endpoint import Endpoint

OpenClient = Callable[..., ChatClient]


@pytest.fixture(scope="package", autouse=True)
def quick_collection() -> Iterator[None]:
    """What is there before the first test need not be looked through after each."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="package", autouse=True)
def no_name_is_resolved() -> Iterator[None]:
    """The tests need no network and trouble no name server: there are addresses and no names."""
    resolve = socket.getaddrinfo

    def addresses_only(host: str, *details: Any, **more: Any) -> Any:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise socket.gaierror(socket.EAI_NONAME, f"Name or service not known: {host}") from None
        return resolve(host, *details, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", addresses_only)
        yield


@pytest.fixture(autouse=True)
def nothing_complains(caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder) -> Iterator[None]:
    """No "Unclosed connection", no "exception was never retrieved", no resource left open."""
    yield
    gc.collect()
    assert [record.getMessage() for record in caplog.records] == []
    assert [str(warning.message) for warning in recwarn if issubclass(warning.category, ResourceWarning)] == []


@pytest.fixture
async def open_client() -> AsyncIterator[OpenClient]:
    """Makes clients for an endpoint or the text of its root."""
    clients: list[ChatClient] = []

    def make(endpoint: Endpoint | str, **options: Any) -> ChatClient:
        client = ChatClient(Endpoint(endpoint) if isinstance(endpoint, str) else endpoint, **options)
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.aclose()
