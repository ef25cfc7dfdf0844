"""Events and chats as they stand in rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Final, TypeVar

import msgspec

from chatmon.monitor.chat import Chat, Presence
from chatmon.monitor.clock import Moment
from chatmon.monitor.events import Event
from chatmon.monitor.trends import TrendSample

EVENT_COLUMNS: Final = ("at", "not_before", "kind")
"""The fields of an event that are columns of their own; its chat is one, too, as a number."""
_DETAIL: Final = tuple(name for name in Event.__struct_fields__ if name not in {*EVENT_COLUMNS, "chat"})
_MOMENTS: Final = ("state_since", "first_seen", "observed", "gone_since", "unattended_since", "watched_since")

LATEST: Final = 253_402_214_400.0
"""The last day of the year 9999, in UTC seconds: what lies behind it is a time to no time zone."""

Row = TypeVar("Row", bound=msgspec.Struct)

_chat_decoder = msgspec.json.Decoder(Chat)


class Unreadable(ValueError):
    """A row does not hold what it should."""


class Stretch(msgspec.Struct, frozen=True):
    """A stretch in which a chat was watched without a gap: its ends in UTC seconds, and its length by the monotonic clock."""

    since: float
    until: float
    lasted: float


def detail_of(event: Event) -> bytes:
    """What an event holds beside its columns, as JSON."""
    return msgspec.json.encode({name: value for name in _DETAIL if (value := getattr(event, name)) is not None})


def event_of(at: float, not_before: float | None, kind: str, chat: str | None, detail: bytes) -> Event:
    """The event of a row, whatever SQLite has in its columns. Raises `Unreadable`."""
    try:
        fields = msgspec.json.decode(detail, type=dict[str, object])
        event = msgspec.convert({**fields, "at": at, "not_before": not_before, "kind": kind, "chat": chat}, Event)
    except (msgspec.MsgspecError, UnicodeDecodeError, TypeError):
        raise Unreadable("an event of another make") from None
    if not _can_be_told(event.at, event.not_before, event.until):
        raise Unreadable("an event of no time that can be told")
    return event


def sample_of(row: Sequence[object]) -> TrendSample:
    """The trends of a row, in the order of a sample's fields. Raises `Unreadable`."""
    try:
        sample = msgspec.convert(dict(zip(TrendSample.__struct_fields__, row, strict=True)), TrendSample)
    except msgspec.MsgspecError:
        raise Unreadable("trends of another make") from None
    values = (sample.waiting, sample.chatting, sample.idle, sample.failing, sample.longest_wait)
    if not _can_be_told(sample.at) or not all(isfinite(value) for value in values if value is not None):
        raise Unreadable("trends of no time that can be told")
    return sample


def struct_of(make: type[Row], row: Sequence[object]) -> Row:
    """The value of a row, in the order of its fields; every number with a fraction is a time. Raises `Unreadable`."""
    try:
        value = msgspec.convert(dict(zip(make.__struct_fields__, row, strict=True)), make)
    except msgspec.MsgspecError:
        raise Unreadable("a row of another make") from None
    if not _can_be_told(*(field for field in msgspec.structs.astuple(value) if isinstance(field, float))):
        raise Unreadable("a row of no time that can be told")
    return value


def known_of(chat: Chat) -> bytes:
    """A chat as JSON, with the times of this process's clocks."""
    return msgspec.json.encode(chat)


def stretch_of(chat: Chat) -> Stretch:
    """The stretch without gaps in which a chat was seen last."""
    assert chat.watched_since is not None
    assert chat.observed is not None
    return Stretch(chat.watched_since.utc, chat.observed.utc, chat.observed.since(chat.watched_since))


def resumed_chat(known: bytes, stretch: Stretch, now: Moment) -> Chat:
    """A chat as it was when it was seen last, at the end of `stretch`, by this process's clocks. Raises `Unreadable`.

    Between its times the monotonic clock that wrote them counts; the wall clock tells only how long ago that was. Where it was set
    back since, nothing lies in the future.
    """
    try:
        chat = _chat_decoder.decode(known)
        stretch = msgspec.convert(msgspec.structs.asdict(stretch), Stretch)
    except (msgspec.MsgspecError, UnicodeDecodeError, TypeError):
        raise Unreadable("a chat of another make") from None
    if chat.watched_since is None:
        raise Unreadable("a chat that was never seen")
    if not _can_be_told(stretch.since, stretch.until, stretch.lasted, *_times_of(chat)):
        raise Unreadable("a chat of no time that can be told")
    seen = chat.watched_since.monotonic + stretch.lasted
    ahead = now.monotonic - max(0.0, now.utc - stretch.until) - seen
    moments = {name: _moved(getattr(chat, name), ahead, now) for name in _MOMENTS}
    moments["observed"] = _moved(Moment(seen, stretch.until), ahead, now)
    presences = tuple(_moved_presence(presence, ahead, now) for presence in chat.presences)
    return msgspec.structs.replace(chat, polled=None, presences=presences, **moments)


def _times_of(chat: Chat) -> Iterator[float | None]:
    for name in _MOMENTS:
        moment: Moment | None = getattr(chat, name)
        if moment is not None:
            yield from (moment.utc, abs(moment.monotonic))
    for presence in chat.presences:
        yield from (presence.since, presence.left, None if presence.since_monotonic is None else abs(presence.since_monotonic))


def _can_be_told(*times: float | None) -> bool:
    """Whether all of these are times, or lengths of time, that a calendar knows."""
    return all(0.0 <= time < LATEST for time in times if time is not None)


def _moved_presence(presence: Presence, ahead: float, now: Moment) -> Presence:
    if presence.since_monotonic is None:
        return presence
    return msgspec.structs.replace(presence, since_monotonic=min(presence.since_monotonic + ahead, now.monotonic))


def _moved(moment: Moment | None, ahead: float, now: Moment) -> Moment | None:
    if moment is None:
        return None
    return Moment(min(moment.monotonic + ahead, now.monotonic), min(moment.utc, now.utc))
