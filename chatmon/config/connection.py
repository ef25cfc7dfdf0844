"""How the Chat API is reached: root, headers, TLS and proxy, from wherever they were set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from chatmon.config.options import BY_NAME
from chatmon.config.origin import DEFAULT, InvalidSetting, Layer, Origin
from chatmon.config.readers import shown_header
from chatmon.config.references import Unreadable, check_reference, is_reference, place_of, read_reference
from chatmon.config.sources import Sources
from chatmon.paths import typed_path

if TYPE_CHECKING:  # these pull in ssl, which `--help` does not need
    from chatmon.api.endpoint import Endpoint, Tls

CONTACT_CENTER: Final = "ContactCenterId"
_VARIABLES: Final = ((CONTACT_CENTER, "CHATMON_CONTACT_CENTER_ID"), ("apikey", "CHATMON_API_KEY"))


def endpoint(sources: Sources, *, reads_secrets: bool = True) -> Endpoint:
    """The Chat API to talk to; unless it `reads_secrets`, without those that are kept elsewhere. Raises `InvalidSetting`."""
    from chatmon.api.endpoint import Endpoint

    root = _root(sources)
    if root is None:
        raise InvalidSetting(f"no API root: give --url https://gws.example.com or set CHATMON_URL{_or_profile(sources)}")
    headers = _headers(sources, reads_secrets=reads_secrets)
    tls = _tls(sources, over_tls=root.startswith("https:"), reads_secrets=reads_secrets)
    return Endpoint(root, headers, tls, _proxy(sources, root))


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
    with _named(sources.origins["url"].blamed):
        return None if url is None else parse_root(url)


def _or_profile(sources: Sources) -> str:
    configuration = sources.configuration
    if configuration.profiles and configuration.profile is None:
        return f", or --profile: {', '.join(configuration.profiles)}"
    return " (chatmon demo needs neither)"


@contextmanager
def _named(blamed: str) -> Iterator[None]:
    """Say where the value came from that cannot be used."""
    from chatmon.api.errors import InvalidEndpoint

    try:
        yield
    except InvalidEndpoint as error:
        raise InvalidSetting(f"{blamed}: {error}") from None


def chosen_proxy(sources: Sources, root: str) -> tuple[str | None, Origin]:
    """The proxy for an API root, not checked yet, and where it is from.

    The usual variables count less than the option and more than the file: where they choose no proxy there is none.
    """
    from chatmon.api.environment_proxy import environment_proxy

    wanted = sources.value("proxy")
    origin = sources.origins["proxy"]
    names = (f"{root.partition(':')[0]}_proxy", "all_proxy")
    named = next((name for low in names for name in (low, low.upper()) if sources.environment.get(name)), None)
    if named is None or origin.layer is Layer.FLAG:
        return wanted, origin
    origin = Origin(Layer.ENVIRONMENT, named)
    with _named(origin.blamed):
        return environment_proxy(root, sources.environment), origin


def _proxy(sources: Sources, root: str) -> str | None:
    from chatmon.api.endpoint import parse_proxy

    proxy, origin = chosen_proxy(sources, root)
    sources.origins["proxy"] = origin
    with _named(origin.blamed):
        return None if proxy is None else parse_proxy(proxy)


def _tls(sources: Sources, *, over_tls: bool, reads_secrets: bool) -> Tls:
    from chatmon.api.endpoint import Tls, tls_context
    from chatmon.api.errors import InvalidEndpoint

    origins = sources.origins
    bundle, certificate = sources.value("ca_bundle"), sources.value("client_cert")
    if origins["ca_bundle"].layer is Layer.ENVIRONMENT and not over_tls:
        bundle, origins["ca_bundle"] = None, DEFAULT  # the usual variable of other programs; nothing here needs it
    ca_bundle, client_cert = (None if text is None else typed_path(text) for text in (bundle, certificate))
    reference = _key_password_reference(sources)
    password = None if reference is None or not reads_secrets else _key_password(reference, sources)
    tls = Tls(ca_bundle, client_cert, bool(sources.value("insecure")), password)
    # An encrypted key cannot be checked without its password.
    checked = tls if reference is None or reads_secrets else Tls(ca_bundle)
    try:
        if checked.ca_bundle or checked.client_cert:
            tls_context(checked)
    except InvalidEndpoint as error:
        message = str(error)
        for name in ("ca_bundle", "client_cert", "client_key_password"):
            message = message.replace(f"{BY_NAME[name].flag}:", f"{origins[name].blamed}:", 1)
        raise InvalidSetting(message) from None
    return tls


def _key_password_reference(sources: Sources) -> str | None:
    reference: str | None = sources.value("client_key_password")
    try:
        if reference is not None:
            check_reference(reference)
    except ValueError as error:
        raise InvalidSetting(f"{sources.origins['client_key_password'].blamed} {error}") from None
    return reference


def _key_password(reference: str, sources: Sources) -> str:
    return _kept(reference, sources.origins["client_key_password"], sources, "client_key_password")


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
            yield NamedHeader(name, value, entry.inner.get(name, entry.origin), is_reference(value))
    if entry := options.get("contact_center_id"):
        yield NamedHeader(CONTACT_CENTER, entry.value, entry.origin, False)


def _headers(sources: Sources, *, reads_secrets: bool) -> dict[str, str]:
    from chatmon.api.endpoint import check_header

    headers: dict[str, str] = {}
    for header in named_headers(sources):
        if header.is_reference and not reads_secrets:
            continue
        value = _value(header, sources)
        kept_at = f": {place_of(header.value, _folder(header.origin, sources))}" if header.is_reference else ""
        with _named(f"{header.origin.blamed}{kept_at}"):
            check_header(header.name, value)
        headers[header.name] = value
        sources.origins[f"header {header.name}"] = header.origin
    return headers


def _value(header: NamedHeader, sources: Sources) -> str:
    """The value of a header, or, from where it is kept, that. Raises `InvalidSetting`."""
    if not header.is_reference:
        return header.value
    return _kept(header.value, header.origin, sources, f"the header {shown_header(header.name)}").strip()


def _kept(reference: str, origin: Origin, sources: Sources, what: str) -> str:
    """What is kept where a reference says; `what` that is. Raises `InvalidSetting`."""
    try:
        return read_reference(reference, sources.environment, _folder(origin, sources))
    except Unreadable as error:
        raise InvalidSetting(f"{origin.blamed}: {error.about(what)}") from None


def why_unreadable(reference: str, origin: Origin, sources: Sources) -> str | None:
    """What is wrong with the place where something is kept, in few words; None where nothing is."""
    try:
        read_reference(reference, sources.environment, _folder(origin, sources))
    except Unreadable as error:
        return error.state.removeprefix("is ")
    return None


def _folder(origin: Origin, sources: Sources) -> Path | None:
    """The folder that paths are relative to; None for the working folder."""
    path = sources.configuration.path
    return path.parent if origin.layer is Layer.FILE and path is not None else None
