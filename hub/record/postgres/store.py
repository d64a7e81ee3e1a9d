"""The record's store in a PostgreSQL database, shared by many processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import psycopg

from hub.errors import HubError
from hub.record.postgres import migrations
from hub.record.postgres.appender import KEPT_KEY, PostgresAppender
from hub.record.postgres.connecting import Pool, Readers, connect
from hub.record.postgres.listening import Ear
from hub.record.postgres.recorder import HubPostgresRecorder, RecordDatastore
from hub.record.postgres.snapshot import PostgresChange, PostgresSnapshot, translated
from hub.record.store import (
    ALONE_SECONDS,
    IN_USE,
    ITEM,
    ITEM_WIDTH,
    ITEMS,
    ClaimName,
    Follower,
    Row,
    Value,
)

# Whoever has signed in; what the server does for itself has no user.
_OTHERS: Final = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usesysid IS NOT NULL AND pid <> pg_backend_pid()"
)
_LOOKS: Final = 10
# OFFSET 0 keeps each part a look into the index per name, whatever the planner knows of the tables.
_GLANCE: Final = f"""
SELECT tail.*, NULL::text, NULL::bytea, NULL::text
FROM unnest(%b::text[], %b::bigint[]) AS t(stream, after) CROSS JOIN LATERAL (
    SELECT {ITEM}{ITEMS}WHERE e.originator_id = t.stream AND e.originator_version > t.after
    ORDER BY e.originator_version OFFSET 0) AS tail
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, claim.*
FROM unnest(%b::text[], %b::bytea[]) AS n(kind, name) CROSS JOIN LATERAL (
    SELECT c.kind, c.name, c.value FROM claims c WHERE c.kind = n.kind AND c.name = n.name OFFSET 0) AS claim
""".encode()  # noqa: S608  constants of this room


class PostgresStore:
    """One database, in whose schema `hub_record` the record stands."""

    def __init__(self, url: str) -> None:
        self._url: Final = url
        self._readers: Final = Readers(url)
        self._changes: Final = Pool(url, "BEGIN")
        self._datastore: Final = RecordDatastore(url)
        self._recorder: Final = HubPostgresRecorder(self._datastore)

    def migrate(self) -> None:
        """Apply the steps that the database does not have yet.

        Raises: HubError("store") where it cannot be reached or changed, or is of another version.
        """
        try:
            self._recorder.create_table()
        except psycopg.Error:
            raise HubError("store", "The record's tables cannot be made in this database.") from None

    def check(self) -> None:
        """Refuse a database without a record, or one that this version does not know."""
        try:
            with connect(self._url) as connection:
                migrations.check_version(connection)
        except psycopg.Error:
            raise HubError("store", "The record's database cannot be reached.") from None

    @contextmanager
    def reading(self) -> Iterator[PostgresSnapshot]:
        """One state of the record."""
        with self._readers.reading() as connection:
            yield PostgresSnapshot(connection)

    def rows(self, query: str, parameters: Sequence[Value] = ()) -> list[Row]:
        """The rows of one query."""
        return self._readers.rows(translated(query), parameters)

    def glance(self, tails: Mapping[str, int], claims: Collection[ClaimName]) -> tuple[list[Row], list[Row]]:
        """Tails of streams and holders of claims, in one statement."""
        kinds, names = [kind for kind, _ in claims], [name for _, name in claims]
        rows = self._readers.rows(_GLANCE, (list(tails), list(tails.values()), kinds, names))
        items = [row[:ITEM_WIDTH] for row in rows if row[0] is not None]
        return items, [row[ITEM_WIDTH:] for row in rows if row[0] is None]

    def change(self, statement: str, parameters: Sequence[Value] = ()) -> int:
        """How many rows one statement changed."""
        return self._changes.change(translated(statement), parameters)

    @contextmanager
    def changing(self) -> Iterator[PostgresChange]:
        """A durable transaction."""
        with self._changes.transaction() as connection:
            yield PostgresChange(connection)

    @contextmanager
    def verifying(self) -> Iterator[PostgresSnapshot]:
        """One state of the record for as long as it takes, on a connection of its own."""
        readers = Readers(self._url)
        try:
            with readers.reading() as connection:
                connection.patience = None
                connection.execute("SET LOCAL statement_timeout = 0")
                connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
                yield PostgresSnapshot(connection)
                if connection.closed:
                    # What was found last is the loss of the connection, not a break in the record.
                    raise HubError("store")
        finally:
            readers.close()

    @contextmanager
    def alone(self) -> Iterator[PostgresChange]:
        """A durable transaction for as long as it takes, while nobody else is connected to the database.

        1. Hold what every process reads before it appends on a new connection.
        2. Wait a moment for others to go. Who comes now waits for the lock, and then sees what was changed.
        """
        try:
            with connect(self._url) as connection:
                connection.patience = None
                for limit in (b"statement_timeout", b"idle_in_transaction_session_timeout"):
                    connection.execute(b"SET " + limit + b" = 0")
                with connection.transaction():
                    connection.execute("LOCK TABLE about IN ACCESS EXCLUSIVE MODE")  # 1.
                    for _ in range(ALONE_SECONDS * _LOOKS):  # 2.
                        connection.execute("SELECT pg_stat_clear_snapshot()")
                        ((others,),) = connection.execute(_OTHERS).fetchall()
                        if not others:
                            break
                        time.sleep(1 / _LOOKS)
                    else:
                        raise HubError("store", IN_USE)
                    yield PostgresChange(connection)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            raise HubError("store", IN_USE) from None
        except psycopg.errors.InsufficientPrivilege:
            raise HubError("store", "Only the owner of the database may do this; see the handbook.") from None
        except psycopg.Error:
            raise HubError("store") from None

    def appender(self) -> PostgresAppender:
        """The connection that appends."""
        return PostgresAppender(self._url, self._recorder, self.rows(KEPT_KEY))

    def follow(self, heard: Callable[[int], None]) -> Follower:
        """Call `heard` with the last position after commits of any process."""
        return Ear(self._url, heard)

    def scrub(self) -> bool:
        """Let what was overwritten be reused; a row that a long read may still see is left for later."""
        try:
            with connect(self._url) as connection:
                connection.patience = None
                connection.execute("SET statement_timeout = 0")
                connection.execute("VACUUM hub_record.stream_keys")
        except psycopg.Error:
            raise HubError("store") from None
        return True

    def close(self) -> None:
        """Let go of the database."""
        self._readers.close()
        self._changes.close()
        self._datastore.close()
