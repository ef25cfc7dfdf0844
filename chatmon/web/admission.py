"""Who is let in: whoever has the token, asks for this machine by a name that is its own, and, for keys and screen, from its own page."""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec
from yarl import URL

LOCALHOST = "localhost"
WRONG_NAME = "chatmon is not served under this name. If it is its name, give it with chatmon serve --public-url.\n"
NO_TOKEN = "Open the whole address that chatmon serve printed: the token at its end is missing, or that of another run.\n"
STRANGER = "Keys and screen are for chatmon's own page alone.\n"
_NAME = re.compile(r"[a-z0-9._-]+")


class Asked(msgspec.Struct, frozen=True):
    """What a request says of itself: its Host and Origin headers, and the tokens that it brings."""

    host: str
    tokens: tuple[str, ...] = ()
    origin: str | None = None


class Admission(msgspec.Struct, frozen=True):
    """Whom to let in.

    A page of another server could be led here by a name of its own that suddenly means this machine, or could open a connection in the
    browser of someone who is let in: so names are checked, and, where keys are taken, the page that they come from. A numeric address
    is no name: nobody else can make it mean this machine. `names` are this machine's, in lower case; `public_url` is where another
    server shows this one, if any, as browsers write it.
    """

    token: str
    names: Collection[str] = ()
    public_url: str = ""

    def refusal(self, asked: Asked) -> str | None:
        """Why a request is not answered; None where it is."""
        if not self._is_ours(_name_of(asked.host)):
            return WRONG_NAME
        if not any(hmac.compare_digest(token.encode("utf-8", "replace"), self.token.encode()) for token in asked.tokens):
            return NO_TOKEN
        return None

    def refusal_of_keys(self, asked: Asked) -> str | None:
        """The same for whoever wants to type and to see."""
        refusal = self.refusal(asked)
        if refusal is None and not self._is_own_page(asked):
            return STRANGER
        return refusal

    def _is_ours(self, name: str | None) -> bool:
        if name is None:
            return False
        return name in {LOCALHOST, *self.names, _name_of(self._public_place)} or _is_address(name)

    def _is_own_page(self, asked: Asked) -> bool:
        place = _place_of(asked.origin or "")
        return bool(place) and place in {asked.host.lower(), self._public_place}

    @property
    def _public_place(self) -> str:
        return _place_of(self.public_url)


def is_loopback(host: str) -> bool:
    """Whether an address or a name, as it was given to listen on, can be reached from this machine alone."""
    if _is_address(host):
        return ip_address(host).is_loopback
    return host.lower() == LOCALHOST


def as_browsers_write(url: str) -> str:
    """The URL of a page as a browser says it (source: WHATWG, URL): in lower case, other alphabets encoded, without the port that goes
    without saying; and without a slash at its end. Raises ValueError where it is none, or has a user, a query or a fragment.
    """
    parts = URL(url)
    host = parts.raw_host or ""
    if parts.scheme not in {"http", "https"} or not (_NAME.fullmatch(host) or _is_address(host)):
        raise ValueError("no URL of a page")
    if parts.raw_user is not None or parts.raw_password is not None or parts.raw_query_string or parts.raw_fragment:
        raise ValueError("more than the URL of a page")
    return str(parts.origin()) + parts.raw_path.rstrip("/")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _name_of(place: str) -> str | None:
    """The name or address of `name:port`; None where there is none."""
    try:
        return urlsplit(f"//{place}").hostname
    except ValueError:
        return None


def _place_of(url: str) -> str:
    """`name:port` of a URL, in lower case, as browsers write it; empty where it is none."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
