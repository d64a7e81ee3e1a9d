"""The record on PostgreSQL: appending and reading, against what the database does by itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from functools import partial
from typing import Final

import psycopg

from bench.clients import CONTENT, Inserts
from bench.measure import Result, SystemChance, compare, draft, missing, rate
from bench.servers import database, slow_database
from hub.record import Append, Appended, Draft, Record
from tests.support.postgres_server import NoServer

ROUNDS: Final = 7
IN_FLIGHT: Final = 128
GROUPED: Final = 10_000
SECONDS: Final = 0.8
BULKS: Final = 100
REPLAYED: Final = 5_000
_CHILD: Final = "child/of-many-events"
# What a replay reads: the events of one stream, in order.
_ROWS: Final = (
    b"SELECT originator_id, originator_version, topic, state FROM hub_record.stored_events"
    b" WHERE originator_id = %s ORDER BY originator_version"
)


def measure() -> list[Result]:
    """Each round measures the limit and then the record, on one server."""
    try:
        url = database()
        with Inserts(database()) as inserts, _record(url) as record:
            return [
                _singles(inserts),
                _grouped("128 in flight", 2.0, ROUNDS, inserts, record),
                _bulk(inserts, record),
                _replay(url, record),
            ]
    except NoServer as reason:
        return [missing("appends and replay on PostgreSQL", str(reason))]


def measure_slow() -> list[Result]:
    """The same appends where a flush takes a millisecond longer, as on an ordinary disk in a cloud."""
    name = "128 in flight, flushes 1 ms slower"
    try:
        with slow_database() as url, Inserts(url) as inserts, _record(url) as record:
            return [_grouped(name, 5.0, 5, inserts, record)]
    except NoServer as reason:
        return [missing(f"PostgreSQL: appends, {name}", str(reason))]


def _singles(inserts: Inserts) -> Result:
    """How far the limit of the other rows is the client's, which is Python on the same cores."""
    name = "PostgreSQL: single inserts on 16 connections, pgbench against psycopg"
    pairs = []
    for turn in range(4):
        limit, value = inserts.singles(1.0), inserts.pgbench(1)
        if value is None:
            return missing(name, "there is no pgbench here")
        if turn:
            pairs.append((value, limit))
    return compare(name, "rows/s", None, pairs)


def _grouped(name: str, goal: float, rounds: int, inserts: Inserts, record: Record) -> Result:
    pairs = []
    for turn in range(rounds + 1):
        limit = inserts.singles(SECONDS)
        appends = [Append((draft(number, CONTENT),)) for number in range(GROUPED)]
        value = rate(GROUPED, partial(_append_all, record, appends))
        if turn:  # the first round warms up
            pairs.append((value, limit))
    title = f"PostgreSQL: appends, {name}, whole record, against single inserts on 16 connections"
    return compare(title, "events/s", goal, pairs)


def _bulk(inserts: Inserts, record: Record) -> Result:
    pairs = []
    for turn in range(ROUNDS + 1):
        limit = inserts.hundreds(SECONDS, 1)
        appends = [Append(tuple(draft(n, CONTENT) for n in range(100))) for _ in range(BULKS)]
        value = rate(100 * BULKS, partial(_append_each, record, appends))
        if turn:
            pairs.append((value, limit))
    title = "PostgreSQL: appends of 100 events, one after the other, against inserts of 100 rows"
    return compare(title, "events/s", 0.45, pairs)


def _replay(url: str, record: Record) -> Result:
    for first in range(0, REPLAYED, 100):
        record.append(Append(tuple(_of_one_child(first + n) for n in range(100)))).result()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        pairs = []
        for turn in range(ROUNDS + 1):
            limit = rate(REPLAYED, partial(_selected, connection))
            value = rate(REPLAYED, partial(_replayed, record))
            if turn:
                pairs.append((value, limit))
    title = "PostgreSQL: replay of one child with decryption, against selecting its rows"
    return compare(title, "events/s", 0.25, pairs)


@contextmanager
def _record(url: str) -> Iterator[Record]:
    chance = SystemChance()
    Record.migrate(url, master_key=bytes(32), chance=chance)
    with closing(Record.open(url, master_key=bytes(32), chance=chance)) as record:
        yield record


def _append_all(record: Record, appends: list[Append]) -> None:
    waiting: deque[Future[Appended]] = deque()
    for append in appends:
        if len(waiting) == IN_FLIGHT:
            waiting.popleft().result()
        waiting.append(record.append(append))
    for one in waiting:
        one.result()


def _append_each(record: Record, appends: list[Append]) -> None:
    for append in appends:
        record.append(append).result()


def _of_one_child(number: int) -> Draft:
    one = draft(number, CONTENT)
    return Draft(_CHILD, one.kind, one.source, one.id, one.type, one.payload, one.body)


def _selected(connection: psycopg.Connection) -> None:
    rows = connection.execute(_ROWS, (_CHILD,), prepare=True, binary=True).fetchall()
    assert len(rows) == REPLAYED


def _replayed(record: Record) -> None:
    items = record.stream(_CHILD)
    assert len(items) == REPLAYED and items[-1].body == CONTENT
