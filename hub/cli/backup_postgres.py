"""The record's tables in PostgreSQL: dumped as of one snapshot with the server's own tools, and put back."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from hub.cli.backup_manifest import Standing, Step, Tell
from hub.errors import HubError
from hub.record.binding import BEGUN, DONE
from hub.record.kept_apart import LINES
from hub.record.master import master_of
from hub.record.postgres.connecting import Connection, connect
from hub.record.postgres.migrations import steps

FILE: Final = "record.dump"
_SCHEMA: Final = "hub_record"
_LOOK_SECONDS: Final = 0.2
_PLACES: Final = Path("/usr/lib/postgresql")
_MARK: Final = "SELECT COALESCE((SELECT value FROM hub_record.marks WHERE name = %s), 0)"
_NOT_THERE: Final = "The record's database cannot be reached."


def dump(url: str, folder: Path, tell: Tell) -> Standing:
    """Dump the record as of one moment; where it stood then.

    1. Open a snapshot, and read from it where the record stands.
    2. Let `pg_dump` read the same snapshot. The rows that say by which steps the tables were made stay out:
       a dump that is put back by other means is refused by every process of the hub.

    Raises: HubError store.
    """
    try:
        with closing(connect(url)) as connection:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")  # 1.
            connection.execute("SET LOCAL statement_timeout = 0")
            connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            standing = _standing(connection)
            snapshot = _one(connection, "SELECT pg_export_snapshot()")
            size = int(str(_one(connection, _SIZE)))
            _run(  # 2.
                "pg_dump", connection, url, tell, "dumping", folder / FILE, size,
                "--format=custom", "--compress=0", f"--schema={_SCHEMA}",
                f"--exclude-table-data={_SCHEMA}.migrations", f"--snapshot={snapshot}",
                f"--file={folder / FILE}",
            )  # fmt: skip
            connection.execute("ROLLBACK")
    except psycopg.Error:
        raise HubError("store", _NOT_THERE) from None
    return standing


def is_free(url: str) -> bool:
    """Whether a record can be put into a database: there is none, one in which nothing was ever recorded,
    or what an interrupted restore left.

    Raises: HubError store.
    """
    try:
        with closing(connect(url)) as connection:
            tables = "SELECT count(*) FROM pg_tables WHERE schemaname = %s"
            if not _one(connection, tables, _SCHEMA):
                return True
            there = "SELECT to_regclass('hub_record.migrations') IS NOT NULL"
            if not _one(connection, there) or not _one(
                connection, "SELECT count(*) FROM hub_record.migrations"
            ):
                return True
            return _one(connection, "SELECT leaves FROM hub_record.head") == 0
    except psycopg.Error:
        raise HubError("store", _NOT_THERE) from None


def put_back(url: str, folder: Path, standing: Standing, master_key: bytes, tell: Tell) -> None:
    """Put the dump into a free database.

    1. Take away what an interrupted restore left, and let `pg_restore` make everything, all or nothing.
    2. In one transaction say by which steps the tables were made, and that the record was put back: from
       then on it can be opened, but not be served.

    Raises: HubError store.
    """
    known = [(one.number, one.name, one.digest.hex()) for one in steps()]
    had = [(one.number, one.name, one.digest) for one in standing.steps]
    if had != known[: len(had)]:
        raise HubError("store", "This backup was made by a newer version of the hub; use that version.")
    try:
        with closing(connect(url)) as connection:
            connection.execute("SET statement_timeout = 0")
            connection.patience = None
            connection.execute("DROP SCHEMA IF EXISTS hub_record CASCADE")  # 1.
            size = (folder / FILE).stat().st_size
            _run(
                "pg_restore", connection, url, tell, "restoring", None, size,
                "--exit-on-error", "--single-transaction", str(folder / FILE),
            )  # fmt: skip
            begun = standing.restored + 1
            with connection.transaction():  # 2.
                for one in standing.steps:
                    connection.execute(
                        "INSERT INTO hub_record.migrations (number, name, digest) VALUES (%s,%s,%s)",
                        (one.number, one.name, bytes.fromhex(one.digest)),
                    )
                about: dict[str, bytes] = dict(
                    connection.execute("SELECT name, value FROM hub_record.about").fetchall()
                )
                connection.execute(
                    "INSERT INTO hub_record.marks (name, value, row_digest) VALUES (%s,%s,%s)"
                    " ON CONFLICT (name)"
                    " DO UPDATE SET value = excluded.value, row_digest = excluded.row_digest",
                    (BEGUN, begun, master_of(about, master_key).mark_digest(BEGUN, begun)),
                )
            connection.execute("ANALYZE")
    except psycopg.Error:
        raise HubError("store", _NOT_THERE) from None


_SIZE: Final = (
    "SELECT COALESCE(sum(pg_table_size(format('%I.%I', schemaname, tablename)::regclass)), 0)::bigint"
    " FROM pg_tables WHERE schemaname = 'hub_record'"
)


def _standing(connection: Connection) -> Standing:
    position, leaves = connection.execute("SELECT position, leaves FROM hub_record.head").fetchall()[0]
    latest = "SELECT text FROM hub_record.checkpoints ORDER BY size DESC LIMIT 1"
    texts = [row[0] for row in connection.execute(latest).fetchall()]
    made = "SELECT number, name, digest FROM hub_record.migrations ORDER BY number"
    return Standing(
        position,
        leaves,
        texts[0] if texts else None,
        lines=int(str(_one(connection, _MARK, LINES))),
        restored=int(str(_one(connection, _MARK, DONE))),
        steps=tuple(Step(number, name, digest.hex()) for number, name, digest in connection.execute(made)),
    )


def _one(connection: Connection, query: str, *values: str) -> object:
    return connection.execute(query.encode(), values or None).fetchall()[0][0]


def _run(
    program: str,
    connection: Connection,
    url: str,
    tell: Tell,
    what: str,
    growing: Path | None,
    total: int,
    *arguments: str,
) -> None:
    """Run one of the server's tools; what it has to say goes to the operator's screen.

    Trust: the password travels in its environment; arguments can be read by every user of the machine.
    """
    found = conninfo_to_dict(url)
    password = found.pop("password", None)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    if password is not None:
        environment["PGPASSWORD"] = str(password)
    if growing is not None:
        os.close(os.open(growing, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    tool = _tool(program, connection.info.server_version // 10_000)
    where = f"--dbname={make_conninfo('', **{name: str(value) for name, value in found.items()})}"
    begun = subprocess.Popen(
        [str(tool), "--no-owner", "--no-privileges", where, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        while begun.poll() is None:
            tell(what, min(growing.stat().st_size, total) if growing else 0, total if growing else None)
            time.sleep(_LOOK_SECONDS)
    except BaseException:
        begun.terminate()
        begun.wait()
        raise
    if begun.returncode != 0:
        raise HubError("store", f"{program} did not succeed; what it said stands above.")


def _tool(program: str, server: int) -> Path:
    """The tool of at least the server's version: an older one does not know all that stands there."""
    on_path = shutil.which(program)
    places = [Path(on_path)] if on_path else []
    places += sorted(_PLACES.glob(f"*/bin/{program}"), reverse=True)
    seen: list[int] = []
    for one in places:
        said = subprocess.run([str(one), "--version"], capture_output=True, text=True, timeout=10)
        version = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
        if version is not None:
            seen.append(int(version[1]))
            if seen[-1] >= server:
                return one
    if not seen:
        raise HubError(
            "store", f"`{program}` is not installed. Install PostgreSQL's client tools, version {server}."
        )
    raise HubError(
        "store",
        f"`{program}` is of version {max(seen)}, the server of version {server}. "
        f"Install the client tools of version {server} or newer.",
    )
