"""States and health in the words, glyphs and styles of the screen: the same everywhere they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import NamedTuple

from rich.cells import cell_len

from chatmon.api.resource import CHATTING, IDLE, WAITING, Participant
from chatmon.api.sanitise import clean
from chatmon.monitor.breaker import Circuit
from chatmon.monitor.chat import Chat
from chatmon.monitor.clock import Moment
from chatmon.monitor.observation import Health
from chatmon.monitor.snapshot import Snapshot
from chatmon.ui import glyphs
from chatmon.ui.lines import Span, fit
from chatmon.ui.times import clock, time_of_day


class Sign(NamedTuple):
    """How a chat's situation is marked: one glyph, and the style for glyph and word."""

    glyph: str
    style: str


UNNAMED = "(no name)"


def plural(number: int, word: str) -> str:
    """A number of things: `1 alarm`, `2 alarms`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def chat_sign(chat: Chat) -> Sign:
    """The sign of a chat: of its health where that is not ok, else of its state."""
    match chat.health:
        case Health.PENDING:
            return Sign(glyphs.PENDING, "dim")
        case Health.FAILING | Health.DENIED | Health.NOT_FOUND:
            return Sign(glyphs.FAILING, "failing")
        case Health.GONE:
            return Sign(glyphs.GONE, "dim")
    return state_sign(chat.state)


def state_sign(state: str | None) -> Sign:
    """The sign of a state."""
    match state:
        case "WaitingForAgent":
            return Sign(glyphs.WAITING, "waiting")
        case "Chatting":
            return Sign(glyphs.CHATTING, "chatting")
        case "Idle":
            return Sign(glyphs.IDLE, "idle")
    return Sign(glyphs.OTHER, "")


def is_unattended(chat: Chat) -> bool:
    """Whether a chat is said to be going on with no agent listed in it."""
    return chat.state == CHATTING and not chat.agents


def time_shown(chat: Chat, now: Moment) -> float | None:
    """Seconds for which it has been so: in its state; for a chat that is gone since then."""
    if chat.health is Health.GONE and chat.gone_since is not None:
        return now.since(chat.gone_since)
    return chat.time_in_state(now)


def clock_shown(chat: Chat, now: Moment) -> str:
    """The clock of a chat: in its state, or since it is gone."""
    return clock(time_shown(chat, now), exact=chat.state_since_exact or chat.health is Health.GONE)


_SHORT_STATES = {WAITING: "Waiting", CHATTING: "Chatting", IDLE: "Idle"}
_HEALTH_WORDS = {
    Health.PENDING: "not asked yet",
    Health.FAILING: "no answer yet",
    Health.DENIED: "denied",
    Health.GONE: "gone",
    Health.NOT_FOUND: "not found",
}


def state_word(chat: Chat, *, short: bool = False) -> str:
    """The state, with a question mark where it may no longer be so; the health where no state was ever seen, or the chat is gone."""
    if chat.health is Health.GONE or chat.resource is None:
        return _HEALTH_WORDS[chat.health]
    state = clean(chat.state or "") or "(no state)"
    word = _SHORT_STATES.get(state, state) if short else state
    return word if chat.health is Health.OK else f"{word}?"


def nickname(participant: Participant) -> str:
    """A participant's nickname, fit for the screen."""
    return clean(participant.nickname) or UNNAMED


def agents_text(chat: Chat) -> Span:
    """Who serves the chat, or that nobody is listed though it is said to be going on."""
    names = [clean(name) or UNNAMED for name in chat.agents]
    if names:
        return Span(names[-1] if len(names) == 1 else f"{names[-1]} +{len(names) - 1}")
    if is_unattended(chat):
        return Span("no agent listed", "warn italic")
    return Span(glyphs.NOTHING, "dim")


LATE_SECONDS = 0.3
LATE_SHARE = 0.25
"""Polls that are late by more than so many seconds and this share of the interval are said to be."""
MUCH_FAILING = 0.2
"""From this share of chats on that do not answer the status says so."""


def trouble_text(about: str, text: str) -> str:
    """Something that is wrong beside the polls, beginning with what it is about."""
    said = clean(text)
    if said.startswith(f"the {about} "):
        said = said.removeprefix("the ")
    return f"{glyphs.FAILING} {said if said.startswith(about) else f'{about}: {said}'}"


def troubles_mark(troubles: Mapping[str, str], room: int, *, history: str = "") -> str:
    """What is wrong beside the polls, in at most `room` terminal cells: the first of it, and how much more there is.

    `history` is the name of that file in messages: where there is no room for it, what is wrong with the file comes first.
    """
    if not troubles:
        return ""
    about, text = next(iter(troubles.items()))
    first = trouble_text(about, text)
    more = f" +{len(troubles) - 1}" if len(troubles) > 1 else ""
    if history and cell_len(first) > room - len(more):
        what, named, why = clean(text).partition(history)
        first = trouble_text(about, f"history{why}; {what.rstrip(': ')}") if named else first
    return fit(first, room - len(more)).rstrip() + more


def status(snapshot: Snapshot, *, paused: bool, starting: str, timezone: tzinfo | None) -> Span:
    """What the monitor is doing, in a few words. `starting` is said while no chat was answered."""
    seconds = f"{int(snapshot.next_poll_in + 0.999)} s"
    if paused:
        return Span(f"{glyphs.SEPARATOR} paused at {time_of_day(snapshot.now.utc, timezone)}", "warn strong")
    match snapshot.circuit:
        case Circuit.OUTAGE:
            return Span(f"{glyphs.FAILING} no answer from the server, asking again in {seconds}", "failing strong")
        case Circuit.DENIED:
            return Span(f"{glyphs.FAILING} access denied, asking again in {seconds}", "failing strong")
        case Circuit.LIMITED:
            return Span(f"{glyphs.FAILING} the server asks to wait {seconds}", "warn strong")
    if not snapshot.figures.watched:
        return Span("nothing to ask for", "dim")
    if snapshot.figures.watched == snapshot.figures.pending:
        return Span(starting, "dim")
    figures = snapshot.figures
    if figures.not_found == figures.watched - figures.pending:
        return Span(f"{glyphs.FAILING} the server knows none of the chats: is the URL right?", "failing strong")
    failing = figures.failing + figures.denied
    if failing > MUCH_FAILING * (figures.watched - figures.pending - figures.gone - figures.not_found):
        return Span(f"{glyphs.CHATTING} live, {failing} failing", "failing strong")
    if snapshot.interval > 1.05 * snapshot.wanted_interval:
        return Span(f"{glyphs.CHATTING} live, every {snapshot.interval:.1f} s: the rate is limited", "warn")
    if snapshot.lateness > max(LATE_SECONDS, LATE_SHARE * snapshot.interval):
        return Span(f"{glyphs.CHATTING} live, polls come {snapshot.lateness:.1f} s late", "warn")
    return Span(f"{glyphs.CHATTING} live", "live")
