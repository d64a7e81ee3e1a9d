"""Views in a schema of the record's database, one for each form: `hub_views`, later `hub_views_3` and so on.

A new form is made beside the one before, which processes of the older version go on with; it is taken away
when it is asked for, and by nothing else.

They are written with synchronous_commit=off. That is safe because rows and their place commit together:
what a crash of the server takes back is projected again from the place that went with it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

import psycopg
from psycopg import errors

from hub.errors import HubError
from hub.record.postgres.connecting import Connection, Readers, connect
from hub.record.projections.declared import Row, Table, Value
from hub.record.projections.store import FORM, ONE_OF_EACH, Gone, Puts

# The second form stands where it stood before each had a schema of its own.
_SCHEMA: Final = "hub_views"
_SCHEMA_FORM: Final = 2
_SCHEMAS: Final = "SELECT nspname FROM pg_namespace WHERE nspname ~ '^hub_views(_[0-9]+)?$'"
# Two commands at once must not both make the tables; the number is the schema's name in ASCII, cut short.
_MAKING: Final = "SELECT pg_advisory_xact_lock(7527053966170514793)"
_IS_THERE: Final = "SELECT to_regnamespace(%s) IS NOT NULL"
_HAS_ABOUT: Final = "SELECT to_regclass(%s) IS NOT NULL"
_TABLES: Final = (
    "CREATE TABLE views.about (form integer NOT NULL)",
    """
    CREATE TABLE views.generations (
        generation bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        projection text NOT NULL,
        version bigint NOT NULL,
        state text NOT NULL,
        tables text NOT NULL
    )
    """,
    ONE_OF_EACH.format(on="views.generations"),
    # A row that is updated many times a second; room in its page keeps that from growing the index.
    """
    CREATE TABLE views.parts (
        generation bigint NOT NULL,
        part integer NOT NULL,
        whole integer NOT NULL,
        position bigint NOT NULL,
        leaf bytea NOT NULL,
        PRIMARY KEY (generation, part)
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE views.parked (
        generation bigint NOT NULL,
        position bigint NOT NULL,
        fault text NOT NULL,
        PRIMARY KEY (generation, position)
    )
    """,
)
_KINDS: Final[dict[type[Value], str]] = {str: "text", int: "bigint", bytes: "bytea"}
_SERVES: Final = "SELECT FROM views.generations WHERE state = 'serving' LIMIT 1"
# A drop waits for reads of the table, and reads that come later wait for the drop: so it gives up soon.
_SOON: Final = "SET LOCAL lock_timeout = '100ms'"


class PostgresViews:
    """The views of a database that was migrated; connects when it is first used, and again after a loss.

    Shape: `form` is that of this version, unless somebody stands in for another.
    """

    poll_seconds = 1.0
    grace_seconds = 600.0

    def __init__(self, url: str, form: int = FORM) -> None:
        self.moved = threading.Condition()
        self._url: Final = url
        self._form: Final = form
        self._schema: Final = _schema_of(form)
        self._lock: Final = threading.Lock()
        self._readers: Final = Readers(url)
        self._connection: Connection | None = None
        self._closed = False

    def migrate(self) -> None:
        """Make the tables where they are missing, beside those of other forms.

        Trust: nothing that stands there is dropped: another version's processes may be at work on it.
        """
        try:
            with connect(self._url) as connection, connection.transaction():
                connection.execute(_MAKING)
                if connection.execute(_IS_THERE, (self._schema,)).fetchone() == (True,):
                    self._refuse_other_form(connection)
                    return
                connection.execute(f"CREATE SCHEMA {self._schema}".encode())
                for statement in _TABLES:
                    connection.execute(_said(statement, self._schema))
                connection.execute(_said("INSERT INTO views.about VALUES (?)", self._schema), (self._form,))
        except psycopg.Error:
            raise HubError("store", "The tables of the views cannot be made.") from None

    def _refuse_other_form(self, connection: Connection) -> None:
        if connection.execute(_HAS_ABOUT, (f"{self._schema}.about",)).fetchone() == (True,):
            forms = connection.execute(_said("SELECT form FROM views.about", self._schema)).fetchall()
            if forms == [(self._form,)]:
                return
        raise HubError(
            "store",
            f"The schema {self._schema} is not of the form that it should have. Where no process of the hub "
            f"uses it, drop it as the owner, `DROP SCHEMA {self._schema} CASCADE`; the views are built anew.",
        )

    def drop_former(self) -> tuple[str, ...]:
        """Drop the tables of earlier forms, once the views of this one serve; the names of their schemas."""
        try:
            with connect(self._url) as connection, connection.transaction():
                connection.execute(_MAKING)
                found = [name for (name,) in connection.execute(_SCHEMAS).fetchall()]
                former = sorted(name for name in found if _form_of(name) < self._form)
                if former and not connection.execute(_said(_SERVES, self._schema)).fetchall():
                    raise HubError(
                        "store",
                        "The views of this version are not built yet, so the former ones are kept; "
                        "start `hub project` first.",
                    )
                for name in former:
                    connection.execute(f"DROP SCHEMA {name} CASCADE".encode())
        except psycopg.Error:
            raise HubError("store", "The former views cannot be dropped.") from None
        return tuple(former)

    def rows(self, statement: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """The rows of one query: one round trip, where a transaction around it takes three."""
        try:
            return self._readers.rows(_said(statement, self._schema), values, (errors.UndefinedTable,))
        except errors.UndefinedTable:
            raise Gone from None

    @contextmanager
    def reading(self) -> Iterator[_Transaction]:
        """A transaction that reads one state."""
        with self._readers.reading() as connection:
            yield _Transaction(connection, self._schema)

    @contextmanager
    def writing(self) -> Iterator[_Transaction]:
        """A transaction that writes; others wait for the rows it changed, and see them when it is done."""
        with self._writer() as connection, connection.transaction():
            yield _Transaction(connection, self._schema)
        with self.moved:
            self.moved.notify_all()

    def advance(self, move: str, place: Sequence[Value], puts: Puts) -> bool:
        """One step of a projection, in one statement and one round trip."""
        statement = _advance(move, tuple((name, table) for name, table, _ in puts), self._schema)
        columns = [list(column) for _, _, rows in puts for column in zip(*rows, strict=True)]
        with self._writer() as connection:
            try:
                moved = connection.execute(statement, [*place, *columns], prepare=True).fetchone()
            except errors.UndefinedTable:
                raise Gone from None
        if moved != (1,):
            return False
        with self.moved:
            self.moved.notify_all()
        return True

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            self._closed = True
            self._let_go()
        self._readers.close()

    @contextmanager
    def _writer(self) -> Iterator[Connection]:
        with self._lock:
            try:
                yield self._connected()
            except (psycopg.DataError, psycopg.IntegrityError):
                raise  # of the values
            except psycopg.Error:
                self._let_go()
                raise HubError("store") from None

    def _connected(self) -> Connection:
        if self._closed:
            raise HubError("store", "The views are closed.")
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._url, durable=False)
        return self._connection

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _schema_of(form: int) -> str:
    return _SCHEMA if form <= _SCHEMA_FORM else f"{_SCHEMA}_{form}"


def _form_of(schema: str) -> int:
    return int(schema.removeprefix(f"{_SCHEMA}_")) if schema != _SCHEMA else _SCHEMA_FORM


class _Transaction:
    def __init__(self, connection: Connection, schema: str) -> None:
        self._connection: Final = connection
        self._schema: Final = schema

    def select(self, statement: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(_said(statement, self._schema), values).fetchall()
        except errors.UndefinedTable:
            raise Gone from None

    def change(self, statement: str, values: Sequence[Value] = ()) -> int:
        try:
            return self._connection.execute(_said(statement, self._schema), values).rowcount
        except errors.UndefinedTable:
            raise Gone from None

    def create(self, name: str, table: Table[Row]) -> None:
        columns = ", ".join(f"{column} {_KINDS[kind]} NOT NULL" for column, kind in table.columns)
        key = ", ".join(column for column, _ in table.columns[: table.key])
        made = f"CREATE TABLE views.{name} ({columns}, PRIMARY KEY ({key}))"
        self._connection.execute(_said(made, self._schema))

    def drop(self, name: str) -> None:
        self._connection.execute(_SOON)
        self._connection.execute(_said(f"DROP TABLE IF EXISTS views.{name}", self._schema))

    def put(self, name: str, table: Table[Row], rows: Sequence[Row]) -> None:
        self._in_bulk(_put(name, table, self._schema), rows)

    def remove(self, name: str, table: Table[Row], keys: Sequence[Row]) -> None:
        self._in_bulk(_remove(name, table, self._schema), keys)

    def _in_bulk(self, statement: bytes, rows: Sequence[Row]) -> None:
        # One array a column, in binary form: a statement or a composite a row costs many times as much.
        try:
            self._connection.execute(statement, [list(column) for column in zip(*rows, strict=True)])
        except errors.UndefinedTable:
            raise Gone from None


@lru_cache(256)
def _said(statement: str, schema: str) -> bytes:
    return statement.replace("views.", f"{schema}.").replace("?", "%s").encode()


@lru_cache(256)
def _advance(move: str, tables: tuple[tuple[str, Table[Row]], ...], schema: str) -> bytes:
    # Rows are put where the place was moved, and into one table after the other: two that write the same rows
    # meet in the same order, so that neither holds what the other waits for.
    after, steps = "EXISTS (SELECT FROM moved)", [f"moved AS ({move} RETURNING 1)"]
    for number, (name, table) in enumerate(tables):
        steps.append(f"put{number} AS ({_putting(name, table, f' WHERE {after}')} RETURNING 1)")
        after = f"EXISTS (SELECT FROM moved) AND (SELECT count(*) FROM put{number}) >= 0"  # noqa: S608  a count
    whole = f"WITH {', '.join(steps)} SELECT count(*) FROM moved"  # noqa: S608  the hub's own names
    return _said(whole, schema)


@lru_cache(256)
def _put(name: str, table: Table[Row], schema: str) -> bytes:
    return _said(_putting(name, table), schema)


def _putting(name: str, table: Table[Row], where: str = "") -> str:
    key = ", ".join(column for column, _ in table.columns[: table.key])
    rest = ", ".join(f"{column} = EXCLUDED.{column}" for column, _ in table.columns[table.key :])
    arrays = ", ".join(f"%b::{_KINDS[kind]}[]" for _, kind in table.columns)
    action = f"DO UPDATE SET {rest}" if rest else "DO NOTHING"
    to, rows = f"views.{name}", f"unnest({arrays})"
    return f"INSERT INTO {to} SELECT * FROM {rows}{where} ON CONFLICT ({key}) {action}"  # noqa: S608  own names


@lru_cache(256)
def _remove(name: str, table: Table[Row], schema: str) -> bytes:
    columns = table.columns[: table.key]
    arrays = ", ".join(f"%b::{_KINDS[kind]}[]" for _, kind in columns)
    names = ", ".join(column for column, _ in columns)
    same = " AND ".join(f"here.{column} = gone.{column}" for column, _ in columns)
    of, keys = f"{schema}.{name} AS here", f"unnest({arrays}) AS gone ({names})"
    return f"DELETE FROM {of} USING {keys} WHERE {same}".encode()  # noqa: S608  the hub's own names
