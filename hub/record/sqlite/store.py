"""The record's store in one SQLite file."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import orjson

from hub.errors import HubError
from hub.record.sqlite import schema
from hub.record.sqlite.connections import LogLimit, Readers, RecordDatastore, connect, immediate
from hub.record.sqlite.recorder import HubRecorder
from hub.record.store import (
    ALONE_SECONDS,
    IN_USE,
    TAIL,
    Added,
    ClaimName,
    Damaged,
    Expected,
    Follower,
    Name,
    Row,
    Rows,
    StoredStream,
    Value,
)
from hub.record.types import Head

_STREAM: Final = "SELECT MAX(originator_version) FROM stored_events WHERE originator_id = ?"
_LIVE_KEY: Final = (
    "SELECT key_id, wrapped FROM stream_keys WHERE stream = ? AND wrapped IS NOT NULL"
    " ORDER BY number DESC LIMIT 1"
)
# One statement for all names: a statement for each costs more than the insert of its row.
_STANDING: Final = (
    "SELECT i.source, i.id, i.payload_digest FROM json_each(?) AS name CROSS JOIN items AS i"
    " ON i.id = json_extract(name.value, '$[1]') AND i.source = json_extract(name.value, '$[0]')"
)


_CLAIMED: Final = "SELECT kind, name, value FROM claims WHERE kind = ? AND name = ?"


class SqliteSnapshot:
    """What a connection's transaction sees."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: Final = connection

    def rows(self, query: str, parameters: Sequence[Value] = ()) -> list[Row]:
        """The rows that a query gives."""
        return self._connection.execute(query, parameters).fetchall()

    def each(self, query: str) -> Iterator[Row]:
        """The rows that a query gives, one by one."""
        return self._connection.execute(query)


class SqliteChange(SqliteSnapshot):
    """A transaction that holds the write lock."""

    def execute(self, statement: str, parameters: Sequence[Value] = ()) -> int:
        """Run a statement that changes rows; how many it changed."""
        return self._connection.execute(statement, parameters).rowcount

    def execute_each(self, statement: str, parameters: Sequence[Row]) -> None:
        """Run a statement for each set of parameters."""
        self._connection.executemany(statement, parameters)


class SqliteAppending(SqliteSnapshot):
    """The transaction of one group.

    Shape: `moved` is exact: the file's data version changes when another connection has committed.
    """

    def __init__(self, cursor: sqlite3.Cursor, recorder: HubRecorder, moved: bool) -> None:
        super().__init__(cursor.connection)
        self.moved: Final = moved
        self._cursor: Final = cursor
        self._recorder: Final = recorder

    def standing(self, names: Sequence[Name]) -> dict[Name, bytes]:
        """Those of these names that stand, with the digest of their payload."""
        rows = self._cursor.execute(_STANDING, (orjson.dumps(names),))
        return {(source, id): digest for source, id, digest in rows}

    def streams(self, names: Collection[str]) -> dict[str, StoredStream]:
        """Each of these streams as it stands."""
        return {name: self._stream(name) for name in names}

    def claimed(self, names: Collection[ClaimName]) -> dict[ClaimName, str]:
        """Those of these kinds and names that are claimed, with the value that holds each."""
        rows = (row for name in names for row in self._cursor.execute(_CLAIMED, name).fetchall())
        return {(kind, name): value for kind, name, value in rows}

    def insert(self, rows: Rows) -> Head:
        """Add rows behind the head; the head before."""
        return self._recorder.insert_within(self._cursor, rows)

    def _stream(self, name: str) -> StoredStream:
        version = self._cursor.execute(_STREAM, (name,)).fetchone()[0]
        key = self._cursor.execute(_LIVE_KEY, (name,)).fetchone()
        return StoredStream(version or 0, *(key or (None, None)))


class SqliteAppender:
    """The connection that appends; it is made when first needed and again after a fault."""

    optimistic: Final = False  # The write lock costs nothing here, and no call is shorter than the judging.

    def __init__(self, path: str, recorder: HubRecorder) -> None:
        self.connection: sqlite3.Connection | None = None
        self.log_limit: Final = LogLimit(path)
        self._path: Final = path
        self._recorder: Final = recorder
        self._data_version = -1

    @contextmanager
    def appending(self) -> Iterator[SqliteAppending]:
        """One transaction with the write lock from its first statement."""
        if self.connection is None:
            self.connection = connect(self._path)
            self.connection.row_factory = None
        with immediate(self.connection) as cursor:
            version = cursor.execute("PRAGMA data_version").fetchone()[0]
            moved, self._data_version = version != self._data_version, version
            yield SqliteAppending(cursor, self._recorder, moved)

    def known(self, names: Collection[str]) -> dict[str, StoredStream]:
        """Nothing is looked up without the lock."""
        return {}

    def insert_if(self, rows: Rows, expected: Expected, meanwhile: Callable[[], None]) -> Added | None:
        """Nothing is added without having looked."""
        return None

    def is_of_store(self, fault: BaseException) -> bool:
        """Whether a fault came out of the database."""
        return isinstance(fault, sqlite3.Error)

    def concerns_one(self, fault: BaseException) -> bool:
        """Whether a fault comes of one append: a rule of the tables, or a damaged row that was looked up.

        A fault of the store itself (full, locked, failing) carries SQLite's code and concerns everybody.
        """
        if isinstance(fault, sqlite3.IntegrityError | sqlite3.DataError):
            return True
        return isinstance(fault, sqlite3.Error) and getattr(fault, "sqlite_errorcode", None) is None

    def settle(self) -> None:
        """A commit on this machine is never under way for somebody who has gone."""

    def rest(self) -> None:
        """Keep the write-ahead log short."""
        if self.connection is not None:
            self.log_limit.keep(self.connection)

    def close(self) -> None:
        """Close the connection; a new one believes nothing of the old."""
        self._data_version = -1
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class SqliteStore:
    """One SQLite file; safe to use from several threads, and from several processes."""

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        self.readers: Final = Readers(path)
        self._datastore: Final = RecordDatastore(str(path))
        self._recorder: Final = HubRecorder(self._datastore)

    def migrate(self) -> None:
        """Make the tables where they are missing.

        Raises: HubError("store") where the file cannot be written, or was made by a newer version.
        """
        try:
            # The file holds names of streams in clear: nobody but the hub's own user may read it.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            with closing(connect(str(self.path))) as connection, immediate(connection) as cursor:
                # Its number is not turned back: code that does not know the tables would then open them.
                _refuse_newer(cursor.execute("PRAGMA user_version").fetchone()[0])
                for statement in self._recorder.create_table_statements:
                    cursor.execute(statement)
                cursor.execute(f"PRAGMA user_version = {schema.VERSION}")
        except (OSError, sqlite3.Error):
            raise HubError("store", "The record's file cannot be written.") from None

    def check(self) -> None:
        """Refuse what is no record, or one that this version does not know."""
        if not self.path.is_file():
            raise HubError("store", "There is no record here; run `hub init` first.")
        try:
            with closing(connect(str(self.path))) as connection:
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                connection.execute("SELECT position FROM head").fetchone()
        except sqlite3.Error:
            raise HubError("store", "This file is not a record of the hub.") from None
        _refuse_newer(version)
        if version < schema.VERSION:
            raise HubError("store", "This record was made by an older version; run `hub init` once.")

    @contextmanager
    def reading(self) -> Iterator[SqliteSnapshot]:
        """One state of the record."""
        with self.readers.reading() as connection:
            yield SqliteSnapshot(connection)

    def rows(self, query: str, parameters: Sequence[Value] = ()) -> list[Row]:
        """The rows of one query."""
        with self.readers.reading() as connection:
            return connection.execute(query, parameters).fetchall()

    def glance(self, tails: Mapping[str, int], claims: Collection[ClaimName]) -> tuple[list[Row], list[Row]]:
        """Tails of streams and holders of claims, of one state."""
        with self.readers.reading() as connection:
            rows = [row for tail in tails.items() for row in connection.execute(TAIL, tail)]
            return rows, [row for claim in claims for row in connection.execute(_CLAIMED, claim)]

    def change(self, statement: str, parameters: Sequence[Value] = ()) -> int:
        """How many rows one statement changed."""
        with self.changing() as change:
            return change.execute(statement, parameters)

    @contextmanager
    def changing(self) -> Iterator[SqliteChange]:
        """A durable transaction."""
        try:
            with closing(connect(str(self.path))) as connection:
                connection.row_factory = None
                with immediate(connection):
                    yield SqliteChange(connection)
        except sqlite3.Error:
            raise HubError("store") from None

    @contextmanager
    def verifying(self) -> Iterator[SqliteSnapshot]:
        """One state of the record, whose file is whole as a database."""
        if not self.path.is_file():
            raise HubError("store", "There is no record here.")
        try:
            with closing(connect(str(self.path))) as connection:
                whole = connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
        except sqlite3.Error:
            raise Damaged("the file is not a readable database") from None
        if not whole:
            raise Damaged("the database's structure is damaged")
        with self.readers.reading() as connection:
            yield SqliteSnapshot(connection)

    @contextmanager
    def alone(self) -> Iterator[SqliteChange]:
        """A durable transaction for as long as it takes, while nobody else has the file open.

        Shape: every connection to a file with a write-ahead log holds a lock on the file while it is open.
        """
        try:
            with closing(connect(str(self.path))) as connection:
                connection.row_factory = None
                connection.execute(f"PRAGMA busy_timeout={ALONE_SECONDS * 1000}")
                connection.execute("PRAGMA locking_mode=EXCLUSIVE")
                with immediate(connection):
                    yield SqliteChange(connection)
        except sqlite3.OperationalError as fault:
            busy = fault.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            raise HubError("store", IN_USE if busy else "") from None
        except sqlite3.Error:
            raise HubError("store") from None

    def appender(self) -> SqliteAppender:
        """The connection that appends."""
        return SqliteAppender(str(self.path), self._recorder)

    def follow(self, heard: object) -> Follower | None:
        """Other processes that write the same file are not heard; whoever follows asks now and then."""
        return None

    def scrub(self) -> bool:
        """Empty the write-ahead log; False where a reader holds it."""
        try:
            with closing(connect(str(self.path))) as connection:
                return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.Error:
            raise HubError("store") from None

    def close(self) -> None:
        """Let go of the file."""
        self.readers.close()
        self._datastore.close()


def _refuse_newer(version: int) -> None:
    if version > schema.VERSION:
        raise HubError("store", "This record was made by a newer version of the hub.")
