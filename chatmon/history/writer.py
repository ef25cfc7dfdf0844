"""Writes to a history file, one transaction a batch. Everything here waits for the disk: it runs in a thread of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from chatmon.history.connections import Stamp, stamp_of
from chatmon.history.errors import HistoryDamaged, HistoryError, HistoryFailing, HistoryRefused, broken, named, sqlite_errors_of
from chatmon.history.opened import OpenedHistory
from chatmon.history.opening import open_to_write
from chatmon.history.rows import Stretch, detail_of, known_of, stretch_of
from chatmon.monitor.chat import Chat
from chatmon.monitor.events import Event
from chatmon.monitor.trends import TrendSample

DAY: Final = 86_400.0
DEFAULT_DAYS: Final = 30.0
PORTION: Final = 1_000
"""Rows of a table that are deleted at once."""
MAX_NUMBERS: Final = 10_000
"""Chats whose numbers are remembered; beyond that they are looked up anew."""

_FORGET_OLD: Final = (
    "DELETE FROM events WHERE position IN (SELECT position FROM events WHERE at < ? LIMIT ?)",
    "DELETE FROM trends WHERE (session, number) IN (SELECT session, number FROM trends WHERE at < ? LIMIT ?)",
    "DELETE FROM coverage WHERE number IN (SELECT number FROM coverage WHERE until < ? LIMIT ?)",
    """DELETE FROM sessions WHERE number IN (
        SELECT number FROM sessions WHERE alive < ? AND NOT EXISTS (SELECT 1 FROM events WHERE events.session = sessions.number)
        AND NOT EXISTS (SELECT 1 FROM trends WHERE trends.session = sessions.number) LIMIT ?
    )""",
)
_FORGET_CHATS: Final = (
    """DELETE FROM chats WHERE number IN (
        SELECT number FROM chats WHERE NOT EXISTS (SELECT 1 FROM events WHERE events.chat = chats.number)
        AND NOT EXISTS (SELECT 1 FROM coverage WHERE coverage.chat = chats.number) LIMIT ?
    )""",
    "DELETE FROM known WHERE chat IN (SELECT chat FROM known WHERE NOT EXISTS (SELECT 1 FROM chats WHERE number = chat) LIMIT ?)",
)
"""Chats of which nothing else is left."""


class Batch(msgspec.Struct, frozen=True):
    """What is written at once: events with their ordinals, chats of which something changed, chats that were only seen again, and trends.

    `alive` (UTC seconds) is when the batch was made.
    """

    alive: float
    events: tuple[tuple[int, Event], ...] = ()
    chats: tuple[Chat, ...] = ()
    seen: tuple[Chat, ...] = ()
    trends: tuple[TrendSample, ...] = ()


class HistoryWriter:
    """One session's way into a file. `token` tells the session from all others, `source` says what it polls.

    The file is opened when there is something to write; `beginnings` counts how often it was begun anew since because it was no longer
    there, or broke. One that broke is left alone until it is another. Every method raises `HistoryError`; nothing of a batch is written
    then, and it may be written again.
    """

    def __init__(self, path: Path, *, source: str, token: str, started: float) -> None:
        self.path = path
        self.beginnings = 0
        self._source = source
        self._token = token
        self._started = started
        self._opened: OpenedHistory | None = None
        self._refusal: tuple[Stamp | None, HistoryRefused | None] = None, None
        """Why a file was left alone, and how that file was."""
        self._damage: HistoryDamaged | None = None
        """What was overwritten, until the file is open again."""
        self._session = 0
        self._newest_before = started
        self._numbers: dict[str, int] = {}
        self._stretches: dict[str, tuple[float, int]] = {}

    def open(self) -> None:
        """Open the file, unless it is open; says so early where it cannot be used."""
        if self._opened is None:
            stamp, refusal = self._refusal
            if refusal is not None and stamp == stamp_of(self.path):
                raise refusal
            self._opened = self._opened_again()
            try:
                with self._transaction() as connection:
                    self._session = self._session_in(connection)
                    self._newest_before = self._newest_before_in(connection)
            except BaseException:
                self.close()
                raise

    def _opened_again(self) -> OpenedHistory:
        try:
            opened = open_to_write(self.path)
        except HistoryError as error:
            if self._damage is None:
                raise
            raise HistoryFailing(f"{self._damage}; it is opened again once no other program has it open ({error})") from None
        self._damage = None
        return opened

    def write(self, batch: Batch) -> None:
        """Write a batch wholly. Events that are there already are not written twice."""
        self._open_where_it_lies()
        with self._transaction() as connection:
            self._write_stretches(connection, (*batch.chats, *batch.seen))
            for chat in batch.chats:
                self._write_chat(connection, chat)
            self._write_events(connection, batch.events)
            connection.executemany(
                "REPLACE INTO trends VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [(self._session, *msgspec.structs.astuple(sample)) for sample in batch.trends],
            )
            connection.execute("UPDATE sessions SET alive = ? WHERE number = ?", (batch.alive, self._session))

    def forget(self, days: float, now: float, lasted: float) -> bool:
        """Delete a portion of what is older than so many days; whether there may be more.

        It is old by the wall clock, `now` (UTC seconds), and by the newest time recorded before this session began, which `lasted` so
        many seconds by the monotonic clock: a wall clock that is wrong deletes nothing.
        """
        self._open_where_it_lies()
        before = min(now, self._newest_before + lasted) - days * DAY
        with self._transaction() as connection:
            self._forget_numbers()  # some may be given to other rows
            deleted = [connection.execute(statement, (before, PORTION)).rowcount for statement in _FORGET_OLD]
            if max(deleted) < PORTION:
                deleted += [connection.execute(statement, (PORTION,)).rowcount for statement in _FORGET_CHATS]
            return max(deleted) >= PORTION

    def close(self) -> None:
        """Close the file, and let others record to it."""
        opened, self._opened = self._opened, None
        self._forget_numbers()
        if opened is not None:
            with sqlite_errors_of(self.path):
                opened.close()

    def _open_where_it_lies(self) -> None:
        if self._opened is not None and not self._opened.is_in_place:
            self.beginnings += 1
            self.close()
            raise HistoryFailing(f"{named(self.path)} was moved or deleted, or what lies beside it was; it is begun anew")
        self.open()

    def _abandon(self) -> None:
        """Leave a file as it is."""
        opened, self._opened = self._opened, None
        self.beginnings += 1
        if opened is not None:
            opened.abandon()

    def _session_in(self, connection: sqlite3.Connection) -> int:
        connection.execute(
            "INSERT INTO sessions (token, source, started, alive) VALUES (?, ?, ?, ?) ON CONFLICT (token) DO NOTHING",
            (self._token, self._source, self._started, self._started),
        )
        return self._number_in(connection.execute("SELECT number FROM sessions WHERE token = ?", (self._token,)))

    def _newest_before_in(self, connection: sqlite3.Connection) -> float:
        """The newest time (UTC seconds) of the sessions before this one, or when this one began, where there is none."""
        (newest,) = connection.execute("SELECT max(alive) FROM sessions WHERE token <> ?", (self._token,)).fetchone()
        return newest if isinstance(newest, float) else self._started

    def _number_in(self, found: sqlite3.Cursor) -> int:
        """The number of a row that was just made sure of. Raises `HistoryRefused` where SQLite does not find it again."""
        row = found.fetchone()
        if row is None or not isinstance(row[0], int):
            raise broken(self.path)
        return row[0]

    def _write_chat(self, connection: sqlite3.Connection, chat: Chat) -> None:
        number, stretch = self._chat_number(connection, chat.id), self._stretch_number(connection, chat.id, stretch_of(chat))
        connection.execute(
            "UPDATE chats SET label = ?, customer = CASE WHEN ? = '' THEN customer ELSE ? END, stretch = ? WHERE number = ?",
            (chat.label, chat.customer, chat.customer, stretch, number),
        )
        connection.execute("REPLACE INTO known (chat, body) VALUES (?, ?)", (number, known_of(chat)))

    def _write_events(self, connection: sqlite3.Connection, events: tuple[tuple[int, Event], ...]) -> None:
        connection.executemany(
            """INSERT INTO events (session, ordinal, at, not_before, kind, chat, detail) VALUES (?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT (session, ordinal) DO NOTHING""",
            [
                (
                    *(self._session, ordinal, event.at, event.not_before, str(event.kind)),
                    None if event.chat is None else self._chat_number(connection, event.chat),
                    detail_of(event),
                )
                for ordinal, event in events
            ],
        )

    def _write_stretches(self, connection: sqlite3.Connection, chats: tuple[Chat, ...]) -> None:
        stretches = [(chat.id, stretch_of(chat)) for chat in chats]
        connection.executemany(
            "UPDATE coverage SET until = ?, lasted = ? WHERE number = ?",
            [(stretch.until, stretch.lasted, self._stretch_number(connection, chat_id, stretch)) for chat_id, stretch in stretches],
        )

    def _chat_number(self, connection: sqlite3.Connection, chat_id: str) -> int:
        number = self._numbers.get(chat_id)
        if number is None:
            names = (self._source, chat_id)
            connection.execute("INSERT INTO chats (source, id) VALUES (?, ?) ON CONFLICT (source, id) DO NOTHING", names)
            number = self._number_in(connection.execute("SELECT number FROM chats WHERE source = ? AND id = ?", names))
            self._numbers[chat_id] = number
        return number

    def _stretch_number(self, connection: sqlite3.Connection, chat_id: str, stretch: Stretch) -> int:
        """The row of a stretch, made where there is none."""
        since, number = self._stretches.get(chat_id, (None, 0))
        if since != stretch.since:
            chat = self._chat_number(connection, chat_id)
            connection.execute(
                "INSERT INTO coverage (chat, since, until, lasted) VALUES (?, ?, ?, ?) ON CONFLICT (chat, since) DO NOTHING",
                (chat, stretch.since, stretch.until, stretch.lasted),
            )
            number = self._number_in(connection.execute("SELECT number FROM coverage WHERE chat = ? AND since = ?", (chat, stretch.since)))
            self._stretches[chat_id] = (stretch.since, number)
        return number

    def _forget_numbers(self) -> None:
        self._numbers.clear()
        self._stretches.clear()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        assert self._opened is not None
        opened = self._opened
        if len(self._numbers) > MAX_NUMBERS:
            self._forget_numbers()
        try:
            with sqlite_errors_of(self.path):
                try:
                    opened.begin()
                    yield opened.connection
                    opened.connection.execute("COMMIT")
                except BaseException:
                    self._forget_numbers()  # of rows that are not there now
                    with suppress(sqlite3.Error):
                        opened.connection.execute("ROLLBACK")
                    raise
        except HistoryRefused as refusal:
            self._refusal = stamp_of(self.path), refusal
            self._abandon()
            raise
        except HistoryDamaged as damage:
            self._damage = damage
            self._abandon()
            raise
