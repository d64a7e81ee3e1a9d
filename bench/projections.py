"""Projecting: hundreds of items at once, against a transaction an item, and against SQL in the server."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import orjson
import psycopg
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.sqlite import SQLiteDatastore, SQLiteTrackingRecorder

from bench.measure import Result, SystemChance, compare, draft, missing, rate, scratch
from bench.servers import database
from hub.record import Append, Record, Recorded
from hub.record.projections import Changes, Projected, Projector, Row, Table, migrate_views, open_views
from tests.support.postgres_server import NoServer

ROUNDS = 5
ITEMS = 10_000
SINGLE = 1000
BATCH = 500
IDLE = 300
LONGEST = 10.0


class Contact(NamedTuple):
    stream: str
    organisation: str
    position: int
    time: str


LAST = Table("last", Contact, key=2)
_COLUMNS = "stream TEXT, organisation TEXT, position BIGINT, time TEXT, PRIMARY KEY (stream, organisation)"
_UPSERT = (
    "ON CONFLICT (stream, organisation) DO UPDATE SET position = excluded.position, time = excluded.time"
)
# What a server does that reads content in clear, which the hub's does not: the limit, not a choice.
_IN_THE_SERVER = f"""
    INSERT INTO last
    SELECT DISTINCT ON (stream, organisation) stream, organisation, position, time
    FROM (
        SELECT stream, position, read ->> 'organisation' AS organisation, read ->> 'time' AS time
        FROM (SELECT stream, position, convert_from(body, 'UTF8')::json AS read FROM items
              WHERE position > %s AND position <= %s) AS one
    ) AS each
    ORDER BY stream, organisation, position DESC
    {_UPSERT}
"""


class LastContact:
    """When each organisation last wrote about each child; the content has to be read for it."""

    name = "last-contact"
    version = 1
    tables: Sequence[Table[Row]] = (LAST,)

    def project(self, recorded: Sequence[Recorded]) -> Changes:
        changes = Changes()
        changes.put(LAST, *map(_contact, recorded))
        return changes


def _contact(one: Recorded) -> Contact:
    read = orjson.loads(one.body or b"")
    return Contact(one.stream, read["organisation"], one.position, read["time"])


def measure() -> list[Result]:
    """All ways read the same items of the same record; the disk and the server are the same in a round."""
    with scratch() as folder:
        results = [_measured("SQLite", folder / "record.db", partial(_one_by_one_sqlite, folder))]
    try:
        single, limit, url = database(), database(), database()
    except NoServer as reason:
        return [*results, missing("projection on PostgreSQL", str(reason))]
    results.append(_measured("PostgreSQL", url, partial(_one_by_one_postgres, single)))
    with closing(_open(url)) as record, psycopg.connect(limit, autocommit=True) as connection:
        _copy(record, connection)
        pairs: list[tuple[float, float]] = []
        for _ in range(ROUNDS):
            in_server = rate(ITEMS, partial(_in_the_server, connection))
            pairs.append((rate(ITEMS, partial(_in_batches, record, url)), in_server))
    name = "projection, against set-based SQL on plaintext inside the server"
    return [*results, compare(name, "items/s", 0.5, pairs), _visible(url)]


def _visible(url: str) -> Result:
    """How long after its commit an item is visible to a reader, while another process projects.

    Units: milliseconds; the ratio is the limit's to the value's.
    """
    started = get_context("spawn")
    stop = started.Event()
    projecting = started.Process(target=_project_until, args=(url, stop))
    projecting.start()
    took: list[float] = []
    with closing(_open(url)) as record, closing(open_views(url)) as views:
        projected = Projected(views, LastContact.name, LastContact.version)
        assert projected.wait_for(record.head().position, 60)
        for number in range(IDLE):
            time.sleep(0.03)
            append = Append((draft(number, _payload(number)),))
            position = record.append(append).result().items[0].position
            committed = time.perf_counter()
            assert projected.wait_for(position, 10)
            took.append((time.perf_counter() - committed) * 1000)
    stop.set()
    projecting.join()
    value = sorted(took)[int(0.95 * IDLE)]
    name = "commit to visible in another process, idle, 95th of 100"
    return Result(name, round(value, 2), "ms", LONGEST, round(LONGEST / value, 2), 1.0, value <= LONGEST)


def _project_until(url: str, stop: Event) -> None:
    with closing(_open(url)) as record, closing(open_views(url)) as views:
        with closing(Projector(record, views, [LastContact()])) as projector:
            projector.start()
            stop.wait()


def _measured(name: str, where: Path | str, one_by_one: Callable[[Record, int], None]) -> Result:
    Record.migrate(where, master_key=bytes(32), chance=SystemChance())
    pairs: list[tuple[float, float]] = []
    with closing(_open(where)) as record:
        for first in range(0, ITEMS, 1000):
            numbers = range(first, first + 1000)
            for future in [record.append(Append((draft(n, _payload(n)),))) for n in numbers]:
                future.result()
        at = where.with_name("views.db") if isinstance(where, Path) else where
        migrate_views(at)
        for turn in range(ROUNDS):
            single = rate(SINGLE, partial(one_by_one, record, turn))
            pairs.append((rate(ITEMS, partial(_in_batches, record, at)), single))
    title = f"projection in batches on {name}, against one transaction an item"
    return compare(title, "items/s", 10.0, pairs)


def _payload(number: int) -> bytes:
    content = {"organisation": f"police.{number % 7}", "time": f"2025-09-{number % 28 + 1:02d}T10:00:00Z"}
    return orjson.dumps(content | {"narrative": os.urandom(460).hex()})


def _open(where: Path | str) -> Record:
    return Record.open(where, master_key=bytes(32), chance=SystemChance())


def _in_batches(record: Record, where: Path | str) -> None:
    with closing(open_views(where)) as views, closing(Projector(record, views, [LastContact()])) as projector:
        assert projector.rebuild() == ITEMS


def _one_by_one_sqlite(folder: Path, record: Record, turn: int) -> None:
    """As the package's projection runner does it: for each item its rows and its tracking row."""
    datastore = SQLiteDatastore(str(folder / f"single{turn}.db"))
    tracking = SQLiteTrackingRecorder(datastore)
    tracking.create_table_statements.append(f"CREATE TABLE last ({_COLUMNS}) WITHOUT ROWID")
    tracking.create_table()
    for one in record.log(0, SINGLE):
        with datastore.transaction(commit=True) as cursor:
            tracking._insert_tracking(cursor, Tracking("last", one.position))
            cursor.execute(f"INSERT INTO last VALUES (?,?,?,?) {_UPSERT}", _contact(one))
    datastore.close()


def _one_by_one_postgres(url: str, record: Record, turn: int) -> None:
    """The same on the package's PostgreSQL tracking."""
    parts = urlsplit(url)
    datastore = PostgresDatastore(
        parts.path[1:], parts.hostname or "", str(parts.port), parts.username or "", parts.password or ""
    )
    tracking = PostgresTrackingRecorder(datastore, tracking_table_name=f"tracking_{turn}")
    tracking.create_table()
    with datastore.transaction(commit=True) as cursor:
        cursor.execute("DROP TABLE IF EXISTS last")
        cursor.execute(f"CREATE TABLE last ({_COLUMNS})".encode())
    for one in record.log(0, SINGLE):
        with datastore.transaction(commit=True) as cursor:
            tracking._insert_tracking(cursor, Tracking("last", one.position))
            cursor.execute(f"INSERT INTO last VALUES (%s,%s,%s,%s) {_UPSERT}".encode(), _contact(one))
    datastore.close()


def _copy(record: Record, connection: psycopg.Connection) -> None:
    connection.execute(f"CREATE TABLE last ({_COLUMNS})".encode())
    connection.execute("CREATE TABLE place (position BIGINT)")
    connection.execute("CREATE TABLE items (position BIGINT PRIMARY KEY, stream TEXT, body BYTEA)")
    with connection.cursor() as cursor, cursor.copy("COPY items FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["int8", "text", "bytea"])
        for one in record.log(0, ITEMS):
            copy.write_row((one.position, one.stream, one.body))
    connection.execute("VACUUM ANALYZE items")
    connection.execute("SET synchronous_commit = off")


def _in_the_server(connection: psycopg.Connection) -> None:
    connection.execute("TRUNCATE last, place")
    connection.execute("INSERT INTO place VALUES (0)")
    for after in range(0, ITEMS, BATCH):
        with connection.transaction():
            connection.execute(_IN_THE_SERVER.encode(), (after, after + BATCH))
            connection.execute("UPDATE place SET position = %s", (after + BATCH,))
