"""The settings that commands share, as they are declared: options, help and the keys of a profile are made from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from chatmon.config.listening import listen_address
from chatmon.config.references import check_reference


class Bounds(msgspec.Struct, frozen=True):
    """The numbers a setting may have, both ends included."""

    low: float
    high: float
    whole: bool = False

    @property
    def wanted(self) -> str:
        """What would do."""
        return f"a {'whole ' if self.whole else ''}number from {self.low:.12g} to {self.high:.12g}"

    def parse(self, text: str) -> float:
        """The number in a text. ValueError says what would do and does not repeat the text: it may be a secret gone astray."""
        try:
            number = float(int(text)) if self.whole else float(text)
        except (ValueError, OverflowError):
            number = float("nan")
        if not self.low <= number <= self.high:  # so is nan
            raise ValueError(f"needs {self.wanted}")
        return number


class Option(msgspec.Struct, frozen=True):
    """One setting as it is declared: its name in Python, how its value is called in help, and where else it can come from.

    `example` is what could stand in a profile, as TOML; needed where there is no default. `check` raises ValueError for a text that
    cannot be used; what it says goes on after the option's name.
    """

    name: str
    metavar: str
    help: str
    environment: str | None = None
    default: str | None = None
    bounds: Bounds | None = None
    check: Callable[[str], object] | None = None
    is_flag: bool = False
    repeatable: bool = False
    short: str | None = None
    is_path: bool = False
    in_profile: bool = True
    example: str = ""

    @property
    def flag(self) -> str:
        """The option as it is typed."""
        return "--" + self.name.replace("_", "-")


OPTIONS: Final = (
    Option("url", "URL", "The API root; with no path, /api/v2 is meant.", "CHATMON_URL", example='"https://gws.example.com/api/v2"'),
    Option(
        "header",
        "'NAME: VALUE'",
        "Sent with every request. env:VARIABLE and file:PATH as the value are read from there and keep secrets out of the process list. "
        "CHATMON_API_KEY gives the apikey header.",
        repeatable=True,
        short="-H",
        example='{ apikey = "env:GWS_API_KEY" }',
    ),
    Option("contact_center_id", "ID", "The ContactCenterId header.", "CHATMON_CONTACT_CENTER_ID", example='"1234"'),
    Option(
        "ids_file",
        "FILE",
        "Chat ids, one a line, then a label; # comments; - is standard input. A file is followed. IDs count more than the variable.",
        "CHATMON_IDS_FILE",
        is_path=True,
        example='"chats.ids"',
    ),
    Option("interval", "S", "Wanted seconds between two polls of a chat.", "CHATMON_INTERVAL", "2.0", Bounds(0.05, 86_400)),
    Option(
        "idle_every",
        "N",
        "An Idle chat is polled once in so many intervals, unless it is selected, pinned or in alarm; 1: as all others.",
        "CHATMON_IDLE_EVERY",
        "4",
        Bounds(1, 100, whole=True),
    ),
    Option("max_rate", "N", "Most requests a second, over all chats; intervals stretch.", "CHATMON_MAX_RATE", "100", Bounds(0.01, 10_000)),
    Option("max_concurrency", "N", "Requests in flight.", default="32", bounds=Bounds(1, 1_000, whole=True)),
    Option("timeout", "S", "Seconds that one whole exchange may take.", default="5.0", bounds=Bounds(0.05, 600)),
    Option("ca_bundle", "FILE", "Certificates to trust, PEM.", "SSL_CERT_FILE", is_path=True, example='"ca.pem"'),
    Option("client_cert", "FILE", "The client's certificate and its key, PEM.", is_path=True, example='"client.pem"'),
    Option(
        "client_key_password",
        "WHERE",
        "Where the password of an encrypted client key is: env:VARIABLE or file:PATH.",
        check=check_reference,
        example='"env:GWS_KEY_PASSWORD"',
    ),
    Option(
        "proxy",
        "URL",
        "The HTTP proxy; without it HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY choose.",
        example='"http://proxy.example.com:3128"',
    ),
    Option("insecure", "", "Do not check the server's certificate.", is_flag=True, default="false"),
    Option(
        "history",
        "FILE",
        "Where events are recorded, and known from again. Without it watch takes a file in the user's state folder.",
        "CHATMON_HISTORY",
        is_path=True,
        in_profile=False,
    ),
    Option("no_history", "", "Record nothing.", is_flag=True, in_profile=False),
    Option(
        "privacy",
        "",
        "Show and print pseudonyms for nicknames, chat ids and labels. They stay the same for as long as the history does.",
        "CHATMON_PRIVACY",
        is_flag=True,
        default="false",
    ),
    Option(
        "metrics",
        "HOST:PORT",
        "Where Prometheus can read figures of chats and polls, at /metrics; a port alone is one of 127.0.0.1, off is nowhere.",
        "CHATMON_METRICS",
        check=listen_address,
        example='"127.0.0.1:9464"',
    ),
    Option("profile", "NAME", "The deployment of the configuration file that is meant.", "CHATMON_PROFILE", in_profile=False),
    Option("config", "FILE", "The configuration file, where not the user's own.", "CHATMON_CONFIG", in_profile=False),
)
BY_NAME: Final = {option.name: option for option in OPTIONS}
