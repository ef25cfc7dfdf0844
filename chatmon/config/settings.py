"""What is in force: every setting from its flag, else from the environment, else from its default, each knowing where it came from.

`OPTIONS` declares the settings that `watch` and `poll` share; the command line's options and their help are made from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:  # these pull in ssl and the rest of the monitor, which `--help` does not need
    from chatmon.api.endpoint import Endpoint, Tls
    from chatmon.monitor.schedule import Pace

Given = Mapping[str, Any]
"""What the command line gave, by name: None, or an empty tuple or False, where it gave nothing."""
Environment = Mapping[str, str]


class InvalidSetting(ValueError):
    """A setting cannot be used; the message is one line that names its origin and what would do, never its value."""


class Layer(StrEnum):
    """Where a value can come from, the strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from: `name` is the flag or the environment variable, empty for a default."""

    layer: Layer
    name: str = ""

    def __str__(self) -> str:
        return self.name or str(self.layer)


DEFAULT: Final = Origin(Layer.DEFAULT)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The numbers a setting may have, both ends included."""

    low: float
    high: float
    whole: bool = False

    def parse(self, text: str) -> float:
        """The number in a text. ValueError says what would do and does not repeat the text: it may be a secret gone astray."""
        try:
            number = float(int(text)) if self.whole else float(text)
        except (ValueError, OverflowError):
            number = float("nan")
        if not self.low <= number <= self.high:  # so is nan
            raise ValueError(f"needs a {'whole ' if self.whole else ''}number from {self.low:.12g} to {self.high:.12g}")
        return number


@dataclass(frozen=True, slots=True)
class Option:
    """One setting as it is declared: its name in Python, how its value is called in help, and where else it can come from."""

    name: str
    metavar: str
    help: str
    environment: str | None = None
    default: str | None = None
    bounds: Bounds | None = None
    is_flag: bool = False
    repeatable: bool = False
    short: str | None = None

    @property
    def flag(self) -> str:
        """The option as it is typed."""
        return "--" + self.name.replace("_", "-")


OPTIONS: Final = (
    Option("url", "URL", "The API root; with no path, /api/v2 is meant.", "CHATMON_URL"),
    Option(
        "header",
        "'NAME: VALUE'",
        "Sent with every request. env:VARIABLE and file:PATH as the value are read from there and keep secrets out of the process list. "
        "CHATMON_API_KEY gives the apikey header. Repeatable.",
        repeatable=True,
        short="-H",
    ),
    Option("contact_center_id", "ID", "The ContactCenterId header.", "CHATMON_CONTACT_CENTER_ID"),
    Option(
        "ids_file",
        "FILE",
        "Chat ids, one a line, then a label; # comments; - is standard input. A file is followed. The variable counts without IDs only.",
        "CHATMON_IDS_FILE",
    ),
    Option("interval", "S", "Wanted seconds between two polls of a chat.", "CHATMON_INTERVAL", "2.0", Bounds(0.05, 86_400)),
    Option("max_rate", "N", "Most requests a second, over all chats; intervals stretch.", "CHATMON_MAX_RATE", "100", Bounds(0.01, 10_000)),
    Option("max_concurrency", "N", "Requests in flight.", default="32", bounds=Bounds(1, 1_000, whole=True)),
    Option("timeout", "S", "Seconds that one whole exchange may take.", default="5.0", bounds=Bounds(0.05, 600)),
    Option("ca_bundle", "FILE", "Certificates to trust, PEM.", "SSL_CERT_FILE"),
    Option("client_cert", "FILE", "The client's certificate and its key, PEM."),
    Option("proxy", "URL", "The HTTP proxy; without it HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY choose."),
    Option("insecure", "", "Do not check the server's certificate.", is_flag=True),
)
_BY_NAME: Final = {option.name: option for option in OPTIONS}
_HEADERS_OF_THEIR_OWN: Final = (("ContactCenterId", "contact_center_id", "CHATMON_CONTACT_CENTER_ID"), ("apikey", None, "CHATMON_API_KEY"))


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything `watch` and `poll` share, checked.

    `deadline` is in seconds; `ids_file` a path, `-` for standard input, or None; `origins` by option name, or `header apikey` and such.
    """

    endpoint: Endpoint
    pace: Pace
    deadline: float
    ids_file: str | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Sources:
    """The layers that a value is looked up in."""

    given: Given
    environment: Environment

    def find(self, name: str) -> tuple[str | None, Origin]:
        """A setting's text and where it came from. An empty environment variable counts as none."""
        option = _BY_NAME[name]
        flag = self.given.get(name)
        if isinstance(flag, str):
            return flag, Origin(Layer.FLAG, option.flag)
        if option.environment is not None and (text := self.environment.get(option.environment)):
            return text, Origin(Layer.ENVIRONMENT, option.environment)
        return option.default, DEFAULT

    def number(self, name: str, origins: dict[str, Origin]) -> float:
        """A number within its bounds. Raises `InvalidSetting`."""
        text, origins[name] = self.find(name)
        bounds = _BY_NAME[name].bounds
        assert text is not None
        assert bounds is not None
        try:
            return bounds.parse(text)
        except ValueError as error:
            raise InvalidSetting(f"{origins[name]} {error}") from None


def resolve(given: Given, environment: Environment) -> Settings:
    """The settings in force. Raises `InvalidSetting`."""
    sources = _Sources(given, environment)
    origins: dict[str, Origin] = {}
    ids_file, origins["ids_file"] = sources.find("ids_file")
    endpoint, pace = _endpoint(sources, origins), _pace(sources, origins)
    return Settings(endpoint, pace, sources.number("timeout", origins), ids_file, origins)


def typed_path(text: str) -> Path:
    """A path as a user typed it: `~` is the home folder, where there is one."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def resolve_pace(given: Given, environment: Environment) -> Pace:
    """The pace alone, for whoever needs no endpoint. Raises `InvalidSetting`."""
    return _pace(_Sources(given, environment), {})


def _pace(sources: _Sources, origins: dict[str, Origin]) -> Pace:
    from chatmon.monitor.schedule import Pace

    return Pace(
        interval=sources.number("interval", origins),
        max_rate=sources.number("max_rate", origins),
        max_concurrency=int(sources.number("max_concurrency", origins)),
    )


@contextmanager
def _named(origin: Origin) -> Iterator[None]:
    """Say where the value came from that cannot be used."""
    from chatmon.api.errors import InvalidEndpoint

    try:
        yield
    except InvalidEndpoint as error:
        raise InvalidSetting(f"{origin}: {error}") from None


def _endpoint(sources: _Sources, origins: dict[str, Origin]) -> Endpoint:
    from chatmon.api.endpoint import Endpoint, parse_root

    url, origins["url"] = sources.find("url")
    if url is None:
        raise InvalidSetting("no API root: give --url https://gws.example.com or set CHATMON_URL (chatmon demo needs neither)")
    with _named(origins["url"]):
        root = parse_root(url)
    headers = _headers(sources, origins)
    return Endpoint(root, headers, _tls(sources, origins, over_tls=root.startswith("https:")), _proxy(sources, origins, root))


def _proxy(sources: _Sources, origins: dict[str, Origin], root: str) -> str | None:
    from chatmon.api.endpoint import environment_proxy, parse_proxy

    flag, origin = sources.find("proxy")
    if flag is None:
        names = (f"{root.partition(':')[0]}_proxy", "all_proxy")
        named = next((name for low in names for name in (low, low.upper()) if sources.environment.get(name)), None)
        origin = DEFAULT if named is None else Origin(Layer.ENVIRONMENT, named)
    with _named(origin):
        proxy = environment_proxy(root) if flag is None else parse_proxy(flag)
    origins["proxy"] = DEFAULT if proxy is None else origin
    return proxy


def _tls(sources: _Sources, origins: dict[str, Origin], *, over_tls: bool) -> Tls:
    from chatmon.api.endpoint import Tls, tls_context
    from chatmon.api.errors import InvalidEndpoint

    bundle, origins["ca_bundle"] = sources.find("ca_bundle")
    if origins["ca_bundle"].layer is Layer.ENVIRONMENT and not over_tls:
        bundle, origins["ca_bundle"] = None, DEFAULT  # the usual variable of other programs; nothing here needs it
    certificate, origins["client_cert"] = sources.find("client_cert")
    insecure = bool(sources.given.get("insecure"))
    origins["insecure"] = Origin(Layer.FLAG, "--insecure") if insecure else DEFAULT
    ca_bundle, client_cert = (None if text is None else typed_path(text) for text in (bundle, certificate))
    tls = Tls(ca_bundle, client_cert, insecure)
    try:
        if ca_bundle or client_cert:
            tls_context(tls)
    except InvalidEndpoint as error:
        raise InvalidSetting(str(error).replace("--ca-bundle:", f"{origins['ca_bundle']}:", 1)) from None
    return tls


def _headers(sources: _Sources, origins: dict[str, Origin]) -> dict[str, str]:
    """The headers to send. Names are the same in upper and lower case; a flag counts more than the environment."""
    from chatmon.api.endpoint import check_header

    headers: dict[str, str] = {}
    known: dict[str, Origin] = {}

    def add(name: str, value: str, origin: Origin) -> None:
        before = known.get(name.lower())
        if before is not None and before.layer is origin.layer:
            raise InvalidSetting(f"{origin}: the header {_shown(name)} is given twice; give it once")
        if before is None:
            with _named(origin):
                check_header(name, value)
            headers[name], known[name.lower()], origins[f"header {name}"] = value, origin, origin

    for text in sources.given.get("header") or ():
        add(*_header(text, sources.environment), Origin(Layer.FLAG, "--header"))
    for name, option, variable in _HEADERS_OF_THEIR_OWN:
        flag = sources.given.get(option) if option else None
        if isinstance(flag, str):
            if not flag.strip():
                raise InvalidSetting(f"{_BY_NAME[str(option)].flag} is empty; leave it out or give a value")
            add(name, flag.strip(), Origin(Layer.FLAG, _BY_NAME[str(option)].flag))
        elif value := sources.environment.get(variable, "").strip():
            add(name, value, Origin(Layer.ENVIRONMENT, variable))
    return headers


def _header(text: str, environment: Environment) -> tuple[str, str]:
    """Name and value in what a user typed, the value read from where it is kept."""
    name, colon, value = (part.strip() for part in text.partition(":"))
    if not colon or not name:
        raise InvalidSetting("--header has no colon or no name; it looks like -H 'Name: value' or -H 'Name: env:VARIABLE'")
    kind, _, place = value.partition(":")
    if kind == "env":
        if not environment.get(place):
            raise InvalidSetting(f"--header: the environment variable that the header {_shown(name)} names is not set or empty; export it")
        return name, environment[place].strip()
    if kind == "file":
        try:
            return name, typed_path(place).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, ValueError):
            raise InvalidSetting(f"--header: the file for the header {_shown(name)} cannot be read as text; check its path") from None
    return name, value


def _shown(header: str) -> str:
    """A header's name where it is one; something else typed in its place may be a secret."""
    return header if len(header) <= 40 and header.isascii() and header.replace("-", "").isalnum() else "in question"
