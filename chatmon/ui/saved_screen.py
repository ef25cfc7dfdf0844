"""How the screen was left, for the next time: order, filter, pins and theme, in one small file for each deployment."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from chatmon.api.sanitise import clean
from chatmon.bounded_files import read_at_most
from chatmon.monitor.filters import InvalidFilter
from chatmon.private_files import replace
from chatmon.ui.ordering import SORT_ORDERS
from chatmon.ui.session import MAX_PINS, Session

SCHEMA = 1
MAX_BYTES = 1_000_000
TROUBLE = "screen"
"""What the monitor's lasting trouble is about, where the screen cannot be kept."""


class Choice(msgspec.Struct, frozen=True):
    """What was in use, and what was set at that time. Where something else is set since, that counts."""

    chosen: str
    instead_of: str


class ScreenState(msgspec.Struct, frozen=True, kw_only=True):
    """How a screen was left. `chatmon_screen` is the version of the format."""

    chatmon_screen: int
    order: Choice
    reverse: bool
    filter: str
    pins: tuple[str, ...]
    theme: Choice


class UnusableState(Exception):
    """The file holds no state of a screen, or cannot be read; the message is one line that says why."""


def file_name(deployment: str) -> str:
    """The file for a profile or a host: of harmless characters, and another one for each."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", deployment)[:60]
    if plain != deployment:
        plain += "-" + hashlib.sha256(deployment.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"screen-{plain}.json"


def read_state(path: Path) -> ScreenState | None:
    """How the screen was left; None where nothing was kept. Raises `UnusableState`."""
    try:
        content = read_at_most(path, MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnusableState(f"cannot be read: {error.strerror or type(error).__name__}") from None
    try:
        state = msgspec.json.decode(content[:MAX_BYTES], type=ScreenState)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise UnusableState("is no state of a screen") from None
    if state.chatmon_screen != SCHEMA:
        raise UnusableState("is of another version of chatmon")
    return state


def write_state(path: Path, state: ScreenState) -> None:
    """Keep how the screen is left, readable for the user alone. Raises OSError and then leaves the file as it was."""
    replace(path, msgspec.json.format(msgspec.json.encode(state)) + b"\n")


def state_of(session: Session, theme: str, set_theme: str) -> ScreenState:
    """How a session's screen is now; `theme` is the one in use, `set_theme` the one that was set."""
    return ScreenState(
        chatmon_screen=SCHEMA,
        order=Choice(session.listing.order.id, _set_order(session)),
        reverse=session.listing.reverse,
        filter=clean(session.listing.filter_text),
        pins=session.all_pins,
        theme=Choice(theme, set_theme),
    )


def restore(session: Session, state: ScreenState) -> None:
    """Give a session the order, filter and pins it was left with. What no longer is of this program is left out."""
    order = next((order for order in SORT_ORDERS if order.id == state.order.chosen), None)
    if order is not None and state.order.instead_of == _set_order(session):
        session.listing.order, session.listing.reverse = order, state.reverse
    with contextlib.suppress(InvalidFilter):
        session.listing.set_filter(state.filter)
    session.expect_pins(state.pins[:MAX_PINS])


def chosen_theme(state: ScreenState, set_theme: str, known: Iterable[str]) -> str:
    """The theme to use, of those that are `known`."""
    return state.theme.chosen if state.theme.instead_of == set_theme and state.theme.chosen in known else set_theme


def _set_order(session: Session) -> str:
    return session.settings.sort or SORT_ORDERS[0].id


class SavedScreen:
    """The file of one session's screen. One that is not understood is left alone, and then nothing is kept."""

    def __init__(self, path: Path, session: Session) -> None:
        self._path = path
        self._session = session
        self._is_usable = True
        self._kept: ScreenState | None = None

    def read(self) -> ScreenState | None:
        """How the screen was left; None where that is not known."""
        try:
            self._kept = read_state(self._path)
        except UnusableState as error:
            self._is_usable = False
            self._session.monitor.trouble(TROUBLE, f"the screen is not kept: {clean(str(self._path))} {error}; move it away")
        return self._kept

    async def keep(self, state: ScreenState) -> None:
        """Write the state where it is another than before, beside the event loop."""
        if self._is_usable and state != self._kept:
            self._note(await asyncio.to_thread(self._write, state))

    def keep_now(self, state: ScreenState) -> None:
        """The same at the end, when there is no event loop to hold up."""
        if self._is_usable and state != self._kept:
            self._write(state)

    def _write(self, state: ScreenState) -> str | None:
        """Why it could not be written; None where it was."""
        try:
            write_state(self._path, state)
        except OSError as error:
            return f"the screen is not kept: {clean(str(self._path))}: {error.strerror or type(error).__name__}"
        self._kept = state
        return None

    def _note(self, trouble: str | None) -> None:
        self._session.monitor.trouble(TROUBLE, trouble)
