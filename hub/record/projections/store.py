"""Where views are kept: the few things that the two databases do differently, as one port.

Statements are written once, in the SQL that both understand, with `?` for values and `views.` before the
names of tables; a store puts its own placeholder and schema there.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from hub.errors import HubError
from hub.record.projections.declared import Row, Table, Value

_SQLITE: Final = "sqlite:///"
_POSTGRESQL: Final = ("postgresql://", "postgres://")
FORM: Final = 2
"""Counted up when the tables beside the rows change; the views are built anew in tables of the new form."""

ONE_OF_EACH: Final = (
    "CREATE UNIQUE INDEX one_of_each ON {on} (projection, version, state) WHERE state <> 'retired'"
)
"""At most one generation of a version serves, and at most one is being built."""


Puts: TypeAlias = Sequence[tuple[str, Table[Row], Sequence[Row]]]
"""Rows to add or replace, with the name of the table they are in; each table once."""


class Gone(Exception):
    """A generation's table was dropped since it was looked up."""


class Reading(Protocol):
    """One state of the views."""

    def select(self, statement: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query.

        Raises: Gone.
        """
        ...


class Writing(Reading, Protocol):
    """One transaction on the views."""

    def change(self, statement: str, values: Sequence[Value] = ()) -> int:
        """Carry out a statement; how many rows it touched."""
        ...

    def create(self, name: str, table: Table[Row]) -> None:
        """Make a table of rows."""
        ...

    def drop(self, name: str) -> None:
        """Drop a table of rows, without waiting long for its readers."""
        ...

    def put(self, name: str, table: Table[Row], rows: Sequence[Row]) -> None:
        """Add or replace rows."""
        ...

    def remove(self, name: str, table: Table[Row], keys: Sequence[Row]) -> None:
        """Take rows away."""
        ...


class ViewStore(Protocol):
    """A database that views are kept in; safe to use from several threads and processes.

    Shape: `moved` is notified after each commit of this process. `poll_seconds` is how often a projector
    looks without being woken; `grace_seconds` how long the rows of an older version are kept for servers
    that still run its code.
    Raises: HubError("store") from every method where the database is not available. An error of the
    values of a change is passed on as it is.
    """

    moved: threading.Condition
    poll_seconds: float
    grace_seconds: float

    def rows(self, statement: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """The rows of one query, which sees one state by itself.

        Raises: Gone.
        """
        ...

    def reading(self) -> AbstractContextManager[Reading]:
        """A transaction that reads one state."""
        ...

    def writing(self) -> AbstractContextManager[Writing]:
        """A transaction that writes; an error inside takes all of it back."""
        ...

    def advance(self, move: str, place: Sequence[Value], puts: Puts) -> bool:
        """Carry out a statement that touches one row and, where it does, add or replace rows: all or nothing.

        Raises: Gone.
        """
        ...

    def migrate(self) -> None:
        """Make the tables where they are missing."""
        ...

    def drop_former(self) -> tuple[str, ...]:
        """Drop what is of earlier forms, once nobody runs an older version any more; the names of it.

        Raises: HubError("store") where it cannot be dropped, or no views of this form serve yet.
        """
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


def open_views(where: Path | str) -> ViewStore:
    """The views at a path, `sqlite:///PATH` or `postgresql://...`.

    Shape: a file is made where there is none; a database must have been migrated.
    Raises: HubError("store") where a file cannot be written, or there is no driver for the database.
    """
    if isinstance(where, str) and where.startswith(_POSTGRESQL):
        # Only here: a hub on SQLite runs where the driver is not installed.
        try:
            from hub.record.projections.postgres import PostgresViews
        except ModuleNotFoundError:
            raise HubError(
                "store", "PostgreSQL needs the extra `postgres`; install `safeguarding-hub[postgres]`."
            ) from None
        return PostgresViews(where)
    from hub.record.projections.sqlite import SqliteViews

    return SqliteViews(Path(where.removeprefix(_SQLITE) if isinstance(where, str) else where))


def migrate_views(where: Path | str) -> None:
    """Make the tables of the views where they are missing; those of another form are left where they are.

    Raises: HubError("store").
    """
    with closing(open_views(where)) as views:
        views.migrate()
