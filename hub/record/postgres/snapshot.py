"""What a PostgreSQL transaction sees, in the SQL that every store knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from hub.record.postgres.connecting import Connection
from hub.record.store import Row, Value

_ROWS_AT_ONCE: Final = 100


@lru_cache(512)
def translated(query: str) -> bytes:
    """A statement with this driver's placeholders; values are never part of its text."""
    return query.replace("?", "%s").encode()


class PostgresSnapshot:
    """One state of the record, as a connection's transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection: Final = connection

    def rows(self, query: str, parameters: Sequence[Value] = ()) -> list[Row]:
        """The rows that a query gives."""
        return self._connection.execute(translated(query), parameters, binary=True).fetchall()

    def each(self, query: str) -> Iterator[Row]:
        """The rows that a query gives, through a cursor of the server."""
        with self._connection.cursor("hub_each") as cursor:
            cursor.itersize = _ROWS_AT_ONCE
            yield from cursor.execute(translated(query), binary=True)


class PostgresChange(PostgresSnapshot):
    """A transaction that writes."""

    def execute(self, statement: str, parameters: Sequence[Value] = ()) -> int:
        """Run a statement that changes rows; how many it changed."""
        return self._connection.execute(translated(statement), parameters).rowcount

    def execute_each(self, statement: str, parameters: Sequence[Row]) -> None:
        """Run a statement for each set of parameters."""
        with self._connection.cursor() as cursor:
            cursor.executemany(translated(statement), parameters)
