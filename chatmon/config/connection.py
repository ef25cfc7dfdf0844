"""How the Chat API is reached: root, headers, TLS and proxy, from wherever they were set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from chatmon.config.configuration import is_reference, typed_path
from chatmon.config.options import BY_NAME
from chatmon.config.origin import DEFAULT, InvalidSetting, Layer, Origin
from chatmon.config.readers import shown_header
from chatmon.config.sources import Sources

if TYPE_CHECKING:  # these pull in ssl, which `--help` does not need
    from chatmon.api.endpoint import Endpoint, Tls

CONTACT_CENTER: Final = "ContactCenterId"
_VARIABLES: Final = ((CONTACT_CENTER, "CHATMON_CONTACT_CENTER_ID"), ("apikey", "CHATMON_API_KEY"))


def endpoint(sources: Sources) -> Endpoint:
    """The Chat API to talk to. Raises `InvalidSetting`."""
    from chatmon.api.endpoint import Endpoint

    root = _root(sources)
    if root is None:
        raise InvalidSetting(f"no API root: give --url https://gws.example.com or set CHATMON_URL{_or_profile(sources)}")
    return Endpoint(root, _headers(sources), _tls(sources, over_tls=root.startswith("https:")), _proxy(sources, root))


def deployment(sources: Sources) -> tuple[str, str] | None:
    """The API root that is meant and the contact centre, empty where none is named; None without a root. Raises `InvalidSetting`.

    Whoever talks to nobody needs no other header, and no secret.
    """
    root = _root(sources)
    if root is None:
        return None
    named = next((header for header in named_headers(sources) if header.name.lower() == CONTACT_CENTER.lower()), None)
    return root, "" if named is None else _value(named, sources)


def _root(sources: Sources) -> str | None:
    from chatmon.api.endpoint import parse_root

    url = sources.value("url")
    with _named(sources.origins["url"]):
        return None if url is None else parse_root(url)


def _or_profile(sources: Sources) -> str:
    configuration = sources.configuration
    if configuration.profiles and configuration.profile is None:
        return f", or --profile: {', '.join(configuration.profiles)}"
    return " (chatmon demo needs neither)"


@contextmanager
def _named(origin: Origin) -> Iterator[None]:
    """Say where the value came from that cannot be used."""
    from chatmon.api.errors import InvalidEndpoint

    try:
        yield
    except InvalidEndpoint as error:
        raise InvalidSetting(f"{origin.blamed}: {error}") from None


def chosen_proxy(sources: Sources, root: str) -> tuple[str | None, Origin]:
    """The proxy for an API root, not checked yet, and where it is from.

    The usual variables count less than the option and more than the file: where they choose no proxy there is none.
    """
    from chatmon.api.endpoint import environment_proxy

    wanted = sources.value("proxy")
    origin = sources.origins["proxy"]
    names = (f"{root.partition(':')[0]}_proxy", "all_proxy")
    named = next((name for low in names for name in (low, low.upper()) if sources.environment.get(name)), None)
    if named is None or origin.layer is Layer.FLAG:
        return wanted, origin
    origin = Origin(Layer.ENVIRONMENT, named)
    with _named(origin):
        return environment_proxy(root, sources.environment), origin


def _proxy(sources: Sources, root: str) -> str | None:
    from chatmon.api.endpoint import parse_proxy

    proxy, origin = chosen_proxy(sources, root)
    sources.origins["proxy"] = origin
    with _named(origin):
        return None if proxy is None else parse_proxy(proxy)


def _tls(sources: Sources, *, over_tls: bool) -> Tls:
    from chatmon.api.endpoint import Tls, tls_context
    from chatmon.api.errors import InvalidEndpoint

    origins = sources.origins
    bundle, certificate = sources.value("ca_bundle"), sources.value("client_cert")
    if origins["ca_bundle"].layer is Layer.ENVIRONMENT and not over_tls:
        bundle, origins["ca_bundle"] = None, DEFAULT  # the usual variable of other programs; nothing here needs it
    ca_bundle, client_cert = (None if text is None else typed_path(text) for text in (bundle, certificate))
    tls = Tls(ca_bundle, client_cert, bool(sources.value("insecure")))
    try:
        if ca_bundle or client_cert:
            tls_context(tls)
    except InvalidEndpoint as error:
        message = str(error)
        for name in ("ca_bundle", "client_cert"):
            message = message.replace(f"{BY_NAME[name].flag}:", f"{origins[name].blamed}:", 1)
        raise InvalidSetting(message) from None
    return tls


class NamedHeader(NamedTuple):
    """A header that is to be sent. Where `is_reference`, the value says where the header's own is kept."""

    name: str
    value: str
    origin: Origin
    is_reference: bool


def named_headers(sources: Sources) -> tuple[NamedHeader, ...]:
    """The headers in force. Names are the same in upper and lower case; a stronger layer counts alone. Raises `InvalidSetting`."""
    known: dict[str, NamedHeader] = {}
    for header in _all_headers(sources):
        before = known.setdefault(header.name.lower(), header)
        if before is not header and before.origin.layer is header.origin.layer:
            raise InvalidSetting(f"{header.origin.blamed}: the header {shown_header(header.name)} is given twice; give it once")
    return tuple(known.values())


def _all_headers(sources: Sources) -> Iterator[NamedHeader]:
    for text in sources.given.get("header") or ():
        name, colon, value = (part.strip() for part in text.partition(":"))
        if not colon or not name:
            raise InvalidSetting("--header has no colon or no name; it looks like -H 'Name: value' or -H 'Name: env:VARIABLE'")
        yield NamedHeader(name, value, Origin(Layer.FLAG, "--header"), is_reference(value))
    contact_center = sources.given.get("contact_center_id")
    if isinstance(contact_center, str):
        if not contact_center.strip():
            raise InvalidSetting("--contact-center-id is empty; leave it out or give a value")
        yield NamedHeader(CONTACT_CENTER, contact_center.strip(), Origin(Layer.FLAG, "--contact-center-id"), False)
    for name, variable in _VARIABLES:
        if value := sources.environment.get(variable, "").strip():
            yield NamedHeader(name, value, Origin(Layer.ENVIRONMENT, variable), False)
    options = sources.configuration.options
    if entry := options.get("headers"):
        for name, value in entry.value:
            yield NamedHeader(name, value, entry.origin, is_reference(value))
    if entry := options.get("contact_center_id"):
        yield NamedHeader(CONTACT_CENTER, entry.value, entry.origin, False)


def _headers(sources: Sources) -> dict[str, str]:
    from chatmon.api.endpoint import check_header

    headers: dict[str, str] = {}
    for header in named_headers(sources):
        value = _value(header, sources)
        with _named(header.origin):
            check_header(header.name, value)
        headers[header.name] = value
        sources.origins[f"header {header.name}"] = header.origin
    return headers


def _value(header: NamedHeader, sources: Sources) -> str:
    """The value of a header, or, from where it is kept, that; a path in the configuration file is relative to its folder."""
    if not header.is_reference:
        return header.value
    kind, _, place = header.value.partition(":")
    blamed = header.origin.blamed
    if kind == "env":
        if not sources.environment.get(place):
            what = f"the environment variable that the header {shown_header(header.name)} names is not set or empty"
            raise InvalidSetting(f"{blamed}: {what}; export it")
        return sources.environment[place].strip()
    path = typed_path(place.strip())
    if header.origin.layer is Layer.FILE and sources.configuration.path is not None:
        path = sources.configuration.path.parent / path
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError):
        what = f"the file for the header {shown_header(header.name)} cannot be read as text"
        raise InvalidSetting(f"{blamed}: {what}; check its path") from None
