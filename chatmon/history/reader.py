"""Reads a history: for screens, for what is known again after a restart, for exports. Never writes."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from chatmon.history.connections import Connection
from chatmon.history.errors import HistoryRefused, broken, named, sqlite_errors_of
from chatmon.history.opening import open_to_read
from chatmon.history.rows import LATEST, Row, Stretch, Unreadable, event_of, sample_of, struct_of
from chatmon.monitor.events import Event
from chatmon.monitor.pseudonyms import KEY_BYTES
from chatmon.monitor.trends import TrendSample

PAGE: Final = 1_000
"""Events that are read at once where all are read."""

_EVENTS: Final = """
    SELECT events.position, events.at, events.not_before, events.kind, chats.id, events.detail, chats.label, chats.customer
    FROM events LEFT JOIN chats ON chats.number = events.chat
"""
_OF_SOURCE: Final = "+events.session IN (SELECT number FROM sessions WHERE source = ?)"
"""The plus keeps SQLite from going through all events by session: a few at their positions are wanted."""


class RecordedEvent(msgspec.Struct, frozen=True, gc=False):
    """An event and its place in the history. `label` and `customer`, not cleaned, are those the chat had last; empty where unknown."""

    position: int
    event: Event
    label: str = ""
    customer: str = ""


class KnownRow(msgspec.Struct, frozen=True):
    """A chat as it was recorded last, and the stretch in which it was seen last."""

    known: bytes
    stretch: Stretch


class ChatStretch(msgspec.Struct, frozen=True):
    """A stretch in which a chat was watched without a gap, and when the chat was seen last of all, in UTC seconds.

    `number` tells the chat from every other of the file; `label` is the last one, not cleaned.
    """

    number: int
    chat: str
    label: str
    since: float
    until: float
    seen_last: float


class HistoryReader:
    """Reads one file, from any thread, one at a time; every call may wait for the disk. Every method raises `HistoryError`.

    `source` says whose events are meant, as they were recorded; None means all. The file is opened when it is first read.

    `first_position_of_session` lies behind everything that was recorded before this program began; None until that is known, and where
    there is no history. What is older than the events of this session is `read_before(reader.first_position_of_session, limit)`.
    """

    def __init__(self, path: Path, source: str | None = None) -> None:
        self.path = path
        self.first_position_of_session: int | None = None
        self._source = source
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    def read_before(self, position: int | None, limit: int, chat: str | None = None) -> tuple[RecordedEvent, ...]:
        """The `limit` events that come next before a position, or the last ones; of one chat where it is given. Oldest first.

        Empty where there are none before; fewer than `limit` say nothing.
        """
        events: list[RecordedEvent] = []
        while not events:
            conditions, values = self._conditions(() if chat is None else (chat,))
            if position is not None:
                conditions.append("events.position < ?")
                values.append(position)
            rows = self._rows(f"{_EVENTS} {_where(conditions)} ORDER BY events.position DESC LIMIT ?", *values, limit)
            if not rows:
                break
            self._check_order(position is None or rows[-1][0] < position)
            position = rows[-1][0]
            events = [event for row in rows if (event := _recorded(*row)) is not None]
        return tuple(reversed(events))

    def read_on(self, position: int = 0, *, before: int | None = None, chats: Collection[str] = ()) -> Iterator[RecordedEvent]:
        """Every event from a position on, oldest first, up to those `before` another; of these chats alone where some are given.

        The file is not held open to changes meanwhile.
        """
        conditions, values = self._conditions(chats)
        if before is not None:
            conditions.append("events.position < ?")
            values.append(before)
        query = f"{_EVENTS} {_where(['events.position >= ?', *conditions])} ORDER BY events.position LIMIT {PAGE}"
        while rows := self._rows(query, position, *values):
            for row in rows:
                event = _recorded(*row)
                if event is not None:
                    yield event
            self._check_order(rows[-1][0] >= position)
            position = rows[-1][0] + 1

    def first_position_since(self, utc: float) -> int:
        """The position of the first event at or after a time (UTC seconds), or the one behind every event."""
        ((first,),) = self._rows("SELECT min(position) FROM events WHERE at >= ?", utc)
        return self.next_position() if first is None else int(first)

    def newest_chats(self, limit: int | None = None, beginning: str = "") -> tuple[tuple[str, str], ...]:
        """Ids and labels, not cleaned, of the chats whose ids begin so, those that were first recorded last first, at most `limit`."""
        conditions, values = ["substr(id, 1, ?) = ?"], [len(beginning), beginning]
        if self._source is not None:
            conditions.append("source = ?")
            values.append(self._source)
        every = -1 if limit is None else limit
        return tuple(self._rows(f"SELECT id, label FROM chats {_where(conditions)} ORDER BY number DESC LIMIT ?", *values, every))

    def has_chat(self, chat: str) -> bool:
        """Whether anything is recorded of a chat."""
        condition, values = self._of_chats((chat,))
        return bool(self._rows(f"SELECT 1 FROM chats WHERE {condition} LIMIT 1", *values))

    def last_seen(self, chat: str) -> float | None:
        """When a chat was seen last (UTC seconds), as recorded by now; None where it never was."""
        condition, values = self._of_chats((chat,))
        ((until,),) = self._rows(f"SELECT max(until) FROM coverage WHERE number IN (SELECT stretch FROM chats WHERE {condition})", *values)
        return float(until) if isinstance(until, float) else None

    def position_before(self, utc: float) -> int:
        """The position right behind the last event before a time (UTC seconds)."""
        ((last,),) = self._rows("SELECT max(position) FROM events WHERE at < ?", utc)
        return int(last or 0) + 1

    def sessions(self) -> tuple[Stretch, ...]:
        """When monitors ran, each from its beginning to when it was last known to run, the first one first."""
        same_source = "" if self._source is None else "WHERE source = ?"
        values = () if self._source is None else (self._source,)
        rows = self._rows(f"SELECT started, alive, alive - started FROM sessions {same_source} ORDER BY started", *values)
        return tuple(stretch for row in rows if (stretch := _readable(Stretch, row)) is not None)

    def stretches(self, since: float, before: float) -> Iterator[ChatStretch]:
        """The stretches that began before a time, of every chat that was seen then and since another (UTC seconds), chat by chat."""
        same_source = "" if self._source is None else "AND chats.source = ?"
        query = f"""
            SELECT chats.number, chats.id, chats.label, coverage.since, coverage.until, last.until
            FROM coverage JOIN chats ON chats.number = coverage.chat JOIN coverage AS last ON last.number = chats.stretch
            WHERE (coverage.chat, coverage.since) > (?, ?) AND coverage.since < ? AND last.until >= ?
                AND typeof(coverage.since) = 'real' {same_source}
            ORDER BY coverage.chat, coverage.since LIMIT {PAGE}"""
        values = (before, since, *(() if self._source is None else (self._source,)))
        place: tuple[int, float] = (-1, 0.0)
        while rows := self._rows(query, *place, *values):
            yield from (stretch for row in rows if (stretch := _readable(ChatStretch, row)) is not None)
            self._check_order((rows[-1][0], rows[-1][3]) > place)
            place = rows[-1][0], rows[-1][3]

    def known_chats(self, seen_since: float, watched: Collection[str] = ()) -> Iterator[KnownRow]:
        """The chats that were seen since a time (UTC seconds), and those of these ids, the one seen last first."""
        same_source = "" if self._source is None else "AND chats.source = ?"
        rows = self._rows(
            f"""SELECT known.body, coverage.since, coverage.until, coverage.lasted
                FROM chats JOIN coverage ON coverage.number = chats.stretch JOIN known ON known.chat = chats.number
                WHERE (coverage.until >= ? OR chats.id IN (SELECT value FROM json_each(?))) {same_source}
                ORDER BY coverage.until DESC""",
            *(seen_since, msgspec.json.encode(list(watched)).decode()),
            *(() if self._source is None else (self._source,)),
        )
        return (KnownRow(known, Stretch(since, until, lasted)) for known, since, until, lasted in rows)

    def trends_since(self, utc: float, *, before: float | None = None) -> tuple[TrendSample, ...]:
        """The trends since a time (UTC seconds), of every session, oldest first; those `before` another where it is given."""
        same_source = "" if self._source is None else "AND session IN (SELECT number FROM sessions WHERE source = ?)"
        rows = self._rows(
            f"""SELECT number, at, waiting, chatting, idle, failing, longest_wait FROM trends
                WHERE at >= ? AND at < ? {same_source} ORDER BY at""",
            *(utc, LATEST if before is None else before, *(() if self._source is None else (self._source,))),
        )
        return tuple(sample for row in rows if (sample := _sample(row)) is not None)

    def positions_between(self, since: float, until: float) -> range:
        """The positions from the first to the last event of a stretch of time (UTC seconds, `until` not in it), whoever's they are.

        Others may lie between them: the wall clock may have been set.
        """
        ((first, last),) = self._rows("SELECT min(position), max(position) FROM events WHERE at >= ? AND at < ?", since, until)
        return range(0) if first is None else range(int(first), int(last) + 1)

    def sessions_between(self, since: float, until: float) -> tuple[tuple[float, float], ...]:
        """The sessions within a stretch of time (UTC seconds) in their order, each from its beginning to when it ran last."""
        same_source = "" if self._source is None else "AND source = ?"
        rows = self._rows(
            f"SELECT started, alive FROM sessions WHERE alive >= ? AND started < ? {same_source} ORDER BY started",
            *(since, until, *(() if self._source is None else (self._source,))),
        )
        return tuple((float(started), float(alive)) for started, alive in rows if _is_stretch(started, alive))

    def coverage_between(self, since: float, until: float) -> tuple[tuple[str, float, float], ...]:
        """The stretches without gaps in which chats were seen within a stretch of time: id, beginning and end, by their beginning."""
        same_source = "" if self._source is None else "AND chats.source = ?"
        rows = self._rows(
            f"""SELECT chats.id, coverage.since, coverage.until FROM coverage JOIN chats ON chats.number = coverage.chat
                WHERE coverage.until >= ? AND coverage.since < ? {same_source} ORDER BY coverage.since, coverage.number""",
            *(since, until, *(() if self._source is None else (self._source,))),
        )
        return tuple((chat, float(begin), float(end)) for chat, begin, end in rows if isinstance(chat, str) and _is_stretch(begin, end))

    def next_position(self) -> int:
        """The position behind every event that is recorded now."""
        ((last,),) = self._rows("SELECT max(position) FROM events")
        return int(last or 0) + 1

    def pseudonym_key(self) -> bytes:
        """What the pseudonyms of this file's chats and people are made with: the same for as long as there is the file."""
        rows = self._rows("SELECT value FROM meta WHERE name = 'pseudonym_key'")
        if not rows or not isinstance(rows[0][0], bytes) or len(rows[0][0]) < KEY_BYTES:
            raise HistoryRefused(f"{named(self.path)} is broken: the key of its pseudonyms is gone; give another file with --history FILE")
        return rows[0][0]

    def close(self) -> None:
        """Close the file; it is opened again when it is read again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _check_order(self, is_kept: bool) -> None:
        """Raises `HistoryRefused` where SQLite loses its way in a broken file: the same page would come for ever."""
        if not is_kept:
            raise broken(self.path)

    def _conditions(self, chats: Collection[str]) -> tuple[list[str], list[object]]:
        """What events must be, and the values that belong to it: of these chats, where some are given, and of the source."""
        if chats:
            condition, values = self._of_chats(chats)
            return [f"events.chat IN (SELECT number FROM chats WHERE {condition})"], values
        return ([], []) if self._source is None else ([_OF_SOURCE], [self._source])

    def _of_chats(self, chats: Collection[str]) -> tuple[str, list[object]]:
        """What rows of these chats are. The source is always named: chats are found by source and id."""
        ids = f"id IN ({', '.join('?' * len(chats))})"
        if self._source is None:
            return f"source IN (SELECT source FROM sessions) AND {ids}", [*chats]
        return f"source = ? AND {ids}", [self._source, *chats]

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock, sqlite_errors_of(self.path):
            while True:
                if self._connection is None:
                    self._connection = open_to_read(self.path)
                with self._connection.in_use:
                    if not self._connection.is_closed:
                        return self._connection.execute(query, values).fetchall()
                self._connection = None  # a recorder of this process found that the file is another, or was harmed


def _where(conditions: Sequence[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _is_stretch(begin: object, end: object) -> bool:
    """Whether two values of a row, whatever SQLite has there, are the beginning and the end of something."""
    return isinstance(begin, float) and isinstance(end, float) and begin <= end


def _readable(make: type[Row], row: Sequence[object]) -> Row | None:
    """The value of a row; None for what this version does not know."""
    try:
        return struct_of(make, row)
    except Unreadable:
        return None


def _sample(row: Sequence[object]) -> TrendSample | None:
    """The trends of a row; None for what this version does not know."""
    try:
        return sample_of(row)
    except Unreadable:
        return None


def _recorded(
    position: int,
    at: float,
    not_before: float | None,
    kind: str,
    chat: str | None,
    detail: bytes,
    label: str | None,
    customer: str | None,
) -> RecordedEvent | None:
    """The event of a row; None for one that this version does not know."""
    try:
        return RecordedEvent(position, event_of(at, not_before, kind, chat, detail), label or "", customer or "")
    except Unreadable:
        return None
