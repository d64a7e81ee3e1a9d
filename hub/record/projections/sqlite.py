"""Views in a SQLite file of their own beside the record.

The file is written with synchronous=NORMAL. That is safe because rows and their place commit together:
what a loss of power takes back is projected again from the place that went with it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from hub.errors import HubError
from hub.record.projections.declared import Row, Table, Value
from hub.record.projections.store import FORM, ONE_OF_EACH, Puts
from hub.record.sqlite.connections import LogLimit, Readers, connect, immediate

_TABLES: Final = (
    """
    CREATE TABLE generations (
        generation INTEGER PRIMARY KEY AUTOINCREMENT,
        projection TEXT NOT NULL,
        version INTEGER NOT NULL,
        state TEXT NOT NULL,
        tables TEXT NOT NULL
    ) STRICT
    """,
    ONE_OF_EACH.format(on="generations"),
    """
    CREATE TABLE parts (
        generation INTEGER NOT NULL,
        part INTEGER NOT NULL,
        whole INTEGER NOT NULL,
        position INTEGER NOT NULL,
        leaf BLOB NOT NULL,
        PRIMARY KEY (generation, part)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE parked (
        generation INTEGER NOT NULL,
        position INTEGER NOT NULL,
        fault TEXT NOT NULL,
        PRIMARY KEY (generation, position)
    ) STRICT, WITHOUT ROWID
    """,
)
_KINDS: Final[dict[type[Value], str]] = {str: "TEXT", int: "INTEGER", bytes: "BLOB"}
# Errors of the values themselves; every other one is of the file.
_OF_VALUES: Final = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError)


class SqliteViews:
    """A views file, made or brought to today's form when it is opened.

    Raises: HubError("store").
    """

    poll_seconds = 0.05
    # One process serves and projects: nobody runs the code of an older version beside it.
    grace_seconds = 0.0

    def __init__(self, path: Path) -> None:
        self.moved = threading.Condition()
        self._lock: Final = threading.Lock()
        try:
            # Readable by the hub's own user alone, like the record beside it.
            path.touch(mode=0o600)
            self._connection: Final = connect(str(path), durable=False)
            self.migrate()
        except (sqlite3.Error, OSError):
            raise HubError("store") from None
        self._readers: Final = Readers(path)
        self._log_limit: Final = LogLimit(str(path))
        self._closed = False

    def migrate(self) -> None:
        """Make the tables where they are missing, or anew where they are of another form."""
        try:
            with immediate(self._connection) as cursor:
                _bring_to_form(cursor)
        except sqlite3.Error:
            raise HubError("store") from None

    def drop_former(self) -> tuple[str, ...]:
        """Nothing: one process serves and projects, so the file is of one form."""
        return ()

    def rows(self, statement: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """The rows of one query."""
        with self.reading() as read:
            return read.select(statement, values)

    @contextmanager
    def reading(self) -> Iterator[_Transaction]:
        """A transaction that reads one state."""
        with self._readers.reading() as connection:
            yield _Transaction(connection.cursor())

    @contextmanager
    def writing(self) -> Iterator[_Transaction]:
        """A transaction that holds the file's write lock; other processes wait for it."""
        with self._lock:
            if self._closed:
                raise HubError("store", "The views are closed.")
            try:
                with immediate(self._connection) as cursor:
                    # Rows as they are, not as sqlite3.Row.
                    cursor.row_factory = None
                    yield _Transaction(cursor)
            except _OF_VALUES:
                raise
            except sqlite3.Error:
                raise HubError("store") from None
            self._log_limit.keep(self._connection)
        with self.moved:
            self.moved.notify_all()

    def advance(self, move: str, place: Sequence[Value], puts: Puts) -> bool:
        """One step of a projection; nothing is written where another took it."""
        with self.writing() as write:
            moved = write.change(move, place) == 1
            for name, table, rows in puts if moved else ():
                write.put(name, table, rows)
        return moved

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._closed = True
            self._connection.close()
        self._readers.close()


def _bring_to_form(cursor: sqlite3.Cursor) -> None:
    if cursor.execute("PRAGMA user_version").fetchone()[0] == FORM:
        return
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    for (name,) in cursor.execute(tables).fetchall():
        cursor.execute(f'DROP TABLE "{name}"')
    for statement in _TABLES:
        cursor.execute(statement)
    cursor.execute(f"PRAGMA user_version = {FORM}")


class _Transaction:
    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor: Final = cursor

    def select(self, statement: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        return self._cursor.execute(_said(statement), values).fetchall()

    def change(self, statement: str, values: Sequence[Value] = ()) -> int:
        return self._cursor.execute(_said(statement), values).rowcount

    def create(self, name: str, table: Table[Row]) -> None:
        columns = ", ".join(f"{column} {_KINDS[kind]} NOT NULL" for column, kind in table.columns)
        key = ", ".join(column for column, _ in table.columns[: table.key])
        statement = f"CREATE TABLE views.{name} ({columns}, PRIMARY KEY ({key})) STRICT, WITHOUT ROWID"
        self._cursor.execute(_said(statement))

    def drop(self, name: str) -> None:
        self._cursor.execute(_said(f"DROP TABLE IF EXISTS views.{name}"))

    def put(self, name: str, table: Table[Row], rows: Sequence[Row]) -> None:
        values = ",".join("?" * len(table.columns))
        statement = f"INSERT OR REPLACE INTO views.{name} VALUES ({values})"  # noqa: S608  the hub's own names
        self._cursor.executemany(_said(statement), rows)

    def remove(self, name: str, table: Table[Row], keys: Sequence[Row]) -> None:
        where = " AND ".join(f"{column} = ?" for column, _ in table.columns[: table.key])
        statement = f"DELETE FROM views.{name} WHERE {where}"  # noqa: S608  the hub's own names
        self._cursor.executemany(_said(statement), keys)


@lru_cache(256)
def _said(statement: str) -> str:
    return statement.replace("views.", "main.")
