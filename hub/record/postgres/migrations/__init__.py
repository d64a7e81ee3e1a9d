"""The steps by which a database of the record comes to be what this version knows, in files of SQL.

A step is a file `NNNN_what.sql`, numbered from 0001 without gaps. `hub init` applies the missing ones in
order, each in a transaction of its own together with the row that says so, under one lock for the whole
database, so that several may be told to at once. A file that was ever released is not changed again:
its digest is recorded, and a database with another one is refused.

Expand first, contract later: while a new version is rolled out, processes of the old one still run on
the changed tables. So a step only adds (a table, a column that may be empty or has a default, an index, a
function under a new name or with the same parameters); what the old version still uses is dropped by a
later release, when nobody runs the old one any more. A step that takes long is split, so that no lock
that stops appends is held for more than a moment.
"""

from __future__ import annotations

import hashlib
import re
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
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One numbered file of SQL."""

    number: int
    name: str
    statements: str

    @property
    def digest(self) -> bytes:
        """SHA-256 of the file."""
        return hashlib.sha256(self.statements.encode()).digest()


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
    2. Make the schemas and the table of what was applied.
    3. Apply each missing step, with the row that says so.

    Raises: psycopg.Error; HubError("store") where the database is of another version.
    """
    with connect(url) as connection:
        connection.patience = None
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET lock_timeout = 0")
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))  # 1.
        with connection.transaction():  # 2.
            connection.execute("CREATE SCHEMA IF NOT EXISTS hub_record")
            connection.execute(_APPLIED)
        for step in steps()[_applied(connection) :]:
            with connection.transaction():  # 3.
                connection.execute(step.statements.encode())
                connection.execute(
                    "INSERT INTO hub_record.migrations (number, name, digest) VALUES (%s,%s,%s)",
                    (step.number, step.name, step.digest),
                )


def check_version(connection: Connection) -> None:
    """Refuse a database whose version this code does not know.

    Raises: HubError("store").
    """
    try:
        applied = _applied(connection)
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        raise HubError("store", "There is no record in this database; run `hub init` first.") from None
    if applied < len(steps()):
        raise HubError("store", "This database was made by an older version; run `hub init` once.")


def _applied(connection: Connection) -> int:
    rows = connection.execute("SELECT number, digest FROM hub_record.migrations ORDER BY number").fetchall()
    if len(rows) > len(steps()):
        raise HubError("store", "This database was made by a newer version; run `hub init` of that version.")
    if rows != [(step.number, step.digest) for step in steps()[: len(rows)]]:
        raise HubError("store", "The steps that made this database are not those of this version.")
    return len(rows)
