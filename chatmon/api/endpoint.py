"""Where the Chat API is and how to reach it: root, headers, TLS and proxy, checked before anything is sent."""

from __future__ import annotations

import errno
import ipaddress
import os
import re
import ssl
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit

from chatmon.api.errors import InvalidEndpoint

DEFAULT_PATH = "/api/v2"
"""The API root of a plain deployment, meant where a URL has no path."""
DEFAULT_PORTS = {"http": 80, "https": 443}
"""The port of each scheme, which goes without saying."""

MAX_PEM_BYTES = 16 * 1024 * 1024
"""Of a file with certificates; those of all authorities of the web are a quarter of a megabyte."""

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")  # RFC 9110, section 5.1: token
_PLACE = re.compile(r"(?:\[[^][]+\]|[^][:]+)(?::\d*)?")  # a host, an address in brackets, and perhaps a port
_HOST_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\Z")  # RFC 1035, section 2.3.1, and the underscores in use
_NUMBER = re.compile(r"[0-9]+\Z|0[xX][0-9A-Fa-f]*\Z")
_SHORT_ADDRESS = re.compile(r"(?:0|[1-9][0-9]{0,9})(?:\.(?:0|[1-9][0-9]{0,9})){0,3}\Z")
_OWN_HEADERS = frozenset({"content-length", "transfer-encoding", "connection", "if-none-match", "accept-encoding"})


@dataclass(frozen=True, slots=True)
class Tls:
    """How a server proves itself, and the client to it. Paths to PEM files; `client_cert` holds certificate and key.

    `key_password` opens a key that is encrypted.
    """

    ca_bundle: Path | None = None
    client_cert: Path | None = None
    insecure: bool = False
    key_password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A Chat API to talk to. `root` has no slash at its end; `headers` may hold secrets and is kept out of `repr`."""

    root: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    tls: Tls = Tls()
    proxy: str | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """The host as a user would name it, for the screen: no path; `parse_root` has left out a port that goes without saying."""
        return urlsplit(self.root).netloc

    @property
    def is_https(self) -> bool:
        """Whether the API is reached over TLS."""
        return self.root.startswith("https:")

    def chat_url(self, chat_id: str) -> str:
        """The URL of one chat. Every character that could leave the id's place in the path is quoted."""
        return f"{self.root}/chats/{quote(chat_id, safe='')}"


def parse_root(url: str) -> str:
    """The API root in what a user typed; with no path, `/api/v2` is meant. Raises `InvalidEndpoint`."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise InvalidEndpoint("the URL cannot be read; it looks like https://gws.example.com/api/v2") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidEndpoint("the URL must begin with http:// or https:// and name a host: https://gws.example.com/api/v2")
    if parts.username is not None or parts.password is not None:
        raise InvalidEndpoint("the URL holds a user name or password; send credentials in a header: -H 'Name: env:VARIABLE'")
    if parts.query or parts.fragment:
        raise InvalidEndpoint("the URL holds a query or fragment; give the API root alone: https://gws.example.com/api/v2")
    if not _is_plain(url.strip()) or port == 0:
        raise InvalidEndpoint("the URL holds characters or a port that no URL has")
    if not _is_host(parts):
        raise InvalidEndpoint("the URL names no host that could exist: write a name, or an address such as 10.0.0.7 or [2001:db8::7]")
    if any(unquote(segment) in {".", ".."} for segment in parts.path.split("/")):
        raise InvalidEndpoint("the URL's path holds . or ..; give the path that is meant: https://gws.example.com/api/v2")
    name = "localhost" if parts.hostname == "localhost." else parts.hostname  # no name server is asked for it (RFC 6761, section 6.3)
    host = f"[{name}]" if ":" in name else _written_out(name) or name
    place = host if port in {None, DEFAULT_PORTS[parts.scheme]} else f"{host}:{port}"
    return f"{parts.scheme}://{place}{parts.path.rstrip('/') or DEFAULT_PATH}"


def check_header(name: str, value: str) -> None:
    """Raises `InvalidEndpoint` for a header that cannot be sent, or that chatmon sends itself. Never repeats the value."""
    if not _HEADER_NAME.match(name):
        raise InvalidEndpoint("a header's name may hold letters, digits and dashes only: -H 'Name: value'")
    if name.lower() in _OWN_HEADERS:
        raise InvalidEndpoint(f"the header {name} is chatmon's own and cannot be set")
    if not value.isprintable() or not value.isascii():
        raise InvalidEndpoint(f"the value of the header {name} holds characters that cannot be sent")


def parse_proxy(url: str) -> str:
    """A proxy's URL, checked. Raises `InvalidEndpoint` without repeating it: it may hold a password."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme == "http" and parts.port != 0 and _is_host(parts)
    except ValueError:
        usable = False
    if not usable or not _is_plain(url.strip()):
        raise InvalidEndpoint("the proxy's URL must look like http://proxy.example.com:3128")
    if not _are_basic_credentials(parts):
        raise InvalidEndpoint("the proxy's user name or password holds characters that cannot be sent")
    return url.strip()


def tls_context(tls: Tls) -> ssl.SSLContext:
    """The TLS settings as a context. Raises `InvalidEndpoint` for a file that is missing or is none. Nobody is asked for a password."""
    try:
        context = ssl.create_default_context(cafile=None if tls.ca_bundle is None else _file(tls.ca_bundle))
    except (OSError, ValueError) as error:
        raise InvalidEndpoint(f"--ca-bundle: {tls.ca_bundle} {_why_unusable(error)} as PEM certificates") from None
    if tls.client_cert is not None:
        _load_client_certificate(context, tls.client_cert, tls.key_password)
    if tls.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _load_client_certificate(context: ssl.SSLContext, path: Path, key_password: str | None) -> None:
    is_encrypted = False

    def password() -> str:
        nonlocal is_encrypted
        is_encrypted = True
        return key_password or ""

    try:
        context.load_cert_chain(_file(path), password=password)  # without a function, OpenSSL asks on the terminal
    except (OSError, ValueError) as error:
        if is_encrypted and key_password is None:
            advice = "name where its password is with --client-key-password env:VARIABLE or file:PATH, or decrypt it"
            raise InvalidEndpoint(f"--client-cert: the key in {path} is encrypted; {advice}") from None
        if is_encrypted:
            raise InvalidEndpoint(f"--client-key-password: what it names does not open the encrypted key in {path}") from None
        if getattr(error, "reason", None) in {"NO_CERTIFICATE_ASSIGNED", "KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH"}:
            raise InvalidEndpoint(f"--client-cert: the key in {path} is not that of its certificate") from None
        raise InvalidEndpoint(f"--client-cert: {path} {_why_unusable(error)} as a PEM certificate with its key") from None


def _file(path: Path) -> str:
    """A path that OpenSSL may read: it would wait for a pipe, and read an endless device. Raises OSError, ValueError where it may not."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_PEM_BYTES:
        raise ValueError
    return str(path)


def _why_unusable(error: OSError | ValueError) -> str:
    match error:
        case ssl.SSLError():
            return "cannot be read"
        case OSError(strerror=str() as reason):
            return f"cannot be read ({reason.lower()})"
    return "cannot be read"


def _is_plain(url: str) -> bool:
    # urlsplit() drops tabs and newlines without a word. Some take a backslash for a slash, and with it another part for the host.
    return url.isprintable() and " " not in url and "\\" not in url


def _is_host(parts: SplitResult) -> bool:
    """Whether the URL's host is an address or a name that could be resolved. Found out here, lest it fail in the middle of a poll."""
    name = parts.hostname or ""
    if not _PLACE.fullmatch(parts.netloc.rpartition("@")[2]) or ("[" in parts.netloc) != (":" in name):
        return False
    if ":" in name:
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return "%" not in name
    if _NUMBER.match(name.removesuffix(".").rpartition(".")[2]):
        return _written_out(name) is not None
    if not name.isascii() or "xn--" in name.lower():
        import idna  # rarely needed, and slow to import

        try:
            name = idna.encode(name).decode("ascii")
            idna.decode(name)
        except idna.IDNAError:
            return False
    return len(name) <= 253 and all(_HOST_LABEL.match(label) for label in name.removesuffix(".").split("."))


def _written_out(name: str) -> str | None:
    """An IPv4 address with all four of its numbers, where a host is one: `127.1` is 127.0.0.1, as `inet_aton` has it. None for others.

    Numbers in base 16, or with a zero in front, which some read in base 8, are not taken for an address.
    """
    name = name.removesuffix(".")
    if not _SHORT_ADDRESS.match(name):
        return None
    *first, last = map(int, name.split("."))
    if any(number > 255 for number in first) or last >= 256 ** (4 - len(first)):
        return None
    return str(ipaddress.IPv4Address(sum(number << 8 * (3 - place) for place, number in enumerate(first)) + last))


def _are_basic_credentials(parts: SplitResult) -> bool:
    """Whether the user information can be sent as Basic credentials (RFC 7617): the name without a colon, both in Latin-1."""
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    try:
        (user + password).encode("latin-1")
    except UnicodeEncodeError:
        return False
    return ":" not in user and (user + password).isprintable()
