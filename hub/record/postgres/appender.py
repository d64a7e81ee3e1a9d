"""Appending to PostgreSQL: in one call where nothing moved, else in turn; and what was sent is settled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import psycopg

from hub.errors import HubError
from hub.record.postgres.connecting import Connection, connect
from hub.record.postgres.recorder import HubPostgresRecorder
from hub.record.postgres.snapshot import PostgresSnapshot
from hub.record.store import KEPT, Added, ClaimName, Expected, Name, Row, Rows, StoredStream, Unknown
from hub.record.types import Head

_SETTLE_SECONDS: Final = 2.5
_PAUSE_SECONDS: Final = 0.1
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
# A process that is stopped while it holds the head must not stop the others for long.
_WHO: Final = (
    "SELECT pid, backend_start, set_config('idle_in_transaction_session_timeout', '4s', false)"
    " FROM pg_stat_activity WHERE pid = pg_backend_pid()"
)
KEPT_KEY: Final = f"SELECT value FROM about WHERE name = '{KEPT}'"  # noqa: S608  a constant of the room
_TERMINATE: Final = (
    "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE pid = %s AND backend_start = %s"
)
# Correlated, so that each name is one look into the index whatever the planner knows of the table.
_STREAMS: Final = """
SELECT s.name, COALESCE((SELECT max(e.originator_version) FROM stored_events e
                         WHERE e.originator_id = s.name), 0), k.key_id, k.wrapped
FROM unnest(%b::text[]) AS s(name) LEFT JOIN LATERAL (
    SELECT key_id, wrapped FROM stream_keys WHERE stream = s.name AND wrapped IS NOT NULL
    ORDER BY number DESC LIMIT 1) k ON true
"""
_STANDING: Final = """
SELECT * FROM (
    SELECT n.source, n.id, (SELECT i.payload_digest FROM items i WHERE i.id = n.id AND i.source = n.source)
    FROM unnest(%b::text[], %b::text[]) AS n(source, id)) AS found(source, id, digest)
WHERE digest IS NOT NULL
"""
_CLAIMED: Final = """
SELECT * FROM (
    SELECT n.kind, n.name, (SELECT c.value FROM claims c WHERE c.kind = n.kind AND c.name = n.name)
    FROM unnest(%b::text[], %b::bytea[]) AS n(kind, name)) AS found(kind, name, value)
WHERE value IS NOT NULL
"""


class PostgresAppending(PostgresSnapshot):
    """The transaction of one group, which holds the head."""

    moved: Final = False  # Those streams that moved are found by the call that added nothing.

    def __init__(self, connection: Connection, recorder: HubPostgresRecorder) -> None:
        super().__init__(connection)
        self._recorder: Final = recorder

    def standing(self, names: Sequence[Name]) -> dict[Name, bytes]:
        """Those of these names that stand, with the digest of their payload."""
        parameters = ([source for source, _ in names], [id for _, id in names])
        rows = self._connection.execute(_STANDING, parameters, binary=True)
        return {(source, id): digest for source, id, digest in rows}

    def streams(self, names: Collection[str]) -> dict[str, StoredStream]:
        """Each of these streams as it stands."""
        return _streams(self._connection, names)

    def claimed(self, names: Collection[ClaimName]) -> dict[ClaimName, str]:
        """Those of these kinds and names that are claimed, with the value that holds each."""
        parameters = ([kind for kind, _ in names], [name for _, name in names])
        rows = self._connection.execute(_CLAIMED, parameters, binary=True)
        return {(kind, name): value for kind, name, value in rows}

    def insert(self, rows: Rows) -> Head:
        """Add rows behind the head; the head before."""
        inserted = self._recorder.insert_within(self._connection, rows)
        assert inserted is not None
        return inserted.before


class PostgresAppender:
    """The connection that appends; it is made when first needed and again after a fault."""

    optimistic: Final = True

    def __init__(self, url: str, recorder: HubPostgresRecorder, kept: Sequence[Row]) -> None:
        self._kept: Final = kept
        self._url: Final = url
        self._recorder: Final = recorder
        self._pause: Final = threading.Event()
        self._connection: Connection | None = None
        self._backend: tuple[int, datetime] | None = None
        self._left: str | None = None  # the row of the head as the last call left it

    @contextmanager
    def appending(self) -> Iterator[PostgresAppending]:
        """One transaction that holds the head from its first statement."""
        connection = self._connected()
        with self._noticing_loss(connection), connection.transaction():
            connection.execute("SELECT FROM head WHERE one = 1 FOR UPDATE")
            yield PostgresAppending(connection, self._recorder)

    def known(self, names: Collection[str]) -> dict[str, StoredStream]:
        """Each of these streams, as of now."""
        connection = self._connected()
        with self._noticing_loss(connection):
            return _streams(connection, names)

    def insert_if(self, rows: Rows, expected: Expected, meanwhile: Callable[[], None]) -> Added | None:
        """Add rows in one call, durable when it returns, if all that was expected holds."""
        connection = self._connected()
        connection.meanwhile = meanwhile
        left = self._left if expected.as_left else None
        with self._noticing_loss(connection):
            inserted = self._recorder.insert_within(connection, rows, expected, left)
        if inserted is None:
            return None
        alone, self._left = inserted.found == self._left, inserted.left
        return Added(inserted.before, alone, inserted.grown)

    def is_of_store(self, fault: BaseException) -> bool:
        """Whether a fault came out of the database."""
        return isinstance(fault, psycopg.Error | Unknown)

    def concerns_one(self, fault: BaseException) -> bool:
        """Whether a fault comes of one append: a rule of the tables, or a value that no table takes."""
        return isinstance(fault, psycopg.IntegrityError | psycopg.DataError)

    def settle(self) -> None:
        """Return when what was sent on the lost connection has been added or never will be.

        1. Connect again; a server that restarts is waited for a little.
        2. End the session that was lost, where the server still has it: it may not have noticed yet,
           and may hold the head, be on its way to commit, or still have the call before it.
        """
        ends = time.monotonic() + _SETTLE_SECONDS
        while True:
            try:
                connection = connect(self._url)  # 1.
                break
            except psycopg.Error:
                if time.monotonic() >= ends:
                    raise HubError("store") from None
                self._pause.wait(_PAUSE_SECONDS)
        try:
            # Asked twice: the first may give up waiting in the moment in which the session ends.
            for _ in range(2):
                backend = self._backend or (0, _NEVER)
                if all(ended for (ended,) in connection.execute(_TERMINATE, backend)):  # 2.
                    self._keep(connection)
                    return
        except psycopg.Error:
            pass
        connection.close()
        raise HubError("store")

    def rest(self) -> None:
        """Nothing is due between groups: the server tends to its own log."""

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._left = None

    def _connected(self) -> Connection:
        if self._connection is None:
            connection = connect(self._url)
            try:
                self._keep(connection)
            except BaseException:
                connection.close()
                raise
            return connection
        return self._connection

    def _keep(self, connection: Connection) -> None:
        if connection.execute(KEPT_KEY.encode(), binary=True).fetchall() != self._kept:
            # A process that was away while the master key was changed would wrap data keys under the former.
            connection.close()
            raise HubError("store", "The master key was changed; start this process again.")
        ((pid, since, _),) = connection.execute(_WHO).fetchall()
        self._backend = (pid, since)
        self._connection = connection

    @contextmanager
    def _noticing_loss(self, connection: Connection) -> Iterator[None]:
        try:
            yield
        except psycopg.Error:
            # Closed: the server may have done what it was told, and only the answer is lost.
            if connection.closed:
                raise Unknown from None
            raise


def _streams(connection: Connection, names: Collection[str]) -> dict[str, StoredStream]:
    rows = connection.execute(_STREAMS, (list(names),), binary=True)
    return {name: StoredStream(version, key_id, wrapped) for name, version, key_id, wrapped in rows}
