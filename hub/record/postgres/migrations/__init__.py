"""The steps by which a database of the record comes to be what this version knows, in files of SQL.

A step is a file `NNNN_what.sql`, numbered from 0001 without gaps. `hub init` applies the missing ones in
order, each in a transaction of its own together with the row that says so, under one lock for the whole
database, so that several may be told to at once. A file that was ever released is not changed again:
its digest is recorded, and a database with another one is refused.

Expand first, contract later: while a new version is rolled out, processes of the old one still run on the
changed tables, end, and are started again; and going back must stay possible. So a step **expands**: it only
adds (a table, a column that may be empty or has a default, an index that refuses nothing, a function under a
new name), and code that does not know it works on. What nobody uses any more is dropped by a step of a later
release, which **contracts** and says so in its first line:

    -- contract: from 0007, what this takes away and why nobody misses it

The number is that of the last step which the code must know: what is taken away was used by no release that
knows it. A release that stops using something without a step of its own adds one that only says so. The
number is written into the table of steps when the step is applied: there code that does not know the step
finds whether it can go on.
"""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import psycopg

from hub.errors import HubError
from hub.record.postgres.connecting import Connection, connect

# Any number that nothing else in the database uses for a lock; these are the bytes of "hub-reco".
_LOCK: Final = int.from_bytes(b"hub-reco")
_APPLIED: Final = """
CREATE TABLE IF NOT EXISTS hub_record.migrations (
    number bigint PRIMARY KEY,
    name text NOT NULL,
    digest bytea NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    needs bigint NOT NULL DEFAULT 0
)
"""
# Tables that were made before steps said what they need. Looked up first: even where the column is there,
# ALTER TABLE would wait for a backup, and every process that starts would wait behind it.
_SAYS_NEEDS: Final = """
SELECT FROM pg_attribute WHERE attrelid = 'hub_record.migrations'::regclass AND attname = 'needs'
"""
_ADD_NEEDS: Final = "ALTER TABLE hub_record.migrations ADD COLUMN needs bigint NOT NULL DEFAULT 0"
_STEP: Final = "INSERT INTO hub_record.migrations (number, name, digest, needs) VALUES (%s,%s,%s,%s)"
# Rows of tables from before, and those that a restore put back without it.
_SAY_NEEDS: Final = "UPDATE hub_record.migrations SET needs = %s WHERE number = %s AND needs < %s"
_FURTHER: Final = (
    "SELECT number, needs FROM hub_record.migrations WHERE needs > %s ORDER BY needs DESC LIMIT 1"
)
_CONTRACT: Final = re.compile(r"-- contract: from (\d{4}), \S[^\n]*\n")
# Whoever wants a table waits behind a step that waits for it: so a step gives up soon, and tries again.
_WAIT: Final = "SET LOCAL lock_timeout = '2s'"
_TRIES: Final = 60
_PAUSE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Step:
    """One numbered file of SQL."""

    number: int
    name: str
    statements: str

    @property
    def digest(self) -> bytes:
        """SHA-256 of the file, without the line that says that it contracts."""
        return hashlib.sha256(_CONTRACT.sub("", self.statements, count=1).encode()).digest()

    @property
    def needs(self) -> int:
        """The last step that code must know to work on after this one; 0 where any code can."""
        said = _CONTRACT.match(self.statements)
        return int(said[1]) if said else 0


@cache
def steps() -> tuple[Step, ...]:
    """Every step that this version knows, in order."""
    found = []
    for file in files(__name__).iterdir():
        if numbered := re.fullmatch(r"(\d{4})_([a-z_]+)\.sql", file.name):
            found.append(Step(int(numbered[1]), numbered[2], file.read_text(encoding="utf-8")))
    return tuple(sorted(found, key=lambda step: step.number))


def migrate(url: str) -> None:
    """Apply the steps that are missing.

    1. Take the lock of all who migrate, for as long as it takes: a session that ends lets go of it.
    2. Make the schema and the table of what was applied; say there what each step needs.
    3. Apply each missing step, with the row that says so.

    Shape: where a newer version has applied later steps that this one can work on, nothing is left to do.
    Raises: psycopg.Error; HubError("store") where the database is of a version that this one cannot work
    on, or somebody holds a table.
    """
    with connect(url) as connection:
        connection.patience = None
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET lock_timeout = 0")
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))  # 1.
        _change(connection, ("CREATE SCHEMA IF NOT EXISTS hub_record", None), (_APPLIED, None))  # 2.
        if not connection.execute(_SAYS_NEEDS).fetchall():
            _change(connection, (_ADD_NEEDS, None))
        applied = _applied(connection)
        for step in steps()[:applied]:
            connection.execute(_SAY_NEEDS, (step.needs, step.number, step.needs))
        for step in steps()[applied:]:
            row = (step.number, step.name, step.digest, step.needs)
            _change(connection, (step.statements, None), (_STEP, row))  # 3.


def _change(connection: Connection, *statements: tuple[str, tuple[int | str | bytes, ...] | None]) -> None:
    """Carry out statements together, without holding up for long who uses the tables."""
    for _ in range(_TRIES):
        try:
            with connection.transaction():
                connection.execute(_WAIT)
                for statement, values in statements:
                    connection.execute(statement.encode(), values)
            return
        except psycopg.errors.LockNotAvailable:
            time.sleep(_PAUSE_SECONDS)
    raise HubError("store", "Somebody holds the record's tables, as a backup does; run `hub init` again.")


def check_version(connection: Connection) -> None:
    """Refuse a database that this code cannot work on.

    Raises: HubError("store").
    """
    try:
        applied = _applied(connection)
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        raise HubError("store", "There is no record in this database; run `hub init` first.") from None
    if applied < len(steps()):
        raise HubError("store", "This database was made by an older version; run `hub init` once.")


def _applied(connection: Connection) -> int:
    """How many steps the database has; there may be more than this code knows, as long as they only added."""
    rows = connection.execute("SELECT number, digest FROM hub_record.migrations ORDER BY number").fetchall()
    known = [(step.number, step.digest) for step in steps()]
    if rows[: len(known)] != known[: len(rows)]:
        raise HubError("store", "The steps that made this database are not those of this version.")
    if len(rows) > len(known):
        for number, needs in connection.execute(_FURTHER, (len(known),)).fetchall():
            raise HubError(
                "store",
                f"A newer version has taken away what this one uses, in step {number:04} of this database. "
                f"Run a version that knows step {needs:04}, or restore a backup from before.",
            )
    return len(rows)
