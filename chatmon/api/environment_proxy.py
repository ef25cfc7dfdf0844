"""The proxy that the environment names: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, and `NO_PROXY` for the hosts that need none.

No standard says what `NO_PROXY` may hold. What curl (`lib/noproxy.c`) and Go (`x/net/http/httpproxy`) understand is understood here.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from chatmon.api.endpoint import DEFAULT_PORTS, parse_proxy

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_SEPARATORS: Final = re.compile(r"[,\s]+")
_ENTRY: Final = re.compile(r"(?:\[(?P<address>[^][]+)\]|(?P<host>[^:]+)|(?P<bare>.*:.*:.*))(?::(?P<port>[0-9]+))?")
"""A host or an address, in brackets or bare, and perhaps a port behind it; a bare IPv6 address has none."""


def environment_proxy(root: str, environment: Mapping[str, str]) -> str | None:
    """The URL of the proxy for an API root; None where it is reached without one. Raises `InvalidEndpoint` for one that cannot be used.

    A name in small letters counts more than the same in capitals.
    """
    parts = urlsplit(root)
    capitals_first = sorted(environment.items())
    proxies = {name.lower().removesuffix("_proxy"): value for name, value in capitals_first if name.lower().endswith("_proxy")}
    proxy = (proxies.get(parts.scheme) or proxies.get("all") or "").strip()
    if not proxy or needs_no_proxy(parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme], proxies.get("no", "")):
        return None
    return parse_proxy(proxy if "://" in proxy else f"http://{proxy}")


def needs_no_proxy(host: str, port: int, exceptions: str) -> bool:
    """Whether a value of `NO_PROXY` names a host: by its name or that of a domain above it, by its address, or by its network.

    Entries stand between commas or white space, and those that mean nothing are left out. `*` means every host; an entry with a port
    means that port alone.
    """
    host = host.lower().rstrip(".")
    return any(entry == "*" or _names(entry, host, port) for entry in _SEPARATORS.split(exceptions.strip()) if entry)


def _names(entry: str, host: str, port: int) -> bool:
    address = _address(host)
    if "/" in entry:
        return address is not None and _is_in(address, entry)
    match = _ENTRY.fullmatch(entry)
    if match is None or int(match["port"] or port) != port:
        return False
    named = (match["address"] or match["host"] or match["bare"]).lower()
    if address is not None:
        return _address(named) == address
    domain = named.removeprefix("*").strip(".")
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def _address(text: str) -> _Address | None:
    """An address, that of IPv4 also where it is written as one of IPv6; None for what is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, ipaddress.IPv6Address) else address


def _is_in(address: _Address, network: str) -> bool:
    try:
        return address in ipaddress.ip_network(network.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return False
