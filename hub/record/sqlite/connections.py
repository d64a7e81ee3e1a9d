"""Connections to the record's SQLite file: durable ones that write, and a pool that reads."""

from __future__ import annotations

import queue
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from eventsourcing.sqlite import (
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteTransaction,
)

from hub.errors import HubError

_BUSY_SECONDS: Final = 10.0
_STATEMENTS: Final = 256
_CHECKPOINT_PAGES: Final = 4000
_CACHE_KIBIBYTES: Final = 32_768
_MOST_IDLE: Final = 16
LOG_BYTES: Final = 64 * 1024 * 1024
_LOG_WAIT_SECONDS: Final = 0.5
_LOG_PAUSE_SECONDS: Final = 5.0


def connect(path: str, *, durable: bool = True) -> sqlite3.Connection:
    """A connection whose commits are on the disk when they return.

    Trust: synchronous=FULL syncs the log at every commit; secure_delete overwrites a destroyed key.
    Not `durable`: a loss of power may take back the last commits, whole and in order, never half of
    one; only for what is derived and is made again from where it stands.
    """
    connection = sqlite3.connect(
        path,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_STATEMENTS,
    )
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIBIBYTES}")
    except sqlite3.Error:
        connection.close()
        raise
    connection.row_factory = sqlite3.Row
    return connection


@contextmanager
def immediate(connection: sqlite3.Connection) -> Iterator[sqlite3.Cursor]:
    """A transaction that holds the write lock from its first statement.

    Why: a transaction that reads before it writes fails at once, without waiting, where another
    process wrote in between.
    """
    cursor = connection.cursor()
    try:
        cursor.execute("BEGIN IMMEDIATE")
        yield cursor
        cursor.execute("COMMIT")
    except BaseException:
        # A full disk makes SQLite roll back by itself; then there is nothing left to roll back.
        if connection.in_transaction:
            connection.rollback()
        raise
    finally:
        cursor.close()


class LogLimit:
    """Starts the write-ahead log over where it has grown too long.

    Why: SQLite does so by itself only in a moment without any reader, which never comes while reads
    overlap; the log would grow for as long as they do, and slow down every one of them.
    Shape: called by the thread that writes, between its commits. It waits half a second at most for
    readers to end, and tries again after a pause: a long check of the record is not to stop the posts.
    """

    def __init__(self, path: str, most_bytes: int = LOG_BYTES) -> None:
        self._log: Final = Path(f"{path}-wal")
        self._most_bytes: Final = most_bytes
        self._not_before = 0.0

    def keep(self, connection: sqlite3.Connection) -> None:
        """Shorten the log where that is due; what cannot be done now is left for later."""
        # A duration, not an instant: no rule depends on it.
        if time.monotonic() < self._not_before or self._size() <= self._most_bytes:
            return
        with suppress(sqlite3.Error):
            connection.execute(f"PRAGMA busy_timeout={int(_LOG_WAIT_SECONDS * 1000)}")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        with suppress(sqlite3.Error):
            connection.execute(f"PRAGMA busy_timeout={int(_BUSY_SECONDS * 1000)}")
        if self._size() > self._most_bytes:
            self._not_before = time.monotonic() + _LOG_PAUSE_SECONDS

    def _size(self) -> int:
        try:
            return self._log.stat().st_size
        except OSError:
            return 0


class _Transaction(SQLiteTransaction):
    def __enter__(self) -> SQLiteCursor:
        cursor = self.connection.cursor()
        cursor.execute("BEGIN IMMEDIATE" if self.commit else "BEGIN")
        return cursor


class _Connection(SQLiteConnection):
    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        with _Transaction(self, commit=commit) as cursor, cursor:
            yield cursor


class _Pool(SQLiteConnectionPool):
    def _create_connection(self) -> SQLiteConnection:
        return _Connection(sqlite_conn=connect(self.db_name), max_age=self.max_age)


class RecordDatastore(SQLiteDatastore):
    """The package's datastore with durable connections, text ids and immediate write transactions."""

    def __init__(self, path: str) -> None:
        super().__init__(path, originator_id_type="text")
        self.pool = _Pool(db_name=path)


class Readers:
    """A pool of connections that only read; a read sees one state of the record throughout.

    Shape: as many as are asked for at once; of those not in use, few are kept, since each has a cache.
    """

    def __init__(self, path: Path) -> None:
        self._path: Final = str(path)
        self._idle: Final[queue.SimpleQueue[sqlite3.Connection]] = queue.SimpleQueue()
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a read transaction.

        Raises: HubError("store") where the file cannot be read.
        """
        if self._closed:
            raise HubError("store", "The record is closed.")
        try:
            connection = self._take()
        except sqlite3.Error:
            raise HubError("store") from None
        try:
            connection.execute("BEGIN")
            yield connection
        except sqlite3.Error:
            connection.close()
            raise HubError("store") from None
        except BaseException:
            self._give_back(connection)
            raise
        self._give_back(connection)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        connection.rollback()
        if self._idle.qsize() >= _MOST_IDLE:
            connection.close()
            return
        self._idle.put(connection)
        if self._closed:
            self._drain()

    def _take(self) -> sqlite3.Connection:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            connection = connect(self._path)
            connection.execute("PRAGMA query_only=ON")
            connection.row_factory = None
            return connection

    def close(self) -> None:
        """Close what is idle now and what is given back later."""
        self._closed = True
        self._drain()

    def _drain(self) -> None:
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return
