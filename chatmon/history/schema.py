"""What a history file holds: its tables, and how a file of an earlier version becomes one of this one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

APPLICATION_ID: Final = 0x63686D6E
"""The mark in the file's header that it is chatmon's: "chmn"."""

Script = tuple[str, ...]

_FIRST: Final[Script] = (
    # A session is one run of one monitor. `source` says what it polled, `alive` when it was last known to run.
    """CREATE TABLE sessions (
        number INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, source TEXT NOT NULL, started REAL NOT NULL, alive REAL NOT NULL
    )""",
    # `stretch` is the stretch in which a chat was watched last, and with it the time at which it was seen last; NULL where it never was.
    """CREATE TABLE chats (
        number INTEGER PRIMARY KEY, source TEXT NOT NULL, id TEXT NOT NULL, label TEXT NOT NULL DEFAULT '',
        customer TEXT NOT NULL DEFAULT '', stretch INTEGER REFERENCES coverage,
        UNIQUE (source, id)
    )""",
    # A chat as it was known when something of it changed last, as JSON.
    "CREATE TABLE known (chat INTEGER PRIMARY KEY REFERENCES chats, body BLOB NOT NULL)",
    # `ordinal` counts the events of a session: what is written again after a failure is not there twice.
    """CREATE TABLE events (
        position INTEGER PRIMARY KEY, session INTEGER NOT NULL REFERENCES sessions, ordinal INTEGER NOT NULL,
        at REAL NOT NULL, not_before REAL, kind TEXT NOT NULL, chat INTEGER REFERENCES chats, detail BLOB NOT NULL,
        UNIQUE (session, ordinal)
    )""",
    "CREATE INDEX events_of_chat ON events (chat, position)",
    "CREATE INDEX events_by_time ON events (at)",
    # One stretch in which a chat was watched without a gap, in UTC seconds, and `lasted` seconds by the monotonic clock. Only the end
    # moves while it lasts: no index holds it.
    """CREATE TABLE coverage (
        number INTEGER PRIMARY KEY, chat INTEGER NOT NULL REFERENCES chats, since REAL NOT NULL, until REAL NOT NULL, lasted REAL NOT NULL,
        UNIQUE (chat, since)
    )""",
)

_SECOND: Final[Script] = (
    # The figures in stretches of half a minute, the largest of each; NULL where it was not known. `number` counts a session's stretches.
    """CREATE TABLE trends (
        session INTEGER NOT NULL REFERENCES sessions, number INTEGER NOT NULL, at REAL NOT NULL,
        waiting REAL, chatting REAL, idle REAL, failing REAL, longest_wait REAL,
        PRIMARY KEY (session, number)
    ) WITHOUT ROWID""",
    "CREATE INDEX trends_by_time ON trends (at)",
)

_THIRD: Final[Script] = (
    # What is one of a kind in a file. `pseudonym_key`: what the pseudonyms of its chats and people are made with.
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "INSERT INTO meta VALUES ('pseudonym_key', randomblob(32))",
)

MIGRATIONS: Final[tuple[Script, ...]] = (_FIRST, _SECOND, _THIRD)
"""The n-th script makes a file of version n one of version n + 1; an empty file is of version 0."""


def version_of(connection: sqlite3.Connection) -> int:
    """The version of a file's tables."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def migrate(connection: sqlite3.Connection, migrations: Sequence[Script] = MIGRATIONS) -> None:
    """Bring a file to the newest version, each step wholly or not at all. The connection is in autocommit mode."""
    for version in range(version_of(connection), len(migrations)):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in migrations[version]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
